/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/hint.h"
#include "cli/session/properties.h"
#include "cli/session/value.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"
#include "core/variant.h"

/* `runconf explain`: prints the values of all layers. */

static gboolean is_all;

static const GOptionEntry entries[] = {
  { "all", 'a', 0, G_OPTION_ARG_NONE, &is_all,
    N_ ("Print each value at and below PATH that isn't that of the weakest layer"), NULL },
  { NULL },
};

/* The part that a value has in the configuration. */
typedef enum
{
  STATE_IN_FORCE,
  STATE_HIDDEN,
  STATE_IGNORED,
} State;

static gboolean
is_ignored (RunconfDescription *entry)
{
  return runconf_description_get_ignored (entry) != NULL;
}

static gboolean
is_mapping (RunconfDescription *entry)
{
  return g_strcmp0 (runconf_description_get_value_type (entry), "mapping") == 0;
}

/* The first value that isn't ignored is in force. So are the mappings behind it, as long as all are
 * mappings, since they are merged; the others are hidden.
 *
 * @is_open: whether a weaker value can still be in force; it is updated
 * @has_mapping: whether a mapping is in force; it is updated
 */
static State
find_state (RunconfDescription *entry, gboolean *is_open, gboolean *has_mapping)
{
  State state = STATE_HIDDEN;

  if (is_ignored (entry))
    return STATE_IGNORED;

  /* with --all, each path has at most one value that isn't ignored */
  if (is_all || (*is_open && (!*has_mapping || is_mapping (entry))))
    state = STATE_IN_FORCE;
  *has_mapping = is_mapping (entry);
  *is_open = *is_open && *has_mapping;

  return state;
}

static char *
format_state (RunconfDescription *entry, State state)
{
  switch (state)
    {
    case STATE_IN_FORCE:
      return g_strdup (_ ("in force"));
    case STATE_IGNORED:
      /* Translators: the reason why a value has no effect */
      return g_strdup_printf (_ ("ignored: %s"), runconf_description_get_ignored (entry));
    case STATE_HIDDEN:
    default:
      return g_strdup (_ ("hidden by a stronger layer"));
    }
}

/* Returns: (transfer full): the state, and for a file of the fleet where its text comes from */
static char *
format_state_and_origin (RunconfDescription *entry, State state)
{
  GVariant *facts = runconf_description_get_facts (entry);
  const char *document = cli_property_get_text (facts, "document");
  const char *author = cli_property_get_text (facts, "author");
  g_autofree char *text = format_state (entry, state);
  g_autofree char *revision = NULL;
  gint64 number = 0;

  if (*document == '\0')
    return g_steal_pointer (&text);

  g_variant_lookup (facts, "revision", "x", &number);
  revision = g_strdup_printf ("%" G_GINT64_FORMAT, number);
  if (*author == '\0')
    /* Translators: the state of a value; the revision and the document of a fleet that it comes from */
    return g_strdup_printf (_ ("%s; revision %s of %s"), text, revision, document);

  /* Translators: the same, with the author of the document */
  return g_strdup_printf (_ ("%s; revision %s of %s, by %s"), text, revision, document, author);
}

/* A value at a parent of the path is printed with its own path. On a terminal, a long value is cut
 * to a third of the line, so that the place of the value is visible.
 */
static char *
format_entry_value (RunconfDescription *entry, const char *path)
{
  g_autoptr (GVariant) field = runconf_description_get_value (entry);
  g_autoptr (RunconfNode) value
      = field != NULL ? runconf_node_from_variant (field, "", NULL) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *whole = NULL;
  const char *own = runconf_description_get_path (entry);

  if (value != NULL)
    text = cli_format_value (value);
  else
    text = g_strdup (is_mapping (entry) ? _ ("(a mapping)") : _ ("(a secret)"));

  whole = is_all || strcmp (own, path) == 0
              ? g_steal_pointer (&text)
              : g_strdup_printf ("%s: %s", *own != '\0' ? own : _ ("everything"), text);

  return cli_text_shorten (whole, cli_output_get_width () / 3);
}

static void
add_row (CliTable *table, RunconfDescription *entry, const char *path, State state)
{
  const char *own = runconf_description_get_path (entry);
  const char *layer = cli_property_get_text (runconf_description_get_facts (entry), "layer");
  g_autofree char *value = format_entry_value (entry, path);
  g_autofree char *place = cli_property_format_place (runconf_description_get_facts (entry));
  g_autofree char *text = format_state_and_origin (entry, state);

  if (is_all)
    cli_table_add (table, own, layer, value, place, text, NULL);
  else
    cli_table_add (table, layer, value, place, text, NULL);
}

static void
print (const char *path, GList *values)
{
  guint n_columns = is_all ? 5 : 4;
  g_autoptr (CliTable) table = cli_table_new (n_columns);
  gboolean is_open = TRUE, has_mapping = FALSE;

  if (is_all)
    cli_table_set_heading (table, 0, _ ("PATH"));
  cli_table_set_heading (table, n_columns - 4, _ ("LAYER"));
  cli_table_set_heading (table, n_columns - 3, _ ("VALUE"));
  cli_table_set_heading (table, n_columns - 2, _ ("PLACE"));
  cli_table_set_heading (table, n_columns - 1, _ ("STATE"));

  for (const GList *each = values; each != NULL; each = each->next)
    add_row (table, each->data, path, find_state (each->data, &is_open, &has_mapping));
  cli_table_print_whole (table);
}

static void
print_json (GList *values)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;
  gboolean is_open = TRUE, has_mapping = FALSE;

  for (const GList *each = values; each != NULL; each = each->next)
    {
      GVariant *facts = runconf_description_get_facts (each->data);
      g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
      gboolean is_in_force = find_state (each->data, &is_open, &has_mapping) == STATE_IN_FORCE;
      GVariantIter iter;
      const char *key;

      g_variant_iter_init (&iter, facts);
      while (g_variant_iter_next (&iter, "{&sv}", &key, NULL))
        cli_property_record (record, facts, key);
      cli_record_take (record, "in_force", runconf_node_new_boolean (is_in_force));
      g_ptr_array_add (records, cli_record_end (record));
    }

  answer = cli_records_end (records);
  cli_print_json (answer);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const char *path = arguments[0] != NULL ? arguments[0] : "";
  RunconfConfiguration *configuration;
  g_autolist (RunconfDescription) values = NULL;
  GError *failure = NULL;

  if (!cli_value_check_path (path, error))
    return CLI_EXIT_FAILED;

  configuration = cli_session_reach (session, error);
  if (configuration == NULL)
    return CLI_EXIT_FAILED;

  values = runconf_configuration_explain_sync (
      configuration, path, is_all ? RUNCONF_EXPLAIN_ALL : RUNCONF_EXPLAIN_DEFAULT, NULL, &failure);
  if (failure != NULL)
    {
      cli_hint_propagate_error (session, path, error, failure);
      return CLI_EXIT_FAILED;
    }

  if (cli_output_is_json ())
    print_json (values);
  else
    print (path, values);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_explain = {
  .name = "explain",
  .synopsis = N_ ("[PATH]"),
  .summary = N_ ("print the values of all layers, with their places"),
  .description
  = N_ ("Prints the value that each layer has at PATH, the strongest layer first, with its file, "
        "line and column: the one in force, those that it hides, and those that are ignored, with "
        "the reason. With --all, it prints the values in force at and below PATH, except those of "
        "the weakest layer, and all ignored values.\n"
        "\n"
        "  runconf explain /chat/websocket/port\n"
        "  runconf explain --all /chat"),
  .max_arguments = 1,
  .entries = entries,
  .run = run,
};
