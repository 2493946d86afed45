/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <errno.h>
#include <unistd.h>

#include <glib.h>

G_BEGIN_DECLS

/* errno is kept, so that a function can fail while its file descriptors go out of scope */
static inline void
runconf_fd_clear (int *fd)
{
  int saved = errno;

  if (*fd >= 0)
    close (*fd);
  *fd = -1;
  errno = saved;
}

/* A file descriptor that closes itself, like g_autofd of GLib 2.76; g_steal_fd() passes it on. */
#define autofd __attribute__ ((cleanup (runconf_fd_clear)))

G_END_DECLS
