/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/file-lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "store/failure.h"
#include "store/fd.h"

struct _RunconfFileLock
{
  int fd;
  dev_t device;
  ino_t inode;
};

RunconfFileLock *
runconf_file_lock_new (void)
{
  RunconfFileLock *self = g_new0 (RunconfFileLock, 1);

  self->fd = -1;
  return self;
}

/**
 * runconf_file_lock_release:
 *
 * Gives the lock back, if it is held. It can be taken again.
 */
void
runconf_file_lock_release (RunconfFileLock *self)
{
  runconf_fd_clear (&self->fd);
}

void
runconf_file_lock_free (RunconfFileLock *self)
{
  runconf_file_lock_release (self);
  g_free (self);
}

static gboolean
is_held (RunconfFileLock *self, int directory, const char *lock_name)
{
  struct stat status;

  return self->fd >= 0 && fstatat (directory, lock_name, &status, AT_SYMLINK_NOFOLLOW) == 0
         && status.st_dev == self->device && status.st_ino == self->inode;
}

static void
set_in_use (GError **error, const char *path, int fd)
{
  g_autofree char *name = g_filename_display_name (path);
  char holder[16] = "";
  guint64 pid;

  if (pread (fd, holder, sizeof holder - 1, 0) > 0
      && g_ascii_string_to_unsigned (g_strchomp (holder), 10, 1, G_MAXINT, &pid, NULL))
    g_set_error (
        error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_IN_USE,
        "%s is already served by another process (pid %d): use that process, or stop it first",
        name, (int) pid);
  else
    g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_IN_USE,
                 "%s is already served by another process: use that process, or stop it first",
                 name);
}

/* The pid is only for messages, so a failure to write it is ignored. The file is truncated only if
 * it held more: that costs more than everything else here.
 */
static void
write_holder (int fd, off_t size)
{
  char holder[16];
  int length = g_snprintf (holder, sizeof holder, "%d\n", (int) getpid ());

  if (pwrite (fd, holder, length, 0) != length || (size > length && ftruncate (fd, length) < 0))
    g_debug ("Can't write the pid into a lock file: %s", g_strerror (errno));
}

/**
 * runconf_file_lock_take:
 * @directory: file descriptor of the directory of the file
 * @name: the file in it
 * @path: the name of the file in messages
 *
 * Takes the lock, `.NAME.lock` beside the file, unless it is held already. The lock is a separate
 * file because the file itself is exchanged at each write. It may be taken again before each write:
 * that costs one stat, and notices when the directory was replaced by another.
 *
 * The lock file isn't removed when the lock is freed: that could remove the lock of another
 * process.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_IN_USE, or with %RUNCONF_STORE_ERROR_FAILED if no lock
 *   can be made
 */
gboolean
runconf_file_lock_take (RunconfFileLock *self, int directory, const char *name, const char *path,
                        GError **error)
{
  g_autofree char *lock_name = g_strdup_printf (".%s.lock", name);
  autofd int fd = -1;
  struct stat status;

  if (is_held (self, directory, lock_name))
    return TRUE;

  fd = openat (directory, lock_name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (fd < 0)
    {
      runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno,
                           "can't create the lock file beside it");
      return FALSE;
    }
  if (flock (fd, LOCK_EX | LOCK_NB) < 0)
    {
      if (errno == EWOULDBLOCK)
        set_in_use (error, path, fd);
      else
        runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno, "can't lock it");
      return FALSE;
    }
  if (fstat (fd, &status) < 0)
    {
      runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno, "can't lock it");
      return FALSE;
    }

  write_holder (fd, status.st_size);
  runconf_fd_clear (&self->fd);
  self->fd = g_steal_fd (&fd);
  self->device = status.st_dev;
  self->inode = status.st_ino;
  return TRUE;
}
