/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/text-file.h"

#include <errno.h>
#include <fcntl.h>

#include "core/limits.h"
#include "store/failure.h"
#include "store/fd.h"
#include "store/timing.h"
#include "store/watch/lease.h"

/* Reads texts: whole regular files of at most RUNCONF_MAX_TEXT_BYTES. */

/* How often to wait for a program that writes in place, and for how many µs each time. */
#define READ_ATTEMPTS 5

static const char *
describe_type (mode_t mode)
{
  switch (mode & S_IFMT)
    {
    case S_IFDIR:
      return "a directory";
    case S_IFIFO:
      return "a named pipe";
    case S_IFSOCK:
      return "a socket";
    case S_IFCHR:
    case S_IFBLK:
      return "a device";
    case S_IFLNK:
      return "a symbolic link";
    default:
      return "of an unknown type";
    }
}

/**
 * runconf_text_file_check_type:
 * @status: the status of a file
 * @path: the name of the file in messages
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_UNREADABLE if it isn't a regular file
 */
gboolean
runconf_text_file_check_type (const struct stat *status, const char *path, GError **error)
{
  g_autofree char *name = NULL;

  if (S_ISREG (status->st_mode))
    return TRUE;

  name = g_filename_display_name (path);
  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE,
               "%s: it is %s, but must be a regular file", name, describe_type (status->st_mode));
  return FALSE;
}

static gboolean
check_size (guint64 size, const char *path, GError **error)
{
  g_autofree char *name = NULL;

  if (size <= RUNCONF_MAX_TEXT_BYTES)
    return TRUE;

  name = g_filename_display_name (path);
  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_TOO_LARGE,
               "%s: it is larger than %d MiB", name, RUNCONF_MAX_TEXT_BYTES / (1024 * 1024));
  return FALSE;
}

static gboolean
is_denied (int number)
{
  return number == EACCES || number == EPERM || number == ELOOP || number == ENOTDIR;
}

static void
set_open_failure (GError **error, const char *path, int number)
{
  runconf_failure_set (
      error, is_denied (number) ? RUNCONF_STORE_ERROR_UNREADABLE : RUNCONF_STORE_ERROR_FAILED, path,
      number, "can't open it");
}

/* Reads to the end, whatever the size of the file was, but not beyond the limit. A read that ends at the
 * expected size, though there was room for more, met the end.
 */
static GBytes *
read_to_end (int fd, gsize size_hint, const char *path, GError **error)
{
  /* one byte more than the expected size, so that the end is met without growing */
  gsize size = size_hint + 1, used = 0;
  g_autofree char *buffer = g_malloc (size);

  for (;;)
    {
      ssize_t n = pread (fd, buffer + used, size - used, used);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno, "can't read it");
          return NULL;
        }
      if (n == 0)
        break;

      used += n;
      if (!check_size (used, path, error))
        return NULL;
      if (used == size_hint)
        break;
      if (used == size)
        {
          size += size / 2 + 1;
          buffer = g_realloc (buffer, size);
        }
    }

  /* A text is kept for long, so it has no unused memory. One byte keeps the data of an empty text
   * from being %NULL.
   */
  return g_bytes_new_take (g_realloc (g_steal_pointer (&buffer), used + 1), used);
}

/* If the file keeps changing, the last content is returned with the signature from before it was
 * read: the file will have another one, so the next check finds a change.
 */
static gboolean
read_steadily (int fd, const char *path, GBytes **text, RunconfSignature *signature, GError **error)
{
  g_autoptr (GBytes) content = NULL;

  for (guint attempt = 0; attempt < READ_ATTEMPTS; attempt++)
    {
      struct stat status;
      RunconfSignature after;

      if (attempt > 0)
        g_usleep (RUNCONF_TIMING_READ_PAUSE_US);

      if (fstat (fd, &status) < 0)
        {
          runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno, "can't stat it");
          return FALSE;
        }
      if (!runconf_text_file_check_type (&status, path, error)
          || !check_size (status.st_size, path, error))
        return FALSE;

      g_clear_pointer (&content, g_bytes_unref);
      content = read_to_end (fd, status.st_size, path, error);
      if (content == NULL)
        return FALSE;

      runconf_signature_init (signature, &status);
      if (fstat (fd, &status) == 0)
        {
          runconf_signature_init (&after, &status);
          if (runconf_signature_equal_but_ctime (signature, &after))
            {
              *signature = after;
              break;
            }
        }
    }

  *text = g_steal_pointer (&content);
  return TRUE;
}

/**
 * runconf_text_file_read_fd:
 * @fd: a file descriptor for reading
 * @path: the name of the file in messages
 * @text: (out) (transfer full): the content
 * @signature: (out): the signature of the file
 * @lease: (out) (optional): whether a process has the file open for writing, so that the text may
 *   be incomplete
 *
 * Like runconf_text_file_read(), for a file that is open.
 */
gboolean
runconf_text_file_read_fd (int fd, const char *path, GBytes **text, RunconfSignature *signature,
                           RunconfLease *lease, GError **error)
{
  RunconfLease taken = runconf_lease_take (fd);
  gboolean is_read = read_steadily (fd, path, text, signature, error);

  if (taken == RUNCONF_LEASE_TAKEN)
    runconf_lease_drop (fd);
  if (lease != NULL)
    *lease = taken;

  return is_read;
}

/**
 * runconf_text_file_read_once:
 * @fd: a file descriptor for reading
 * @status: the status of the file
 * @path: the name of the file in messages
 * @text: (out) (transfer full): the content
 * @signature: (out): the signature of the file, from @status
 *
 * Like runconf_text_file_read_fd(), for a text that is only compared with another one: a process may be
 * writing it. A file that is changed after @status was taken has another signature.
 */
gboolean
runconf_text_file_read_once (int fd, const struct stat *status, const char *path, GBytes **text,
                             RunconfSignature *signature, GError **error)
{
  runconf_signature_init (signature, status);
  if (!runconf_text_file_check_type (status, path, error)
      || !check_size (status->st_size, path, error))
    return FALSE;

  *text = read_to_end (fd, status->st_size, path, error);

  return *text != NULL;
}

/* Checks the file before it opens it, since opening a device can have effects. */
static gboolean
read_at (int directory, const char *name, gboolean follow, const char *path, GBytes **text,
         RunconfSignature *signature, RunconfLease *lease, GError **error)
{
  int open_flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
  int stat_flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
  struct stat status;
  autofd int fd = -1;

  *text = NULL;
  if (lease != NULL)
    *lease = RUNCONF_LEASE_TAKEN;

  if (fstatat (directory, name, &status, stat_flags) == 0)
    {
      runconf_signature_init (signature, &status);
      if (!runconf_text_file_check_type (&status, path, error))
        return FALSE;
      fd = openat (directory, name, open_flags);
    }
  else
    *signature = (RunconfSignature){ .failure = errno };

  if (fd >= 0)
    return runconf_text_file_read_fd (fd, path, text, signature, lease, error);

  if (errno != ENOENT)
    {
      set_open_failure (error, path, errno);
      return FALSE;
    }

  *signature = (RunconfSignature){ .failure = ENOENT };
  return TRUE;
}

/**
 * runconf_text_file_read:
 * @path: a file; symbolic links are followed
 * @text: (out) (transfer full) (nullable): the content, %NULL if there is no file
 * @signature: (out): the signature of the file, even if it could not be read
 * @lease: (out) (optional): whether a process has the file open for writing, so that the text may
 *   be incomplete
 *
 * Reads a whole regular file, and again if it changes meanwhile. Only regular files are opened.
 * This blocks on the file system.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_UNREADABLE if it isn't a regular file or may not be
 *   read, %RUNCONF_STORE_ERROR_TOO_LARGE, or %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_text_file_read (const char *path, GBytes **text, RunconfSignature *signature,
                        RunconfLease *lease, GError **error)
{
  if (!read_at (AT_FDCWD, path, TRUE, path, text, signature, lease, error))
    return FALSE;

  if (*text == NULL)
    runconf_signature_init_missing (signature, path);

  return TRUE;
}

/**
 * runconf_text_file_read_at:
 * @directory: file descriptor of the directory
 * @name: the file in it; a symbolic link is refused
 * @path: the name of the file in messages
 * @text: (out) (transfer full) (nullable): the content, %NULL if there is no file
 * @signature: (out): the signature of the file, even if it could not be read
 *
 * Like runconf_text_file_read().
 */
gboolean
runconf_text_file_read_at (int directory, const char *name, const char *path, GBytes **text,
                           RunconfSignature *signature, RunconfLease *lease, GError **error)
{
  return read_at (directory, name, FALSE, path, text, signature, lease, error);
}
