/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/failure.h"

#include <stdio.h>

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <runconf/error.h>

#include "cli/terminal/output.h"

/* Reports errors, and chooses the exit status. */

/* not G_DEFINE_QUARK, since clang-format parses the name in it as a subtraction */
GQuark
cli_error_quark (void)
{
  return g_quark_from_static_string ("runconf-cli-error-quark");
}

/**
 * cli_failure_add_hint:
 * @hint: the correction, as a sentence without its capital and full stop
 *
 * Appends a hint to the message of an error, on the same line.
 */
void
cli_failure_add_hint (GError *error, const char *hint)
{
  char *message = error->message;

  /* Translators: the error, and the correction */
  error->message = g_strdup_printf (_ ("%s; %s"), message, hint);
  g_free (message);
}

static CliExit
get_runconf_exit (RunconfError code)
{
  switch (code)
    {
    case RUNCONF_ERROR_NOT_FOUND:
      return CLI_EXIT_NOT_FOUND;
    case RUNCONF_ERROR_VERSION_MISMATCH:
    case RUNCONF_ERROR_SCHEMA_VIOLATION:
    case RUNCONF_ERROR_LOCKED:
      return CLI_EXIT_REFUSED;
    case RUNCONF_ERROR_ACCESS_DENIED:
    case RUNCONF_ERROR_AUTHORIZATION_REQUIRED:
      return CLI_EXIT_DENIED;
    case RUNCONF_ERROR_INVALID_PATH:
    case RUNCONF_ERROR_INVALID_VALUE:
    case RUNCONF_ERROR_TOO_LARGE:
    case RUNCONF_ERROR_STORAGE_FAILED:
    case RUNCONF_ERROR_UNAVAILABLE:
    case RUNCONF_ERROR_LIMITS_EXCEEDED:
    case RUNCONF_ERROR_FAILED:
    default:
      return CLI_EXIT_FAILED;
    }
}

static CliExit
get_own_exit (CliError code)
{
  switch (code)
    {
    case CLI_ERROR_USAGE:
      return CLI_EXIT_USAGE;
    case CLI_ERROR_NOT_FOUND:
      return CLI_EXIT_NOT_FOUND;
    case CLI_ERROR_FAILED:
    default:
      return CLI_EXIT_FAILED;
    }
}

static CliExit
get_exit (const GError *error)
{
  if (error->domain == CLI_ERROR)
    return get_own_exit ((CliError) error->code);
  if (error->domain == RUNCONF_ERROR)
    return get_runconf_exit ((RunconfError) error->code);
  if (error->domain == G_OPTION_ERROR)
    return CLI_EXIT_USAGE;

  return CLI_EXIT_FAILED;
}

/**
 * cli_failure_print:
 *
 * Prints an error to standard error. If its message has several lines, each is printed on a line.
 *
 * Returns: the exit status for this error
 */
CliExit
cli_failure_print (const GError *error)
{
  g_auto (GStrv) lines = g_strsplit (error->message, "\n", -1);

  for (char **line = lines; *line != NULL; line++)
    if (**line != '\0')
      cli_output_complain (*line);

  return get_exit (error);
}

/**
 * cli_failure_conclude:
 * @status: the exit status of a command line without an error
 * @error: (nullable): its error
 *
 * Ends the output of a command line, and prints its errors.
 *
 * Returns: the exit status
 */
CliExit
cli_failure_conclude (CliExit status, const GError *error)
{
  g_autoptr (GError) failure = NULL;

  if (error != NULL)
    status = cli_failure_print (error);
  if (!cli_output_end (&failure))
    status = cli_failure_print (failure);

  return status;
}
