/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "tests/core/testutil.h"

/* The simple model of a tree: a table from the path of each leaf to the leaf as text. It has no
 * mappings, and nothing is shared; each lookup scans the whole table. The root isn't a leaf, even
 * if it is empty.
 */

#define EMPTY_MAPPING "{}"

static void
collect (GHashTable *leaves, const char *pointer, const RunconfNode *node)
{
  if (runconf_node_is_leaf (node))
    {
      if (*pointer != '\0')
        g_hash_table_replace (leaves, g_strdup (pointer), tree_print (node));
      return;
    }

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      g_autoptr (GString) below = g_string_new (pointer);

      runconf_path_append (below, runconf_mapping_get_key (node, i, NULL));
      collect (leaves, below->str, runconf_node_get_child (node, i));
    }
}

GHashTable *
leaves_new (const RunconfNode *root)
{
  GHashTable *leaves = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  collect (leaves, "", root);

  return leaves;
}

GHashTable *
leaves_copy (GHashTable *leaves)
{
  GHashTable *copy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer pointer, value;

  g_hash_table_iter_init (&iter, leaves);
  while (g_hash_table_iter_next (&iter, &pointer, &value))
    g_hash_table_replace (copy, g_strdup (pointer), g_strdup (value));

  return copy;
}

char *
leaves_print (GHashTable *leaves)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GList) keys = g_hash_table_get_keys (leaves);

  keys = g_list_sort (keys, (GCompareFunc) strcmp);
  for (const GList *l = keys; l != NULL; l = l->next)
    g_string_append_printf (out, "%s=%s\n", (const char *) l->data,
                            (const char *) g_hash_table_lookup (leaves, l->data));

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static gboolean
is_strictly_below (const char *pointer, const char *ancestor)
{
  return strlen (pointer) > strlen (ancestor) && g_str_has_prefix (pointer, ancestor)
         && pointer[strlen (ancestor)] == '/';
}

/* Returns: whether there is a mapping at @pointer, even an empty one */
gboolean
leaves_have_mapping (GHashTable *leaves, const char *pointer)
{
  GHashTableIter iter;
  gpointer other;

  if (*pointer == '\0' || g_strcmp0 (g_hash_table_lookup (leaves, pointer), EMPTY_MAPPING) == 0)
    return TRUE;

  g_hash_table_iter_init (&iter, leaves);
  while (g_hash_table_iter_next (&iter, &other, NULL))
    {
      if (is_strictly_below (other, pointer))
        return TRUE;
    }

  return FALSE;
}

/* Returns: whether there is a value at @pointer that isn't a mapping */
gboolean
leaves_have_scalar (GHashTable *leaves, const char *pointer)
{
  const char *value = g_hash_table_lookup (leaves, pointer);

  return value != NULL && g_strcmp0 (value, EMPTY_MAPPING) != 0;
}

void
leaves_remove_below (GHashTable *leaves, const char *pointer)
{
  GHashTableIter iter;
  gpointer other;

  g_hash_table_iter_init (&iter, leaves);
  while (g_hash_table_iter_next (&iter, &other, NULL))
    {
      if (g_str_equal (other, pointer) || is_strictly_below (other, pointer))
        g_hash_table_iter_remove (&iter);
    }
}

/* A leaf of the base is hidden by any leaf of @over at its path, above it (except for an empty
 * mapping), or below it.
 */
static gboolean
is_hidden (GHashTable *over, const char *pointer)
{
  g_autofree char *above = g_strdup (pointer);
  char *slash;

  if (g_hash_table_contains (over, pointer) || leaves_have_mapping (over, pointer))
    return TRUE;

  while ((slash = strrchr (above, '/')) != NULL)
    {
      *slash = '\0';
      if (leaves_have_scalar (over, above))
        return TRUE;
    }

  return FALSE;
}

GHashTable *
leaves_merge (GHashTable *base, GHashTable *over)
{
  GHashTable *merged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GHashTableIter iter;
  gpointer pointer, value;

  g_hash_table_iter_init (&iter, over);
  while (g_hash_table_iter_next (&iter, &pointer, &value))
    {
      gboolean is_empty = g_str_equal (value, EMPTY_MAPPING);

      if (!is_empty || !leaves_have_mapping (base, pointer))
        g_hash_table_replace (merged, g_strdup (pointer), g_strdup (value));
    }

  g_hash_table_iter_init (&iter, base);
  while (g_hash_table_iter_next (&iter, &pointer, &value))
    {
      gboolean is_empty = g_str_equal (value, EMPTY_MAPPING);
      gboolean same = is_empty && g_strcmp0 (g_hash_table_lookup (over, pointer), value) == 0;

      if (same || !is_hidden (over, pointer))
        g_hash_table_replace (merged, g_strdup (pointer), g_strdup (value));
    }

  return merged;
}
