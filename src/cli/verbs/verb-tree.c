/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/fetch.h"
#include "cli/session/value.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"
#include "core/mapping.h"

/* `runconf tree`: draws a configuration as a tree, with the defaults of overridden values. */

/* the width of the lines drawn before a key */
#define BRANCH_WIDTH 4

/* the width around a mark: two spaces and the brackets */
#define MARK_FRAME_WIDTH 4

/* the minimum width of a value, however narrow the terminal is */
#define MIN_VALUE_WIDTH 8
#define MIN_LEAF_WIDTH (MIN_VALUE_WIDTH + MARK_FRAME_WIDTH + 8)

/* The values of a path in each layer; %NULL for none. */
typedef struct
{
  const RunconfNode *value;
  const RunconfNode *override;
  const RunconfNode *fallback;
} Layers;

static const RunconfNode *
get_child (const RunconfNode *node, const char *key)
{
  return node != NULL && runconf_node_is_mapping (node) ? runconf_mapping_get (node, key) : NULL;
}

static Layers
descend (const Layers *self, guint position, const char **key)
{
  Layers child = { .value = runconf_node_get_child (self->value, position) };

  *key = runconf_mapping_get_key (self->value, position, NULL);
  child.override = get_child (self->override, *key);
  child.fallback = get_child (self->fallback, *key);

  return child;
}

/* Returns: (transfer full): the mark of an overridden leaf */
static char *
format_mark (const Layers *self)
{
  g_autofree char *fallback = NULL;

  if (self->fallback == NULL)
    return g_strdup (_ ("added"));

  if (runconf_node_equal (self->value, self->fallback))
    return g_strdup (_ ("overridden with the default"));

  fallback = cli_format_value (self->fallback);

  return g_strdup_printf (_ ("default: %s"), fallback);
}

/* Prints the value of a leaf and its mark into the rest of a line. If they don't fit, the value is
 * cut first.
 */
static void
print_leaf (const Layers *self, guint taken)
{
  g_autofree char *text = cli_format_value (self->value);
  g_autofree char *line = cli_text_make_line (text);
  g_autofree char *mark = self->override != NULL ? format_mark (self) : g_strdup ("");
  g_autofree char *mark_line = cli_text_make_line (mark);
  guint width = cli_output_get_width ();
  guint left = MAX (width, taken + MIN_LEAF_WIDTH) - taken;
  guint mark_width = cli_text_get_width (mark_line);
  g_autofree char *shown = NULL;
  g_autofree char *mark_shown = NULL;

  if (self->override != NULL)
    left -= MARK_FRAME_WIDTH;
  shown = cli_text_shorten (line,
                            width == 0 ? 0 : MAX (left, MIN_VALUE_WIDTH + mark_width) - mark_width);
  cli_print_painted (self->override != NULL ? CLI_PAINT_CHANGED : CLI_PAINT_NONE, shown);
  if (self->override == NULL)
    return;

  left -= MIN (left - 1, cli_text_get_width (shown));
  mark_shown = cli_text_shorten (mark_line, width == 0 ? 0 : left);
  cli_print ("  (");
  cli_print_painted (CLI_PAINT_FAINT, mark_shown);
  cli_print (")");
}

static void
print_below (const Layers *self, GString *prefix)
{
  guint length = runconf_node_get_length (self->value);
  gsize outer = prefix->len;

  for (guint i = 0; i < length; i++)
    {
      gboolean is_last = i + 1 == length;
      const char *key;
      Layers child = descend (self, i, &key);
      g_autofree char *shown = cli_text_make_line (key);

      cli_print_painted (CLI_PAINT_FAINT, prefix->str);
      cli_print_painted (CLI_PAINT_FAINT, is_last ? "└── " : "├── ");
      cli_print_painted (CLI_PAINT_KEY, shown);
      if (runconf_node_is_leaf (child.value))
        {
          cli_print (": ");
          print_leaf (&child, cli_text_get_width (prefix->str) + BRANCH_WIDTH
                                  + cli_text_get_width (shown) + 2);
          cli_print_line ("");
          continue;
        }

      cli_print_line ("");
      g_string_append (prefix, is_last ? "    " : "│   ");
      print_below (&child, prefix);
      g_string_truncate (prefix, outer);
    }
}

static void
print (const char *name, const Layers *self)
{
  g_autoptr (GString) prefix = g_string_new (NULL);

  cli_print_painted (CLI_PAINT_KEY, name);
  if (runconf_node_is_leaf (self->value))
    {
      cli_print (": ");
      print_leaf (self, cli_text_get_width (name) + 2);
    }
  cli_print_line ("");
  if (!runconf_node_is_leaf (self->value))
    print_below (self, prefix);
}

static void
collect (const Layers *self, GString *pointer, GPtrArray *records)
{
  gsize outer = pointer->len;

  if (runconf_node_is_leaf (self->value))
    {
      g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();

      cli_record_add_text (record, "path", pointer->str);
      cli_record_take (record, "value", runconf_node_ref (self->value));
      if (self->fallback != NULL)
        cli_record_take (record, "default", runconf_node_ref (self->fallback));
      cli_record_take (record, "overridden", runconf_node_new_boolean (self->override != NULL));
      g_ptr_array_add (records, cli_record_end (record));
      return;
    }

  for (guint i = 0; i < runconf_node_get_length (self->value); i++)
    {
      const char *key;
      Layers child = descend (self, i, &key);

      runconf_path_append (pointer, key);
      collect (&child, pointer, records);
      g_string_truncate (pointer, outer);
    }
}

static void
print_json (const char *path, const Layers *self)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (GString) pointer = g_string_new (path);
  g_autoptr (RunconfNode) answer = NULL;

  collect (self, pointer, records);
  answer = cli_records_end (records);
  cli_print_json (answer);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const char *path = arguments[0] != NULL ? arguments[0] : "";
  g_autoptr (RunconfNode) value = cli_fetch (session, path, error);
  g_autoptr (RunconfNode) override = NULL;
  g_autoptr (RunconfNode) fallback = NULL;
  Layers layers;

  if (value == NULL || !cli_fetch_layer (session, path, "overrides", FALSE, &override, error)
      || !cli_fetch_layer (session, path, "defaults", FALSE, &fallback, error))
    return CLI_EXIT_FAILED;

  layers = (Layers){ value, override, fallback };
  if (cli_output_is_json ())
    print_json (path, &layers);
  else
    print (*path != '\0' ? path : cli_session_get_name (session), &layers);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_tree = {
  .name = "tree",
  .synopsis = N_ ("[PATH]"),
  .summary = N_ ("draw the tree of values below a path"),
  .description = N_ ("Draws keys and values, and after each overridden value its default.\n"
                     "\n"
                     "  runconf tree\n"
                     "  runconf tree /chat/websocket"),
  .max_arguments = 1,
  .run = run,
};
