/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/**
 * CliExit:
 * @CLI_EXIT_FAILED: whatever has no code of its own
 * @CLI_EXIT_USAGE: the command line can't be understood
 * @CLI_EXIT_NOT_FOUND: no such path, configuration or version
 * @CLI_EXIT_DENIED: the caller may not do that
 * @CLI_EXIT_REFUSED: by the schema, a lock, or the version that was asked for
 * @CLI_EXIT_UNCHANGED: with --changed: done, and nothing changed
 *
 * What a script can tell by the exit status. Each is documented in runconf(1).
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
