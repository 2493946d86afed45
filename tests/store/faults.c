/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "faults.h"

#include <errno.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MAX_MEETINGS 4

typedef struct
{
  guint n;
  guint fail_from;
  guint fail_until;
  int number;
} Fault;

typedef struct
{
  Call call;
  guint nth;
  void (*func) (gpointer user_data);
  gpointer user_data;
} Meeting;

static Fault faults[N_CALLS];
static Meeting meetings[MAX_MEETINGS];
static guint n_meetings;
static guint n_calls;
static guint die_at = G_MAXUINT;
static gboolean is_deaf;

void
faults_reset (void)
{
  for (guint i = 0; i < N_CALLS; i++)
    faults[i] = (Fault){ 0 };
  n_meetings = 0;
  n_calls = 0;
  die_at = G_MAXUINT;
}

void
faults_deafen (gboolean deaf)
{
  is_deaf = deaf;
}

void
faults_fail (Call call, guint nth, guint n_times, int number)
{
  faults[call].fail_from = faults[call].n + nth;
  faults[call].fail_until = faults[call].n + nth + n_times;
  faults[call].number = number;
}

void
faults_meet (Call call, guint nth, void (*func) (gpointer user_data), gpointer user_data)
{
  g_assert_cmpuint (n_meetings, <, MAX_MEETINGS);
  meetings[n_meetings++] = (Meeting){ call, faults[call].n + nth, func, user_data };
}

void
faults_die (guint nth)
{
  die_at = n_calls + nth;
}

guint
faults_count (Call call)
{
  return faults[call].n;
}

/* Returns: whether the call fails */
static gboolean
pass (Call call)
{
  Fault *fault = &faults[call];
  guint nth = fault->n++;

  if (n_calls++ == die_at)
    _exit (0);

  for (guint i = 0; i < n_meetings; i++)
    if (meetings[i].call == call && meetings[i].nth == nth)
      meetings[i].func (meetings[i].user_data);

  if (nth < fault->fail_from || nth >= fault->fail_until)
    return FALSE;

  errno = fault->number;
  return TRUE;
}

/* A write that is to fail with 0 writes only a part instead. */
ssize_t
write (int fd, const void *data, size_t size)
{
  if (fd > STDERR_FILENO && pass (CALL_WRITE))
    {
      if (errno != 0)
        return -1;
      size = MIN (size, 1);
    }

  return syscall (SYS_write, fd, data, size);
}

int
fchmod (int fd, mode_t mode)
{
  return pass (CALL_FCHMOD) ? -1 : (int) syscall (SYS_fchmod, fd, mode);
}

int
fsync (int fd)
{
  return pass (CALL_FSYNC) ? -1 : (int) syscall (SYS_fsync, fd);
}

int
renameat2 (int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
  return pass (CALL_RENAMEAT2) ? -1
                               : (int) syscall (SYS_renameat2, from_fd, from, to_fd, to, flags);
}

int
unlinkat (int fd, const char *name, int flags)
{
  return pass (CALL_UNLINKAT) ? -1 : (int) syscall (SYS_unlinkat, fd, name, flags);
}

int
linkat (int from_fd, const char *from, int to_fd, const char *to, int flags)
{
  return pass (CALL_LINKAT) ? -1 : (int) syscall (SYS_linkat, from_fd, from, to_fd, to, flags);
}

int
inotify_init1 (int flags)
{
  return pass (CALL_INOTIFY_INIT) ? -1 : (int) syscall (SYS_inotify_init1, flags);
}

int
inotify_add_watch (int fd, const char *path, uint32_t mask)
{
  /* the directory of a test is never moved */
  return pass (CALL_INOTIFY_ADD)
             ? -1
             : (int) syscall (SYS_inotify_add_watch, fd, path, is_deaf ? IN_MOVE_SELF : mask);
}
