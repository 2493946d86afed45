/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Is loaded into a program before the C library, to give it
 *
 * - another time of day: that of the machine, plus the number of seconds in the file that
 *   RUNCONF_TEST_CLOCK names. The file may change while the program runs: the clock jumps. Clocks
 *   that count from the start of the machine stay as they are.
 * - a disk that fails: while there is the file that RUNCONF_TEST_BAD_DISK names, no folder can be
 *   synced.
 */

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static time_t
read_offset (void)
{
  const char *path = getenv ("RUNCONF_TEST_CLOCK");
  int fd = path != NULL ? open (path, O_RDONLY | O_CLOEXEC) : -1;
  char text[32] = "";
  int number = errno;

  if (fd < 0)
    return 0;

  if (read (fd, text, sizeof text - 1) < 0)
    text[0] = '\0';
  close (fd);
  errno = number;

  return (time_t) atoll (text);
}

int
clock_gettime (clockid_t clock, struct timespec *now)
{
  int (*next) (clockid_t, struct timespec *) = dlsym (RTLD_NEXT, "clock_gettime");
  int result = next (clock, now);

  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    now->tv_sec += read_offset ();

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

int
fsync (int fd)
{
  const char *path = getenv ("RUNCONF_TEST_BAD_DISK");
  int (*next) (int) = dlsym (RTLD_NEXT, "fsync");
  struct stat status;

  if (path != NULL && access (path, F_OK) == 0 && fstat (fd, &status) == 0
      && S_ISDIR (status.st_mode))
    {
      errno = EIO;
      return -1;
    }

  return next (fd);
}
