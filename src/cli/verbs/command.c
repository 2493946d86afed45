/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/command.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/session/agent.h"
#include "cli/terminal/arguments.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "cli/verbs/help.h"
#include "cli/verbs/verb.h"

/* Parses a command line, and runs its verb. */

static gboolean
check_count (const CliVerb *verb, guint n_arguments, GError **error)
{
  if (n_arguments < verb->min_arguments)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("too few arguments; usage: runconf %s %s"),
                 verb->name, _ (verb->synopsis));
  else if (n_arguments <= verb->max_arguments)
    return TRUE;
  else if (verb->synopsis != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("too many arguments; usage: runconf %s %s"),
                 verb->name, _ (verb->synopsis));
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("too many arguments; “%s” takes none"),
                 verb->name);

  return FALSE;
}

/* Ends a command line before the “--”.
 * Returns: the start of the rest after it; NULL if there is none
 */
static char **
cut_command (int *argc, char **argv)
{
  for (int i = 1; i < *argc; i++)
    {
      if (strcmp (argv[i], "--") != 0)
        continue;
      argv[i] = NULL;
      *argc = i;
      return argv + i + 1;
    }

  return NULL;
}

/* Puts a “--” and the command back after the remaining arguments, which are fewer than before. */
static void
append_command (int *argc, char **argv, char **command)
{
  guint length = g_strv_length (command);

  memmove (argv + *argc + 1, command, (length + 1) * sizeof (char *));
  argv[*argc] = (char *) "--";
  *argc += (int) length + 1;
}

/* Parses the options of a verb, and removes them from its arguments. @argv begins with the verb. */
static gboolean
parse_verb (const CliVerb *verb, CliOptions *options, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = NULL;
  char **command = NULL;

  if (verb->takes_all)
    return TRUE;

  context = cli_help_new_context (verb, options);
  command = verb->takes_command ? cut_command (argc, *argv) : NULL;
  cli_change_options_reset ();
  if (!cli_arguments_parse (context, verb->takes_values, argc, argv, error))
    return FALSE;
  if (command != NULL)
    append_command (argc, *argv, command);

  return TRUE;
}

static CliExit
run_verb (const CliVerb *verb, const CliOptions *options, char **arguments, GError **error)
{
  g_autoptr (CliSession) session = cli_session_new (options);
  G_GNUC_UNUSED g_autoptr (CliAgent) agent = verb->is_change ? cli_agent_new (options) : NULL;
  GError *failure = NULL;
  CliExit status = verb->run (session, arguments, &failure);

  if (failure != NULL)
    cli_session_explain (session, &failure);
  cli_session_close (session, failure);
  if (failure != NULL)
    g_propagate_error (error, failure);

  return status;
}

static CliExit
run_line (int argc, char **argv, GError **error)
{
  g_auto (CliOptions) options = { 0 };
  const CliVerb *verb = NULL;

  if (!cli_help_parse_global (&options, &argc, &argv, error))
    return CLI_EXIT_USAGE;

  cli_output_begin (&options);
  if (options.version)
    return cli_help_print_version ();

  if (argc > 1 && strcmp (argv[1], "help") == 0)
    {
      options.help = TRUE;
      argv++;
      argc--;
    }

  if (argc > 1)
    {
      verb = cli_verb_find (argv[1], error);
      if (verb == NULL)
        return CLI_EXIT_USAGE;
      argv++;
      argc--;
      if (!parse_verb (verb, &options, &argc, &argv, error))
        return CLI_EXIT_USAGE;
      cli_output_begin (&options);
    }

  if (options.help)
    return cli_help_print (verb);

  if (verb == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("no verb is given; “runconf help” lists the verbs"));
      return CLI_EXIT_USAGE;
    }

  if (!cli_options_check (&options, error) || !check_count (verb, argc - 1, error))
    return CLI_EXIT_USAGE;

  return run_verb (verb, &options, argv + 1, error);
}

/**
 * cli_command_run:
 *
 * Runs a command line.
 *
 * Returns: the exit status
 */
CliExit
cli_command_run (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  CliExit status = run_line (argc, argv, &error);

  return cli_failure_conclude (status, error);
}

/**
 * cli_command_perform:
 * @argc: the number of @argv
 * @argv: a verb, its options and its arguments
 *
 * Runs a command line in an existing session, and reports its error, if there is one.
 *
 * Returns: the exit status
 */
CliExit
cli_command_perform (CliSession *session, int argc, char **argv)
{
  g_auto (CliOptions) options = { 0 };
  g_autoptr (GError) error = NULL;
  const CliVerb *verb = cli_verb_find (argv[0], &error);
  CliExit status = CLI_EXIT_USAGE;

  if (verb != NULL && parse_verb (verb, &options, &argc, &argv, &error)
      && check_count (verb, argc - 1, &error))
    status = verb->run (session, argv + 1, &error);

  return error != NULL ? cli_failure_print (error) : status;
}
