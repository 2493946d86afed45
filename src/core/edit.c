/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/edit.h"

#include "core/mapping.h"

/**
 * runconf_edit_open:
 * @node: (nullable): a value
 *
 * Returns: (transfer full): the mapping that takes keys in the place of @node: @node itself if it
 *   is one, a replacing one for an unset, so that the same values stay hidden
 */
RunconfNode *
runconf_edit_open (const RunconfNode *node)
{
  g_autoptr (RunconfNode) mapping = NULL;

  if (node != NULL && runconf_node_is_mapping (node))
    return runconf_node_ref (node);

  mapping = runconf_mapping_new_empty ();

  return runconf_mapping_as (mapping, node != NULL && runconf_node_is_unset (node));
}

/**
 * runconf_edit_set:
 * @root: (nullable): the value at the first @depth segments of @path
 *
 * Puts @value at @path. Missing mappings on the path are created, also in the place of scalars and
 * sequences. A mapping in the place of an unset is replacing: it hides the same values.
 *
 * Returns: (transfer full): the changed tree
 */
RunconfNode *
runconf_edit_set (const RunconfNode *root, const RunconfPath *path, guint depth,
                  const RunconfNode *value)
{
  g_autoptr (RunconfNode) mapping = NULL;
  g_autoptr (RunconfNode) child = NULL;
  const char *key;

  if (depth == runconf_path_get_length (path))
    return runconf_node_ref (value);

  key = runconf_path_get_segment (path, depth);
  mapping = runconf_edit_open (root);
  child = runconf_edit_set (runconf_mapping_get (mapping, key), path, depth + 1, value);

  return runconf_mapping_with (mapping, key, child);
}

/**
 * runconf_edit_close:
 * @mapping: (transfer full): a mapping that may have lost its last key
 *
 * Returns: (transfer full) (nullable): @mapping, %NULL if it has no effect any more: it is empty
 *   and not replacing
 */
RunconfNode *
runconf_edit_close (RunconfNode *mapping)
{
  if (runconf_node_get_length (mapping) > 0 || runconf_node_is_replacing (mapping))
    return mapping;

  runconf_node_unref (mapping);

  return NULL;
}

/* Returns: the rest of @node, or %NULL if nothing remains */
static RunconfNode *
remove_below (const RunconfNode *node, const RunconfPath *path, guint depth)
{
  g_autoptr (RunconfNode) left = NULL;
  g_autoptr (RunconfNode) without = NULL;
  const RunconfNode *child;
  const char *key;

  if (depth == runconf_path_get_length (path))
    return NULL;
  if (!runconf_node_is_mapping (node))
    return runconf_node_ref (node);

  key = runconf_path_get_segment (path, depth);
  child = runconf_mapping_get (node, key);
  if (child == NULL)
    return runconf_node_ref (node);

  left = remove_below (child, path, depth + 1);
  if (left != NULL)
    return runconf_mapping_with (node, key, left);

  without = runconf_mapping_without (node, key);

  return runconf_edit_close (g_steal_pointer (&without));
}

/**
 * runconf_edit_remove:
 * @root: a mapping, the value at the first @depth segments of @path
 *
 * Removes the value at @path, and mappings that this leaves empty, but for a replacing one.
 *
 * Returns: (transfer full): the changed tree; @root itself if there was no such value
 */
RunconfNode *
runconf_edit_remove (const RunconfNode *root, const RunconfPath *path, guint depth)
{
  RunconfNode *left = remove_below (root, path, depth);

  return left != NULL ? left : runconf_mapping_new_empty ();
}
