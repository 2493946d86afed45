/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping-private.h"

#define MIN_VALUES 16

struct _RunconfMappingBuilder
{
  RunconfNode *source; /* %NULL, or the mapping whose keys are the first ones here */
  RunconfKeyList keys;
  RunconfNode **values; /* %NULL if the key was removed */
  guint n_values;       /* allocated */
  guint n_removed;
};

static RunconfMappingBuilder *
builder_alloc (guint n_values)
{
  RunconfMappingBuilder *self = g_new0 (RunconfMappingBuilder, 1);

  self->n_values = n_values;
  self->values = g_new (RunconfNode *, n_values);

  return self;
}

RunconfMappingBuilder *
runconf_mapping_builder_new (void)
{
  RunconfMappingBuilder *self = builder_alloc (MIN_VALUES);

  runconf_key_list_init (&self->keys);

  return self;
}

/**
 * runconf_mapping_builder_new_from:
 *
 * Returns: (transfer full): a builder with the keys and values of @mapping
 */
RunconfMappingBuilder *
runconf_mapping_builder_new_from (const RunconfNode *mapping)
{
  guint length = runconf_node_get_length (mapping);
  RunconfMappingBuilder *self = builder_alloc (length + MIN_VALUES);

  runconf_key_list_init_from (&self->keys, &((const RunconfMapping *) mapping)->keys->table);
  self->source = runconf_node_ref (mapping);
  for (guint i = 0; i < length; i++)
    self->values[i] = runconf_node_ref (runconf_mapping_get_value (mapping, i));

  return self;
}

static void
clear_values (RunconfMappingBuilder *self)
{
  for (guint i = 0; i < self->keys.table.length; i++)
    g_clear_pointer (&self->values[i], runconf_node_unref);
}

void
runconf_mapping_builder_free (RunconfMappingBuilder *self)
{
  clear_values (self);
  g_clear_pointer (&self->source, runconf_node_unref);
  runconf_key_list_clear (&self->keys);
  g_free (self->values);
  g_free (self);
}

/* Finds a removed key as well. */
static gboolean
find_entry (const RunconfMappingBuilder *self, guint hash, const char *key, gsize length,
            guint *position)
{
  return runconf_key_table_find (&self->keys.table, hash, key, length, position);
}

/**
 * runconf_mapping_builder_find:
 * @position: (out): the position of the key, valid as long as no key was removed
 *
 * Returns: whether @key is there
 */
gboolean
runconf_mapping_builder_find (const RunconfMappingBuilder *self, const char *key, gsize length,
                              guint *position)
{
  return find_entry (self, runconf_key_hash (key, length), key, length, position)
         && self->values[*position] != NULL;
}

static void
append (RunconfMappingBuilder *self, guint hash, const char *key, gsize length, RunconfNode *value)
{
  if (self->keys.table.length == self->n_values)
    {
      self->n_values *= 2;
      self->values = g_renew (RunconfNode *, self->values, self->n_values);
    }

  self->values[self->keys.table.length] = value;
  runconf_key_list_append (&self->keys, hash, key, length);
}

static void
restore (RunconfMappingBuilder *self, guint position, RunconfNode *value)
{
  self->values[position] = value;
  self->n_removed--;
}

/**
 * runconf_mapping_builder_add:
 * @key: of @length bytes
 *
 * Returns: %FALSE if the key exists already; then nothing was added
 */
gboolean
runconf_mapping_builder_add (RunconfMappingBuilder *self, const char *key, gsize length,
                             const RunconfNode *value)
{
  guint hash = runconf_key_hash (key, length);
  guint position;

  if (!find_entry (self, hash, key, length, &position))
    append (self, hash, key, length, runconf_node_ref (value));
  else if (self->values[position] == NULL)
    restore (self, position, runconf_node_ref (value));
  else
    return FALSE;

  return TRUE;
}

/**
 * runconf_mapping_builder_set:
 *
 * Sets the value of @key, at its old place or as a new key at the end. A removed key that is set
 * again returns to its old place.
 */
void
runconf_mapping_builder_set (RunconfMappingBuilder *self, const char *key, gsize length,
                             const RunconfNode *value)
{
  guint hash = runconf_key_hash (key, length);
  guint position;

  if (!find_entry (self, hash, key, length, &position))
    {
      append (self, hash, key, length, runconf_node_ref (value));
    }
  else if (self->values[position] == NULL)
    {
      restore (self, position, runconf_node_ref (value));
    }
  else
    {
      runconf_node_unref (self->values[position]);
      self->values[position] = runconf_node_ref (value);
    }
}

/**
 * runconf_mapping_builder_remove:
 *
 * Removes @key, if it is there.
 */
void
runconf_mapping_builder_remove (RunconfMappingBuilder *self, const char *key, gsize length)
{
  guint position;

  if (!runconf_mapping_builder_find (self, key, length, &position))
    return;

  g_clear_pointer (&self->values[position], runconf_node_unref);
  self->n_removed++;
}

static RunconfNode *
end_without_removed (RunconfMappingBuilder *self)
{
  g_autoptr (RunconfMappingBuilder) left = runconf_mapping_builder_new ();

  for (guint i = 0; i < self->keys.table.length; i++)
    {
      gsize length;
      const char *key = runconf_key_table_get (&self->keys.table, i, &length);
      RunconfNode *value = g_steal_pointer (&self->values[i]);

      if (value != NULL)
        append (left, self->keys.table.entries[i].hash, key, length, value);
    }

  return runconf_mapping_builder_end (left);
}

static gboolean
holds_values (const RunconfMapping *self, RunconfNode *const *values)
{
  for (guint i = 0; i < runconf_chunk_count (self->collection.length); i++)
    {
      guint length = runconf_chunk_get_length (self->collection.length, i);

      if (memcmp (self->chunks[i]->values, values + (i << RUNCONF_CHUNK_BITS),
                  length * sizeof (*values))
          != 0)
        return FALSE;
    }

  return TRUE;
}

/* Shares with the source mapping the parts that are at the same place in both: the keys, if they
 * are the same, and chunks of values, or the whole mapping.
 */
static RunconfNode *
end_shared (RunconfMappingBuilder *self)
{
  RunconfMapping *source = (RunconfMapping *) self->source;
  RunconfKeys *keys;

  if (source->collection.length != self->keys.table.length)
    keys = runconf_keys_new (&self->keys.table);
  else if (!holds_values (source, self->values))
    keys = runconf_keys_ref (source->keys);
  else
    return runconf_node_ref (self->source);

  return runconf_mapping_new_shared (keys, self->values, source);
}

static void
reset (RunconfMappingBuilder *self)
{
  clear_values (self);
  g_clear_pointer (&self->source, runconf_node_unref);
  runconf_key_list_reset (&self->keys);
  self->n_removed = 0;
}

/**
 * runconf_mapping_builder_end:
 *
 * Makes the mapping and leaves the builder empty, ready for the next one.
 *
 * Returns: (transfer full): the mapping; with the mapping that the builder was created from it
 *   shares the parts that are at the same place in both, and it is replacing if that one is
 */
RunconfNode *
runconf_mapping_builder_end (RunconfMappingBuilder *self)
{
  gboolean is_replacing = self->source != NULL && runconf_node_is_replacing (self->source);
  g_autoptr (RunconfNode) mapping = NULL;

  if (self->n_removed > 0)
    {
      mapping = end_without_removed (self);
    }
  else if (self->source != NULL)
    {
      mapping = end_shared (self);
    }
  else
    {
      mapping = runconf_mapping_new_owning (runconf_keys_new (&self->keys.table), self->values);
      runconf_key_list_reset (&self->keys);
    }

  reset (self);

  return runconf_mapping_as (mapping, is_replacing);
}
