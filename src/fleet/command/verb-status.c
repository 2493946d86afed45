/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "fleet/command/rollouts.h"
#include "fleet/command/standing.h"
#include "fleet/command/verb.h"

/* `runconf fleet status`: prints how the hosts stand. */

/* Returns: (transfer full): the problems of a host, or when it was last there */
static char *
describe (const FleetStanding *standing)
{
  g_autofree char *time = NULL;

  if (standing->report != NULL)
    return runconf_fleet_report_describe (standing->report);
  if (standing->host->status != NULL || standing->host->seen == 0)
    return g_strdup ("");

  time = cli_format_time ((guint64) standing->host->seen);

  return g_strdup_printf (_ ("last seen %s"), time);
}

static void
print_table (GPtrArray *standings)
{
  static const char *const headings[] = { N_ ("HOST"),   N_ ("CONFIGURATION"), N_ ("VERSION"),
                                          N_ ("WANTED"), N_ ("STATE"),         N_ ("MESSAGE") };
  g_autoptr (CliTable) table = cli_table_new (G_N_ELEMENTS (headings));

  for (guint i = 0; i < G_N_ELEMENTS (headings); i++)
    cli_table_set_heading (table, i, _ (headings[i]));
  cli_table_set_right (table, 2);
  cli_table_set_right (table, 3);

  for (guint i = 0; i < standings->len; i++)
    {
      const FleetStanding *standing = standings->pdata[i];
      const RunconfFleetReport *report = standing->report;
      g_autofree char *version
          = report != NULL ? cli_format_number ((guint64) report->revision) : g_strdup ("-");
      g_autofree char *wanted = cli_format_number ((guint64) standing->wanted);
      g_autofree char *message = describe (standing);

      cli_table_add (table, standing->host->name, standing->configuration, version, wanted,
                     fleet_state_get_name (standing->state), message, NULL);
    }
  cli_table_print (table);
}

/* A host counts with the worst of its configurations. */
static void
print_summary (GPtrArray *standings)
{
  guint numbers[FLEET_N_STATES] = { 0 };
  guint n_hosts = 0;
  g_autoptr (GString) line = g_string_new (NULL);

  for (guint i = 0; i < standings->len;)
    {
      const FleetHost *host = ((const FleetStanding *) standings->pdata[i])->host;
      FleetState worst = FLEET_STATE_OK;

      for (; i < standings->len && ((const FleetStanding *) standings->pdata[i])->host == host; i++)
        worst = MAX (worst, ((const FleetStanding *) standings->pdata[i])->state);
      numbers[worst]++;
      n_hosts++;
    }

  g_string_printf (line, ngettext ("%u host:", "%u hosts:", n_hosts), n_hosts);
  for (guint state = 0; state < FLEET_N_STATES; state++)
    g_string_append_printf (line, "%s %u %s", state > 0 ? "," : "", numbers[state],
                            fleet_state_get_name (state));
  cli_print_line (line->str);
}

static RunconfNode *
make_record (const FleetStanding *standing)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  const RunconfFleetReport *report = standing->report;
  g_autofree char *message = describe (standing);

  cli_record_add_text (record, "host", standing->host->name);
  cli_record_add_text (record, "configuration", standing->configuration);
  if (report != NULL)
    cli_record_take (record, "version", runconf_node_new_integer (report->revision));
  cli_record_take (record, "wanted", runconf_node_new_integer (standing->wanted));
  cli_record_add_text (record, "state", fleet_state_get_name (standing->state));
  if (*message != '\0')
    cli_record_add_text (record, "message", message);

  return cli_record_end (record);
}

static void
print_json (GPtrArray *standings)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (guint i = 0; i < standings->len; i++)
    g_ptr_array_add (records, make_record (standings->pdata[i]));
  answer = cli_records_end (records);
  cli_print_json (answer);
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  const FleetOptions *options = fleet_session_get_options (session);
  g_autoptr (RunconfFleetScope) scope = NULL;
  g_autoptr (FleetSurvey) survey = NULL;
  g_autoptr (GPtrArray) standings = NULL;
  FleetStore *store;

  if (!fleet_session_get_configuration (session, error)
      || !fleet_options_find_scope (options, &scope, error))
    return CLI_EXIT_FAILED;

  store = fleet_session_open (session, error);
  survey = store != NULL ? fleet_survey_new (store, 0, error) : NULL;
  if (survey == NULL)
    return CLI_EXIT_FAILED;

  standings = fleet_standings_find (survey, scope, options->common.configuration);
  fleet_standings_complain (survey);
  if (cli_output_is_json ())
    {
      print_json (standings);
      return CLI_EXIT_DONE;
    }

  print_table (standings);
  print_summary (standings);

  return fleet_rollouts_print (store, scope, options->common.configuration, error)
             ? CLI_EXIT_DONE
             : CLI_EXIT_FAILED;
}

const FleetVerb fleet_verb_status = {
  .name = "status",
  .summary = N_ ("print which hosts have which version, and their problems"),
  .description = N_ (
      "Each host has a line for each of its configurations: “ok”; “behind”, if it lacks a change; "
      "“degraded”, if its agent reports a problem, which is told; and “gone”, if its agent reports "
      "no more, or a document or a group names it and no agent reports. A rollout that runs has "
      "a line with its step. The options select configurations and hosts.\n"
      "\n"
      "  runconf fleet status\n"
      "  runconf fleet status --group web -c chatbot"),
  .has_scope = TRUE,
  .run = run,
};
