/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "arena/writer-private.h"

/**
 * runconf_arena_writer_allocate:
 * @size: in bytes
 * @memory: (out): the allocated memory, filled with zeros
 *
 * Returns: the place of the memory, 0 if there is no room; then the arena is marked as full
 */
guint32
runconf_arena_writer_allocate (RunconfArenaWriter *self, gsize size, gpointer *memory)
{
  gsize start = self->used;
  gsize rounded = (size + RUNCONF_ARENA_UNIT - 1) & ~(gsize) (RUNCONF_ARENA_UNIT - 1);

  if (self->is_full || start > self->arena->size || rounded > self->arena->size - start)
    {
      self->is_full = TRUE;
      *memory = NULL;
      return 0;
    }

  self->used = start + rounded;
  *memory = self->arena->base + start;

  return start / RUNCONF_ARENA_UNIT;
}
