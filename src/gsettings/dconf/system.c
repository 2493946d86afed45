/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/system.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "gsettings/dconf/import.h"
#include "gsettings/dconf/dconf-locks.h"
#include "gsettings/dconf/source.h"
#include "layers/files.h"
#include "yaml/emitter.h"

/* The folder of the administrator for the configuration of GSettings, in a session. */
#define ADMIN_FOLDER "/etc/xdg/runconf/gsettings"

/* The number in the names of the files for the weakest database; it counts up. */
#define FIRST_NUMBER 50

/* Returns: %FALSE with an error. A file with the same text isn't touched. */
static gboolean
put (const char *file, const char *text, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (file);
  g_autofree char *before = NULL;

  if (g_file_get_contents (file, &before, NULL, NULL) && strcmp (before, text) == 0)
    return TRUE;

  if (g_mkdir_with_parents (folder, 0755) != 0)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, "%s can't be created: %s", folder,
                   g_strerror (errno));
      return FALSE;
    }
  if (!g_file_set_contents_full (file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, error))
    return FALSE;
  if (!cli_output_is_quiet ())
    cli_print_line (file);

  return TRUE;
}

static char *
make_text (const DconfSource *source, const char *content)
{
  return g_strdup_printf ("# Imported from %s by “runconf import dconf --system”.\n%s",
                          source->file, content);
}

static gboolean
put_values (const DconfSource *source, const char *file, const DconfTypes *types,
            GPtrArray *complaints, GError **error)
{
  g_autoptr (GPtrArray) entries = dconf_source_read (source, error);
  g_autoptr (RunconfNode) root = NULL;
  g_autoptr (GString) yaml = g_string_new (NULL);
  g_autofree char *text = NULL;

  if (entries == NULL)
    return FALSE;

  root = dconf_import (entries, types, complaints);
  if (runconf_node_get_length (root) == 0)
    return TRUE;

  runconf_emit_yaml (yaml, root);
  text = make_text (source, yaml->str);

  return put (file, text, error);
}

static gboolean
put_locks (const DconfSource *source, const char *file, GPtrArray *complaints, GError **error)
{
  g_autofree char *folder = g_strconcat (source->file, ".d/locks", NULL);
  g_autofree char *lines = dconf_locks_read (folder, complaints, error);
  g_autofree char *text = NULL;

  if (lines == NULL)
    return FALSE;
  if (*lines == '\0')
    return TRUE;

  text = make_text (source, lines);

  return put (file, text, error);
}

static gboolean
import_source (const DconfSource *source, const char *output, guint number, const DconfTypes *types,
               GPtrArray *complaints, GError **error)
{
  g_autofree char *name = g_strdup_printf ("%u-dconf-%s", number, source->name);
  g_autofree char *values
      = g_strconcat (output, "/" RUNCONF_DEFAULTS_FOLDER "/", name, RUNCONF_DEFAULTS_SUFFIX, NULL);
  g_autofree char *locks = g_strconcat (output, "/" RUNCONF_LOCKS_FOLDER "/", name, NULL);

  if (!g_file_test (source->file, G_FILE_TEST_EXISTS))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                   "the profile of dconf has “%s”, and there is no %s; “dconf update” makes it of "
                   "the files in %s.d",
                   source->line, source->file, source->file);
      return FALSE;
    }

  return put_values (source, values, types, complaints, error)
         && put_locks (source, locks, complaints, error);
}

/**
 * dconf_system_import:
 * @output: (nullable): the folder to write into, in the place of the administrator's
 * @complaints: (element-type utf8): the keys that can't be imported are added to it, with the
 *   reasons
 *
 * Writes the databases of the system and their locks as files of the admin layer, the weakest
 * first, since the last file counts.
 *
 * Returns: the exit status, if there is no error
 */
CliExit
dconf_system_import (const char *output, GPtrArray *complaints, GError **error)
{
  g_autoptr (GPtrArray) sources = dconf_sources_read (error);
  g_autoptr (DconfTypes) types = dconf_types_new ();
  guint number = FIRST_NUMBER;

  if (sources == NULL)
    return CLI_EXIT_FAILED;

  for (guint i = sources->len; i > 0; i--)
    {
      const DconfSource *source = sources->pdata[i - 1];

      if (source->file == NULL)
        continue;
      if (!import_source (source, output != NULL ? output : ADMIN_FOLDER, number++, types,
                          complaints, error))
        return CLI_EXIT_FAILED;
    }

  if (number > FIRST_NUMBER)
    return CLI_EXIT_DONE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
               "the profile of dconf names no database of the system: there is nothing to import");

  return CLI_EXIT_FAILED;
}
