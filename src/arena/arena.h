/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "arena/format.h"
#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfArena:
 *
 * A mapped arena, for reading. It stays mapped as long as there is a reference to it.
 */
typedef struct _RunconfArena RunconfArena;

/**
 * RunconfArenaView:
 * @base: the address of the arena
 * @end: the bytes in use when this root was published: memory behind them is never read
 * @root: the root of the version
 *
 * One root of an arena: a configuration at one version. The view borrows the arena.
 */
typedef struct
{
  const guint8 *base;
  gsize end;
  const RunconfArenaRoot *root;
} RunconfArenaView;

/**
 * RunconfArenaStage:
 * @RUNCONF_ARENA_LIVE: each change is published in it
 * @RUNCONF_ARENA_SUPERSEDED: changes are still published in it, but there is a fresh one
 * @RUNCONF_ARENA_CLOSED: its content is outdated; OpenSnapshot returns a fresh one
 *
 * The stage in the life of an arena.
 */
typedef enum
{
  RUNCONF_ARENA_LIVE,
  RUNCONF_ARENA_SUPERSEDED,
  RUNCONF_ARENA_CLOSED,
} RunconfArenaStage;

guint32 runconf_arena_get_format (void);

RunconfArena *runconf_arena_new_from_fd (int fd, GError **error);
RunconfArena *runconf_arena_ref (RunconfArena *self);
void runconf_arena_unref (RunconfArena *self);

RunconfArenaStage runconf_arena_get_stage (const RunconfArena *self);
gboolean runconf_arena_get_view (const RunconfArena *self, RunconfArenaView *view);
gboolean runconf_arena_get_view_at (const RunconfArena *self, guint64 version,
                                    RunconfArenaView *view);
gboolean runconf_arena_get_first_view (const RunconfArena *self, RunconfArenaView *view);

/* Reading a view. Nothing here allocates. */
const RunconfArenaEntry *runconf_arena_view_find (const RunconfArenaView *self, const char *path,
                                                  gsize length);

/**
 * RunconfArenaValue:
 * @kind: the kind of the value
 * @boolean: the value of a boolean
 * @integer: the value of an integer
 * @unsigned_integer: the value of an unsigned integer
 * @number: the value of a float
 * @data: (nullable): the bytes of a string (with a NUL after them) or a binary; for a sequence its
 *   serialised `av` in native byte order, aligned to 8 bytes
 * @size: the bytes of @data, without the NUL of a string
 *
 * A value in an arena. It borrows the memory that it points to.
 */
typedef struct
{
  RunconfKind kind;
  union
  {
    gboolean boolean;
    gint64 integer;
    guint64 unsigned_integer;
    double number;
  };
  const char *data;
  gsize size;
} RunconfArenaValue;

gboolean runconf_arena_view_get_value (const RunconfArenaView *self, const RunconfArenaEntry *entry,
                                       RunconfArenaValue *value);
gboolean runconf_arena_view_get_default (const RunconfArenaView *self,
                                         const RunconfArenaEntry *entry, RunconfArenaValue *value);

/* Reading a view into objects of the caller. */
GVariant *runconf_arena_view_get_scalar (const RunconfArenaView *self,
                                         const RunconfArenaEntry *entry);
GVariant *runconf_arena_view_get_variant (const RunconfArenaView *self, const char *path);
GVariant *runconf_arena_view_get_default_variant (const RunconfArenaView *self, const char *path);
GVariant *runconf_arena_view_get_override_variant (const RunconfArenaView *self, const char *path);
gboolean runconf_arena_view_has (const RunconfArenaView *self, const char *path);
char **runconf_arena_view_list (const RunconfArenaView *self, const char *path);
GPtrArray *runconf_arena_view_diff (const RunconfArenaView *from, const RunconfArenaView *to,
                                    const char *path);

static inline guint64
runconf_arena_view_get_version (const RunconfArenaView *self)
{
  return self->root->version;
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfArena, runconf_arena_unref)

G_END_DECLS
