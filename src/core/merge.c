/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/merge.h"

#include "core/mapping.h"

static RunconfNode *
merge_child (const RunconfNode *base, const RunconfNode *over)
{
  g_autoptr (GArray) changes = NULL;

  if (base == NULL || !runconf_node_is_mapping (base) || !runconf_node_is_mapping (over))
    return runconf_node_ref (over);

  changes = runconf_mapping_changes_new ();
  for (guint i = 0; i < runconf_node_get_length (over); i++)
    {
      const char *key = runconf_mapping_get_key (over, i, NULL);

      runconf_mapping_changes_add (
          changes, key,
          merge_child (runconf_mapping_get (base, key), runconf_node_get_child (over, i)));
    }

  return runconf_mapping_change (base, changes);
}

/**
 * runconf_merge:
 * @base: the lower layer
 * @over: the upper layer
 *
 * Lays @over over @base: a mapping over a mapping is merged key by key. Any other value replaces
 * the one below it, a sequence as a whole. The keys of @base come first, in their order.
 *
 * Laws, for all trees: the empty mapping changes no mapping, on either side; merge (a, a) equals a;
 * and merge (a, merge (b, c)) equals merge (merge (a, b), c) if b has a mapping or nothing at each
 * path where a and c both have mappings. (Otherwise the two differ: c's mapping replaces b's
 * scalar, and whether a's mapping is visible again depends on the order of the merges.)
 *
 * Returns: (transfer full): the merged tree
 */
RunconfNode *
runconf_merge (const RunconfNode *base, const RunconfNode *over)
{
  return merge_child (base, over);
}

/* The inputs of an incremental merge, all of them mappings. */
typedef struct
{
  const RunconfNode *base;
  const RunconfNode *old_over;
  const RunconfNode *old_merged;
  const RunconfNode *over;
} Update;

static void
update_key (const Update *self, const char *key, GArray *changes)
{
  const RunconfNode *base = runconf_mapping_get (self->base, key);
  const RunconfNode *over = runconf_mapping_get (self->over, key);
  RunconfNode *value = NULL;

  if (over != NULL)
    value = runconf_merge_update (base, runconf_mapping_get (self->old_over, key),
                                  runconf_mapping_get (self->old_merged, key), over);
  else if (base != NULL)
    value = runconf_node_ref (base);

  runconf_mapping_changes_add (changes, key, value);
}

static RunconfNode *
update_mapping (const Update *self)
{
  g_autoptr (GArray) changes = runconf_mapping_changes_new ();

  if (runconf_mapping_shares_keys (self->old_over, self->over))
    {
      for (guint i = 0; runconf_mapping_next_difference (self->old_over, self->over, &i); i++)
        update_key (self, runconf_mapping_get_key (self->over, i, NULL), changes);

      return runconf_mapping_change (self->old_merged, changes);
    }

  for (guint i = 0; i < runconf_node_get_length (self->old_over); i++)
    {
      const char *key = runconf_mapping_get_key (self->old_over, i, NULL);

      if (runconf_mapping_get (self->over, key) == NULL)
        update_key (self, key, changes);
    }

  for (guint i = 0; i < runconf_node_get_length (self->over); i++)
    {
      const char *key = runconf_mapping_get_key (self->over, i, NULL);

      if (runconf_mapping_get (self->old_over, key) != runconf_node_get_child (self->over, i))
        update_key (self, key, changes);
    }

  return runconf_mapping_change (self->old_merged, changes);
}

/**
 * runconf_merge_update:
 * @base: (nullable): the lower layer
 * @old_over: (nullable): the upper layer before
 * @old_merged: (nullable): the result of runconf_merge() for these two
 * @over: the upper layer now
 *
 * Merges only where @over differs from @old_over, and shares the rest with @old_merged. The result
 * equals that of runconf_merge(). Only the order of keys that @base doesn't have may differ.
 *
 * Returns: (transfer full): the merged tree
 */
RunconfNode *
runconf_merge_update (const RunconfNode *base, const RunconfNode *old_over,
                      const RunconfNode *old_merged, const RunconfNode *over)
{
  if (over == old_over)
    return runconf_node_ref (old_merged);

  if (base != NULL && runconf_node_is_mapping (base) && runconf_node_is_mapping (over)
      && old_over != NULL && runconf_node_is_mapping (old_over))
    {
      Update update = { base, old_over, old_merged, over };

      return update_mapping (&update);
    }

  return merge_child (base, over);
}
