/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "arena/writer-private.h"
#include "core/hash.h"

/* Writes the directory and the tries that find the entries.
 *
 * A whole change updates them in one pass. The leaves are in the order of their hashes, so that
 * those of one page or node are neighbours, and each page and node is rewritten once, for any
 * number of leaves. The first version is an update of an empty directory.
 *
 * An entry is written once its place in the trie is known, and its parent node directly after it: a
 * lookup that reads the one has touched the page of the other.
 *
 * A node with a single entry below it is replaced by this entry, so that the shape of a trie
 * doesn't depend on its history.
 */

#define N_SLOTS RUNCONF_ARENA_N_SLOTS

/* An entry on its path down the trie: an existing one, or one that is to be written or removed. */
typedef struct
{
  guint64 hash;
  guint32 length;
  guint32 slot; /* of an existing entry */
  const char *path;
  const RunconfArenaItem *item; /* or %NULL for an existing entry */
} Leaf;

typedef struct
{
  RunconfArenaWriter *writer;
  const RunconfArenaView *before; /* or %NULL */
  guint directory_bits;
  guint max_levels;
} Update;

static guint32 update (const Update *self, guint32 slot, const Leaf *leaves, guint n_leaves,
                       guint level);

/* Returns: the slot that a hash selects in a node of this level */
static guint
get_bits (const Update *self, guint64 hash, guint level)
{
  return hash << (self->directory_bits + RUNCONF_ARENA_LEVEL_BITS * level)
         >> (64 - RUNCONF_ARENA_LEVEL_BITS);
}

static gpointer
get (const Update *self, guint32 slot)
{
  return self->writer->arena->base + (gsize) (slot >> 1) * RUNCONF_ARENA_UNIT;
}

/* Returns: the slot of a new node, 0 if there is no room */
static guint32
add_node (const Update *self, guint64 bitmap, const guint32 *slots, guint n_slots)
{
  gpointer memory;
  guint32 place = runconf_arena_writer_allocate (
      self->writer, sizeof (RunconfArenaNode) + n_slots * sizeof (guint32), &memory);
  RunconfArenaNode *node = memory;

  if (place == 0)
    return 0;

  node->bitmap = bitmap;
  memcpy (node->slots, slots, n_slots * sizeof (guint32));

  return place << 1;
}

/* @slots has one element for each bit. */
static guint32
add_branch (const Update *self, const guint32 *slots)
{
  guint32 there[N_SLOTS];
  guint64 bitmap = 0;
  guint n_slots = 0;

  for (guint i = 0; i < N_SLOTS; i++)
    {
      if (slots[i] == 0)
        continue;
      bitmap |= G_GUINT64_CONSTANT (1) << i;
      there[n_slots++] = slots[i];
    }

  if (n_slots == 0)
    return 0;
  if (n_slots == 1 && (there[0] & RUNCONF_ARENA_SLOT_ENTRY) != 0)
    return there[0];

  return add_node (self, bitmap, there, n_slots);
}

/* Returns: the number of leading leaves that belong to the same slot of a node of this level */
static guint
count_group (const Update *self, const Leaf *leaves, guint n_leaves, guint level)
{
  guint bits = get_bits (self, leaves[0].hash, level);
  guint n;

  for (n = 1; n < n_leaves && get_bits (self, leaves[n].hash, level) == bits; n++)
    continue;

  return n;
}

/* Returns: the slot of the leaf's entry, 0 if there is no room */
static guint32
add_leaf (const Update *self, const Leaf *leaf)
{
  return leaf->item == NULL
             ? leaf->slot
             : runconf_arena_writer_add_entry (self->writer, self->before, leaf->item, leaf->path);
}

static guint32
add_collided (const Update *self, const Leaf *leaves, guint n_leaves)
{
  g_autofree guint32 *slots = g_new (guint32, n_leaves);

  for (guint i = 0; i < n_leaves; i++)
    slots[i] = add_leaf (self, &leaves[i]);

  return add_node (self, n_leaves, slots, n_leaves);
}

/* Makes a trie of leaves, none of which is to be removed. */
static guint32
build (const Update *self, const Leaf *leaves, guint n_leaves, guint level)
{
  guint32 slots[N_SLOTS] = { 0 };

  if (n_leaves == 0)
    return 0;
  if (n_leaves == 1)
    return add_leaf (self, &leaves[0]);
  if (level == self->max_levels)
    return add_collided (self, leaves, n_leaves);

  for (guint i = 0; i < n_leaves;)
    {
      guint n = count_group (self, leaves + i, n_leaves - i, level);

      slots[get_bits (self, leaves[i].hash, level)] = build (self, leaves + i, n, level + 1);
      i += n;
    }

  return add_branch (self, slots);
}

static gboolean
is_among (const RunconfArenaEntry *entry, const Leaf *leaves, guint n_leaves)
{
  for (guint i = 0; i < n_leaves; i++)
    {
      if (leaves[i].length == entry->length
          && memcmp (leaves[i].path, entry->path, entry->length) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Inserts an existing entry among the new leaves, in the order of hashes. */
static void
insert_entry (const Update *self, GArray *all, guint32 slot)
{
  const RunconfArenaEntry *entry = get (self, slot);
  guint64 seed = runconf_arena_get_header (self->writer->arena)->seed;
  Leaf leaf
      = { runconf_hash (entry->path, entry->length, seed), entry->length, slot, entry->path, NULL };
  guint position = 0;

  while (position < all->len && g_array_index (all, Leaf, position).hash < leaf.hash)
    position++;

  g_array_insert_val (all, position, leaf);
}

/* Makes a trie of the existing entries and the new leaves. */
static guint32
rebuild (const Update *self, const guint32 *slots, guint n_slots, const Leaf *leaves,
         guint n_leaves, guint level)
{
  g_autoptr (GArray) all = g_array_sized_new (FALSE, FALSE, sizeof (Leaf), n_slots + n_leaves);

  for (guint i = 0; i < n_leaves; i++)
    {
      if (leaves[i].item->value != NULL)
        g_array_append_val (all, leaves[i]);
    }

  for (guint i = 0; i < n_slots; i++)
    {
      if (!is_among (get (self, slots[i]), leaves, n_leaves))
        insert_entry (self, all, slots[i]);
    }

  return build (self, (const Leaf *) (gpointer) all->data, all->len, level);
}

static guint32
update_node (const Update *self, guint32 slot, const Leaf *leaves, guint n_leaves, guint level)
{
  const RunconfArenaNode *node = get (self, slot);
  guint32 slots[N_SLOTS] = { 0 };
  gboolean is_changed = FALSE;

  for (guint bits = 0, i = 0; bits < N_SLOTS; bits++)
    {
      if ((node->bitmap >> bits & 1) != 0)
        slots[bits] = node->slots[i++];
    }

  for (guint i = 0; i < n_leaves;)
    {
      guint n = count_group (self, leaves + i, n_leaves - i, level);
      guint bits = get_bits (self, leaves[i].hash, level);
      guint32 changed = update (self, slots[bits], leaves + i, n, level + 1);

      is_changed |= changed != slots[bits];
      slots[bits] = changed;
      i += n;
    }

  return is_changed ? add_branch (self, slots) : slot;
}

static guint32
update (const Update *self, guint32 slot, const Leaf *leaves, guint n_leaves, guint level)
{
  const RunconfArenaNode *node;

  if (slot == 0 || (slot & RUNCONF_ARENA_SLOT_ENTRY) != 0)
    return rebuild (self, &slot, slot != 0, leaves, n_leaves, level);
  if (level < self->max_levels)
    return update_node (self, slot, leaves, n_leaves, level);

  node = get (self, slot);

  return rebuild (self, node->slots, node->bitmap, leaves, n_leaves, level);
}

/* Returns: the slot that a hash selects in the directory */
static guint
get_number (const Update *self, guint64 hash)
{
  return hash >> (64 - self->directory_bits);
}

/* Returns: the number of leading leaves that belong to slots of the directory up to @number */
static guint
count_up_to (const Update *self, const Leaf *leaves, guint n_leaves, guint number)
{
  guint n = 0;

  while (n < n_leaves && get_number (self, leaves[n].hash) <= number)
    n++;

  return n;
}

/* Rewrites a page with the leaves that belong to it. Returns: its place, 0 if there is no room */
static guint32
update_page (const Update *self, guint32 old_page, guint first_number, const Leaf *leaves,
             guint n_leaves)
{
  guint32 slots[N_SLOTS] = { 0 };
  gpointer memory;
  guint32 place;

  if (old_page != 0)
    memcpy (slots, self->writer->arena->base + (gsize) old_page * RUNCONF_ARENA_UNIT, sizeof slots);

  while (n_leaves > 0)
    {
      guint number = get_number (self, leaves[0].hash);
      guint n = count_up_to (self, leaves, n_leaves, number);
      guint32 *slot = &slots[number - first_number];

      *slot = update (self, *slot, leaves, n, 0);
      leaves += n;
      n_leaves -= n;
    }

  place = runconf_arena_writer_allocate (self->writer, sizeof slots, &memory);
  if (place != 0)
    memcpy (memory, slots, sizeof slots);

  return place;
}

/* Returns: the place of the new directory, 0 if there is no room */
static guint32
update_directory (const Update *self, const Leaf *leaves, guint n_leaves)
{
  guint n_pages = 1u << (self->directory_bits - RUNCONF_ARENA_LEVEL_BITS);
  g_autofree guint32 *pages = g_new0 (guint32, n_pages);
  gpointer memory;
  guint32 place;

  if (self->before != NULL)
    memcpy (pages, runconf_arena_view_get (self->before, self->before->root->directory, 0),
            n_pages * sizeof *pages);

  for (guint i = 0; i < n_pages; i++)
    {
      guint first_number = i * N_SLOTS;
      guint n = count_up_to (self, leaves, n_leaves, first_number + N_SLOTS - 1);

      if (n > 0 || pages[i] == 0)
        pages[i] = update_page (self, pages[i], first_number, leaves, n);
      leaves += n;
      n_leaves -= n;
    }

  place = runconf_arena_writer_allocate (self->writer, n_pages * sizeof *pages, &memory);
  if (place != 0)
    memcpy (memory, pages, n_pages * sizeof *pages);

  return place;
}

/**
 * runconf_arena_trie_update:
 * @before: (nullable): the version whose directory is updated; %NULL for an empty one
 * @items: the changes
 *
 * Writes the entries, and the directory and tries that find them.
 *
 * Returns: the place of the new directory; undefined if the arena is full
 */
guint32
runconf_arena_trie_update (RunconfArenaWriter *self, const RunconfArenaView *before,
                           const RunconfArenaItems *items)
{
  guint directory_bits = runconf_arena_get_header (self->arena)->directory_bits;
  const Update context
      = { self, before, directory_bits, runconf_arena_get_max_levels (directory_bits) };
  guint n_leaves = items->items->len;
  g_autofree Leaf *leaves = g_new (Leaf, n_leaves);

  if (n_leaves == 0 && before != NULL)
    return before->root->directory;

  for (guint i = 0; i < n_leaves; i++)
    {
      const RunconfArenaItem *item = &g_array_index (items->items, RunconfArenaItem, i);

      leaves[i] = (Leaf){ item->hash, item->length, 0, items->paths->str + item->path, item };
    }

  return update_directory (&context, leaves, n_leaves);
}
