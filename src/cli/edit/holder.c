/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/holder.h"

#include <poll.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

/* Finds processes that still use a temporary file. */

/* the polling interval on kernels without pidfd_open() */
#define RETRY_MICROSECONDS (G_USEC_PER_SEC / 10)

/* Returns: whether the command line of a running process contains a path */
static gboolean
has_argument (const char *pid, const char *path)
{
  g_autofree char *file = g_build_filename ("/proc", pid, "cmdline", NULL);
  g_autofree char *line = NULL;
  gsize length;

  return g_file_get_contents (file, &line, &length, NULL)
         && memmem (line, length, path, strlen (path)) != NULL;
}

/**
 * cli_holder_find:
 * @path: the path of a file or folder with a random name, which only its own processes know
 *
 * Finds a process that was started for a file, even if its parent has ended: some editors move to
 * the background at once.
 *
 * Returns: the process ID, or 0 if there is none
 */
int
cli_holder_find (const char *path)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *name;

  while (processes != NULL && (name = g_dir_read_name (processes)) != NULL)
    {
      if (g_ascii_isdigit (*name) && has_argument (name, path))
        return (int) g_ascii_strtoll (name, NULL, 10);
    }

  return 0;
}

/**
 * cli_holder_wait:
 * @pid: a process ID
 *
 * Waits until the process ends, or a signal is received.
 */
void
cli_holder_wait (int pid)
{
  int fd = (int) syscall (SYS_pidfd_open, pid, 0);
  struct pollfd wanted = { .fd = fd, .events = POLLIN };

  if (fd < 0)
    {
      g_usleep (RETRY_MICROSECONDS);
      return;
    }

  poll (&wanted, 1, -1);
  g_close (fd, NULL);
}
