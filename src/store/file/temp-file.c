/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/temp-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Temporary files, which get the name of the real file when they are complete. */

#define N_RANDOM 6
#define N_ATTEMPTS 100

/**
 * runconf_is_unsupported:
 * @number: the errno of renameat2()
 *
 * Returns: whether the file system doesn't support the flag
 */
gboolean
runconf_is_unsupported (int number)
{
  return number == EINVAL || number == ENOSYS || number == EOPNOTSUPP;
}

/* Returns: (transfer full): `.NAME.XXXXXX.tmp` */
static char *
make_name (const char *name)
{
  static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  char random[N_RANDOM + 1] = "";

  for (guint i = 0; i < N_RANDOM; i++)
    random[i] = letters[g_random_int_range (0, sizeof letters - 1)];

  return g_strdup_printf (".%s.%s.tmp", name, random);
}

/**
 * runconf_temp_file_create:
 * @directory: file descriptor of the directory
 * @name: the file that it will become
 * @mode: for open(); the umask and a default ACL of the directory apply
 * @temp_name: (out) (transfer full): `.NAME.XXXXXX.tmp`
 *
 * Creates a new file; an existing one is never opened.
 *
 * Returns: a file descriptor for reading and writing, or -1 with errno
 */
int
runconf_temp_file_create (int directory, const char *name, mode_t mode, char **temp_name)
{
  for (guint attempt = 0; attempt < N_ATTEMPTS; attempt++)
    {
      g_autofree char *candidate = make_name (name);
      int fd
          = openat (directory, candidate, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

      if (fd >= 0)
        *temp_name = g_steal_pointer (&candidate);
      if (fd >= 0 || errno != EEXIST)
        return fd;
    }

  errno = EEXIST;
  return -1;
}

/**
 * runconf_temp_file_create_nameless:
 * @directory: file descriptor of the directory
 * @mode: for open(); the umask and a default ACL of the directory apply
 *
 * Creates a file without a name, of which nothing is left if the process ends first.
 *
 * Returns: a file descriptor for reading and writing, or -1 with errno
 */
int
runconf_temp_file_create_nameless (int directory, mode_t mode)
{
  return openat (directory, ".", O_RDWR | O_TMPFILE | O_CLOEXEC, mode);
}

/**
 * runconf_temp_file_give_name:
 * @fd: the file, which has no name
 * @directory: file descriptor of the directory
 * @name: the file that it will become
 *
 * Returns: (transfer full) (nullable): `.NAME.XXXXXX.tmp`; %NULL with errno
 */
char *
runconf_temp_file_give_name (int fd, int directory, const char *name)
{
  g_autofree char *open_file = g_strdup_printf ("/proc/self/fd/%d", fd);

  for (guint attempt = 0; attempt < N_ATTEMPTS; attempt++)
    {
      g_autofree char *candidate = make_name (name);

      if (linkat (AT_FDCWD, open_file, directory, candidate, AT_SYMLINK_FOLLOW) == 0)
        return g_steal_pointer (&candidate);
      if (errno != EEXIST)
        return NULL;
    }

  errno = EEXIST;
  return NULL;
}

/**
 * runconf_temp_file_is_one:
 *
 * Returns: whether runconf_temp_file_create() can have made @temp_name for @name
 */
gboolean
runconf_temp_file_is_one (const char *temp_name, const char *name)
{
  gsize length = strlen (name);

  return strlen (temp_name) == 1 + length + 1 + N_RANDOM + strlen (".tmp") && temp_name[0] == '.'
         && memcmp (temp_name + 1, name, length) == 0 && temp_name[1 + length] == '.'
         && g_str_has_suffix (temp_name, ".tmp");
}

/**
 * runconf_temp_file_move:
 * @directory: file descriptor of the directory
 *
 * Renames a file within its directory, but never over another one.
 *
 * Returns: %FALSE with errno, `EEXIST` if the name is taken
 */
gboolean
runconf_temp_file_move (int directory, const char *from, const char *to)
{
  if (renameat2 (directory, from, directory, to, RENAME_NOREPLACE) == 0)
    return TRUE;

  if (!runconf_is_unsupported (errno) || linkat (directory, from, directory, to, 0) < 0)
    return FALSE;

  /* the file has the new name, even if the old one can't be removed */
  if (unlinkat (directory, from, 0) < 0)
    g_debug ("Can't remove %s: %s", from, g_strerror (errno));
  return TRUE;
}

/**
 * runconf_write_all:
 *
 * Writes a text to the beginning of an empty file.
 *
 * Returns: %FALSE with errno
 */
gboolean
runconf_write_all (int fd, GBytes *text)
{
  gsize size;
  const char *data = g_bytes_get_data (text, &size);

  while (size > 0)
    {
      ssize_t n = write (fd, data, size);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        return FALSE;

      data += n;
      size -= n;
    }

  return TRUE;
}
