/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/lease.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/vfs.h>

/* Whether a text is whole
 *
 * Many programs save by writing into the file that is there: they empty it, write a piece, another
 * piece, and close it. Neither its size nor its times tell whether more is to come. But the kernel
 * knows who has a file open for writing, and tells it to whoever asks for a read lease: the lease is
 * refused then. While it is held, whoever opens the file for writing waits in open(). So what is
 * read under one is the whole of what somebody wrote, or of what somebody left.
 *
 * A lease is held for as long as it takes to read, because of those who wait. They make the kernel
 * send SIGIO, which kills by default: it is ignored, for a lease that is dropped at once needs no
 * reminder.
 *
 * Only the owner of a file and CAP_LEASE may have a lease on it, and network file systems refuse it
 * for reasons of their own. There the time since the last change has to do.
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

/* NFS refuses a lease wherever the server didn't delegate the file, as if somebody wrote it. */
static gboolean
can_tell (int fd)
{
  struct statfs status;

  return fstatfs (fd, &status) == 0 && status.f_type != NFS_MAGIC;
}

/**
 * runconf_lease_take:
 * @fd: a descriptor for reading alone; the process has no other one of this file for writing
 *
 * Asks for a read lease. One that was taken is to be dropped soon.
 *
 * Returns: what came of it
 */
RunconfLease
runconf_lease_take (int fd)
{
  static GOnce once = G_ONCE_INIT;

  g_once (&once, ignore_signal, NULL);
  if (fcntl (fd, F_SETLEASE, F_RDLCK) == 0)
    return RUNCONF_LEASE_TAKEN;

  return errno == EAGAIN && can_tell (fd) ? RUNCONF_LEASE_REFUSED : RUNCONF_LEASE_UNKNOWN;
}

/**
 * runconf_lease_drop:
 *
 * Drops a lease that was taken; errno survives.
 */
void
runconf_lease_drop (int fd)
{
  int saved = errno;

  fcntl (fd, F_SETLEASE, F_UNLCK);
  errno = saved;
}
