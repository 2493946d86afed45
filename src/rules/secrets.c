/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/secrets.h"

#include "core/mapping.h"

/* Keeps secrets when a caller saves values that it read without them. */

/* Returns: (transfer full) (nullable): @wanted with the secrets of @old that it doesn't name; %NULL
 * if @wanted is %NULL and there are no secrets
 */
static RunconfNode *
keep (const RunconfNode *old, const RunconfNode *visible, const RunconfNode *wanted)
{
  g_autoptr (RunconfNode) nothing = wanted == NULL ? runconf_mapping_new_empty () : NULL;
  const RunconfNode *base = wanted != NULL ? wanted : nothing;
  g_autoptr (GArray) changes = NULL;

  /* only a mapping has secrets in it; a value that moved to another path gets none back */
  if (old == visible || !runconf_node_is_mapping (old) || !runconf_node_is_mapping (base))
    return wanted != NULL ? runconf_node_ref (wanted) : NULL;

  changes = runconf_mapping_changes_new ();
  for (guint i = 0; i < runconf_node_get_length (old); i++)
    {
      const char *key = runconf_mapping_get_key (old, i, NULL);
      const RunconfNode *child = runconf_node_get_child (old, i);
      const RunconfNode *rest = runconf_mapping_get (visible, key);
      const RunconfNode *named = runconf_mapping_get (base, key);
      RunconfNode *kept = NULL;

      if (rest == NULL && named == NULL)
        kept = runconf_node_ref (child);
      else if (rest != NULL && rest != child)
        kept = keep (child, rest, named);

      if (kept != NULL)
        runconf_mapping_changes_add (changes, key, kept);
    }

  if (changes->len == 0 && wanted == NULL)
    return NULL;

  return runconf_mapping_change (base, changes);
}

/**
 * runconf_secrets_keep:
 * @old: a tree
 * @path: a path in it
 * @wanted: the new value at @path
 *
 * Returns: (transfer full): @wanted with those secrets of @old at @path that it doesn't name
 */
RunconfNode *
runconf_secrets_keep (const RunconfRules *rules, const RunconfNode *old, const RunconfPath *path,
                      const RunconfNode *wanted)
{
  g_autoptr (RunconfNode) visible = runconf_rules_strip (rules, old);
  const RunconfNode *old_here = runconf_node_find (old, path, NULL);
  const RunconfNode *visible_here = runconf_node_find (visible, path, NULL);

  /* there is no value, or it is a secret as a whole */
  if (old_here == NULL || visible_here == NULL)
    return runconf_node_ref (wanted);

  return keep (old_here, visible_here, wanted);
}

/**
 * runconf_secrets_equal:
 *
 * Returns: whether two trees have the same secrets
 */
gboolean
runconf_secrets_equal (const RunconfRules *rules, const RunconfNode *a, const RunconfNode *b)
{
  g_autoptr (GPtrArray) left = runconf_rules_find_secrets (rules, a);
  g_autoptr (GPtrArray) right = runconf_rules_find_secrets (rules, b);

  if (left->len != right->len)
    return FALSE;

  for (guint i = 0; i < left->len; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (left->pdata[i], NULL);
      const RunconfNode *one = path != NULL ? runconf_node_find (a, path, NULL) : NULL;
      const RunconfNode *other = path != NULL ? runconf_node_find (b, path, NULL) : NULL;

      if (one == NULL || other == NULL || !runconf_node_equal (one, other))
        return FALSE;
    }

  return TRUE;
}
