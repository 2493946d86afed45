/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/locale.h"

#include <locale.h>

#include <glib.h>
#include <glib/gi18n.h>

/* Prepares a command for the language of its user. */

/**
 * cli_locale_begin:
 * @program: the name of the command in messages
 *
 * Sets the two categories that the commands use. LC_ALL would load ten more files at each start.
 */
void
cli_locale_begin (const char *program)
{
  setlocale (LC_CTYPE, "");
  setlocale (LC_MESSAGES, "");
  bindtextdomain (GETTEXT_PACKAGE, RUNCONF_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_prgname (program);
}
