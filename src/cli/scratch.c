/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/scratch.h"

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
