/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/failure.h"

#include <errno.h>

G_DEFINE_QUARK (runconf - store - error - quark, runconf_store_error)

/* How to mend the cause, for errors whose own text leaves an administrator guessing. */
static const char *
get_remedy (int number)
{
  switch (number)
    {
    case EBUSY:
      return "; it is a mount point of its own: mount its directory instead of the file";
    case EROFS:
      return "; the directory must be on a file system that is mounted writable";
    case ENOSPC:
      return "; free space on the file system";
    case EDQUOT:
      return "; raise the quota, or free space within it";
    case EACCES:
    case EPERM:
      return "; the file must be readable and its directory writable for this process";
    case EIO:
      return "; the disk failed: see the kernel's log";
    case ENAMETOOLONG:
      return "; a shorter file name leaves room for the temporary file's";
    default:
      return "";
    }
}

/**
 * runconf_failure_set:
 * @path: the file that the error is about
 * @number: the errno
 * @what: the operation that failed, as in "can't write the new text"
 *
 * Sets an error that names the file, the cause and, where it helps, the remedy.
 */
void
runconf_failure_set (GError **error, RunconfStoreError code, const char *path, int number,
                     const char *what)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, RUNCONF_STORE_ERROR, code, "%s: %s: %s%s", name, what, g_strerror (number),
               get_remedy (number));
}

/**
 * runconf_failure_set_conflict:
 * @path: the file that the error is about
 *
 * Sets %RUNCONF_STORE_ERROR_CONFLICT.
 */
void
runconf_failure_set_conflict (GError **error, const char *path)
{
  g_autofree char *name = g_filename_display_name (path);

  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT,
               "%s: the file was changed meanwhile", name);
}
