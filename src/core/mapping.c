/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/mapping.h"

#include <string.h>

#include "core/hash.h"
#include "core/limits.h"
#include "core/node-private.h"

/* A mapping is its keys and its values, apart.
 *
 * The keys, with their order and the table that finds them, are one block that never changes.
 * A mapping that differs from another only in values shares it: the effective tree, the defaults
 * and each version before have the keys of a mapping once.
 *
 * The values are kept in chunks, which mappings share too. To change one value in a mapping of
 * 100,000 copies one chunk and the list of chunks, not 100,000 pointers with their counts.
 */

#define CHUNK_BITS 6
#define CHUNK_SIZE (1u << CHUNK_BITS)
#define CHUNK_MASK (CHUNK_SIZE - 1)

/* From this many changes on, all are made in one pass over the mapping rather than one by one. */
#define MANY_CHANGES 4

/* Up to here, looking at each hash in turn is as fast as the table. */
#define MAX_UNINDEXED 8

typedef struct
{
  guint hash;
  guint offset; /* of the key in the bytes; the next one's tells where it ends */
} Entry;

typedef struct
{
  gatomicrefcount ref_count;
  guint length;
  guint mask;      /* of the table; 0 if there is none */
  guint *table;    /* positions plus one, 0 where empty */
  char *bytes;     /* each key with a NUL after it */
  Entry entries[]; /* one more than length */
} Keys;

typedef struct
{
  gatomicrefcount ref_count;
  RunconfNode *values[CHUNK_SIZE];
} Chunk;

typedef struct
{
  RunconfCollection collection;
  Keys *keys;
  Chunk *chunks[]; /* the last one may be shorter */
} RunconfMapping;

typedef struct
{
  const char *key;
  RunconfNode *value; /* %NULL to remove the key */
} Change;

struct _RunconfMappingBuilder
{
  RunconfNode *source; /* %NULL, or the mapping whose keys are the first ones here */
  GArray *entries;     /* of Entry; the last tells where the next key begins */
  GByteArray *bytes;
  GPtrArray *values; /* %NULL where the key was removed */
  guint n_removed;
  guint *table;
  guint mask;
};

static guint
hash_key (const char *key, gsize length)
{
  static gsize seed = 0;

  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, ((gsize) g_random_int () << 32) | g_random_int () | 1);

  return (guint) runconf_hash (key, length, seed);
}

static guint
get_n_chunks (guint length)
{
  return (length + CHUNK_SIZE - 1) >> CHUNK_BITS;
}

static guint
get_chunk_length (guint length, guint chunk)
{
  return MIN (CHUNK_SIZE, length - (chunk << CHUNK_BITS));
}

static guint
get_table_size (guint length)
{
  guint size = 4 * MAX_UNINDEXED;

  if (length <= MAX_UNINDEXED)
    return 0;

  while (size < length + length / 2)
    size *= 2;

  return size;
}

static void
index_entry (guint *table, guint mask, guint hash, guint position)
{
  guint slot = hash & mask;

  while (table[slot] != 0)
    slot = (slot + 1) & mask;

  table[slot] = position + 1;
}

static gboolean
is_key (const Entry *entry, const char *bytes, guint hash, const char *key, gsize length)
{
  return entry->hash == hash && entry[1].offset - entry->offset == length + 1
         && memcmp (bytes + entry->offset, key, length) == 0;
}

static gboolean
find_entry (const Entry *entries, guint n_entries, const char *bytes, const guint *table,
            guint mask, const char *key, gsize length, guint *position)
{
  guint hash = hash_key (key, length);

  if (mask == 0)
    {
      for (guint i = 0; i < n_entries; i++)
        {
          if (is_key (&entries[i], bytes, hash, key, length))
            {
              *position = i;
              return TRUE;
            }
        }

      return FALSE;
    }

  for (guint slot = hash & mask; table[slot] != 0; slot = (slot + 1) & mask)
    {
      if (is_key (&entries[table[slot] - 1], bytes, hash, key, length))
        {
          *position = table[slot] - 1;
          return TRUE;
        }
    }

  return FALSE;
}

/* One block: the struct, its entries, its table, its bytes. */
static Keys *
keys_new (const Entry *entries, guint length, const char *bytes)
{
  gsize n_bytes = entries[length].offset;
  guint table_size = get_table_size (length);
  gsize entries_size = (length + 1) * sizeof (Entry);
  gsize table_bytes = table_size * sizeof (guint);
  Keys *self = g_malloc (sizeof (Keys) + entries_size + table_bytes + n_bytes);

  g_atomic_ref_count_init (&self->ref_count);
  self->length = length;
  self->mask = table_size > 0 ? table_size - 1 : 0;
  self->table = (guint *) (self->entries + length + 1);
  self->bytes = (char *) (self->table + table_size);

  memcpy (self->entries, entries, entries_size);
  if (n_bytes > 0)
    memcpy (self->bytes, bytes, n_bytes);
  memset (self->table, 0, table_bytes);
  for (guint i = 0; table_size > 0 && i < length; i++)
    index_entry (self->table, self->mask, entries[i].hash, i);

  return self;
}

static Keys *
keys_ref (Keys *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
keys_unref (Keys *self)
{
  if (g_atomic_ref_count_dec (&self->ref_count))
    g_free (self);
}

static gboolean
keys_find (const Keys *self, const char *key, gsize length, guint *position)
{
  return find_entry (self->entries, self->length, self->bytes, self->table, self->mask, key, length,
                     position);
}

static Chunk *
chunk_new (RunconfNode *const *values, guint length)
{
  Chunk *self = g_malloc (G_STRUCT_OFFSET (Chunk, values) + length * sizeof (RunconfNode *));

  g_atomic_ref_count_init (&self->ref_count);
  for (guint i = 0; i < length; i++)
    self->values[i] = runconf_node_ref (values[i]);

  return self;
}

static Chunk *
chunk_ref (Chunk *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

static void
chunk_unref (Chunk *self, guint length)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint i = 0; i < length; i++)
    runconf_node_unref (self->values[i]);
  g_free (self);
}

static RunconfMapping *
mapping_alloc (Keys *keys)
{
  guint n_chunks = get_n_chunks (keys->length);
  RunconfMapping *self = g_malloc (sizeof (RunconfMapping) + n_chunks * sizeof (Chunk *));

  runconf_node_init (&self->collection.node, RUNCONF_KIND_MAPPING);
  self->collection.length = keys->length;
  self->collection.n_nodes = 1;
  self->collection.n_bytes = keys->entries[keys->length].offset - keys->length;
  self->keys = keys;

  return self;
}

/* Returns: the chunk of @source at that place if it has the same values, or a new one */
static Chunk *
chunk_share (const RunconfMapping *source, guint place, RunconfNode *const *values, guint length)
{
  guint source_length = source != NULL ? source->collection.length : 0;

  if (place < get_n_chunks (source_length) && get_chunk_length (source_length, place) == length
      && memcmp (source->chunks[place]->values, values, length * sizeof (RunconfNode *)) == 0)
    return chunk_ref (source->chunks[place]);

  return chunk_new (values, length);
}

/* Takes over @keys, and shares the values that @source, if there is one, has at the same place. */
static RunconfNode *
mapping_new (Keys *keys, RunconfNode *const *values, const RunconfMapping *source)
{
  RunconfMapping *self = mapping_alloc (keys);

  for (guint i = 0; i < get_n_chunks (keys->length); i++)
    self->chunks[i]
        = chunk_share (source, i, values + (i << CHUNK_BITS), get_chunk_length (keys->length, i));
  for (guint i = 0; i < keys->length; i++)
    runconf_collection_count (&self->collection, values[i]);

  return &self->collection.node;
}

void
runconf_mapping_dispose (RunconfNode *self)
{
  RunconfMapping *mapping = (RunconfMapping *) self;
  guint length = mapping->collection.length;

  for (guint i = 0; i < get_n_chunks (length); i++)
    chunk_unref (mapping->chunks[i], get_chunk_length (length, i));
  keys_unref (mapping->keys);
}

const RunconfNode *
runconf_mapping_get_value (const RunconfNode *self, guint position)
{
  const RunconfMapping *mapping = (const RunconfMapping *) self;

  return mapping->chunks[position >> CHUNK_BITS]->values[position & CHUNK_MASK];
}

RunconfNode *
runconf_mapping_new_empty (void)
{
  static const Entry end = { 0, 0 };

  return mapping_new (keys_new (&end, 0, NULL), NULL, NULL);
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

  if (!keys_find (mapping->keys, key, strlen (key), &position))
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
  const Keys *keys = ((const RunconfMapping *) self)->keys;

  g_return_val_if_fail (runconf_node_is_mapping (self), NULL);
  g_return_val_if_fail (position < keys->length, NULL);

  if (length != NULL)
    *length = keys->entries[position + 1].offset - keys->entries[position].offset - 1;

  return keys->bytes + keys->entries[position].offset;
}

/* The cost is the deepest child's: if that one goes, the others have to be looked at again. */
static void
recount_cost (RunconfNode *self)
{
  self->cost = RUNCONF_COST_MAPPING;
  for (guint i = 0; i < runconf_node_get_length (self); i++)
    {
      guint cost = runconf_mapping_get_value (self, i)->cost + RUNCONF_COST_MAPPING;

      self->cost = MAX (self->cost, MIN (cost, G_MAXUINT16));
    }
}

static RunconfNode *
replace_value (const RunconfNode *self, guint position, const RunconfNode *value)
{
  const RunconfMapping *old = (const RunconfMapping *) self;
  RunconfMapping *mapping = mapping_alloc (keys_ref (old->keys));
  RunconfNode *node = &mapping->collection.node;
  const RunconfNode *gone = runconf_mapping_get_value (self, position);
  guint n_chunks = get_n_chunks (mapping->collection.length);
  guint changed = position >> CHUNK_BITS;
  guint length = get_chunk_length (mapping->collection.length, changed);
  Chunk *chunk;

  for (guint i = 0; i < n_chunks; i++)
    mapping->chunks[i] = i == changed ? NULL : chunk_ref (old->chunks[i]);

  chunk = chunk_new (old->chunks[changed]->values, length);
  runconf_node_unref (chunk->values[position & CHUNK_MASK]);
  chunk->values[position & CHUNK_MASK] = runconf_node_ref (value);
  mapping->chunks[changed] = chunk;

  mapping->collection.n_nodes = old->collection.n_nodes;
  mapping->collection.n_bytes = old->collection.n_bytes;
  node->cost = self->cost;
  runconf_collection_uncount (&mapping->collection, gone);
  runconf_collection_count (&mapping->collection, value);
  if (gone->cost + RUNCONF_COST_MAPPING == self->cost && value->cost < gone->cost)
    recount_cost (node);

  return node;
}

/**
 * runconf_mapping_with:
 *
 * Makes a mapping in which @key has @value: at its old place, or at the end if it is new. What is
 * new costs the list of its keys; what only changes shares all but one chunk of values.
 *
 * Returns: (transfer full): the mapping; @self itself if that is what it already holds
 */
RunconfNode *
runconf_mapping_with (const RunconfNode *self, const char *key, const RunconfNode *value)
{
  const RunconfMapping *mapping = (const RunconfMapping *) self;
  gsize length = strlen (key);
  guint position;
  g_autoptr (RunconfMappingBuilder) builder = NULL;

  g_return_val_if_fail (runconf_node_is_mapping (self), NULL);

  if (keys_find (mapping->keys, key, length, &position))
    {
      if (runconf_mapping_get_value (self, position) == value)
        return runconf_node_ref (self);

      return replace_value (self, position, value);
    }

  builder = runconf_mapping_builder_new_from (self);
  runconf_mapping_builder_add (builder, key, length, value);

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

  if (!keys_find (mapping->keys, key, strlen (key), &gone))
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
 * @value: (transfer full) (nullable): what @key gets, or %NULL to remove it
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
 * @changes: what runconf_mapping_changes_add() collected, each key once
 *
 * Makes all the changes, as runconf_mapping_with() and runconf_mapping_without() would one after
 * the other. Many of them cost one pass over the mapping, and not one each.
 *
 * Returns: (transfer full): the mapping; @self itself if that is what it already holds
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
 * Returns: whether @a and @b are known to have the same keys in the same order, so that a value of
 *   one is found in the other at the same position
 */
gboolean
runconf_mapping_shares_keys (const RunconfNode *a, const RunconfNode *b)
{
  return ((const RunconfMapping *) a)->keys == ((const RunconfMapping *) b)->keys;
}

/**
 * runconf_mapping_next_difference:
 * @position: (inout): where to begin; set to where the two differ
 *
 * Finds the next position at which two mappings that share their keys don't hold the same node,
 * passing over the chunks that they share.
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
      guint chunk = i >> CHUNK_BITS;

      if (left->chunks[chunk] == right->chunks[chunk])
        {
          i = (chunk + 1) << CHUNK_BITS;
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

static void
clear_value (RunconfNode *value)
{
  g_clear_pointer (&value, runconf_node_unref);
}

RunconfMappingBuilder *
runconf_mapping_builder_new (void)
{
  static const Entry end = { 0, 0 };
  RunconfMappingBuilder *self = g_new0 (RunconfMappingBuilder, 1);

  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_append_val (self->entries, end);
  self->bytes = g_byte_array_new ();
  self->values = g_ptr_array_new_with_free_func ((GDestroyNotify) clear_value);

  return self;
}

/**
 * runconf_mapping_builder_new_from:
 *
 * Returns: (transfer full): a builder that already holds what @mapping holds
 */
RunconfMappingBuilder *
runconf_mapping_builder_new_from (const RunconfNode *mapping)
{
  const Keys *keys = ((const RunconfMapping *) mapping)->keys;
  RunconfMappingBuilder *self = runconf_mapping_builder_new ();

  self->source = runconf_node_ref (mapping);
  g_array_set_size (self->entries, 0);
  g_array_append_vals (self->entries, keys->entries, keys->length + 1);
  g_byte_array_append (self->bytes, (const guint8 *) keys->bytes,
                       keys->entries[keys->length].offset);
  for (guint i = 0; i < keys->length; i++)
    g_ptr_array_add (self->values, runconf_node_ref (runconf_mapping_get_value (mapping, i)));
  if (keys->mask != 0)
    {
      self->table = g_memdup2 (keys->table, (keys->mask + 1) * sizeof (guint));
      self->mask = keys->mask;
    }

  return self;
}

void
runconf_mapping_builder_free (RunconfMappingBuilder *self)
{
  g_clear_pointer (&self->source, runconf_node_unref);
  g_array_unref (self->entries);
  g_byte_array_unref (self->bytes);
  g_ptr_array_unref (self->values);
  g_free (self->table);
  g_free (self);
}

/* Finds a key that was removed as well. */
static gboolean
builder_find_entry (const RunconfMappingBuilder *self, const char *key, gsize length,
                    guint *position)
{
  return find_entry (&g_array_index (self->entries, Entry, 0), self->values->len,
                     (const char *) self->bytes->data, self->table, self->mask, key, length,
                     position);
}

/**
 * runconf_mapping_builder_find:
 * @position: (out): where the key stands, while none was removed
 *
 * Returns: whether @key is there
 */
gboolean
runconf_mapping_builder_find (const RunconfMappingBuilder *self, const char *key, gsize length,
                              guint *position)
{
  return builder_find_entry (self, key, length, position) && self->values->pdata[*position] != NULL;
}

static void
grow_table (RunconfMappingBuilder *self)
{
  guint length = self->values->len;
  guint size = get_table_size (length);

  if (size == 0 || size - 1 == self->mask)
    {
      if (self->mask != 0)
        index_entry (self->table, self->mask, g_array_index (self->entries, Entry, length - 1).hash,
                     length - 1);
      return;
    }

  g_free (self->table);
  self->table = g_new0 (guint, size);
  self->mask = size - 1;
  for (guint i = 0; i < length; i++)
    index_entry (self->table, self->mask, g_array_index (self->entries, Entry, i).hash, i);
}

static void
append_entry (RunconfMappingBuilder *self, const char *key, gsize length, const RunconfNode *value)
{
  Entry *last = &g_array_index (self->entries, Entry, self->values->len);
  Entry end = { 0, last->offset + length + 1 };

  last->hash = hash_key (key, length);
  g_array_append_val (self->entries, end);
  g_byte_array_append (self->bytes, (const guint8 *) key, length);
  g_byte_array_append (self->bytes, (const guint8 *) "", 1);
  g_ptr_array_add (self->values, runconf_node_ref (value));
  grow_table (self);
}

static void
restore_entry (RunconfMappingBuilder *self, guint position, const RunconfNode *value)
{
  self->values->pdata[position] = runconf_node_ref (value);
  self->n_removed--;
}

/**
 * runconf_mapping_builder_add:
 * @key: of @length bytes
 *
 * Returns: %FALSE if the key is there already; then nothing was added
 */
gboolean
runconf_mapping_builder_add (RunconfMappingBuilder *self, const char *key, gsize length,
                             const RunconfNode *value)
{
  guint position;

  if (!builder_find_entry (self, key, length, &position))
    append_entry (self, key, length, value);
  else if (self->values->pdata[position] == NULL)
    restore_entry (self, position, value);
  else
    return FALSE;

  return TRUE;
}

/**
 * runconf_mapping_builder_set:
 *
 * Gives @key the value, at its old place or as a new key at the end. The old place of a key that
 * was removed is where it stood.
 */
void
runconf_mapping_builder_set (RunconfMappingBuilder *self, const char *key, gsize length,
                             const RunconfNode *value)
{
  guint position;

  if (!builder_find_entry (self, key, length, &position))
    {
      append_entry (self, key, length, value);
    }
  else if (self->values->pdata[position] == NULL)
    {
      restore_entry (self, position, value);
    }
  else
    {
      runconf_node_unref (self->values->pdata[position]);
      self->values->pdata[position] = runconf_node_ref (value);
    }
}

/**
 * runconf_mapping_builder_remove:
 *
 * Takes @key out, if it is there.
 */
void
runconf_mapping_builder_remove (RunconfMappingBuilder *self, const char *key, gsize length)
{
  guint position;

  if (!runconf_mapping_builder_find (self, key, length, &position))
    return;

  runconf_node_unref (g_steal_pointer (&self->values->pdata[position]));
  self->n_removed++;
}

static RunconfNode *
end_without_removed (const RunconfMappingBuilder *self)
{
  g_autoptr (RunconfMappingBuilder) left = runconf_mapping_builder_new ();

  for (guint i = 0; i < self->values->len; i++)
    {
      const Entry *entry = &g_array_index (self->entries, Entry, i);

      if (self->values->pdata[i] != NULL)
        append_entry (left, (const char *) self->bytes->data + entry->offset,
                      entry[1].offset - entry->offset - 1, self->values->pdata[i]);
    }

  return runconf_mapping_builder_end (left);
}

static gboolean
holds_values (const RunconfMapping *self, RunconfNode *const *values)
{
  for (guint i = 0; i < get_n_chunks (self->collection.length); i++)
    {
      guint length = get_chunk_length (self->collection.length, i);

      if (memcmp (self->chunks[i]->values, values + (i << CHUNK_BITS), length * sizeof (*values)))
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_mapping_builder_end:
 *
 * Returns: (transfer full): the mapping that was built; it shares with the one that it was begun
 *   from what it has at the same place: the keys if they are the same, chunks of values, or all
 */
RunconfNode *
runconf_mapping_builder_end (RunconfMappingBuilder *self)
{
  RunconfMapping *source = (RunconfMapping *) self->source;
  RunconfNode *const *values = (RunconfNode *const *) self->values->pdata;
  guint length = self->values->len;

  if (self->n_removed > 0)
    return end_without_removed (self);

  if (source == NULL || source->collection.length != length)
    return mapping_new (keys_new (&g_array_index (self->entries, Entry, 0), length,
                                  (const char *) self->bytes->data),
                        values, source);

  if (holds_values (source, values))
    return runconf_node_ref (self->source);

  return mapping_new (keys_ref (source->keys), values, source);
}
