/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "cli/exit.h"

G_BEGIN_DECLS

#define CLI_ERROR (cli_error_quark ())

/**
 * CliError:
 * @CLI_ERROR_USAGE: the command line can't be understood
 * @CLI_ERROR_NOT_FOUND: what it names isn't there
 * @CLI_ERROR_DENIED: somebody would have to give a password, and the call didn't allow it
 * @CLI_ERROR_FAILED: anything else
 *
 * What goes wrong in the command itself, or has no code elsewhere.
 */
typedef enum
{
  CLI_ERROR_USAGE,
  CLI_ERROR_NOT_FOUND,
  CLI_ERROR_DENIED,
  CLI_ERROR_FAILED,
} CliError;

GQuark cli_error_quark (void);

void cli_failure_prepare (void);
void cli_failure_add_hint (GError *error, const char *hint);
CliExit cli_failure_get_exit (const GError *error);
CliExit cli_failure_tell (const GError *error);

G_END_DECLS
