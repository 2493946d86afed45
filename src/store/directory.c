/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/directory.h"

#include <dirent.h>
#include <fcntl.h>

#include "store/failure.h"
#include "store/fd.h"

/**
 * runconf_directory_list:
 * @directory: file descriptor of the directory
 *
 * Returns: (transfer full) (element-type filename): the names in it, in no order; empty if it can't be
 *   read
 */
GPtrArray *
runconf_directory_list (int directory)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  autofd int fd = openat (directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *stream = fd < 0 ? NULL : fdopendir (fd);
  const struct dirent *entry;

  if (stream == NULL)
    return g_steal_pointer (&names);

  (void) g_steal_fd (&fd); /* the stream owns it */
  while ((entry = readdir (stream)) != NULL)
    g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (stream);

  return g_steal_pointer (&names);
}

/**
 * runconf_directory_require:
 * @path: a file, which may be missing
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_UNREADABLE if its folder doesn't exist
 */
gboolean
runconf_directory_require (const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *display = NULL;

  if (g_file_test (folder, G_FILE_TEST_IS_DIR))
    return TRUE;

  display = g_filename_display_name (path);
  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE,
               "%s: its folder doesn't exist: create or restore it", display);

  return FALSE;
}
