/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Is loaded into a program before the C library, to give it
 *
 * - another time of day: that of the machine, plus the number of seconds in the file that
 *   RUNCONF_TEST_CLOCK names. The file may change while the program runs: the clock jumps. Clocks
 *   that count from the start of the machine stay as they are.
 * - a disk that fails: while there is the file that RUNCONF_TEST_BAD_DISK names, no folder can be
 *   synced.
 * - a sudden end: while there is the file that RUNCONF_TEST_KILL names, calls that change files are
 *   counted, and the process is killed before that with the number in the file. A write counts
 *   twice: the process is killed before it, or when half of it is done.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

/* Returns: the number in the file that a variable names; 0 if there is none */
static long long
read_number (const char *variable)
{
  const char *path = getenv (variable);
  int number = errno;
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  char text[32] = "";

  if (fd < 0)
    {
      errno = number;
      return 0;
    }

  if (read (fd, text, sizeof text - 1) < 0)
    text[0] = '\0';
  close (fd);
  errno = number;

  return atoll (text);
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int (*next) (clockid_t, struct timespec *) = dlsym (RTLD_NEXT, "clock_gettime");
  int result = next (clock, now);

  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += (time_t) read_number ("RUNCONF_TEST_CLOCK");

  return result;
}

int
gettimeofday (struct timeval *restrict now, void *restrict zone)
{
  struct timespec time;

  (void) zone;
  if (clock_gettime (CLOCK_REALTIME, &time) != 0)
    return -1;

  now->tv_sec = time.tv_sec;
  now->tv_usec = time.tv_nsec / 1000;

  return 0;
}

time_t
time (time_t *place)
{
  struct timespec now = { 0 };

  clock_gettime (CLOCK_REALTIME, &now);
  if (place != NULL)
    *place = now.tv_sec;

  return now.tv_sec;
}

/* Returns: whether the process ends with this call */
static int
is_last (void)
{
  static long long n_calls;
  long long last = read_number ("RUNCONF_TEST_KILL");

  return last > 0 && ++n_calls == last;
}

static void
end_if_last (void)
{
  if (is_last ())
    raise (SIGKILL);
}

ssize_t
write (int fd, const void *data, size_t size)
{
  ssize_t (*next) (int, const void *, size_t) = dlsym (RTLD_NEXT, "write");
  struct stat status;

  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode))
    {
      end_if_last ();
      if (is_last () && next (fd, data, size / 2) >= 0)
        raise (SIGKILL);
    }

  return next (fd, data, size);
}

int
renameat (int old_folder, const char *old_name, int new_folder, const char *new_name)
{
  int (*next) (int, const char *, int, const char *) = dlsym (RTLD_NEXT, "renameat");

  end_if_last ();

  return next (old_folder, old_name, new_folder, new_name);
}

int
mkdir (const char *path, mode_t mode)
{
  int (*next) (const char *, mode_t) = dlsym (RTLD_NEXT, "mkdir");

  end_if_last ();

  return next (path, mode);
}

int
unlink (const char *path)
{
  int (*next) (const char *) = dlsym (RTLD_NEXT, "unlink");

  end_if_last ();

  return next (path);
}

int
unlinkat (int folder, const char *name, int flags)
{
  int (*next) (int, const char *, int) = dlsym (RTLD_NEXT, "unlinkat");

  end_if_last ();

  return next (folder, name, flags);
}

int
fsync (int fd)
{
  const char *path = getenv ("RUNCONF_TEST_BAD_DISK");
  int (*next) (int) = dlsym (RTLD_NEXT, "fsync");
  struct stat status;

  end_if_last ();
  if (path != NULL && access (path, F_OK) == 0 && fstat (fd, &status) == 0
      && S_ISDIR (status.st_mode))
    {
      errno = EIO;
      return -1;
    }

  return next (fd);
}
