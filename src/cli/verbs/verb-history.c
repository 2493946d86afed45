/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/properties.h"
#include "cli/session/value.h"
#include "cli/terminal/delta.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"

/* `runconf history`: prints the changes of a configuration. */

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
  if (cli_value_read_number (limit, G_MAXUINT64, number) && *number > 0)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("--limit %s: give a number from 1 on"), limit);

  return FALSE;
}

/* Returns: (transfer floating): the options in the form of the service's method */
static GVariant *
make_options (GError **error)
{
  GVariantDict options;
  guint64 number = 0, version = 0;

  if ((limit != NULL && !read_limit (&number, error))
      || (since != NULL && !cli_value_read_version (since, &version, error)))
    return NULL;

  g_variant_dict_init (&options, NULL);
  if (limit != NULL)
    g_variant_dict_insert (&options, "limit", "t", number);
  if (since != NULL)
    g_variant_dict_insert (&options, "since-version", "t", version);

  return g_variant_dict_end (&options);
}

static GVariant *
fetch (CliSession *session, const char *path, GError **error)
{
  RunconfConfiguration *configuration;
  GVariant *options;

  if (!cli_value_check_path (path, error))
    return NULL;

  options = make_options (error);
  if (options == NULL)
    return NULL;

  configuration = cli_session_reach (session, error);
  if (configuration == NULL)
    {
      g_variant_unref (g_variant_ref_sink (options));
      return NULL;
    }

  return runconf_configuration_history_sync (configuration, path, options, NULL, error);
}

static GPtrArray *
read_changes (GVariant *entry, GError **error)
{
  g_autoptr (GVariant) changes
      = g_variant_lookup_value (entry, "changes", G_VARIANT_TYPE ("a(svv)"));

  if (changes == NULL)
    changes = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(svv)"), NULL, 0));

  return cli_deltas_from_variant (changes, error);
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

/* The overrides that stay are the usual layer. */
static char *
show_origin (GVariant *entry)
{
  const char *origin = cli_property_get_text (entry, "origin");
  const char *layer = cli_property_get_text (entry, "layer");

  return *layer != '\0' && strcmp (layer, origin) != 0 ? g_strdup_printf ("%s (%s)", origin, layer)
                                                       : g_strdup (origin);
}

static gboolean
add_row (CliTable *table, GVariant *entry, GError **error)
{
  g_autoptr (GPtrArray) deltas = read_changes (entry, error);
  g_autofree char *version = cli_format_number (cli_property_get_number (entry, "version"));
  g_autofree char *time = cli_format_time (cli_property_get_number (entry, "time"));
  g_autofree char *origin = NULL;
  g_autofree char *user = NULL;
  g_autofree char *summary = NULL;
  guint32 uid;

  if (deltas == NULL)
    return FALSE;

  origin = show_origin (entry);
  user = g_variant_lookup (entry, "uid", "u", &uid) ? cli_format_user (uid) : g_strdup ("");
  summary = summarise (deltas);
  cli_table_add (table, version, time, origin, user, cli_property_get_text (entry, "message"),
                 summary, NULL);

  return TRUE;
}

static gboolean
print_table (GVariant *history, GError **error)
{
  g_autoptr (CliTable) table = cli_table_new (6);

  cli_table_set_heading (table, 0, _ ("VERSION"));
  cli_table_set_heading (table, 1, _ ("TIME"));
  cli_table_set_heading (table, 2, _ ("ORIGIN"));
  cli_table_set_heading (table, 3, _ ("USER"));
  cli_table_set_heading (table, 4, _ ("MESSAGE"));
  cli_table_set_heading (table, 5, _ ("CHANGE"));
  cli_table_set_right (table, 0);

  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (history, i);

      if (!add_row (table, entry, error))
        return FALSE;
    }
  cli_table_print (table);

  return TRUE;
}

static RunconfNode *
make_record (GVariant *entry, GError **error)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (GPtrArray) deltas = read_changes (entry, error);
  static const char *const texts[] = { "origin", "layer", "caller", "message" };
  guint32 uid;

  if (deltas == NULL)
    return NULL;

  cli_record_take (record, "version",
                   runconf_node_new_unsigned (cli_property_get_number (entry, "version")));
  cli_record_take (record, "time",
                   runconf_node_new_unsigned (cli_property_get_number (entry, "time")));
  if (g_variant_lookup (entry, "uid", "u", &uid))
    cli_record_take (record, "uid", runconf_node_new_integer (uid));
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      const char *text = cli_property_get_text (entry, texts[i]);

      if (*text != '\0')
        cli_record_add_text (record, texts[i], text);
    }
  cli_record_take (record, "changes", cli_deltas_to_node (deltas));

  return cli_record_end (record);
}

static gboolean
print_json (GVariant *history, GError **error)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;

  for (gsize i = 0; i < g_variant_n_children (history); i++)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (history, i);
      RunconfNode *record = make_record (entry, error);

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
  g_autoptr (GVariant) history = fetch (session, path, error);
  gboolean is_printed;

  if (history == NULL)
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
