/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/attributes.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

/* more than any file system lists for one file */
#define MAX_LIST_BYTES (64 * 1024)
#define MAX_VALUE_BYTES (64 * 1024)

/* The kernel doesn't let this process set it, or the file system doesn't have it. */
static gboolean
is_tolerated (int number)
{
  return number == EPERM || number == EACCES || number == ENOTSUP;
}

/* These sign the content: with another content they would only make the file unreadable. */
static gboolean
is_of_content (const char *name)
{
  return g_str_equal (name, "security.ima") || g_str_equal (name, "security.evm");
}

static gboolean
copy_xattr (int from, int to, const char *name)
{
  g_autofree char *value = g_malloc (MAX_VALUE_BYTES);
  ssize_t size = fgetxattr (from, name, value, MAX_VALUE_BYTES);

  if (size < 0)
    return errno == ENODATA || is_tolerated (errno);

  return fsetxattr (to, name, value, size, 0) == 0 || is_tolerated (errno);
}

static gboolean
copy_xattrs (int from, int to)
{
  g_autofree char *names = NULL;
  ssize_t size = flistxattr (from, NULL, 0);

  /* nearly every file has none, and needs no buffers */
  if (size <= 0)
    return size == 0 || is_tolerated (errno);

  names = g_malloc (MAX_LIST_BYTES);
  size = flistxattr (from, names, MAX_LIST_BYTES);
  if (size < 0)
    return is_tolerated (errno);

  for (const char *name = names; name < names + size; name += strlen (name) + 1)
    if (!is_of_content (name) && !copy_xattr (from, to, name))
      return FALSE;

  return TRUE;
}

static gboolean
copy_owner (const struct stat *status, int to, const struct stat *now)
{
  if (now->st_uid == status->st_uid && now->st_gid == status->st_gid)
    return TRUE;

  /* a process that may not change the owner may still set another group of its own */
  return fchown (to, status->st_uid, status->st_gid) == 0
         || (is_tolerated (errno)
             && (fchown (to, -1, status->st_gid) == 0 || is_tolerated (errno)));
}

/**
 * runconf_attributes_copy:
 * @from: file descriptor of the old file
 * @status: its status
 * @to: file descriptor of the new one
 * @now: its status
 *
 * Gives a new file the owner, group, extended attributes (ACL and security label among them) and
 * mode of an old one. Owner, group and attributes that the kernel refuses to set stay as they are.
 * The mode is set last, since a change of owner clears bits of it, and so that no other user gets
 * access before.
 *
 * Returns: %FALSE with errno
 */
gboolean
runconf_attributes_copy (int from, const struct stat *status, int to, const struct stat *now)
{
  return copy_owner (status, to, now) && copy_xattrs (from, to)
         && fchmod (to, status->st_mode & ALLPERMS) == 0;
}
