/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "cli/terminal/exit.h"

G_BEGIN_DECLS

#define CLI_ERROR (cli_error_quark ())

/**
 * CliError:
 * @CLI_ERROR_USAGE: the command line is invalid
 * @CLI_ERROR_NOT_FOUND: an object that it names doesn't exist
 * @CLI_ERROR_FAILED: any other error
 *
 * Errors of the command itself, and errors that have no code in another domain.
 */
typedef enum
{
  CLI_ERROR_USAGE,
  CLI_ERROR_NOT_FOUND,
  CLI_ERROR_FAILED,
} CliError;

GQuark cli_error_quark (void);

void cli_failure_add_hint (GError *error, const char *hint);
CliExit cli_failure_print (const GError *error);
CliExit cli_failure_conclude (CliExit status, const GError *error);

G_END_DECLS
