/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>

#include <glib.h>
#include <glib/gi18n.h>

#include "fleet/command/command.h"

/* The main function of `runconf-fleet`, which `runconf fleet` executes. */

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, RUNCONF_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname ("runconf fleet");

  return fleet_command_run (argc, argv);
}
