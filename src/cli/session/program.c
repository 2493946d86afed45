/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/program.h"

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"

/**
 * cli_program_set_missing:
 * @program: a program that a verb executes
 * @package: the package that it is in
 *
 * Sets the error of a program that isn't there.
 */
void
cli_program_set_missing (GError **error, const char *program, const char *package)
{
  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
               _ ("this verb needs a program that isn't installed: install the package %s, which "
                  "has %s"),
               package, program);
}
