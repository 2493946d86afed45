/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "arena/writer-private.h"

/* The trie is updated by a whole change at once: the leaves come in the order of their hashes, so
 * that those that go below a node stand together, and each node on the way is written anew once,
 * however many of them there are. The first trie is an update of the empty one.
 *
 * A node with nothing but one entry below it is that entry, so that a trie doesn't depend on what
 * was in it before.
 */

#define N_SLOTS (1u << RUNCONF_ARENA_LEVEL_BITS)

static guint32 update (RunconfArenaWriter *self, guint32 slot, const RunconfArenaLeaf *leaves,
                       guint n_leaves, guint level);

/* Which slot of a node of that level a hash goes to. */
static guint
get_bits (guint64 hash, guint level)
{
  return hash << (RUNCONF_ARENA_LEVEL_BITS * level) >> (64 - RUNCONF_ARENA_LEVEL_BITS);
}

static gpointer
get (RunconfArenaWriter *self, guint32 slot)
{
  return self->arena->base + (gsize) (slot >> 1) * RUNCONF_ARENA_UNIT;
}

/* Returns: the slot of a new node, 0 if there is no room */
static guint32
add_node (RunconfArenaWriter *self, guint64 bitmap, const guint32 *slots, guint n_slots)
{
  gpointer memory;
  guint32 place = runconf_arena_writer_allocate (
      self, sizeof (RunconfArenaNode) + n_slots * sizeof (guint32), &memory);
  RunconfArenaNode *node = memory;

  if (place == 0)
    return 0;

  node->bitmap = bitmap;
  memcpy (node->slots, slots, n_slots * sizeof (guint32));

  return place << 1;
}

/* @slots has one for each bit. */
static guint32
add_branch (RunconfArenaWriter *self, const guint32 *slots)
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

/* Returns: how many of the leaves, from the first on, go to the same slot of a node of that level */
static guint
count_group (const RunconfArenaLeaf *leaves, guint n_leaves, guint level)
{
  guint bits = get_bits (leaves[0].hash, level);
  guint n;

  for (n = 1; n < n_leaves && get_bits (leaves[n].hash, level) == bits; n++)
    continue;

  return n;
}

static guint32
add_collided (RunconfArenaWriter *self, const RunconfArenaLeaf *leaves, guint n_leaves)
{
  g_autofree guint32 *slots = g_new (guint32, n_leaves);

  for (guint i = 0; i < n_leaves; i++)
    slots[i] = leaves[i].slot;

  return add_node (self, n_leaves, slots, n_leaves);
}

/* Makes a trie of leaves, none of which is to go. */
static guint32
build (RunconfArenaWriter *self, const RunconfArenaLeaf *leaves, guint n_leaves, guint level)
{
  guint32 slots[N_SLOTS] = { 0 };

  if (n_leaves == 0)
    return 0;
  if (n_leaves == 1)
    return leaves[0].slot;
  if (level == RUNCONF_ARENA_MAX_LEVELS)
    return add_collided (self, leaves, n_leaves);

  for (guint i = 0; i < n_leaves;)
    {
      guint n = count_group (leaves + i, n_leaves - i, level);

      slots[get_bits (leaves[i].hash, level)] = build (self, leaves + i, n, level + 1);
      i += n;
    }

  return add_branch (self, slots);
}

static gboolean
is_among (const RunconfArenaEntry *entry, const RunconfArenaLeaf *leaves, guint n_leaves)
{
  for (guint i = 0; i < n_leaves; i++)
    {
      if (leaves[i].hash == entry->hash && leaves[i].length == entry->length
          && memcmp (leaves[i].path, entry->path, entry->length) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Puts an entry that is there among those that come, in its place. */
static void
insert_entry (RunconfArenaWriter *self, GArray *all, guint32 slot)
{
  const RunconfArenaEntry *entry = get (self, slot);
  RunconfArenaLeaf leaf = { entry->hash, slot, entry->length, entry->path };
  guint position = 0;

  while (position < all->len && g_array_index (all, RunconfArenaLeaf, position).hash < entry->hash)
    position++;

  g_array_insert_val (all, position, leaf);
}

/* Makes a trie of the entries that are there and the leaves that come. */
static guint32
rebuild (RunconfArenaWriter *self, const guint32 *slots, guint n_slots,
         const RunconfArenaLeaf *leaves, guint n_leaves, guint level)
{
  g_autoptr (GArray) all
      = g_array_sized_new (FALSE, FALSE, sizeof (RunconfArenaLeaf), n_slots + n_leaves);

  for (guint i = 0; i < n_leaves; i++)
    {
      if (leaves[i].slot != 0)
        g_array_append_val (all, leaves[i]);
    }

  for (guint i = 0; i < n_slots; i++)
    {
      if (!is_among (get (self, slots[i]), leaves, n_leaves))
        insert_entry (self, all, slots[i]);
    }

  return build (self, (const RunconfArenaLeaf *) (gpointer) all->data, all->len, level);
}

static guint32
update_node (RunconfArenaWriter *self, guint32 slot, const RunconfArenaLeaf *leaves, guint n_leaves,
             guint level)
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
      guint n = count_group (leaves + i, n_leaves - i, level);
      guint bits = get_bits (leaves[i].hash, level);
      guint32 changed = update (self, slots[bits], leaves + i, n, level + 1);

      is_changed |= changed != slots[bits];
      slots[bits] = changed;
      i += n;
    }

  return is_changed ? add_branch (self, slots) : slot;
}

static guint32
update (RunconfArenaWriter *self, guint32 slot, const RunconfArenaLeaf *leaves, guint n_leaves,
        guint level)
{
  const RunconfArenaNode *node;

  if (slot == 0 || (slot & RUNCONF_ARENA_SLOT_ENTRY) != 0)
    return rebuild (self, &slot, slot != 0, leaves, n_leaves, level);
  if (level < RUNCONF_ARENA_MAX_LEVELS)
    return update_node (self, slot, leaves, n_leaves, level);

  node = get (self, slot);

  return rebuild (self, node->slots, node->bitmap, leaves, n_leaves, level);
}

/**
 * runconf_arena_trie_update:
 * @slot: the trie as it was, 0 for an empty one
 * @leaves: (array length=n_leaves): what changes, in the order of the hashes, no path twice
 *
 * Returns: the slot of the trie as it is now; what it is means nothing where the arena is full
 */
guint32
runconf_arena_trie_update (RunconfArenaWriter *self, guint32 slot, const RunconfArenaLeaf *leaves,
                           guint n_leaves)
{
  return n_leaves > 0 ? update (self, slot, leaves, n_leaves, 0) : slot;
}
