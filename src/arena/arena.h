/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include "arena/format.h"
#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfArena:
 *
 * A mapped arena, for reading. It stays mapped for as long as somebody holds a reference.
 */
typedef struct _RunconfArena RunconfArena;

/**
 * RunconfArenaView:
 * @base: where the arena is mapped
 * @end: how much of it was in use at this root: nothing behind it is looked at
 * @root: what was in force
 *
 * One root of an arena: a configuration at one version. It borrows the arena.
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
 * @RUNCONF_ARENA_SUPERSEDED: so it is, but there is a fresh one by now
 * @RUNCONF_ARENA_CLOSED: what it holds is old; OpenSnapshot gives a fresh one
 *
 * How an arena stands.
 */
typedef enum
{
  RUNCONF_ARENA_LIVE,
  RUNCONF_ARENA_SUPERSEDED,
  RUNCONF_ARENA_CLOSED,
} RunconfArenaStage;

RunconfArena *runconf_arena_new_from_fd (int fd, GError **error);
RunconfArena *runconf_arena_ref (RunconfArena *self);
void runconf_arena_unref (RunconfArena *self);

RunconfArenaStage runconf_arena_get_stage (const RunconfArena *self);
guint64 runconf_arena_get_root_word (const RunconfArena *self);
gboolean runconf_arena_get_view (const RunconfArena *self, RunconfArenaView *view);
gboolean runconf_arena_get_view_at (const RunconfArena *self, guint64 version,
                                    RunconfArenaView *view);
gboolean runconf_arena_get_first_view (const RunconfArena *self, RunconfArenaView *view);

/* Reading a view. Nothing here allocates. */
const RunconfArenaEntry *runconf_arena_view_find (const RunconfArenaView *self, const char *path,
                                                  gsize length);

/**
 * RunconfArenaValue:
 * @kind: what it is
 * @boolean: of a boolean
 * @integer: of an integer
 * @unsigned_integer: of an unsigned integer
 * @number: of a float
 * @data: (nullable): of a string (with a NUL behind it) or a binary; of a sequence its serialised
 *   `av` in native byte order, aligned to 8 bytes
 * @size: of @data, without the NUL of a string
 *
 * A value that lies in an arena. It borrows what it points to.
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

/* Reading a view into something that is kept. */
GVariant *runconf_arena_view_get_variant (const RunconfArenaView *self, const char *path);
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
