/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "core/path.h"
#include "layers/layer.h"

G_BEGIN_DECLS

/**
 * RunconfLock:
 * @layer: the layer that locks; the lock binds all stronger ones
 * @file: its file, escaped for messages
 * @line: the number of the line
 * @reason: (nullable): the comment behind the path, escaped
 *
 * One line of a file of locks.
 */
typedef struct
{
  RunconfLayer layer;
  const char *file;
  guint line;
  char *reason;
} RunconfLock;

/**
 * RunconfLockError:
 * @file: the file
 * @line: the line; 0 for further lines, of which @message has the number
 * @column: the column of its first character that is no white space
 * @message: the reason
 *
 * An invalid line of a file of locks.
 */
typedef struct
{
  char *file;
  guint line;
  guint column;
  char *message;
} RunconfLockError;

/**
 * RunconfLocks:
 *
 * The contents of all files of locks. Each line is a JSON Pointer, which locks the value at this
 * path and all values below it for the stronger layers. A comment behind the path is the reason of
 * the lock. Empty lines and lines that begin with `#` have no meaning.
 *
 * |[
 * # the port is in the firewall's rules too
 * /chat/websocket/port
 * /logging  # required by the auditors
 * ]|
 *
 * It never changes once it is filled, so any thread may use it.
 */
typedef struct _RunconfLocks RunconfLocks;

RunconfLocks *runconf_locks_new (void);
RunconfLocks *runconf_locks_ref (RunconfLocks *self);
void runconf_locks_unref (RunconfLocks *self);

void runconf_locks_add (RunconfLocks *self, RunconfLayer layer, const char *name, GBytes *text);

char *runconf_lock_describe (const RunconfLock *self);

gboolean runconf_locks_bind (const RunconfLocks *self, RunconfLayer layer);
const RunconfLock *runconf_locks_find (const RunconfLocks *self, const RunconfPath *path,
                                       RunconfLayer layer);
GPtrArray *runconf_locks_get_errors (const RunconfLocks *self);
char *runconf_locks_describe_errors (const RunconfLocks *self);
void runconf_locks_foreach (const RunconfLocks *self, RunconfLayer layer, GFunc func,
                            gpointer user_data);

/* Returns: whether a path or a parent of it is locked */
typedef gboolean (*RunconfLockedFunc) (const RunconfPath *path, gpointer user_data);

gboolean runconf_locked_concern (RunconfLockedFunc is_locked, gpointer user_data,
                                 const RunconfPath *path, const RunconfNode *value,
                                 const RunconfNode *fallback);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfLocks, runconf_locks_unref)

G_END_DECLS
