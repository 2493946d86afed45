/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/vfs.h>

/* Whether a text is complete
 *
 * Many programs save by writing into the existing file: they truncate it, write one piece, another
 * piece, and close it. Neither its size nor its times show whether more will follow. But the kernel
 * knows whether a process has the file open for writing, and refuses a read lease then. While a
 * lease is held, a process that opens the file for writing waits in open(). So a text that is read
 * under a lease is all that its writer wrote, or all that a writer left.
 *
 * A lease is held only while the file is read, because of the processes that wait. They make the
 * kernel send SIGIO, which kills by default: it is ignored, for a lease that is dropped at once
 * needs no reminder.
 *
 * Only the owner of a file or a process with CAP_LEASE can get a lease on it, and network file
 * systems refuse it for other reasons. In these cases the time since the last change is used.
 */

#define NFS_MAGIC 0x6969

static gpointer
ignore_signal (gpointer data)
{
  struct sigaction action;

  if (sigaction (SIGIO, NULL, &action) == 0 && action.sa_handler == SIG_DFL)
    {
      action.sa_handler = SIG_IGN;
      sigaction (SIGIO, &action, NULL);
    }

  return NULL;
}

/* NFS refuses a lease on each file that the server didn't delegate, as if a process wrote it. */
static gboolean
is_refusal_reliable (int fd)
{
  struct statfs status;

  return fstatfs (fd, &status) == 0 && status.f_type != NFS_MAGIC;
}

/**
 * runconf_lease_take:
 * @fd: a file descriptor for reading only; the process has no other one of this file for writing
 *
 * Requests a read lease. If it is taken, drop it soon.
 *
 * Returns: the result of the request
 */
RunconfLease
runconf_lease_take (int fd)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, ignore_signal, NULL);
  if (fcntl (fd, F_SETLEASE, F_RDLCK) == 0)
    return RUNCONF_LEASE_TAKEN;

  return errno == EAGAIN && is_refusal_reliable (fd) ? RUNCONF_LEASE_REFUSED
                                                     : RUNCONF_LEASE_UNKNOWN;
}

/**
 * runconf_lease_drop:
 *
 * Drops a lease that was taken; errno is kept.
 */
void
runconf_lease_drop (int fd)
{
  int saved = errno;

  fcntl (fd, F_SETLEASE, F_UNLCK);
  errno = saved;
}
