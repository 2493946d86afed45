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

/* allocate.c */
guint32 runconf_arena_writer_allocate (RunconfArenaWriter *self, gsize size, gpointer *memory);

/* pack.c: entries and their values */
guint32 runconf_arena_writer_add_entry (RunconfArenaWriter *self, const RunconfArenaView *before,
                                        const RunconfArenaItem *item, const char *path);

/* trie.c */
guint32 runconf_arena_trie_update (RunconfArenaWriter *self, const RunconfArenaView *before,
                                   const RunconfArenaItems *items);

G_END_DECLS
