/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena/arena.h"

G_BEGIN_DECLS

struct _RunconfArena
{
  gint ref_count; /* atomic */
  guint8 *base;   /* written only by the writer, through its own mapping */
  gsize size;
};

#define RUNCONF_ARENA_SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL)

RunconfArena *runconf_arena_new_taken (guint8 *base, gsize size);

static inline RunconfArenaHeader *
runconf_arena_get_header (const RunconfArena *self)
{
  return (RunconfArenaHeader *) (gpointer) self->base;
}

/* Returns: (nullable): the @size bytes at @place, or %NULL if they aren't all within the view */
static inline gconstpointer
runconf_arena_view_get (const RunconfArenaView *self, guint32 place, gsize size)
{
  gsize offset = (gsize) place * RUNCONF_ARENA_UNIT;

  /* both terms are at most some GiB, so the sum doesn't overflow */
  return offset + size <= self->end ? self->base + offset : NULL;
}

gboolean runconf_arena_view_is_leaf (const RunconfArenaView *self, const RunconfArenaEntry *entry);

G_END_DECLS
