/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfArenaLayers:
 * @value: (nullable): the effective value
 * @fallback: (nullable): the default below it; the same node where nothing is overridden
 *
 * What stands at a path.
 */
typedef struct
{
  const RunconfNode *value;
  const RunconfNode *fallback;
} RunconfArenaLayers;

/**
 * RunconfArenaItem:
 * @hash: of the path
 * @path: where it begins in the paths that were gathered
 * @length: of the path
 * @value: (nullable): what stands there now; %NULL if nothing does any more
 * @fallback: (nullable): a leaf that is overridden there
 *
 * An entry that is to be written or to go.
 */
typedef struct
{
  guint64 hash;
  guint32 path;
  guint32 length;
  const RunconfNode *value;
  const RunconfNode *fallback;
} RunconfArenaItem;

/**
 * RunconfArenaItems:
 * @items: (element-type RunconfArenaItem): in the order of their hashes
 * @paths: what they point into
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
