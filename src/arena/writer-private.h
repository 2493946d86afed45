/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "arena/arena-private.h"
#include "arena/gather.h"
#include "arena/writer.h"

G_BEGIN_DECLS

struct _RunconfArenaWriter
{
  RunconfArena *arena; /* the mapping that is written */
  int fd;
  gsize used;
  gboolean is_full;
};

guint32 runconf_arena_writer_allocate (RunconfArenaWriter *self, gsize size, gpointer *memory);

/* pack.c: entries and what they hold */
guint32 runconf_arena_writer_add_entry (RunconfArenaWriter *self, const RunconfArenaView *before,
                                        const RunconfArenaItem *item, const char *path);

/* trie.c */

/**
 * RunconfArenaLeaf:
 * @hash: of the path
 * @slot: its entry; 0 if it is to go
 * @path: where it is
 * @length: of the path
 *
 * A change of the trie.
 */
typedef struct
{
  guint64 hash;
  guint32 slot;
  guint32 length;
  const char *path;
} RunconfArenaLeaf;

guint32 runconf_arena_trie_update (RunconfArenaWriter *self, guint32 slot,
                                   const RunconfArenaLeaf *leaves, guint n_leaves);

G_END_DECLS
