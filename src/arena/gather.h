/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfArenaLayers:
 * @value: (nullable): the effective value
 * @fallback: (nullable): the default below it; the same node if it isn't overridden
 *
 * The values at a path.
 */
typedef struct
{
  const RunconfNode *value;
  const RunconfNode *fallback;
} RunconfArenaLayers;

/**
 * RunconfArenaItem:
 * @hash: the hash of the path
 * @path: the offset of the path in the gathered paths
 * @length: the length of the path
 * @value: (nullable): the new value at the path; %NULL if the entry is to be removed
 * @default_kind: the kind of the default, as in the entry
 * @fallback: (nullable): the default, if it is a leaf that is overridden
 *
 * An entry to be written or removed.
 */
typedef struct
{
  guint64 hash;
  guint32 path;
  guint32 length;
  guint8 default_kind;
  const RunconfNode *value;
  const RunconfNode *fallback;
} RunconfArenaItem;

/**
 * RunconfArenaItems:
 * @items: (element-type RunconfArenaItem): the entries in the order of their hashes
 * @paths: their paths
 *
 * All entries in which two versions differ.
 */
typedef struct
{
  guint64 seed;
  GArray *items;
  GString *paths;
} RunconfArenaItems;

void runconf_arena_items_init (RunconfArenaItems *self, guint64 seed,
                               const RunconfArenaLayers *before, const RunconfArenaLayers *after);
void runconf_arena_items_clear (RunconfArenaItems *self);
gsize runconf_arena_items_measure (const RunconfArenaItems *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RunconfArenaItems, runconf_arena_items_clear)

G_END_DECLS
