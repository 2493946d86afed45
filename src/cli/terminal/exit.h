/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * CliExit:
 * @CLI_EXIT_FAILED: any error without a code of its own
 * @CLI_EXIT_USAGE: the command line is invalid
 * @CLI_EXIT_NOT_FOUND: no such path, configuration or version
 * @CLI_EXIT_DENIED: the caller doesn't have the right
 * @CLI_EXIT_REFUSED: refused by the schema, a lock, or the condition on the version
 * @CLI_EXIT_UNCHANGED: with --changed: success without a change
 *
 * The exit status, for scripts. Each value is documented in runconf(1).
 */
typedef enum
{
  CLI_EXIT_DONE = 0,
  CLI_EXIT_FAILED = 1,
  CLI_EXIT_USAGE = 2,
  CLI_EXIT_NOT_FOUND = 3,
  CLI_EXIT_DENIED = 4,
  CLI_EXIT_REFUSED = 5,
  CLI_EXIT_UNCHANGED = 6,
} CliExit;
