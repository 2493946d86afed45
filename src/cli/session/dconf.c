/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/dconf.h"

#include <string.h>

#include <gio/gio.h>
#include <glib/gi18n.h>

#include "cli/session/program.h"
#include "cli/terminal/failure.h"

/* Runs the program that converts the settings of dconf. It is in the package of the backend for
 * GSettings.
 */

#define CONFIGURATION "gsettings"
#define FORMAT "dconf"

/* Chooses the configuration of GSettings, in the session, where the options choose none. */
static CliOptions
get_options (const CliSession *session)
{
  CliOptions options = *cli_session_get_options (session);

  if (options.configuration == NULL)
    options.configuration = (char *) CONFIGURATION;
  if (!cli_session_is_named (session))
    options.session = TRUE;

  return options;
}

/**
 * cli_dconf_perform:
 * @perform: the work of a verb
 *
 * Does the work on the configuration of GSettings, unless the options of @session name another one.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
cli_dconf_perform (const CliSession *session, CliDconfFunc perform, GError **error)
{
  CliOptions options = get_options (session);
  g_autoptr (CliSession) meant = cli_session_new (&options);
  GError *failure = NULL;
  CliExit status = perform (meant, &failure);

  if (failure != NULL)
    cli_session_explain (meant, &failure);
  cli_session_close (meant, failure);
  if (failure != NULL)
    g_propagate_error (error, failure);

  return status;
}

/**
 * cli_dconf_check_format:
 *
 * Returns: %FALSE with an error if there is no such format
 */
gboolean
cli_dconf_check_format (const char *format, GError **error)
{
  if (strcmp (format, FORMAT) == 0)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("“%s” isn't a format: use “%s”"), format,
               FORMAT);

  return FALSE;
}

static const char *
get_program (void)
{
  const char *program = g_getenv ("RUNCONF_DCONF");

  return program != NULL && *program != '\0' ? program : RUNCONF_DCONF;
}

static GSubprocess *
spawn (const char *const *words, GSubprocessFlags flags, GError **error)
{
  const char *program = get_program ();
  g_autoptr (GPtrArray) line = g_ptr_array_new ();
  g_autoptr (GError) problem = NULL;
  GSubprocess *process;

  g_ptr_array_add (line, (gpointer) program);
  for (; *words != NULL; words++)
    g_ptr_array_add (line, (gpointer) *words);
  g_ptr_array_add (line, NULL);

  process = g_subprocess_newv ((const char *const *) line->pdata, flags, &problem);
  if (process != NULL)
    return process;

  if (g_error_matches (problem, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT))
    cli_program_set_missing (error, program, "gsettings-backend-runconf");
  else
    g_propagate_error (error, g_steal_pointer (&problem));

  return NULL;
}

/**
 * cli_dconf_run:
 * @words: the arguments of the program
 * @input: (nullable): its standard input; %NULL for that of this process
 * @output: (out) (optional): its standard output; %NULL if it has that of this process
 * @status: (out): its exit status; the program has reported its errors
 *
 * Returns: %FALSE with an error if the program can't be executed
 */
gboolean
cli_dconf_run (const char *const *words, GBytes *input, GBytes **output, CliExit *status,
               GError **error)
{
  GSubprocessFlags flags
      = (input != NULL ? G_SUBPROCESS_FLAGS_STDIN_PIPE : G_SUBPROCESS_FLAGS_STDIN_INHERIT)
        | (output != NULL ? G_SUBPROCESS_FLAGS_STDOUT_PIPE : 0);
  g_autoptr (GSubprocess) process = spawn (words, flags, error);

  if (process == NULL || !g_subprocess_communicate (process, input, NULL, output, NULL, error))
    return FALSE;

  *status = g_subprocess_get_if_exited (process) ? (CliExit) g_subprocess_get_exit_status (process)
                                                 : CLI_EXIT_FAILED;

  return TRUE;
}
