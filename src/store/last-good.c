/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/last-good.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "store/failure.h"
#include "store/fd.h"
#include "store/store.h"
#include "store/temp-file.h"

/* Its temporary file has one name: who holds the lock of the overrides is the only one to write it,
 * and nothing in it is worth keeping.
 */
static char *
get_temp_path (const char *path)
{
  return g_strconcat (path, ".tmp", NULL);
}

/**
 * runconf_last_good_write:
 * @path: where the copy is kept
 * @text: the text
 * @error: return location
 *
 * Keeps a copy of the overrides for the day on which they are broken, readable to its owner alone.
 * A kill or a power cut leaves the old copy or the new one. This blocks on the file system.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_last_good_write (const char *path, GBytes *text, GError **error)
{
  g_autofree char *temp_path = get_temp_path (path);
  autofd int fd = open (temp_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd >= 0 && runconf_write_all (fd, text) && fsync (fd) == 0 && rename (temp_path, path) == 0)
    return TRUE;

  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno,
                       "can't keep the last good text");
  unlink (temp_path);

  return FALSE;
}

/**
 * runconf_last_good_tidy:
 * @path: where the copy is kept
 *
 * Clears away what a process left that was killed while it wrote the copy.
 */
void
runconf_last_good_tidy (const char *path)
{
  g_autofree char *temp_path = get_temp_path (path);

  if (unlink (temp_path) < 0 && errno != ENOENT)
    g_debug ("Can't remove %s: %s", temp_path, g_strerror (errno));
}
