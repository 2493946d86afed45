/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/help.h"

#include <glib/gi18n.h>

#include "cli/terminal/output.h"
#include "cli/terminal/wrap.h"
#include "fleet/command/wait.h"

/* Parses the options around a verb, and prints the help. */

static GOptionContext *
new_context (const char *parameters)
{
  GOptionContext *context = g_option_context_new (parameters);

  /* --help is an ordinary option here, since it shows more than GLib's */
  g_option_context_set_help_enabled (context, FALSE);

  return context;
}

static void
add_group (GOptionContext *context, const char *name, const char *heading,
           const GOptionEntry *entries)
{
  GOptionGroup *group = g_option_group_new (name, heading, "", NULL, NULL);

  g_option_group_add_entries (group, entries);
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_add_group (context, group);
}

static void
add_global (GOptionContext *context, FleetOptions *options, gboolean is_before_verb)
{
  g_autofree GOptionEntry *entries = fleet_options_make_entries (options, is_before_verb);

  add_group (context, "global", _ ("Options of all verbs:"), entries);
}

/**
 * fleet_help_new_context:
 * @options: the struct that receives the options
 *
 * Returns: (transfer full): a parser of the options after a verb
 */
GOptionContext *
fleet_help_new_context (const FleetVerb *verb, FleetOptions *options)
{
  GOptionContext *context = new_context (verb->synopsis != NULL ? _ (verb->synopsis) : NULL);
  g_autofree GOptionEntry *scope = fleet_options_make_scope_entries (options);

  if (verb->has_scope)
    add_group (context, "scope", _ ("The hosts:"), scope);
  if (verb->entries != NULL)
    add_group (context, verb->name, _ ("Options:"), verb->entries);
  if (verb->is_change)
    {
      add_group (context, "change", _ ("Options of a change:"), fleet_verb_get_change_entries ());
      add_group (context, "wait", _ ("Options of waiting:"), fleet_wait_get_entries ());
    }
  add_global (context, options, FALSE);

  return context;
}

/**
 * fleet_help_parse_global:
 *
 * Parses the options before the verb.
 *
 * Returns: %FALSE with an error if there are unknown ones
 */
gboolean
fleet_help_parse_global (FleetOptions *options, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = new_context (NULL);

  g_option_context_set_strict_posix (context, TRUE);
  add_global (context, options, TRUE);

  return g_option_context_parse (context, argc, argv, error);
}

/* Returns: (transfer full): the options, which GLib formats in columns */
static char *
format_options (const FleetVerb *verb)
{
  FleetOptions options = { 0 };
  g_autoptr (GOptionContext) context = verb != NULL ? fleet_help_new_context (verb, &options)
                                                    : new_context (_ ("VERB [ARGUMENT…]"));
  g_autofree char *description = verb != NULL ? cli_wrap (_ (verb->description)) : NULL;

  g_option_context_set_description (context, description);
  if (verb == NULL)
    add_global (context, &options, TRUE);

  return g_option_context_get_help (context, FALSE, NULL);
}

static void
print_verbs (void)
{
  guint n_verbs;
  const FleetVerb *const *verbs = fleet_verbs_get (&n_verbs);

  cli_print_line (_ ("Verbs:"));
  for (guint i = 0; i < n_verbs; i++)
    {
      g_autofree char *line = g_strdup_printf ("  %-15s %s", verbs[i]->name, _ (verbs[i]->summary));

      if (!verbs[i]->is_for_programs)
        cli_print_line (line);
    }
  cli_print_line ("");
  cli_print_line (_ ("“runconf fleet help VERB” explains a verb."));
}

/**
 * fleet_help_print:
 * @verb: (nullable): the verb to explain; %NULL for the command as a whole
 *
 * Returns: the exit status
 */
CliExit
fleet_help_print (const FleetVerb *verb)
{
  g_autofree char *program = verb != NULL ? g_strdup_printf ("runconf fleet %s", verb->name) : NULL;
  g_autofree char *text = NULL;

  g_set_prgname (program != NULL ? program : "runconf fleet");
  text = format_options (verb);
  cli_print (text);
  if (verb == NULL)
    print_verbs ();

  return CLI_EXIT_DONE;
}

CliExit
fleet_help_print_version (void)
{
  cli_print_line ("runconf-fleet " RUNCONF_VERSION);

  return CLI_EXIT_DONE;
}
