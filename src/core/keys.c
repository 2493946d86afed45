/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/keys.h"

#include <string.h>

#include "core/hash.h"

/* Up to here, looking at each hash in turn is as fast as a table. */
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
 * @position: (out): where the key stands
 *
 * Returns: whether @key is there
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

/**
 * runconf_keys_new:
 * @table: it is copied
 *
 * Returns: (transfer full): one block: the struct, its entries, its slots, its bytes
 */
RunconfKeys *
runconf_keys_new (const RunconfKeyTable *table)
{
  guint n_slots = get_n_slots (table->length);
  gsize entries_size = (table->length + 1) * sizeof (RunconfKeyEntry);
  gsize slots_size = n_slots * sizeof (guint);
  gsize n_bytes = table->entries[table->length].offset;
  RunconfKeys *self = g_malloc (sizeof (RunconfKeys) + entries_size + slots_size + n_bytes);
  RunconfKeyTable *copy = &self->table;

  self->ref_count = 1;
  copy->length = table->length;
  copy->mask = n_slots > 0 ? n_slots - 1 : 0;
  copy->entries = (RunconfKeyEntry *) (self + 1);
  copy->slots = (guint *) (copy->entries + table->length + 1);
  copy->bytes = (char *) (copy->slots + n_slots);

  memcpy (copy->entries, table->entries, entries_size);
  if (n_bytes > 0)
    memcpy (copy->bytes, table->bytes, n_bytes);
  if (n_slots > 0 && table->mask == copy->mask)
    {
      memcpy (copy->slots, table->slots, slots_size);
    }
  else if (n_slots > 0)
    {
      memset (copy->slots, 0, slots_size);
      for (guint i = 0; i < copy->length; i++)
        index_entry (copy, i);
    }

  return self;
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
 * @table: what is in it from the beginning; it is copied
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
 * @key: one that isn't there yet
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
