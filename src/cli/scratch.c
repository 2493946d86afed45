/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/scratch.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

/**
 * cli_scratch_remove:
 * @folder: one that was made for a moment
 *
 * Removes a folder with the files in it: an editor leaves more there than the one that it was given,
 * and so does the service.
 */
void
cli_scratch_remove (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_unlink (path);
    }
  g_rmdir (folder);
}

static gboolean
copy_into (const char *folder, const char *target, const char *name)
{
  g_autoptr (GFile) from = g_file_new_build_filename (folder, name, NULL);
  g_autoptr (GFile) to = g_file_new_build_filename (target, name, NULL);

  return g_file_copy (from, to, G_FILE_COPY_NOFOLLOW_SYMLINKS | G_FILE_COPY_ALL_METADATA, NULL,
                      NULL, NULL, NULL);
}

/**
 * cli_scratch_move:
 * @folder: one that was made for a moment, in the folder of a session
 *
 * Moves it, with the files in it, to where it outlives the session.
 *
 * Returns: (transfer full) (nullable): where it is, or %NULL if it stays
 */
char *
cli_scratch_move (const char *folder)
{
  g_autofree char *target = g_dir_make_tmp ("runconf-XXXXXX", NULL);
  g_autoptr (GDir) dir = target != NULL ? g_dir_open (folder, 0, NULL) : NULL;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      if (copy_into (folder, target, name))
        continue;
      cli_scratch_remove (target);
      return NULL;
    }

  if (dir == NULL)
    return NULL;
  cli_scratch_remove (folder);

  return g_steal_pointer (&target);
}
