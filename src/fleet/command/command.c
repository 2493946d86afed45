/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/command.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/terminal/arguments.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "fleet/command/help.h"
#include "fleet/command/verb.h"
#include "fleet/command/wait.h"

/* Parses a command line, and runs its verb. */

static gboolean
check_count (const FleetVerb *verb, guint n_arguments, GError **error)
{
  const char *synopsis = verb->synopsis != NULL ? _ (verb->synopsis) : "";

  if (n_arguments >= verb->min_arguments && n_arguments <= verb->max_arguments)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               n_arguments < verb->min_arguments
                   ? _ ("too few arguments; usage: runconf fleet %s %s%s")
                   : _ ("too many arguments; usage: runconf fleet %s %s%s"),
               verb->name, verb->has_scope ? _ ("--all|--group GROUP|--host HOST ") : "", synopsis);

  return FALSE;
}

static gboolean
parse_verb (const FleetVerb *verb, FleetOptions *options, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = fleet_help_new_context (verb, options);

  cli_change_options_reset ();
  fleet_wait_reset ();

  return cli_arguments_parse (context, verb->takes_values, argc, argv, error);
}

static CliExit
run_verb (const FleetVerb *verb, const FleetOptions *options, char **arguments, GError **error)
{
  g_autoptr (FleetSession) session = fleet_session_new (options);

  return verb->run (session, arguments, error);
}

/* Reads the verb and what follows it. Returns: %FALSE with an error */
static gboolean
read_verb (FleetOptions *options, const FleetVerb **verb, int *argc, char ***argv, GError **error)
{
  if (*argc > 1 && strcmp ((*argv)[1], "help") == 0)
    {
      options->common.help = TRUE;
      (*argv)++;
      (*argc)--;
    }
  if (*argc <= 1)
    return TRUE;

  *verb = fleet_verb_find ((*argv)[1], error);
  (*argv)++;
  (*argc)--;

  return *verb != NULL && parse_verb (*verb, options, argc, argv, error);
}

static CliExit
run_line (int argc, char **argv, GError **error)
{
  g_auto (FleetOptions) options = { 0 };
  const FleetVerb *verb = NULL;

  if (!fleet_help_parse_global (&options, &argc, &argv, error))
    return CLI_EXIT_USAGE;

  cli_output_begin (&options.common);
  if (options.common.version)
    return fleet_help_print_version ();
  if (!read_verb (&options, &verb, &argc, &argv, error))
    return CLI_EXIT_USAGE;

  cli_output_begin (&options.common);
  if (options.common.help)
    return fleet_help_print (verb);

  if (verb == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("fleet: no verb is given; “runconf fleet help” lists the verbs"));
      return CLI_EXIT_USAGE;
    }

  if (!fleet_options_check (&options, error) || !check_count (verb, (guint) argc - 1, error))
    return CLI_EXIT_USAGE;

  return run_verb (verb, &options, argv + 1, error);
}

/**
 * fleet_command_run:
 *
 * Runs a command line.
 *
 * Returns: the exit status
 */
CliExit
fleet_command_run (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  CliExit status = run_line (argc, argv, &error);

  return cli_failure_conclude (status, error);
}
