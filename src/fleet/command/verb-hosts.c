/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "fleet/command/standing.h"
#include "fleet/command/verb.h"

/* `runconf fleet hosts`: lists the hosts, and forgets those that are gone. */

static char *forgotten;

static const GOptionEntry entries[] = {
  { "forget", 0, 0, G_OPTION_ARG_FILENAME, &forgotten,
    N_ ("Forget a host that is gone, or all those that a pattern like “web-*” matches"),
    N_ ("HOST") },
  { NULL },
};

static const char *
get_agent (const FleetHost *host)
{
  const char *agent = host->status != NULL ? host->status->agent : "gone";

  return agent != NULL ? agent : "?";
}

static char *
format_seen (const FleetHost *host)
{
  return host->status == NULL && host->seen != 0 ? cli_format_time ((guint64) host->seen)
                                                 : g_strdup ("");
}

static void
print_table (GPtrArray *hosts)
{
  g_autoptr (CliTable) table = cli_table_new (4);

  cli_table_set_heading (table, 0, _ ("HOST"));
  cli_table_set_heading (table, 1, _ ("AGENT"));
  cli_table_set_heading (table, 2, _ ("LAST SEEN"));
  cli_table_set_heading (table, 3, _ ("GROUPS"));
  for (guint i = 0; i < hosts->len; i++)
    {
      const FleetHost *host = hosts->pdata[i];
      g_auto (GStrv) groups = runconf_fleet_membership_list (host->membership);
      g_autofree char *shown = g_strjoinv (" ", groups);
      g_autofree char *seen = format_seen (host);

      cli_table_add (table, host->name, get_agent (host), seen, shown, NULL);
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
  if (host->seen != 0)
    cli_record_take (record, "seen", runconf_node_new_integer (host->seen));
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

/* A host that reports again meanwhile stays. Returns: %FALSE with an error */
static gboolean
forget (FleetStore *store, const FleetHost *host, GError **error)
{
  const char *prefix = fleet_store_get_prefix (store);
  g_autofree char *report = runconf_fleet_key_for_status (prefix, host->name);
  g_autofree char *seen = runconf_fleet_key_for_seen (prefix, host->name);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  g_autofree char *line = NULL;

  runconf_etcd_txn_compare_create (txn, report, 0);
  runconf_etcd_txn_delete (txn, seen);
  runconf_etcd_txn_set_repeatable (txn);
  outcome = fleet_store_commit (store, txn, error);
  if (outcome == NULL)
    return FALSE;

  line = g_strdup_printf (outcome->succeeded ? _ ("%s is forgotten") : _ ("%s reports again"),
                          host->name);
  if (!cli_output_is_quiet ())
    cli_print_line (line);

  return TRUE;
}

static CliExit
forget_all (FleetStore *store, GPtrArray *hosts, GError **error)
{
  guint n_forgotten = 0;

  for (guint i = 0; i < hosts->len; i++)
    {
      const FleetHost *host = hosts->pdata[i];

      if (host->status != NULL || host->seen == 0
          || !runconf_fleet_pattern_matches (forgotten, host->name))
        continue;
      if (!forget (store, host, error))
        return CLI_EXIT_FAILED;
      n_forgotten++;
    }
  if (n_forgotten > 0)
    return CLI_EXIT_DONE;

  g_set_error (
      error, CLI_ERROR, CLI_ERROR_NOT_FOUND,
      _ ("--forget %s: no such host is gone; “runconf fleet hosts” lists those that were seen"),
      forgotten);

  return CLI_EXIT_FAILED;
}

static gboolean
check_options (FleetSession *session, RunconfFleetScope **scope, GError **error)
{
  GError *reason = NULL;

  if (!fleet_options_find_scope (fleet_session_get_options (session), scope, error))
    return FALSE;
  if (forgotten == NULL || runconf_fleet_check_pattern (forgotten, &reason))
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, "--forget: %s", reason->message);
  g_error_free (reason);

  return FALSE;
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (RunconfFleetScope) scope = NULL;
  g_autoptr (FleetSurvey) survey = NULL;
  g_autoptr (GPtrArray) hosts = NULL;
  FleetStore *store;

  if (!check_options (session, &scope, error))
    return CLI_EXIT_FAILED;

  store = fleet_session_open (session, error);
  survey = store != NULL ? fleet_survey_new (store, 0, error) : NULL;
  if (survey == NULL)
    return CLI_EXIT_FAILED;

  fleet_standings_complain (survey);
  hosts = select_hosts (survey, scope);
  if (forgotten != NULL)
    return forget_all (store, hosts, error);

  if (cli_output_is_json ())
    print_json (hosts);
  else
    print_table (hosts);

  return CLI_EXIT_DONE;
}

const FleetVerb fleet_verb_hosts = {
  .name = "hosts",
  .summary = N_ ("list the hosts, with their groups"),
  .description
  = N_ ("Lists the hosts whose agents report, those whose agents reported in the last "
        "month, and those that a document or a group names. A host that is gone for good is "
        "forgotten with --forget.\n"
        "\n"
        "  runconf fleet hosts\n"
        "  runconf fleet hosts --group web\n"
        "  runconf fleet hosts --forget 'web-*'"),
  .entries = entries,
  .has_scope = TRUE,
  .run = run,
};
