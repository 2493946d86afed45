/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/directory.h"

#include <dirent.h>
#include <fcntl.h>

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
