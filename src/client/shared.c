/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/snapshot-private.h"

#include <glib/gstdio.h>
#include <string.h>

#include "arena/link.h"
#include "core/object-path.h"

/* Returns: (transfer full) (nullable): the arena that the service has linked */
static RunconfArena *
open_linked (const char *name)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *path = address != NULL ? runconf_arena_link_get_path (address, name) : NULL;
  int fd = path != NULL ? runconf_arena_link_open (path) : -1;
  RunconfArena *arena;

  if (fd < 0)
    return NULL;

  arena = runconf_arena_new_from_fd (fd, NULL);
  g_close (fd, NULL);

  return arena;
}

/**
 * runconf_snapshot_new_shared:
 * @name: the name of a configuration on the session bus
 *
 * Gets a snapshot of the newest version without a call to the service, if a service for this bus
 * runs and a program has read the configuration before.
 *
 * This is for the first reads of a program that starts, until a [class@Configuration] is open: it
 * takes some 20 µs, also if the service is busy. A configuration reports whether its values are
 * newer, for example with [method@Snapshot.get_version].
 *
 * A sandbox usually doesn't show the memory. Never blocks.
 *
 * Returns: (transfer full) (nullable): a snapshot, or %NULL if there is no shared memory to be
 *   found
 *
 * Since: 1.0
 */
RunconfSnapshot *
runconf_snapshot_new_shared (const char *name)
{
  g_autoptr (RunconfArena) arena = NULL;
  RunconfComplaints *complaints;
  RunconfSnapshot *self;
  RunconfArenaView view;

  g_return_val_if_fail (name != NULL, NULL);

  if (runconf_object_path_is_name (name))
    arena = open_linked (name);
  if (arena == NULL || runconf_arena_get_stage (arena) == RUNCONF_ARENA_CLOSED
      || !runconf_arena_get_view (arena, &view))
    return NULL;

  complaints = runconf_complaints_new (name);
  self = runconf_snapshot_new_take (g_steal_pointer (&arena), &view, complaints);
  runconf_complaints_unref (complaints);

  return self;
}
