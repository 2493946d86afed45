/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/arguments.h"

#include <string.h>

/* Parses options among arguments that may look like options. */

/* Returns: whether the argument is a value after a path that an option parser would take for an
 * option, like “-5” or “- a”. No option of runconf begins with a digit or a sign
 */
static gboolean
is_dashed_value (const char *before, const char *argument)
{
  return (*before == '/' || *before == '\0') && argument[0] == '-' && argument[1] != '\0'
         && argument[1] != '-' && !g_ascii_isalpha (argument[1]);
}

/* Hides the dash of such values from the option parser.
 * Returns: (transfer container): the hidden ones
 */
static GHashTable *
hide_dashes (char **argv)
{
  GHashTable *hidden = g_hash_table_new (NULL, NULL);

  for (guint i = 2; argv[0] != NULL && argv[1] != NULL && argv[i] != NULL; i++)
    {
      if (strcmp (argv[i], "--") == 0)
        break;
      if (is_dashed_value (argv[i - 1], argv[i]))
        g_hash_table_add (hidden, ++argv[i]);
    }

  return hidden;
}

static void
show_dashes (char **arguments, GHashTable *hidden)
{
  for (char **argument = arguments; *argument != NULL; argument++)
    if (g_hash_table_contains (hidden, *argument))
      --*argument;
}

/* Returns: the number of arguments from the “--” on, including it; 0 if there is none */
static int
count_behind (char **argv)
{
  char **argument = argv;

  while (*argument != NULL && strcmp (*argument, "--") != 0)
    argument++;

  return (int) g_strv_length (argument);
}

/* The “--” after the options isn't an argument. GLib removes it only if no argument is before it.
 */
static void
drop_separator (int *argc, char **argv, int n_behind)
{
  int separator = *argc - n_behind;

  if (n_behind == 0 || separator < 1 || strcmp (argv[separator], "--") != 0)
    return;

  memmove (argv + separator, argv + separator + 1, n_behind * sizeof (char *));
  (*argc)--;
}

/**
 * cli_arguments_parse:
 * @takes_values: whether an argument after a path may be a value like “-5”
 * @argc: (inout): the number of @argv
 * @argv: (inout): a verb, its options and its arguments
 *
 * Parses the options after a verb, and removes them from its arguments.
 *
 * Returns: %FALSE with an error
 */
gboolean
cli_arguments_parse (GOptionContext *context, gboolean takes_values, int *argc, char ***argv,
                     GError **error)
{
  g_autoptr (GHashTable) hidden = takes_values ? hide_dashes (*argv) : NULL;
  int n_behind = count_behind (*argv);

  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;

  if (hidden != NULL)
    show_dashes (*argv, hidden);
  drop_separator (argc, *argv, n_behind);

  return TRUE;
}
