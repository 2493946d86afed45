/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/deltas.h"
#include "cli/session/value.h"
#include "cli/terminal/delta.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"
#include "layers/layer.h"

/* `runconf history`: prints the changes of a configuration. */

/* the number of changes without the option */
#define DEFAULT_LIMIT 100

static char *limit;
static char *since;

static const GOptionEntry entries[] = {
  { "limit", 'l', 0, G_OPTION_ARG_FILENAME, &limit, N_ ("At most N changes (100)"), N_ ("N") },
  { "since", 0, 0, G_OPTION_ARG_FILENAME, &since, N_ ("Only changes after version N"), N_ ("N") },
  { NULL },
};

static gboolean
read_limit (guint64 *number, GError **error)
{
  if (cli_value_read_number (limit, G_MAXUINT, number) && *number > 0)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("--limit %s: give a number from 1 on"), limit);

  return FALSE;
}

/* @history: (out) (element-type RunconfChange): the changes, newest first */
static gboolean
fetch (CliSession *session, const char *path, GList **history, GError **error)
{
  g_autoptr (GError) failure = NULL;
  RunconfConfiguration *configuration;
  guint64 number = DEFAULT_LIMIT, version = 0;

  if (!cli_value_check_path (path, error) || (limit != NULL && !read_limit (&number, error))
      || (since != NULL && !cli_value_read_version (since, &version, error)))
    return FALSE;

  configuration = cli_session_reach (session, error);
  if (configuration == NULL)
    return FALSE;

  *history = runconf_configuration_history_sync (configuration, path, version, (guint) number, NULL,
                                                 &failure);
  if (failure == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&failure));

  return FALSE;
}

/* Returns: (transfer full): the first change, and the number of the others */
static char *
summarise (GPtrArray *deltas)
{
  g_autofree char *first = NULL;

  if (deltas->len == 0)
    return g_strdup ("");

  first = cli_delta_format (deltas->pdata[0]);
  if (deltas->len == 1)
    return g_steal_pointer (&first);

  return g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", deltas->len - 1), first,
                          deltas->len - 1);
}

/* Returns: (nullable): the name of the layer, but for the overrides that stay, the usual layer */
static const char *
get_layer (RunconfChange *change)
{
  RunconfLayer layer = runconf_change_get_layer (change);

  return layer == RUNCONF_LAYER_UNKNOWN || layer == RUNCONF_LAYER_OVERRIDE
             ? NULL
             : runconf_layer_get_name (layer);
}

static char *
show_origin (RunconfChange *change)
{
  const char *origin = runconf_change_get_origin (change);
  const char *layer = get_layer (change);

  return layer != NULL && strcmp (layer, origin) != 0 ? g_strdup_printf ("%s (%s)", origin, layer)
                                                      : g_strdup (origin);
}

static gboolean
add_row (CliTable *table, RunconfChange *change, GError **error)
{
  g_autoptr (GPtrArray) deltas = cli_deltas_from_change (change, error);
  g_autofree char *version = cli_format_number (runconf_change_get_version (change));
  g_autofree char *time = cli_format_time ((guint64) runconf_change_get_time (change));
  const char *message = runconf_change_get_message (change);
  gint64 uid = runconf_change_get_uid (change);
  g_autofree char *origin = NULL;
  g_autofree char *user = NULL;
  g_autofree char *summary = NULL;

  if (deltas == NULL)
    return FALSE;

  origin = show_origin (change);
  user = uid >= 0 ? cli_format_user ((guint32) uid) : g_strdup ("");
  summary = summarise (deltas);
  cli_table_add (table, version, time, origin, user, message != NULL ? message : "", summary, NULL);

  return TRUE;
}

static gboolean
print_table (GList *history, GError **error)
{
  g_autoptr (CliTable) table = cli_table_new (6);

  cli_table_set_heading (table, 0, _ ("VERSION"));
  cli_table_set_heading (table, 1, _ ("TIME"));
  cli_table_set_heading (table, 2, _ ("ORIGIN"));
  cli_table_set_heading (table, 3, _ ("USER"));
  cli_table_set_heading (table, 4, _ ("MESSAGE"));
  cli_table_set_heading (table, 5, _ ("CHANGE"));
  cli_table_set_right (table, 0);

  for (const GList *each = history; each != NULL; each = each->next)
    if (!add_row (table, each->data, error))
      return FALSE;
  cli_table_print (table);

  return TRUE;
}

static void
add_text (RunconfMappingBuilder *record, const char *key, const char *text)
{
  if (text != NULL && *text != '\0')
    cli_record_add_text (record, key, text);
}

static RunconfNode *
make_record (RunconfChange *change, GError **error)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (GPtrArray) deltas = cli_deltas_from_change (change, error);
  gint64 uid = runconf_change_get_uid (change);

  if (deltas == NULL)
    return NULL;

  cli_record_take (record, "version",
                   runconf_node_new_unsigned (runconf_change_get_version (change)));
  cli_record_take (record, "time",
                   runconf_node_new_unsigned ((guint64) runconf_change_get_time (change)));
  if (uid >= 0)
    cli_record_take (record, "uid", runconf_node_new_integer (uid));
  add_text (record, "origin", runconf_change_get_origin (change));
  add_text (record, "layer", get_layer (change));
  add_text (record, "caller", runconf_change_get_caller (change));
  add_text (record, "message", runconf_change_get_message (change));
  cli_record_take (record, "changes", cli_deltas_to_node (deltas));

  return cli_record_end (record);
}

static gboolean
print_json (GList *history, GError **error)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (const GList *each = history; each != NULL; each = each->next)
    {
      RunconfNode *record = make_record (each->data, error);

      if (record == NULL)
        return FALSE;
      g_ptr_array_add (records, record);
    }
  answer = cli_records_end (records);
  cli_print_json (answer);

  return TRUE;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const char *path = arguments[0] != NULL ? arguments[0] : "";
  g_autolist (RunconfChange) history = NULL;
  gboolean is_printed;

  if (!fetch (session, path, &history, error))
    return CLI_EXIT_FAILED;

  is_printed = cli_output_is_json () ? print_json (history, error) : print_table (history, error);

  return is_printed ? CLI_EXIT_DONE : CLI_EXIT_FAILED;
}

const CliVerb cli_verb_history = {
  .name = "history",
  .synopsis = N_ ("[PATH]"),
  .summary = N_ ("list the changes, with user and time"),
  .description = N_ ("Lists the changes of the overrides at, below and above PATH, or all changes, "
                     "the newest first. With --json each change is complete.\n"
                     "\n"
                     "  runconf history --limit 10\n"
                     "  runconf history /chat/websocket/port"),
  .max_arguments = 1,
  .entries = entries,
  .run = run,
};
