/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/help.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/terminal/output.h"
#include "cli/terminal/wrap.h"

/* Parses the options around a verb, and prints the help. */

static GOptionContext *
new_context (const char *parameters)
{
  GOptionContext *context = g_option_context_new (parameters);

  /* --help is an ordinary option here, since it shows more than GLib's */
  g_option_context_set_help_enabled (context, FALSE);

  return context;
}

/**
 * cli_help_new_context:
 * @options: the struct that receives the options of all verbs
 *
 * Returns: (transfer full): a parser of the options after a verb
 */
GOptionContext *
cli_help_new_context (const CliVerb *verb, CliOptions *options)
{
  GOptionContext *context = new_context (verb->synopsis != NULL ? _ (verb->synopsis) : NULL);
  g_autofree char *description = cli_wrap (_ (verb->description));
  GOptionGroup *group;

  g_option_context_set_description (context, description);
  if (verb->entries != NULL)
    {
      group = g_option_group_new (verb->name, _ ("Options:"), "", NULL, NULL);
      g_option_group_add_entries (group, verb->entries);
      g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
      g_option_context_add_group (context, group);
    }
  if (verb->is_change)
    g_option_context_add_group (context, cli_change_options_new_group ());
  g_option_context_add_group (context, cli_options_new_group (options, FALSE));

  return context;
}

/**
 * cli_help_parse_global:
 *
 * Parses the options before the verb.
 *
 * Returns: %FALSE with an error if there are unknown ones
 */
gboolean
cli_help_parse_global (CliOptions *options, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = new_context (NULL);

  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_add_group (context, cli_options_new_group (options, TRUE));

  return g_option_context_parse (context, argc, argv, error);
}

static void
append_verbs (GString *text)
{
  guint n_verbs;
  const CliVerb *const *verbs = cli_verbs_get (&n_verbs);

  g_string_append (text, _ ("Verbs:"));
  for (guint i = 0; i < n_verbs; i++)
    if (!verbs[i]->is_for_programs)
      g_string_append_printf (text, "\n  %-15s %s", verbs[i]->name, _ (verbs[i]->summary));
}

/* GLib formats the options in columns; the text around them is from here. */
static char *
format_options (const CliVerb *verb)
{
  CliOptions options = { 0 };
  g_autoptr (GOptionContext) context = NULL;

  if (verb != NULL)
    {
      context = cli_help_new_context (verb, &options);
      g_option_context_set_summary (context, NULL);
    }
  else
    {
      context = new_context (_ ("VERB [ARGUMENT…]"));
      g_option_context_add_group (context, cli_options_new_group (&options, TRUE));
    }

  return g_option_context_get_help (context, FALSE, NULL);
}

/**
 * cli_help_print:
 * @verb: (nullable): the verb to explain; %NULL for the command as a whole
 *
 * Returns: the exit status
 */
CliExit
cli_help_print (const CliVerb *verb)
{
  g_autofree char *program = verb != NULL ? g_strdup_printf ("runconf %s", verb->name) : NULL;
  g_autoptr (GString) verbs = g_string_new (NULL);
  g_autofree char *text = NULL;

  if (program != NULL)
    g_set_prgname (program);
  text = format_options (verb);
  cli_print (text);
  if (verb == NULL)
    {
      append_verbs (verbs);
      cli_print_line (verbs->str);
      cli_print_line ("");
      cli_print_line (_ ("“runconf help VERB” explains a verb."));
    }

  return CLI_EXIT_DONE;
}

CliExit
cli_help_print_version (void)
{
  cli_print_line ("runconf " RUNCONF_VERSION);

  return CLI_EXIT_DONE;
}
