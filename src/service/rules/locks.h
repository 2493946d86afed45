/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/path.h"

G_BEGIN_DECLS

/**
 * RunconfdLocks:
 *
 * The contents of a file `locks`. Each line is a JSON Pointer, which locks the value at this path
 * and all values below it; empty lines and lines that begin with `#` have no meaning. It never
 * changes, so any thread may use it.
 *
 * |[
 * # the port is in the firewall's rules too
 * /chat/websocket/port
 * /logging
 * ]|
 */
typedef struct _RunconfdLocks RunconfdLocks;

RunconfdLocks *runconfd_locks_new (GBytes *text, const char *name);
RunconfdLocks *runconfd_locks_ref (RunconfdLocks *self);
void runconfd_locks_unref (RunconfdLocks *self);

gboolean runconfd_locks_is_empty (const RunconfdLocks *self);
gboolean runconfd_locks_contain (const RunconfdLocks *self, const RunconfPath *path);
const char *runconfd_locks_get_name (const RunconfdLocks *self);
const char *runconfd_locks_get_trouble (const RunconfdLocks *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdLocks, runconfd_locks_unref)

G_END_DECLS
