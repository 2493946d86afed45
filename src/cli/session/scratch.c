/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/scratch.h"

#include <gio/gio.h>
#include <glib/gstdio.h>

/* Removes and moves temporary folders. */

/**
 * cli_scratch_remove:
 * @folder: a temporary folder
 *
 * Removes a folder and the files in it, including additional ones from the editor or the service.
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
 * @folder: a temporary folder in the runtime folder of a session
 *
 * Moves a folder, with the files in it, to a place that outlives the session.
 *
 * Returns: (transfer full) (nullable): the new path of the folder, or %NULL if it wasn't moved
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
