/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <locale.h>

#include <glib/gi18n.h>

#include "editor/application.h"

/* The main function of `runconf-editor`. */

int
main (int argc, char **argv)
{
  g_autoptr (EditorApplication) application = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, RUNCONF_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  application = editor_application_new ();

  return g_application_run (G_APPLICATION (application), argc, argv);
}
