/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "fleet/command/standing.h"
#include "fleet/command/verb.h"

/* `runconf fleet hosts`: lists the hosts. */

static const char *
get_agent (const FleetHost *host)
{
  const char *agent = host->status != NULL ? host->status->agent : "gone";

  return agent != NULL ? agent : "?";
}

static void
print_table (GPtrArray *hosts)
{
  g_autoptr (CliTable) table = cli_table_new (3);

  cli_table_set_heading (table, 0, "HOST");
  cli_table_set_heading (table, 1, "AGENT");
  cli_table_set_heading (table, 2, "GROUPS");
  for (guint i = 0; i < hosts->len; i++)
    {
      const FleetHost *host = hosts->pdata[i];
      g_auto (GStrv) groups = runconf_fleet_membership_list (host->membership);
      g_autofree char *shown = g_strjoinv (" ", groups);

      cli_table_add (table, host->name, get_agent (host), shown, NULL);
    }
  cli_table_print (table);
}

static RunconfNode *
make_record (const FleetHost *host)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_auto (GStrv) groups = runconf_fleet_membership_list (host->membership);

  cli_record_add_text (record, "host", host->name);
  cli_record_take (record, "gone", runconf_node_new_boolean (host->status == NULL));
  if (host->status != NULL)
    cli_record_add_text (record, "agent", get_agent (host));
  if (host->status != NULL && host->status->machine != NULL)
    cli_record_add_text (record, "machine", host->status->machine);
  cli_record_add_strv (record, "groups", (const char *const *) groups);

  return cli_record_end (record);
}

static void
print_json (GPtrArray *hosts)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (guint i = 0; i < hosts->len; i++)
    g_ptr_array_add (records, make_record (hosts->pdata[i]));
  answer = cli_records_end (records);
  cli_print_json (answer);
}

/* Returns: (transfer container): the hosts that the options select */
static GPtrArray *
select_hosts (const FleetSurvey *survey, const RunconfFleetScope *scope)
{
  GPtrArray *hosts = g_ptr_array_new ();

  for (guint i = 0; i < survey->hosts->len; i++)
    {
      if (fleet_host_is_in (survey->hosts->pdata[i], scope))
        g_ptr_array_add (hosts, survey->hosts->pdata[i]);
    }

  return hosts;
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (RunconfFleetScope) scope = NULL;
  g_autoptr (FleetSurvey) survey = NULL;
  g_autoptr (GPtrArray) hosts = NULL;
  FleetStore *store;

  if (!fleet_options_find_scope (fleet_session_get_options (session), &scope, error))
    return CLI_EXIT_FAILED;

  store = fleet_session_open (session, error);
  survey = store != NULL ? fleet_survey_new (store, error) : NULL;
  if (survey == NULL)
    return CLI_EXIT_FAILED;

  fleet_standings_complain (survey);
  hosts = select_hosts (survey, scope);
  if (cli_output_is_json ())
    print_json (hosts);
  else
    print_table (hosts);

  return CLI_EXIT_DONE;
}

const FleetVerb fleet_verb_hosts = {
  .name = "hosts",
  .summary = "list the hosts, with their groups",
  .description = "Lists the hosts whose agents report, and those that a document or a group names "
                 "and whose agents are gone.\n"
                 "\n"
                 "  runconf fleet hosts\n"
                 "  runconf fleet hosts --group web",
  .has_scope = TRUE,
  .run = run,
};
