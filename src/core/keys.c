/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/keys.h"

#include <string.h>

#include "core/hash.h"

/* Up to this many keys, comparing each hash in turn is as fast as a hash table. */
#define MAX_UNINDEXED 8

#define MIN_SLOTS (4 * MAX_UNINDEXED)
#define MIN_ENTRIES 16
#define MIN_BYTES 128

guint
runconf_key_hash (const char *key, gsize length)
{
  static gsize seed = 0;

  if (g_once_init_enter (&seed))
    g_once_init_leave (&seed, ((gsize) g_random_int () << 32) | g_random_int () | 1);

  return (guint) runconf_hash (key, length, seed);
}

static guint
get_n_slots (guint length)
{
  guint n_slots = MIN_SLOTS;

  if (length <= MAX_UNINDEXED)
    return 0;

  while (n_slots < length + length / 2)
    n_slots *= 2;

  return n_slots;
}

static void
index_entry (RunconfKeyTable *self, guint position)
{
  guint slot = self->entries[position].hash & self->mask;

  while (self->slots[slot] != 0)
    slot = (slot + 1) & self->mask;

  self->slots[slot] = position + 1;
}

static gboolean
is_key (const RunconfKeyTable *self, guint position, guint hash, const char *key, gsize length)
{
  const RunconfKeyEntry *entry = &self->entries[position];

  return entry[0].hash == hash && entry[1].offset - entry[0].offset == length + 1
         && memcmp (self->bytes + entry->offset, key, length) == 0;
}

/**
 * runconf_key_table_find:
 * @hash: the runconf_key_hash() of @key
 * @position: (out): the position of the key
 *
 * Returns: whether @key is in the table
 */
gboolean
runconf_key_table_find (const RunconfKeyTable *self, guint hash, const char *key, gsize length,
                        guint *position)
{
  if (self->mask == 0)
    {
      for (guint i = 0; i < self->length; i++)
        {
          if (is_key (self, i, hash, key, length))
            {
              *position = i;
              return TRUE;
            }
        }

      return FALSE;
    }

  for (guint slot = hash & self->mask; self->slots[slot] != 0; slot = (slot + 1) & self->mask)
    {
      if (is_key (self, self->slots[slot] - 1, hash, key, length))
        {
          *position = self->slots[slot] - 1;
          return TRUE;
        }
    }

  return FALSE;
}

/* One block of memory: the struct, its entries, its slots, its bytes. */
static RunconfKeys *
keys_alloc (guint length, gsize n_bytes)
{
  guint n_slots = get_n_slots (length);
  gsize entries_size = (length + 1) * sizeof (RunconfKeyEntry);
  RunconfKeys *self
      = g_malloc (sizeof (RunconfKeys) + entries_size + n_slots * sizeof (guint) + n_bytes);
  RunconfKeyTable *table = &self->table;

  self->ref_count = 1;
  table->length = length;
  table->mask = n_slots > 0 ? n_slots - 1 : 0;
  table->entries = (RunconfKeyEntry *) (self + 1);
  table->slots = (guint *) (table->entries + length + 1);
  table->bytes = (char *) (table->slots + n_slots);

  return self;
}

/**
 * runconf_keys_new:
 * @table: the keys, which are copied
 */
RunconfKeys *
runconf_keys_new (const RunconfKeyTable *table)
{
  gsize n_bytes = table->entries[table->length].offset;
  RunconfKeys *self = keys_alloc (table->length, n_bytes);
  RunconfKeyTable *copy = &self->table;

  memcpy (copy->entries, table->entries, (table->length + 1) * sizeof (RunconfKeyEntry));
  if (n_bytes > 0)
    memcpy (copy->bytes, table->bytes, n_bytes);

  /* a list sizes its slots as get_n_slots() does, unless it was created from fewer keys */
  if (copy->mask > 0 && table->mask == copy->mask)
    {
      memcpy (copy->slots, table->slots, (copy->mask + 1) * sizeof (guint));
    }
  else if (copy->mask > 0)
    {
      memset (copy->slots, 0, (copy->mask + 1) * sizeof (guint));
      for (guint i = 0; i < copy->length; i++)
        index_entry (copy, i);
    }

  return self;
}

static void
fill (RunconfKeyTable *self, guint position, guint offset)
{
  gsize length = strlen (self->bytes + offset);

  self->entries[position].hash = runconf_key_hash (self->bytes + offset, length);
  self->entries[position].offset = offset;
  self->entries[position + 1].offset = offset + length + 1;
}

/**
 * runconf_keys_new_from_bytes:
 * @bytes: the keys one after another, each with a NUL after it
 * @length: the number of keys
 * @first: (out): the position of a duplicate key
 * @second: (out): the position of its second occurrence
 *
 * Returns: (transfer full) (nullable): the keys, or %NULL if one is a duplicate
 */
RunconfKeys *
runconf_keys_new_from_bytes (const char *bytes, gsize n_bytes, guint length, guint *first,
                             guint *second)
{
  RunconfKeys *self = keys_alloc (length, n_bytes);
  RunconfKeyTable *table = &self->table;
  guint offset = 0;

  memcpy (table->bytes, bytes, n_bytes);
  memset (table->slots, 0, table->mask > 0 ? (table->mask + 1) * sizeof (guint) : 0);

  /* while a key is looked up, the table holds the keys before it */
  for (table->length = 0; table->length < length; table->length++)
    {
      guint position = table->length;
      const RunconfKeyEntry *entry = &table->entries[position];

      fill (table, position, offset);
      offset = entry[1].offset;
      if (runconf_key_table_find (table, entry->hash, table->bytes + entry->offset,
                                  entry[1].offset - entry[0].offset - 1, first))
        {
          *second = position;
          runconf_keys_unref (self);
          return NULL;
        }
      if (table->mask > 0)
        index_entry (table, position);
    }

  return self;
}

/**
 * runconf_keys_are:
 *
 * Returns: whether runconf_keys_new_from_bytes() would make the same keys
 */
gboolean
runconf_keys_are (const RunconfKeys *self, const char *bytes, gsize n_bytes, guint length)
{
  return self->table.length == length && self->table.entries[length].offset == n_bytes
         && memcmp (self->table.bytes, bytes, n_bytes) == 0;
}

RunconfKeys *
runconf_keys_ref (RunconfKeys *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_keys_unref (RunconfKeys *self)
{
  if (g_atomic_int_dec_and_test (&self->ref_count))
    g_free (self);
}

void
runconf_key_list_init (RunconfKeyList *self)
{
  *self = (RunconfKeyList){ .n_entries = MIN_ENTRIES, .n_bytes = MIN_BYTES };
  self->table.entries = g_new (RunconfKeyEntry, self->n_entries);
  self->table.entries[0].offset = 0;
  self->table.bytes = g_malloc (self->n_bytes);
}

/**
 * runconf_key_list_init_from:
 * @table: the initial keys, which are copied
 */
void
runconf_key_list_init_from (RunconfKeyList *self, const RunconfKeyTable *table)
{
  gsize n_bytes = table->entries[table->length].offset;

  *self = (RunconfKeyList){ .n_entries = table->length + MIN_ENTRIES,
                            .n_bytes = n_bytes + MIN_BYTES };
  self->table = *table;
  self->table.entries = g_new (RunconfKeyEntry, self->n_entries);
  memcpy (self->table.entries, table->entries, (table->length + 1) * sizeof (RunconfKeyEntry));
  self->table.bytes = g_malloc (self->n_bytes);
  if (n_bytes > 0)
    memcpy (self->table.bytes, table->bytes, n_bytes);
  self->table.slots
      = table->mask != 0 ? g_memdup2 (table->slots, (table->mask + 1) * sizeof (guint)) : NULL;
}

void
runconf_key_list_clear (RunconfKeyList *self)
{
  g_free (self->table.entries);
  g_free (self->table.bytes);
  g_free (self->table.slots);
}

/**
 * runconf_key_list_reset:
 *
 * Empties the list, and keeps its memory for the next keys.
 */
void
runconf_key_list_reset (RunconfKeyList *self)
{
  self->table.length = 0;
  self->table.entries[0].offset = 0;
  g_clear_pointer (&self->table.slots, g_free);
  self->table.mask = 0;
}

static gboolean
is_crowded (const RunconfKeyTable *self)
{
  if (self->mask == 0)
    return self->length > MAX_UNINDEXED;

  return self->length + self->length / 2 > self->mask + 1;
}

static void
index_last (RunconfKeyTable *self)
{
  if (!is_crowded (self))
    {
      if (self->mask != 0)
        index_entry (self, self->length - 1);
      return;
    }

  g_free (self->slots);
  self->mask = get_n_slots (self->length) - 1;
  self->slots = g_new0 (guint, self->mask + 1);
  for (guint i = 0; i < self->length; i++)
    index_entry (self, i);
}

/**
 * runconf_key_list_append:
 * @hash: the runconf_key_hash() of @key
 * @key: a key that isn't in the list yet
 */
void
runconf_key_list_append (RunconfKeyList *self, guint hash, const char *key, gsize length)
{
  RunconfKeyTable *table = &self->table;
  gsize offset = table->entries[table->length].offset;
  gsize end = offset + length + 1;

  if (table->length + 2 > self->n_entries)
    {
      self->n_entries *= 2;
      table->entries = g_renew (RunconfKeyEntry, table->entries, self->n_entries);
    }

  if (end > self->n_bytes)
    {
      self->n_bytes = MAX (2 * self->n_bytes, end);
      table->bytes = g_realloc (table->bytes, self->n_bytes);
    }

  memcpy (table->bytes + offset, key, length);
  table->bytes[end - 1] = '\0';
  table->entries[table->length].hash = hash;
  table->entries[table->length + 1].offset = end;
  table->length++;
  index_last (table);
}
