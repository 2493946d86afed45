/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "arena/link.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/hash.h"

/* An arena has no name, but its service has it open: `/proc/PID/fd/N` leads to it for processes of
 * the same user that the kernel doesn't hide the service from. A symbolic link to this place is in
 * the runtime folder of the user, which no other user can write.
 *
 * The link of a service that was killed leads nowhere, or to a file of another process with the
 * same number. So a reader checks the file like any other arena, and uses it only until the service
 * has replied. Each bus has its own services, so the name of the link contains the address of the
 * bus.
 */
#define FOLDER "runconf-snapshots"

/* A bus adds its GUID to the address that it tells the services that it starts. */
static gsize
get_plain_length (const char *address)
{
  return strcspn (address, ",;");
}

/**
 * runconf_arena_link_get_path:
 * @address: of the session bus
 * @name: of the configuration
 *
 * Returns: (transfer full) (nullable): the path of the link; %NULL if the user has no runtime
 *   folder
 */
char *
runconf_arena_link_get_path (const char *address, const char *name)
{
  const char *runtime = g_getenv ("XDG_RUNTIME_DIR");
  guint64 hash = runconf_hash (address, get_plain_length (address), 0);

  if (runtime == NULL || !g_path_is_absolute (runtime))
    return NULL;

  return g_strdup_printf ("%s/" FOLDER "/%s-%016" G_GINT64_MODIFIER "x", runtime, name, hash);
}

/**
 * runconf_arena_link_set:
 * @fd: a file descriptor of the arena in this process
 *
 * Returns: whether the link leads there
 */
gboolean
runconf_arena_link_set (const char *path, int fd)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *fresh = g_strconcat (path, ".new", NULL);
  g_autofree char *target = g_strdup_printf ("/proc/%d/fd/%d", (int) getpid (), fd);

  if (mkdir (folder, 0700) != 0 && errno != EEXIST)
    return FALSE;

  unlink (fresh);

  return symlink (target, fresh) == 0 && rename (fresh, path) == 0;
}

/**
 * runconf_arena_link_open:
 *
 * Returns: a file descriptor of what the link leads to, or -1
 */
int
runconf_arena_link_open (const char *path)
{
  return open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}
