/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "arena/gather.h"

#include <string.h>

#include "arena/format.h"
#include "core/hash.h"
#include "core/mapping.h"
#include "core/path.h"

/* The bytes of an entry besides its path and its value: its struct, and its share of the trie. */
#define ENTRY_OVERHEAD (sizeof (RunconfArenaEntry) + 32)

static void gather (RunconfArenaItems *self, GString *path, RunconfArenaLayers before,
                    RunconfArenaLayers after);

static gboolean
is_mapping (const RunconfNode *node)
{
  return node != NULL && runconf_node_is_mapping (node);
}

/* Returns: the kind of the default that the entry stores beside its value, or the reason why there is
 *   none
 */
static guint8
get_default_kind (const RunconfArenaLayers *layers)
{
  if (layers->fallback == layers->value)
    return RUNCONF_ARENA_SAME_KIND;
  if (layers->fallback == NULL)
    return RUNCONF_ARENA_NO_KIND;
  if (!runconf_node_is_leaf (layers->fallback))
    return runconf_node_is_leaf (layers->value) ? RUNCONF_ARENA_NO_KIND : RUNCONF_ARENA_SAME_KIND;
  if (runconf_node_equal (layers->fallback, layers->value))
    return RUNCONF_ARENA_SAME_KIND;

  return runconf_node_get_kind (layers->fallback);
}

static gboolean
same_fallback (const RunconfArenaLayers *before, const RunconfArenaLayers *after)
{
  guint8 kind = get_default_kind (after);

  if (get_default_kind (before) != kind)
    return FALSE;

  return kind == RUNCONF_ARENA_SAME_KIND || kind == RUNCONF_ARENA_NO_KIND
         || runconf_node_equal (before->fallback, after->fallback);
}

static gboolean
same_entry (const RunconfArenaLayers *before, const RunconfArenaLayers *after)
{
  if (before->value == NULL || is_mapping (before->value) != is_mapping (after->value))
    return FALSE;
  if (!same_fallback (before, after))
    return FALSE;

  return is_mapping (after->value) ? runconf_mapping_shares_keys (before->value, after->value)
                                   : runconf_node_equal (before->value, after->value);
}

static void
add_item (RunconfArenaItems *self, const GString *path, const RunconfArenaLayers *after)
{
  RunconfArenaItem item = {
    .hash = runconf_hash (path->str, path->len, self->seed),
    .path = self->paths->len,
    .length = path->len,
    .value = after->value,
    .default_kind = after->value != NULL ? get_default_kind (after) : RUNCONF_ARENA_NO_KIND,
  };

  if (item.default_kind != RUNCONF_ARENA_SAME_KIND && item.default_kind != RUNCONF_ARENA_NO_KIND)
    item.fallback = after->fallback;

  g_string_append_len (self->paths, path->str, path->len);
  g_array_append_val (self->items, item);
}

static RunconfArenaLayers
get_child (const RunconfArenaLayers *layers, const char *key)
{
  const RunconfNode *value
      = is_mapping (layers->value) ? runconf_mapping_get (layers->value, key) : NULL;

  if (layers->fallback == layers->value)
    return (RunconfArenaLayers){ value, value };

  return (RunconfArenaLayers){
    value,
    is_mapping (layers->fallback) ? runconf_mapping_get (layers->fallback, key) : NULL,
  };
}

/* Like get_child(), but with a known position, which saves a lookup of the key. */
static RunconfArenaLayers
get_child_at (const RunconfArenaLayers *layers, guint position)
{
  const RunconfNode *value = runconf_node_get_child (layers->value, position);

  if (layers->fallback == layers->value)
    return (RunconfArenaLayers){ value, value };

  return (RunconfArenaLayers){
    value,
    is_mapping (layers->fallback) ? runconf_mapping_get (
        layers->fallback, runconf_mapping_get_key (layers->value, position, NULL))
                                  : NULL,
  };
}

static void
gather_below (RunconfArenaItems *self, GString *path, const char *key, RunconfArenaLayers before,
              RunconfArenaLayers after)
{
  gsize length = path->len;

  if (before.value == after.value && before.fallback == after.fallback)
    return;

  runconf_path_append (path, key);
  gather (self, path, before, after);
  g_string_truncate (path, length);
}

/* The defaults are the same in both: only the differences of the effective tree matter. */
static void
gather_shared (RunconfArenaItems *self, GString *path, const RunconfArenaLayers *before,
               const RunconfArenaLayers *after)
{
  for (guint i = 0; runconf_mapping_next_difference (before->value, after->value, &i); i++)
    gather_below (self, path, runconf_mapping_get_key (after->value, i, NULL),
                  get_child_at (before, i), get_child_at (after, i));
}

/* Returns: the number of leading keys that the two have in common */
static guint
count_common_keys (const RunconfNode *a, const RunconfNode *b)
{
  guint length = MIN (runconf_node_get_length (a), runconf_node_get_length (b));
  guint i;

  for (i = 0; i < length; i++)
    {
      gsize a_length, b_length;
      const char *a_key = runconf_mapping_get_key (a, i, &a_length);
      const char *b_key = runconf_mapping_get_key (b, i, &b_length);

      if (a_length != b_length || memcmp (a_key, b_key, a_length) != 0)
        break;
    }

  return i;
}

static void
gather_keys (RunconfArenaItems *self, GString *path, const RunconfArenaLayers *before,
             const RunconfArenaLayers *after)
{
  const RunconfNode *old_keys = is_mapping (before->value) ? before->value : NULL;
  const RunconfNode *new_keys = is_mapping (after->value) ? after->value : NULL;
  guint n_common = 0;

  if (old_keys != NULL && new_keys != NULL)
    {
      if (before->fallback == after->fallback && runconf_mapping_shares_keys (old_keys, new_keys))
        {
          gather_shared (self, path, before, after);
          return;
        }
      n_common = count_common_keys (old_keys, new_keys);
    }

  for (guint i = 0; new_keys != NULL && i < runconf_node_get_length (new_keys); i++)
    {
      const char *key = runconf_mapping_get_key (new_keys, i, NULL);

      gather_below (self, path, key,
                    i < n_common ? get_child_at (before, i) : get_child (before, key),
                    get_child_at (after, i));
    }

  for (guint i = n_common; old_keys != NULL && i < runconf_node_get_length (old_keys); i++)
    {
      const char *key = runconf_mapping_get_key (old_keys, i, NULL);

      if (new_keys == NULL || runconf_mapping_get (new_keys, key) == NULL)
        gather_below (self, path, key, get_child_at (before, i),
                      (RunconfArenaLayers){ NULL, NULL });
    }
}

static void
gather (RunconfArenaItems *self, GString *path, RunconfArenaLayers before, RunconfArenaLayers after)
{
  if (after.value == NULL ? before.value != NULL : !same_entry (&before, &after))
    add_item (self, path, &after);

  gather_keys (self, path, &before, &after);
}

static int
compare_items (gconstpointer a, gconstpointer b)
{
  const RunconfArenaItem *left = a, *right = b;

  return (left->hash > right->hash) - (left->hash < right->hash);
}

/**
 * runconf_arena_items_init:
 * @seed: the seed of the hash
 * @before: the published layers; both %NULL if there are none
 * @after: the new layers
 *
 * Gathers the entries that have to be written so that a reader sees @after instead of @before.
 * Costs time for the parts that the two don't share.
 */
void
runconf_arena_items_init (RunconfArenaItems *self, guint64 seed, const RunconfArenaLayers *before,
                          const RunconfArenaLayers *after)
{
  g_autoptr (GString) path = g_string_new (NULL);

  self->seed = seed;
  self->items = g_array_new (FALSE, FALSE, sizeof (RunconfArenaItem));
  self->paths = g_string_new (NULL);

  gather (self, path, *before, *after);
  g_array_sort (self->items, compare_items);
}

void
runconf_arena_items_clear (RunconfArenaItems *self)
{
  g_clear_pointer (&self->items, g_array_unref);
  if (self->paths != NULL)
    g_string_free (self->paths, TRUE);
  self->paths = NULL;
}

static gsize
measure_value (const RunconfNode *node)
{
  gsize size = 0;

  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_STRING:
      runconf_node_get_string (node, &size);
      return size + RUNCONF_ARENA_UNIT;
    case RUNCONF_KIND_BINARY:
      runconf_node_get_binary (node, &size);
      return size + RUNCONF_ARENA_UNIT;
    case RUNCONF_KIND_SEQUENCE:
      return runconf_node_get_n_bytes (node) + runconf_node_get_n_nodes (node) * 24;
    case RUNCONF_KIND_MAPPING:
      for (guint i = 0; i < runconf_node_get_length (node); i++)
        {
          gsize length;

          runconf_mapping_get_key (node, i, &length);
          size += length + 1;
        }
      return size + 64;
    default:
      return 0;
    }
}

/**
 * runconf_arena_items_measure:
 *
 * Returns: the approximate number of bytes of the items in an arena
 */
gsize
runconf_arena_items_measure (const RunconfArenaItems *self)
{
  gsize size = self->paths->len;

  for (guint i = 0; i < self->items->len; i++)
    {
      const RunconfArenaItem *item = &g_array_index (self->items, RunconfArenaItem, i);

      size += ENTRY_OVERHEAD;
      if (item->value != NULL)
        size += measure_value (item->value);
      if (item->fallback != NULL)
        size += measure_value (item->fallback);
    }

  return size;
}
