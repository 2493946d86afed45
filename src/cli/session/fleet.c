/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/fleet.h"

#include <errno.h>
#include <unistd.h>

#include <glib/gi18n.h>

#include "cli/session/program.h"
#include "cli/terminal/failure.h"

/* Executes the command for fleets. It is a program of its own, so that this one doesn't load the
 * libraries for the network, and a package of its own.
 */

static const char *
get_program (void)
{
  const char *program = g_getenv ("RUNCONF_FLEET");

  return program != NULL && *program != '\0' ? program : RUNCONF_FLEET;
}

static gboolean
check_options (const CliOptions *options, GError **error)
{
  if (!options->session && !options->system && options->address == NULL && options->offline == NULL)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("“fleet” works on etcd, and not on a service or a file: leave out --system, "
                  "--session, --address and --offline"));

  return FALSE;
}

static void
add_text (GPtrArray *line, const char *option, const char *value)
{
  if (value == NULL)
    return;

  g_ptr_array_add (line, (gpointer) option);
  g_ptr_array_add (line, (gpointer) value);
}

static void
add_flag (GPtrArray *line, const char *option, gboolean is_given)
{
  if (is_given)
    g_ptr_array_add (line, (gpointer) option);
}

static void
add_words (GPtrArray *line, const char *const *words)
{
  for (; words != NULL && *words != NULL; words++)
    g_ptr_array_add (line, (gpointer) *words);
}

/**
 * cli_fleet_execute:
 * @options: the options before the verb, which are passed on
 * @words: (nullable): the first words after them
 * @arguments: the words after those
 *
 * Replaces this process by the command for fleets.
 *
 * Returns: %FALSE with an error, if it returns
 */
gboolean
cli_fleet_execute (const CliOptions *options, const char *const *words, char **arguments,
                   GError **error)
{
  const char *program = get_program ();
  g_autoptr (GPtrArray) line = g_ptr_array_new ();

  if (!check_options (options, error))
    return FALSE;

  g_ptr_array_add (line, (gpointer) program);
  add_text (line, "--configuration", options->configuration);
  add_text (line, "--color", options->color);
  add_flag (line, "--json", options->json);
  add_flag (line, "--quiet", options->quiet);
  add_words (line, words);
  add_words (line, (const char *const *) arguments);
  g_ptr_array_add (line, NULL);
  execv (program, (char **) line->pdata);

  if (errno == ENOENT)
    cli_program_set_missing (error, program, "runconf-fleet");
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s can't be executed: %s"), program,
                 g_strerror (errno));

  return FALSE;
}
