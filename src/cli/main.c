/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/locale.h"
#include "cli/verbs/command.h"

/* The main function of `runconf`, the command. */

int
main (int argc, char **argv)
{
  cli_locale_begin ("runconf");

  return cli_command_run (argc, argv);
}
