/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "arena/writer-private.h"
#include "core/mapping.h"
#include "core/variant.h"

/* Writes entries and their values into an arena. */

/* The keys of a chunk: adding a key to a mapping rewrites one chunk. */
#define CHUNK_KEYS 64

static guint64
add_bytes (RunconfArenaWriter *self, gconstpointer data, gsize size)
{
  gpointer memory;
  guint32 place = runconf_arena_writer_allocate (self, size + 1, &memory);

  if (place == 0)
    return 0;

  if (size > 0)
    memcpy (memory, data, size);

  /* the byte after the data is 0 already, and ends a string */
  return RUNCONF_ARENA_BLOCK (place, size);
}

static guint64
add_sequence (RunconfArenaWriter *self, const RunconfNode *node)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (runconf_node_to_variant (node));

  return add_bytes (self, g_variant_get_data (value), g_variant_get_size (value));
}

static guint32
add_chunk (RunconfArenaWriter *self, const RunconfNode *mapping, guint first, guint n_keys)
{
  RunconfArenaChunk *chunk;
  gpointer memory;
  gsize size = 0;
  guint32 place;
  char *next;

  for (guint i = first; i < first + n_keys; i++)
    {
      gsize length;

      runconf_mapping_get_key (mapping, i, &length);
      size += length + 1;
    }

  place = runconf_arena_writer_allocate (self, sizeof *chunk + size, &memory);
  if (place == 0)
    return 0;

  chunk = memory;
  chunk->n_keys = n_keys;
  chunk->n_bytes = size;
  next = chunk->bytes;
  for (guint i = first; i < first + n_keys; i++)
    {
      gsize length;
      const char *key = runconf_mapping_get_key (mapping, i, &length);

      memcpy (next, key, length + 1);
      next += length + 1;
    }

  return place;
}

/* Returns: whether a chunk holds the keys of the mapping from @first on */
static gboolean
holds_keys (const RunconfArenaChunk *chunk, const RunconfNode *mapping, guint first)
{
  const char *next = chunk->bytes;

  if (chunk->n_keys > runconf_node_get_length (mapping) - first)
    return FALSE;

  for (guint i = first; i < first + chunk->n_keys; i++)
    {
      const char *key = runconf_mapping_get_key (mapping, i, NULL);

      if (strcmp (key, next) != 0)
        return FALSE;
      next += strlen (next) + 1;
    }

  return TRUE;
}

static const RunconfArenaChunk *
get_chunk (const RunconfArenaView *view, const RunconfArenaKeys *keys, guint number)
{
  return runconf_arena_view_get (view, keys->chunks[number], sizeof (RunconfArenaChunk));
}

/* Finds the chunks that the new mapping shares at its start and its end, so that only the keys
 * between them are written.
 * Returns: the number of chunks shared at the start; sets the number at the end
 */
static guint
find_shared (const RunconfArenaView *view, const RunconfArenaKeys *keys, const RunconfNode *mapping,
             guint *first, guint *last, guint *n_at_end)
{
  guint n_at_start = 0;

  *first = 0;
  *last = runconf_node_get_length (mapping);
  *n_at_end = 0;

  while (n_at_start < keys->n_chunks)
    {
      const RunconfArenaChunk *chunk = get_chunk (view, keys, n_at_start);

      if (!holds_keys (chunk, mapping, *first))
        break;
      *first += chunk->n_keys;
      n_at_start++;
    }

  while (n_at_start + *n_at_end < keys->n_chunks)
    {
      const RunconfArenaChunk *chunk = get_chunk (view, keys, keys->n_chunks - *n_at_end - 1);

      if (chunk->n_keys > *last - *first || !holds_keys (chunk, mapping, *last - chunk->n_keys))
        break;
      *last -= chunk->n_keys;
      (*n_at_end)++;
    }

  return n_at_start;
}

/* Without this, partly filled chunks would only become more: the chunk before the new ones is
 * rewritten with them.
 */
static guint
join_last (const RunconfArenaView *view, const RunconfArenaKeys *keys, guint n_at_start,
           guint *first, guint last)
{
  const RunconfArenaChunk *chunk;

  if (n_at_start == 0 || *first == last)
    return n_at_start;

  chunk = get_chunk (view, keys, n_at_start - 1);
  if (chunk->n_keys >= CHUNK_KEYS)
    return n_at_start;

  *first -= chunk->n_keys;

  return n_at_start - 1;
}

static guint64
add_keys (RunconfArenaWriter *self, const RunconfArenaView *before, const RunconfArenaEntry *old,
          const RunconfNode *mapping)
{
  static const RunconfArenaKeys none = { 0, 0 };
  const RunconfArenaKeys *shared
      = old != NULL && old->kind == RUNCONF_KIND_MAPPING
            ? runconf_arena_view_get (before, RUNCONF_ARENA_BLOCK_PLACE (old->value), 0)
            : &none;
  guint first, last, n_at_end, n_at_start, n_between, size;
  RunconfArenaKeys *keys;
  gpointer memory;
  guint32 place;

  n_at_start = find_shared (before, shared, mapping, &first, &last, &n_at_end);
  n_at_start = join_last (before, shared, n_at_start, &first, last);
  n_between = (last - first + CHUNK_KEYS - 1) / CHUNK_KEYS;
  size = sizeof *keys + (n_at_start + n_between + n_at_end) * sizeof (guint32);
  place = runconf_arena_writer_allocate (self, size, &memory);
  if (place == 0)
    return 0;

  keys = memory;
  keys->n_keys = runconf_node_get_length (mapping);
  keys->n_chunks = n_at_start + n_between + n_at_end;
  memcpy (keys->chunks, shared->chunks, n_at_start * sizeof (guint32));
  for (guint i = 0; i < n_between; i++)
    keys->chunks[n_at_start + i] = add_chunk (self, mapping, first + i * CHUNK_KEYS,
                                              MIN (CHUNK_KEYS, last - first - i * CHUNK_KEYS));
  memcpy (keys->chunks + n_at_start + n_between, shared->chunks + shared->n_chunks - n_at_end,
          n_at_end * sizeof (guint32));

  return RUNCONF_ARENA_BLOCK (place, size);
}

static guint64
add_value (RunconfArenaWriter *self, const RunconfNode *node)
{
  gconstpointer data;
  double number;
  guint64 word;
  gsize size;

  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_BOOLEAN:
      return runconf_node_get_boolean (node) != FALSE;
    case RUNCONF_KIND_INTEGER:
      return (guint64) runconf_node_get_integer (node);
    case RUNCONF_KIND_UNSIGNED:
      return runconf_node_get_unsigned (node);
    case RUNCONF_KIND_DOUBLE:
      number = runconf_node_get_double (node);
      memcpy (&word, &number, sizeof word);
      return word;
    case RUNCONF_KIND_STRING:
      data = runconf_node_get_string (node, &size);
      return add_bytes (self, data, size);
    case RUNCONF_KIND_BINARY:
      data = runconf_node_get_binary (node, &size);
      return add_bytes (self, data, size);
    case RUNCONF_KIND_SEQUENCE:
      return add_sequence (self, node);
    default:
      return 0;
    }
}

/**
 * runconf_arena_writer_add_entry:
 * @before: (nullable): the previous version, whose keys may be shared
 * @item: the entry to write
 * @path: the path of the entry, not ended by a NUL
 *
 * Returns: the slot of the entry; 0 if there is no room
 */
guint32
runconf_arena_writer_add_entry (RunconfArenaWriter *self, const RunconfArenaView *before,
                                const RunconfArenaItem *item, const char *path)
{
  RunconfArenaEntry *entry;
  gpointer memory;
  gsize offset = runconf_arena_entry_get_default_offset (item->length);
  guint32 place = runconf_arena_writer_allocate (
      self, item->fallback != NULL ? offset + sizeof (guint64) : offset, &memory);

  if (place == 0)
    return 0;

  entry = memory;
  entry->hash = item->hash;
  entry->length = item->length;
  entry->kind = runconf_node_get_kind (item->value);
  memcpy (entry->path, path, item->length);
  if (entry->kind == RUNCONF_KIND_MAPPING)
    entry->value = add_keys (
        self, before,
        before != NULL ? runconf_arena_view_find (before, entry->path, item->length) : NULL,
        item->value);
  else
    entry->value = add_value (self, item->value);

  entry->default_kind = item->default_kind;
  if (item->fallback != NULL)
    *(guint64 *) (gpointer) ((guint8 *) memory + offset) = add_value (self, item->fallback);

  return place << 1 | RUNCONF_ARENA_SLOT_ENTRY;
}
