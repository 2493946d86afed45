/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/locale.h"
#include "fleet/command/command.h"

/* The main function of `runconf-fleet`, which `runconf fleet` executes. */

int
main (int argc, char **argv)
{
  cli_locale_begin ("runconf fleet");

  return fleet_command_run (argc, argv);
}
