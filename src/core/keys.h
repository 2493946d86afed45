/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint hash;
  guint offset; /* of the key in the bytes; the key ends where the next entry begins */
} RunconfKeyEntry;

/**
 * RunconfKeyTable:
 * @entries: one more than @length: the last holds the offset at which the next key would begin
 * @bytes: each key with a NUL after it
 * @slots: positions plus one, 0 if empty; %NULL while there are few keys
 * @mask: the number of @slots minus one, 0 if there are none
 *
 * Keys in their order, with the hash table that finds them.
 */
typedef struct
{
  guint length;
  guint mask;
  guint *slots;
  char *bytes;
  RunconfKeyEntry *entries;
} RunconfKeyTable;

gboolean runconf_key_table_find (const RunconfKeyTable *self, guint hash, const char *key,
                                 gsize length, guint *position);
guint runconf_key_hash (const char *key, gsize length);

static inline const char *
runconf_key_table_get (const RunconfKeyTable *self, guint position, gsize *length)
{
  const RunconfKeyEntry *entry = &self->entries[position];

  if (length != NULL)
    *length = entry[1].offset - entry[0].offset - 1;

  return self->bytes + entry->offset;
}

/**
 * RunconfKeys:
 *
 * The keys of a mapping, in one immutable block of memory that mappings share.
 */
typedef struct _RunconfKeys RunconfKeys;

struct _RunconfKeys
{
  gint ref_count; /* atomic */
  RunconfKeyTable table;
};

RunconfKeys *runconf_keys_new (const RunconfKeyTable *table);
RunconfKeys *runconf_keys_new_from_bytes (const char *bytes, gsize n_bytes, guint length,
                                          guint *first, guint *second);
gboolean runconf_keys_are (const RunconfKeys *self, const char *bytes, gsize n_bytes, guint length);
RunconfKeys *runconf_keys_ref (RunconfKeys *self);
void runconf_keys_unref (RunconfKeys *self);

/**
 * RunconfKeyList:
 *
 * A growing list of keys, from which a #RunconfKeys is made.
 */
typedef struct
{
  RunconfKeyTable table;
  guint n_entries; /* allocated */
  gsize n_bytes;   /* allocated */
} RunconfKeyList;

void runconf_key_list_init (RunconfKeyList *self);
void runconf_key_list_init_from (RunconfKeyList *self, const RunconfKeyTable *table);
void runconf_key_list_clear (RunconfKeyList *self);
void runconf_key_list_reset (RunconfKeyList *self);
void runconf_key_list_append (RunconfKeyList *self, guint hash, const char *key, gsize length);

G_END_DECLS
