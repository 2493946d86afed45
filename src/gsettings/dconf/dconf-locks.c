/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/dconf/dconf-locks.h"

#include <string.h>

#include "core/compare.h"
#include "gsettings/form/form.h"

/* A “ #” would begin the reason of the lock. */
static gboolean
is_key (const char *line)
{
  return *line == '/' && strstr (line, " #") == NULL && g_utf8_validate (line, -1, NULL);
}

static void
take_line (GString *out, const char *line, const char *file, guint number, GPtrArray *complaints)
{
  g_autofree char *path = NULL;

  if (*line == '\0' || *line == '#')
    return;

  if (!is_key (line))
    {
      g_ptr_array_add (complaints, g_strdup_printf ("not imported: %s:%u:1: expected a key, as in "
                                                    "“/org/gnome/desktop/background/picture-uri”",
                                                    file, number));
      return;
    }

  path = runconf_gsettings_path (line);
  g_string_append_printf (out, "%s\n", path);
}

static gboolean
read_file (GString *out, const char *file, GPtrArray *complaints, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &text, NULL, error))
    return FALSE;

  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    take_line (out, g_strstrip (lines[i]), file, i + 1, complaints);

  return TRUE;
}

static GPtrArray *
list_files (const char *folder)
{
  GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (files, g_build_filename (folder, name, NULL));
  g_ptr_array_sort (files, runconf_compare_texts);

  return files;
}

/**
 * dconf_locks_read:
 * @folder: a folder with the locks of a database, which may be missing
 * @complaints: (element-type utf8): the lines that aren't keys are added to it
 *
 * Returns: (transfer full): the lines of a file of locks; %NULL with an error
 */
char *
dconf_locks_read (const char *folder, GPtrArray *complaints, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GPtrArray) files = list_files (folder);

  for (guint i = 0; i < files->len; i++)
    if (!read_file (out, files->pdata[i], complaints, error))
      return NULL;

  return g_string_free (g_steal_pointer (&out), FALSE);
}
