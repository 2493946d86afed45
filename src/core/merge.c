/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/merge.h"

#include "core/mapping.h"

/**
 * runconf_merge_resolve:
 * @node: (nullable): the tree of a layer
 *
 * Resolves the tags where no weaker layer has a value: an unset key is absent, and a replacing
 * mapping is an ordinary one. Costs nothing for a tree without tags.
 *
 * Returns: (transfer full) (nullable): the values, %NULL if there is none
 */
RunconfNode *
runconf_merge_resolve (const RunconfNode *node)
{
  g_autoptr (GArray) changes = NULL;
  g_autoptr (RunconfNode) plain = NULL;

  if (node == NULL || runconf_node_is_unset (node))
    return NULL;
  if (!runconf_node_has_tags (node))
    return runconf_node_ref (node);

  plain = runconf_mapping_as (node, FALSE);
  changes = runconf_mapping_changes_new ();
  for (guint i = 0; i < runconf_node_get_length (plain); i++)
    {
      const RunconfNode *child = runconf_node_get_child (plain, i);

      if (runconf_node_has_tags (child))
        runconf_mapping_changes_add (changes, runconf_mapping_get_key (plain, i, NULL),
                                     runconf_merge_resolve (child));
    }

  return runconf_mapping_change (plain, changes);
}

/* Returns: (nullable): the merged value, %NULL if @over hides the value of @base */
static RunconfNode *
merge_child (const RunconfNode *base, const RunconfNode *over)
{
  g_autoptr (GArray) changes = NULL;

  if (base == NULL || !runconf_node_is_mapping (base) || !runconf_node_is_merging (over))
    return runconf_merge_resolve (over);

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
 * @base: (nullable): the lower layers, merged, %NULL if there are none
 * @over: the upper layer, a mapping that isn't replacing
 *
 * Lays @over over @base: a mapping over a mapping is merged key by key. Any other value replaces
 * the one below it, a sequence and a replacing mapping as a whole; an unset removes it. The keys of
 * @base come first, in their order. @base has no tags, and neither has the result.
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
 * @base: (nullable): the lower layers
 * @old_over: (nullable): the upper layer before
 * @old_merged: (nullable): the result of runconf_merge() for these two
 * @over: the upper layer now
 *
 * Merges only where @over differs from @old_over, and shares the rest with @old_merged. The result
 * equals that of runconf_merge(). Only the order of keys may differ: of those that @base doesn't
 * have, and of those that were unset.
 *
 * Returns: (transfer full) (nullable): the merged tree; %NULL if @over is an unset
 */
RunconfNode *
runconf_merge_update (const RunconfNode *base, const RunconfNode *old_over,
                      const RunconfNode *old_merged, const RunconfNode *over)
{
  if (over == old_over)
    return old_merged != NULL ? runconf_node_ref (old_merged) : NULL;

  if (base != NULL && runconf_node_is_mapping (base) && runconf_node_is_merging (over)
      && old_over != NULL && runconf_node_is_merging (old_over))
    {
      Update update = { base, old_over, old_merged, over };

      return update_mapping (&update);
    }

  return merge_child (base, over);
}

/**
 * runconf_merge_find_deciding:
 * @node: the tree of a layer
 * @depth: (out): the number of segments of @path that lead to the node
 *
 * Returns: (transfer none) (nullable): the node at @path, or at the nearest parent whose value hides
 *   the weaker values; %NULL if there is neither
 */
const RunconfNode *
runconf_merge_find_deciding (const RunconfNode *node, const RunconfPath *path, guint *depth)
{
  const RunconfNode *hiding = NULL;
  guint hiding_depth = 0;

  *depth = 0;
  while (node != NULL && runconf_node_is_mapping (node) && *depth < runconf_path_get_length (path))
    {
      if (runconf_node_is_replacing (node))
        {
          hiding = node;
          hiding_depth = *depth;
        }
      node = runconf_mapping_get (node, runconf_path_get_segment (path, (*depth)++));
    }

  if (node != NULL || hiding == NULL)
    return node;

  *depth = hiding_depth;

  return hiding;
}
