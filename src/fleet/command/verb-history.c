/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "cli/terminal/delta.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "fleet/command/past.h"
#include "fleet/command/verb.h"

/* `runconf fleet history`: prints the changes of a document. */

static char *limit;

static const GOptionEntry entries[] = {
  { "limit", 'l', 0, G_OPTION_ARG_FILENAME, &limit, N_ ("At most N changes (100)"), N_ ("N") },
  { NULL },
};

static gboolean
read_limit (guint64 *number, GError **error)
{
  *number = RUNCONF_FLEET_MAX_ENTRIES;
  if (limit == NULL || (cli_value_read_number (limit, G_MAXUINT, number) && *number > 0))
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("--limit %s: give a number from 1 on"), limit);

  return FALSE;
}

static char *
summarise (const RunconfFleetEntry *entry)
{
  g_autofree char *first
      = entry->deltas->len > 0 ? cli_delta_format (entry->deltas->pdata[0]) : g_strdup ("");

  if (entry->n_changes <= 1)
    return g_steal_pointer (&first);

  return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", entry->n_changes - 1),
                          first, entry->n_changes - 1);
}

static const char *
show (const char *text)
{
  return text != NULL ? text : "";
}

static void
print_table (GPtrArray *entries_found)
{
  static const char *const headings[]
      = { N_ ("VERSION"), N_ ("TIME"), N_ ("ORIGIN"), N_ ("USER"), N_ ("MESSAGE"), N_ ("CHANGE") };
  g_autoptr (CliTable) table = cli_table_new (G_N_ELEMENTS (headings));

  for (guint i = 0; i < G_N_ELEMENTS (headings); i++)
    cli_table_set_heading (table, i, _ (headings[i]));
  cli_table_set_right (table, 0);

  for (guint i = 0; i < entries_found->len; i++)
    {
      const RunconfFleetEntry *entry = entries_found->pdata[i];
      g_autofree char *version = cli_format_number ((guint64) entry->revision);
      g_autofree char *time = cli_format_time ((guint64) entry->time);
      g_autofree char *summary = summarise (entry);

      cli_table_add (table, version, time, show (entry->kind), show (entry->author),
                     show (entry->message), summary, NULL);
    }
  cli_table_print (table);
}

static RunconfNode *
make_record (const RunconfFleetEntry *entry)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();

  cli_record_take (record, "version", runconf_node_new_integer (entry->revision));
  cli_record_take (record, "time", runconf_node_new_integer (entry->time));
  cli_record_add_text (record, "origin", show (entry->kind));
  cli_record_add_text (record, "author", show (entry->author));
  if (entry->message != NULL)
    cli_record_add_text (record, "message", entry->message);
  cli_record_take (record, "before", runconf_node_new_integer (entry->before));
  cli_record_take (record, "n-changes", runconf_node_new_integer (entry->n_changes));
  cli_record_take (record, "changes", cli_deltas_to_node (entry->deltas));

  return cli_record_end (record);
}

static void
print_json (GPtrArray *entries_found)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (guint i = 0; i < entries_found->len; i++)
    g_ptr_array_add (records, make_record (entries_found->pdata[i]));
  answer = cli_records_end (records);
  cli_print_json (answer);
}

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (FleetPlace) place = NULL;
  g_autoptr (GPtrArray) found = NULL;
  guint64 number;

  if (!read_limit (&number, error))
    return CLI_EXIT_FAILED;

  place = fleet_session_get_place (session, RUNCONF_FLEET_KEY_CONFIG, error);
  if (place != NULL)
    found = fleet_past_list (fleet_session_open (session, error), place, (guint) number, error);
  if (found == NULL)
    return CLI_EXIT_FAILED;

  if (cli_output_is_json ())
    print_json (found);
  else
    print_table (found);

  return CLI_EXIT_DONE;
}

const FleetVerb fleet_verb_history = {
  .name = "history",
  .summary = N_ ("list the changes of a document, with author and time"),
  .description
  = N_ ("Lists the changes of the document, the newest first. The fleet keeps the last "
        "100 of each document. A version is the revision of etcd at which the change was "
        "made. With --json each change is complete.\n"
        "\n"
        "  runconf fleet history --group web --limit 10"),
  .entries = entries,
  .has_scope = TRUE,
  .run = run,
};
