/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/mapping.h"
#include "tests/core/testutil.h"

/* Random trees, small enough that two of them share many paths. g_test prints the seed. */

static guint
random_below (guint end)
{
  return g_test_rand_int_range (0, end);
}

/* Returns: a key that is likely to be drawn again, and is often an unusual one */
const char *
random_key (void)
{
  static const char *const odd[] = {
    "",       "a/b",
    "~",      "~0",
    "~1",     "m~n",
    "/",      "//",
    "0",      "1",
    "-",      " ",
    "a b",    "ключ",
    "日本語", "\xf0\x9d\x84\x9e",
    "'",      "\"",
    "%s",     "_runtime_config",
    ".",      "\\",
    "\n",     "<<",
    "null",   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
  };
  static const char *const plain[] = { "a", "b", "c", "d" };

  return random_below (3) == 0 ? odd[random_below (G_N_ELEMENTS (odd))]
                               : plain[random_below (G_N_ELEMENTS (plain))];
}

static RunconfNode *
random_double (void)
{
  static const double values[] = { 0.0, -0.0, 1.0, 0.1, 1e300, -5e-324, NAN, INFINITY, -INFINITY };

  return runconf_node_new_double (values[random_below (G_N_ELEMENTS (values))]);
}

static RunconfNode *
random_integer (void)
{
  static const gint64 values[] = { 0, 1, 2, 3, -1, G_MAXINT64, G_MININT64 };

  return runconf_node_new_integer (values[random_below (G_N_ELEMENTS (values))]);
}

static RunconfNode *
random_scalar (void)
{
  static const char *const numbers[] = { "123456789012345678901234567890", "-9999999999999999999" };
  guint8 bytes[8];

  switch (random_below (10))
    {
    case 0:
      return runconf_node_new_null ();
    case 1:
      return runconf_node_new_boolean (random_below (2));
    case 2:
      return random_double ();
    case 3:
      return runconf_node_new_unsigned (G_MAXUINT64 - random_below (2));
    case 4:
      memset (bytes, random_below (2), sizeof bytes);
      return runconf_node_new_binary (bytes, random_below (sizeof bytes));
    case 5:
      return runconf_node_new_plain (numbers[random_below (G_N_ELEMENTS (numbers))], -1);
    case 6:
    case 7:
      return runconf_node_new_string (random_key (), -1);
    default:
      return random_integer ();
    }
}

static RunconfNode *
random_sequence (guint depth)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);

  for (guint left = random_below (4); left > 0; left--)
    g_ptr_array_add (items, random_node (depth));

  return runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
}

/* Mostly a few keys, sometimes too many for a linear search, rarely several chunks. */
static guint
random_length (void)
{
  guint sort = random_below (60);

  if (sort < 48)
    return random_below (5);
  if (sort < 57)
    return random_below (20);
  if (sort < 59)
    return 62 + random_below (5);

  return random_below (300);
}

RunconfNode *
random_mapping (guint depth)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();
  guint length = random_length ();

  for (guint i = 0; i < length; i++)
    {
      g_autofree char *key
          = length < 20 ? g_strdup (random_key ()) : g_strdup_printf ("k%u", random_below (350));
      g_autoptr (RunconfNode) value = random_node (depth > 0 && length < 20 ? depth - 1 : 0);

      runconf_mapping_builder_add (builder, key, strlen (key), value);
    }

  return runconf_mapping_builder_end (builder);
}

RunconfNode *
random_node (guint depth)
{
  guint sort = random_below (10);

  if (sort == 0)
    return runconf_mapping_new_empty ();
  if (depth > 0 && sort < 6)
    return random_mapping (depth - 1);
  if (depth > 0 && sort == 6)
    return random_sequence (depth - 1);

  return random_scalar ();
}

/* Returns: a path that mostly, but not always, leads to an existing node; never the empty one */
char *
random_pointer (const RunconfNode *root)
{
  g_autoptr (GString) pointer = g_string_new (NULL);
  const RunconfNode *node = root;

  do
    {
      guint length = node != NULL ? runconf_node_get_length (node) : 0;
      gboolean is_mapping = node != NULL && runconf_node_is_mapping (node);
      const char *key = is_mapping && length > 0 && random_below (4) > 0
                            ? runconf_mapping_get_key (node, random_below (length), NULL)
                            : random_key ();

      runconf_path_append (pointer, key);
      node = is_mapping ? runconf_mapping_get (node, key) : NULL;
    }
  while (random_below (node != NULL && runconf_node_is_mapping (node) ? 4 : 10) > 0
         && pointer->len < 200 && (node != NULL || random_below (3) == 0));

  return g_string_free (g_steal_pointer (&pointer), FALSE);
}

static RunconfNode *
random_tags (const RunconfNode *node, gboolean is_root)
{
  guint sort = random_below (is_root ? 6 : 8);
  g_autoptr (RunconfNode) tree = NULL;
  g_autoptr (GArray) changes = NULL;

  if (!is_root && sort == 6)
    return runconf_node_new_unset ();
  if (!runconf_node_is_mapping (node))
    return runconf_node_ref (node);

  tree = runconf_mapping_as (node, !is_root && sort == 7);
  changes = runconf_mapping_changes_new ();
  for (guint i = 0; sort > 0 && i < runconf_node_get_length (tree); i++)
    runconf_mapping_changes_add (changes, runconf_mapping_get_key (tree, i, NULL),
                                 random_tags (runconf_node_get_child (tree, i), FALSE));

  return runconf_mapping_change (tree, changes);
}

/* Returns: a tree with the tags that only the tree of a layer has, related to @root */
RunconfNode *
random_layer (const RunconfNode *root)
{
  g_autoptr (RunconfNode) relative = random_relative (root);

  return random_tags (relative, TRUE);
}

/* Returns: a tree that differs at a few paths, and shares the rest */
RunconfNode *
random_edit (const RunconfNode *root)
{
  RunconfNode *tree = runconf_node_ref (root);

  for (guint left = 1 + random_below (random_below (8) == 0 ? 40 : 4); left > 0; left--)
    {
      g_autoptr (RunconfNode) old = tree;
      g_autoptr (RunconfNode) value = random_node (2);
      g_autofree char *pointer = random_pointer (old);

      tree = random_below (3) > 0 ? tree_set (old, pointer, value) : tree_remove (old, pointer);
    }

  return tree;
}

/* Returns: the same tree, one that shares much with it, one that shares nothing, or any other */
RunconfNode *
random_relative (const RunconfNode *root)
{
  switch (random_below (5))
    {
    case 0:
      return random_mapping (4);
    case 1:
      return tree_copy (root);
    case 2:
      return runconf_node_ref (root);
    default:
      return random_edit (root);
    }
}
