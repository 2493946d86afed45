/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/fetch.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/verbs/verb.h"

/* `runconf list`: prints the keys or indices below a path. */

static gboolean is_recursive;

static const GOptionEntry entries[] = {
  { "recursive", 'r', 0, G_OPTION_ARG_NONE, &is_recursive,
    N_ ("List the paths of all values at and below PATH"), NULL },
  { NULL },
};

static void
collect_keys (GPtrArray *found, const RunconfNode *node)
{
  for (guint i = 0; i < runconf_node_get_length (node); i++)
    g_ptr_array_add (found, runconf_node_is_mapping (node)
                                ? g_strdup (runconf_mapping_get_key (node, i, NULL))
                                : g_strdup_printf ("%u", i));
}

/* An empty mapping is a leaf too, except for the root of the configuration. */
static void
collect_leaves (GPtrArray *found, GString *pointer, const RunconfNode *node)
{
  gsize length = pointer->len;

  if (runconf_node_is_leaf (node) && length > 0)
    {
      g_ptr_array_add (found, g_strdup (pointer->str));
      return;
    }

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      runconf_path_append (pointer, runconf_mapping_get_key (node, i, NULL));
      collect_leaves (found, pointer, runconf_node_get_child (node, i));
      g_string_truncate (pointer, length);
    }
}

static void
print (GPtrArray *found)
{
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (RunconfNode) answer = NULL;

  if (!cli_output_is_json ())
    {
      for (guint i = 0; i < found->len; i++)
        cli_print_line (found->pdata[i]);
      return;
    }

  records = cli_records_new ();
  for (guint i = 0; i < found->len; i++)
    g_ptr_array_add (records, runconf_node_new_string (found->pdata[i], -1));
  answer = cli_records_end (records);
  cli_print_json (answer);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const char *path = arguments[0] != NULL ? arguments[0] : "";
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GString) pointer = g_string_new (path);
  g_autoptr (RunconfNode) node = cli_fetch (session, path, error);

  if (node == NULL)
    return CLI_EXIT_FAILED;

  if (is_recursive)
    collect_leaves (found, pointer, node);
  else
    collect_keys (found, node);
  print (found);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_list = {
  .name = "list",
  .synopsis = N_ ("[PATH]"),
  .summary = N_ ("list the keys or indices below a path"),
  .description
  = N_ ("Prints the keys of a mapping, or the indices of a sequence, each on a line. A "
        "scalar has nothing below it.\n"
        "\n"
        "  runconf list /llm/providers\n"
        "  runconf list --recursive"),
  .max_arguments = 1,
  .entries = entries,
  .run = run,
};
