/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/mapping.h"

#include <string.h>

#include "core/limits.h"
#include "core/mapping-private.h"

/* A mapping stores its keys and its values separately.
 *
 * The keys, with their order and hash table, are one immutable block of memory. A mapping that
 * differs from another only in values shares it: the effective tree, the defaults and each earlier
 * version hold the keys of a mapping once.
 *
 * The values are in chunks, which mappings share too. A change of one value in a mapping of 100,000
 * copies one chunk and the list of chunks, not 100,000 pointers with their reference counts.
 */

/* From this many changes on, all are made in one pass over the mapping, not one by one. */
#define MANY_CHANGES 4

typedef struct
{
  const char *key;
  RunconfNode *value; /* %NULL to remove the key */
} Change;

/* Takes ownership of a reference to each value. */
static RunconfChunk *
chunk_new_taken (RunconfNode *const *values, guint length)
{
  gsize size = length * sizeof (RunconfNode *);
  RunconfChunk *self = g_malloc (G_STRUCT_OFFSET (RunconfChunk, values) + size);

  self->ref_count = 1;
  memcpy (self->values, values, size);

  return self;
}

static RunconfChunk *
chunk_new (RunconfNode *const *values, guint length)
{
  for (guint i = 0; i < length; i++)
    runconf_node_ref (values[i]);

  return chunk_new_taken (values, length);
}

static RunconfChunk *
chunk_ref (RunconfChunk *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

static void
chunk_unref (RunconfChunk *self, guint length)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  for (guint i = 0; i < length; i++)
    runconf_node_unref (self->values[i]);
  g_free (self);
}

static RunconfMapping *
mapping_alloc (RunconfKeys *keys)
{
  const RunconfKeyTable *table = &keys->table;
  guint n_chunks = runconf_chunk_count (table->length);
  RunconfMapping *self = g_malloc (sizeof (RunconfMapping) + n_chunks * sizeof (RunconfChunk *));

  runconf_node_init (&self->collection.node, RUNCONF_KIND_MAPPING);
  self->collection.length = table->length;
  self->collection.n_nodes = 1;
  self->collection.n_bytes = table->entries[table->length].offset - table->length;
  self->keys = keys;

  return self;
}

static RunconfNode *
count_values (RunconfMapping *self, RunconfNode *const *values)
{
  for (guint i = 0; i < self->collection.length; i++)
    runconf_collection_count (&self->collection, values[i]);

  return &self->collection.node;
}

/* Takes ownership of @keys, and of a reference to each value. */
RunconfNode *
runconf_mapping_new_owning (RunconfKeys *keys, RunconfNode **values)
{
  RunconfMapping *self = mapping_alloc (keys);
  guint length = self->collection.length;

  for (guint i = 0; i < runconf_chunk_count (length); i++)
    self->chunks[i] = chunk_new_taken (values + (i << RUNCONF_CHUNK_BITS),
                                       runconf_chunk_get_length (length, i));

  return count_values (self, values);
}

/* Returns: the chunk of @source at @place if it has the same values, or a new one */
static RunconfChunk *
chunk_share (const RunconfMapping *source, guint place, RunconfNode *const *values, guint length)
{
  guint source_length = source->collection.length;

  if (place < runconf_chunk_count (source_length)
      && runconf_chunk_get_length (source_length, place) == length
      && memcmp (source->chunks[place]->values, values, length * sizeof (RunconfNode *)) == 0)
    return chunk_ref (source->chunks[place]);

  return chunk_new (values, length);
}

/* Takes ownership of @keys, and shares the chunks that @source has at the same place. */
RunconfNode *
runconf_mapping_new_shared (RunconfKeys *keys, RunconfNode *const *values,
                            const RunconfMapping *source)
{
  RunconfMapping *self = mapping_alloc (keys);
  guint length = self->collection.length;

  for (guint i = 0; i < runconf_chunk_count (length); i++)
    self->chunks[i] = chunk_share (source, i, values + (i << RUNCONF_CHUNK_BITS),
                                   runconf_chunk_get_length (length, i));

  return count_values (self, values);
}

void
runconf_mapping_dispose (RunconfNode *self)
{
  RunconfMapping *mapping = (RunconfMapping *) self;
  guint length = mapping->collection.length;

  for (guint i = 0; i < runconf_chunk_count (length); i++)
    chunk_unref (mapping->chunks[i], runconf_chunk_get_length (length, i));
  runconf_keys_unref (mapping->keys);
}

const RunconfNode *
runconf_mapping_get_value (const RunconfNode *self, guint position)
{
  const RunconfMapping *mapping = (const RunconfMapping *) self;

  return mapping->chunks[position >> RUNCONF_CHUNK_BITS]->values[position & RUNCONF_CHUNK_MASK];
}

RunconfNode *
runconf_mapping_new_empty (void)
{
  RunconfKeyEntry end = { 0, 0 };
  RunconfKeyTable none = { .entries = &end };

  return &mapping_alloc (runconf_keys_new (&none))->collection.node;
}

/**
 * runconf_mapping_new_take:
 * @keys: (array length=n_bytes): the keys one after another, each with a NUL after it
 * @n_bytes: the length of all keys
 * @values: (array length=length) (transfer full): the value of each key; taken only on success
 * @length: the number of keys
 * @like: (nullable): a mapping that may have the same keys in the same order, which are then shared
 * @first: (out): the position of a duplicate key
 * @second: (out): the position of its second occurrence
 *
 * Makes a mapping of all its keys and values at once.
 *
 * Returns: (transfer full) (nullable): the mapping, %NULL if a key is a duplicate
 */
RunconfNode *
runconf_mapping_new_take (const char *keys, gsize n_bytes, RunconfNode **values, guint length,
                          const RunconfNode *like, guint *first, guint *second)
{
  RunconfKeys *known = like != NULL ? ((const RunconfMapping *) like)->keys : NULL;
  RunconfKeys *own;

  if (length == 0)
    return runconf_mapping_new_empty ();

  if (known != NULL && runconf_keys_are (known, keys, n_bytes, length))
    own = runconf_keys_ref (known);
  else
    own = runconf_keys_new_from_bytes (keys, n_bytes, length, first, second);

  return own != NULL ? runconf_mapping_new_owning (own, values) : NULL;
}

static gboolean
find_key (const RunconfMapping *self, const char *key, guint *position)
{
  gsize length = strlen (key);

  return runconf_key_table_find (&self->keys->table, runconf_key_hash (key, length), key, length,
                                 position);
}

/**
 * runconf_mapping_get:
 *
 * Returns: (transfer none) (nullable): the value of @key
 */
const RunconfNode *
runconf_mapping_get (const RunconfNode *self, const char *key)
{
  const RunconfMapping *mapping = (const RunconfMapping *) self;
  guint position;

  g_return_val_if_fail (runconf_node_is_mapping (self), NULL);

  if (!find_key (mapping, key, &position))
    return NULL;

  return runconf_mapping_get_value (self, position);
}

/**
 * runconf_mapping_get_key:
 * @position: less than the length
 * @length: (out) (optional): the length of the key in bytes
 *
 * Returns: (transfer none): the key, ended by a NUL
 */
const char *
runconf_mapping_get_key (const RunconfNode *self, guint position, gsize *length)
{
  const RunconfKeyTable *table = &((const RunconfMapping *) self)->keys->table;

  g_return_val_if_fail (runconf_node_is_mapping (self), NULL);
  g_return_val_if_fail (position < table->length, NULL);

  return runconf_key_table_get (table, position, length);
}

/* The cost depends on the deepest child, and the flag on the children with tags: if such a child is
 * removed, all others are checked again.
 */
static void
recount (RunconfNode *self)
{
  self->cost = RUNCONF_COST_MAPPING;
  self->flags = 0;
  for (guint i = 0; i < runconf_node_get_length (self); i++)
    {
      const RunconfNode *value = runconf_mapping_get_value (self, i);
      guint cost = value->cost + RUNCONF_COST_MAPPING;

      self->cost = MAX (self->cost, MIN (cost, G_MAXUINT16));
      self->flags |= value->flags & RUNCONF_NODE_TAGGED;
    }
}

/* On the bus, a replacing mapping is inside another mapping. */
static RunconfNode *
set_replacing (RunconfNode *self)
{
  self->flags |= RUNCONF_NODE_REPLACING | RUNCONF_NODE_TAGGED;
  self->cost = MIN (self->cost + RUNCONF_COST_MAPPING, G_MAXUINT16);

  return self;
}

static RunconfMapping *
copy (const RunconfMapping *self)
{
  RunconfMapping *mapping = mapping_alloc (runconf_keys_ref (self->keys));

  for (guint i = 0; i < runconf_chunk_count (mapping->collection.length); i++)
    mapping->chunks[i] = chunk_ref (self->chunks[i]);
  mapping->collection.n_nodes = self->collection.n_nodes;
  mapping->collection.n_bytes = self->collection.n_bytes;

  return mapping;
}

/**
 * runconf_mapping_as:
 * @replacing: whether the mapping replaces the values of weaker layers as a whole
 *
 * Shares all keys and values with @self.
 *
 * Returns: (transfer full): the mapping; @self itself if nothing changes
 */
RunconfNode *
runconf_mapping_as (const RunconfNode *self, gboolean replacing)
{
  RunconfNode *node;

  g_return_val_if_fail (runconf_node_is_mapping (self), NULL);

  if (runconf_node_is_replacing (self) == !!replacing)
    return runconf_node_ref (self);

  node = &copy ((const RunconfMapping *) self)->collection.node;
  recount (node);

  return replacing ? set_replacing (node) : node;
}

static RunconfNode *
replace_value (const RunconfNode *self, guint position, const RunconfNode *value)
{
  const RunconfMapping *old = (const RunconfMapping *) self;
  RunconfMapping *mapping = mapping_alloc (runconf_keys_ref (old->keys));
  RunconfNode *node = &mapping->collection.node;
  const RunconfNode *gone = runconf_mapping_get_value (self, position);
  guint n_chunks = runconf_chunk_count (mapping->collection.length);
  guint changed = position >> RUNCONF_CHUNK_BITS;
  guint length = runconf_chunk_get_length (mapping->collection.length, changed);
  RunconfChunk *chunk;

  for (guint i = 0; i < n_chunks; i++)
    mapping->chunks[i] = i == changed ? NULL : chunk_ref (old->chunks[i]);

  chunk = chunk_new (old->chunks[changed]->values, length);
  runconf_node_unref (chunk->values[position & RUNCONF_CHUNK_MASK]);
  chunk->values[position & RUNCONF_CHUNK_MASK] = runconf_node_ref (value);
  mapping->chunks[changed] = chunk;

  mapping->collection.n_nodes = old->collection.n_nodes;
  mapping->collection.n_bytes = old->collection.n_bytes;
  node->cost = self->cost;
  node->flags = self->flags;
  runconf_collection_uncount (&mapping->collection, gone);
  runconf_collection_count (&mapping->collection, value);
  if (runconf_node_is_replacing (self)
      || (gone->cost + RUNCONF_COST_MAPPING == self->cost && value->cost < gone->cost)
      || (gone->flags & ~value->flags & RUNCONF_NODE_TAGGED) != 0)
    recount (node);

  return runconf_node_is_replacing (self) ? set_replacing (node) : node;
}

/**
 * runconf_mapping_with:
 *
 * Makes a mapping in which @key has @value: at its old place, or at the end if it is new. A new key
 * costs a copy of the keys. If only a value changes, the result shares all but one chunk of values.
 * A replacing mapping stays one.
 *
 * Returns: (transfer full): the mapping; @self itself if it already has @value
 */
RunconfNode *
runconf_mapping_with (const RunconfNode *self, const char *key, const RunconfNode *value)
{
  const RunconfMapping *mapping = (const RunconfMapping *) self;
  guint position;
  g_autoptr (RunconfMappingBuilder) builder = NULL;

  g_return_val_if_fail (runconf_node_is_mapping (self), NULL);

  if (find_key (mapping, key, &position))
    {
      if (runconf_mapping_get_value (self, position) == value)
        return runconf_node_ref (self);

      return replace_value (self, position, value);
    }

  builder = runconf_mapping_builder_new_from (self);
  runconf_mapping_builder_add (builder, key, strlen (key), value);

  return runconf_mapping_builder_end (builder);
}

/**
 * runconf_mapping_without:
 *
 * Returns: (transfer full): a mapping without @key; @self itself if it has none
 */
RunconfNode *
runconf_mapping_without (const RunconfNode *self, const char *key)
{
  const RunconfMapping *mapping = (const RunconfMapping *) self;
  g_autoptr (RunconfMappingBuilder) builder = NULL;
  guint gone;

  g_return_val_if_fail (runconf_node_is_mapping (self), NULL);

  if (!find_key (mapping, key, &gone))
    return runconf_node_ref (self);

  builder = runconf_mapping_builder_new_from (self);
  runconf_mapping_builder_remove (builder, key, strlen (key));

  return runconf_mapping_builder_end (builder);
}

static void
change_clear (Change *self)
{
  g_clear_pointer (&self->value, runconf_node_unref);
}

/**
 * runconf_mapping_changes_new:
 *
 * Returns: (transfer full): an empty list for runconf_mapping_change()
 */
GArray *
runconf_mapping_changes_new (void)
{
  GArray *changes = g_array_new (FALSE, FALSE, sizeof (Change));

  g_array_set_clear_func (changes, (GDestroyNotify) change_clear);

  return changes;
}

/**
 * runconf_mapping_changes_add:
 * @key: has to live as long as @changes
 * @value: (transfer full) (nullable): the new value of @key, or %NULL to remove the key
 */
void
runconf_mapping_changes_add (GArray *changes, const char *key, RunconfNode *value)
{
  Change change = { key, value };

  g_array_append_val (changes, change);
}

static RunconfNode *
change_at_once (const RunconfNode *self, GArray *changes)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new_from (self);

  for (guint i = 0; i < changes->len; i++)
    {
      const Change *change = &g_array_index (changes, Change, i);

      if (change->value != NULL)
        runconf_mapping_builder_set (builder, change->key, strlen (change->key), change->value);
      else
        runconf_mapping_builder_remove (builder, change->key, strlen (change->key));
    }

  return runconf_mapping_builder_end (builder);
}

/**
 * runconf_mapping_change:
 * @changes: a list filled by runconf_mapping_changes_add(), each key once
 *
 * Makes all the changes, like calls of runconf_mapping_with() and runconf_mapping_without() one
 * after the other. Many changes cost one pass over the mapping, and not one each.
 *
 * Returns: (transfer full): the mapping; @self itself if nothing changes
 */
RunconfNode *
runconf_mapping_change (const RunconfNode *self, GArray *changes)
{
  g_autoptr (RunconfNode) changed = NULL;

  if (changes->len >= MANY_CHANGES)
    return change_at_once (self, changes);

  changed = runconf_node_ref (self);
  for (guint i = 0; i < changes->len; i++)
    {
      const Change *change = &g_array_index (changes, Change, i);
      g_autoptr (RunconfNode) old = g_steal_pointer (&changed);

      changed = change->value != NULL ? runconf_mapping_with (old, change->key, change->value)
                                      : runconf_mapping_without (old, change->key);
    }

  return g_steal_pointer (&changed);
}

/**
 * runconf_mapping_shares_keys:
 *
 * Returns: whether @a and @b share their keys, so that a key has the same position in both
 */
gboolean
runconf_mapping_shares_keys (const RunconfNode *a, const RunconfNode *b)
{
  return ((const RunconfMapping *) a)->keys == ((const RunconfMapping *) b)->keys;
}

/**
 * runconf_mapping_next_difference:
 * @position: (inout): the position to begin at; set to the position of the difference
 *
 * Finds the next position at which two mappings that share their keys don't hold the same node.
 * Skips the chunks that they share.
 *
 * Returns: whether there is one
 */
gboolean
runconf_mapping_next_difference (const RunconfNode *a, const RunconfNode *b, guint *position)
{
  const RunconfMapping *left = (const RunconfMapping *) a;
  const RunconfMapping *right = (const RunconfMapping *) b;
  guint i = *position;

  while (i < left->collection.length)
    {
      guint chunk = i >> RUNCONF_CHUNK_BITS;

      if (left->chunks[chunk] == right->chunks[chunk])
        {
          i = (chunk + 1) << RUNCONF_CHUNK_BITS;
        }
      else if (runconf_mapping_get_value (a, i) == runconf_mapping_get_value (b, i))
        {
          i++;
        }
      else
        {
          *position = i;
          return TRUE;
        }
    }

  return FALSE;
}

static gboolean
equal_by_position (const RunconfNode *a, const RunconfNode *b)
{
  for (guint i = 0; runconf_mapping_next_difference (a, b, &i); i++)
    {
      if (!runconf_node_equal (runconf_mapping_get_value (a, i), runconf_mapping_get_value (b, i)))
        return FALSE;
    }

  return TRUE;
}

gboolean
runconf_mapping_equal (const RunconfNode *a, const RunconfNode *b)
{
  guint length = runconf_node_get_length (a);

  if (length != runconf_node_get_length (b))
    return FALSE;

  if (runconf_mapping_shares_keys (a, b))
    return equal_by_position (a, b);

  for (guint i = 0; i < length; i++)
    {
      const RunconfNode *other = runconf_mapping_get (b, runconf_mapping_get_key (a, i, NULL));

      if (other == NULL || !runconf_node_equal (runconf_mapping_get_value (a, i), other))
        return FALSE;
    }

  return TRUE;
}

/* Returns: the bytes of the mapping itself, with its keys if it doesn't share them */
static gsize
get_own_bytes (const RunconfNode *self, gboolean has_own_keys)
{
  const RunconfKeyTable *table = &((const RunconfMapping *) self)->keys->table;
  gsize bytes = sizeof (RunconfMapping) + runconf_chunk_count (table->length) * sizeof (gpointer);

  if (!has_own_keys)
    return bytes;

  return bytes + table->length * (sizeof (RunconfKeyEntry) + sizeof (gpointer))
         + (table->mask + 1) * sizeof (guint) + table->entries[table->length].offset;
}

static gsize
measure_by_position (const RunconfNode *self, const RunconfNode *shared)
{
  gsize bytes = get_own_bytes (self, FALSE);

  for (guint i = 0; runconf_mapping_next_difference (self, shared, &i); i++)
    bytes += sizeof (RunconfChunk)
             + runconf_node_measure_unshared (runconf_mapping_get_value (self, i),
                                              runconf_mapping_get_value (shared, i));

  return bytes;
}

/* New keys are appended to the others, so most values are at the same position. */
gsize
runconf_mapping_measure_unshared (const RunconfNode *self, const RunconfNode *shared)
{
  gsize bytes;

  if (runconf_mapping_shares_keys (self, shared))
    return measure_by_position (self, shared);

  bytes = get_own_bytes (self, TRUE);
  for (guint i = 0; i < runconf_node_get_length (self); i++)
    {
      const RunconfNode *value = runconf_mapping_get_value (self, i);

      if (i >= runconf_node_get_length (shared) || runconf_mapping_get_value (shared, i) != value)
        bytes += runconf_node_measure_unshared (
            value, runconf_mapping_get (shared, runconf_mapping_get_key (self, i, NULL)));
    }

  return bytes;
}
