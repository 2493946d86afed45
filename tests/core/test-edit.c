/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/edit.h"

#include "core/mapping.h"
#include "tests/core/testutil.h"

static void
test_set (void)
{
  static const char *const cases[][3] = {
    { "{}", "/a", "{'a': 9}" },
    { "{}", "/a/b/c", "{'a': {'b': {'c': 9}}}" },
    { "{'a': 1, 'b': 2}", "/a", "{'a': 9, 'b': 2}" },
    { "{'a': 1}", "/a/b", "{'a': {'b': 9}}" },
    { "{'a': [1]}", "/a/0", "{'a': {'0': 9}}" },
    { "{'a': {'b': 1}}", "/a", "{'a': 9}" },
    { "{'a': {'b': 1}}", "/a/c", "{'a': {'b': 1, 'c': 9}}" },
    { "{}", "/", "{'': 9}" },
    { "{}", "//~0~1", "{'': {'~/': 9}}" },
    { "{'a': 1}", "", "9" },
  };
  g_autoptr (RunconfNode) value = tree_new ("9");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) root = tree_new (cases[i][0]);
      g_autoptr (RunconfNode) changed = tree_set (root, cases[i][1], value);

      assert_tree (changed, cases[i][2]);
      assert_tree (root, cases[i][0]);
    }
}

static void
test_remove (void)
{
  static const char *const cases[][3] = {
    { "{'a': 1}", "/a", "{}" },
    { "{'a': 1, 'b': 2}", "/a", "{'b': 2}" },
    { "{'a': {'b': {'c': 1}}}", "/a/b/c", "{}" },
    { "{'a': {'b': {'c': 1}, 'd': 2}}", "/a/b/c", "{'a': {'d': 2}}" },
    { "{'a': {'b': {'c': 1}, 'd': {}}}", "/a/b", "{'a': {'d': {}}}" },
    { "{'': {'': 1}}", "//", "{}" },
    { "{'a': {'b': 1}}", "", "{}" },
  };
  static const char *const nothing_there[][2] = {
    { "{}", "/a" },           { "{'a': 1}", "/b" },    { "{'a': 1}", "/a/b" },
    { "{'a': [1]}", "/a/0" }, { "{'a': {}}", "/a/b" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) root = tree_new (cases[i][0]);
      g_autoptr (RunconfNode) changed = tree_remove (root, cases[i][1]);

      assert_tree (changed, cases[i][2]);
      assert_tree (root, cases[i][0]);
    }

  for (guint i = 0; i < G_N_ELEMENTS (nothing_there); i++)
    {
      g_autoptr (RunconfNode) root = tree_new (nothing_there[i][0]);
      g_autoptr (RunconfNode) changed = tree_remove (root, nothing_there[i][1]);

      g_assert_true (changed == root);
    }
}

static void
assert_set (const RunconfNode *root, const char *pointer)
{
  g_autoptr (RunconfNode) value = random_node (2);
  g_autoptr (RunconfNode) changed = tree_set (root, pointer, value);
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  g_autoptr (GHashTable) wanted = leaves_new (root);
  g_autoptr (GHashTable) leaves = leaves_new (changed);

  /* leaves above the path are mappings now */
  for (guint i = 0; i < runconf_path_get_length (path); i++)
    {
      g_autofree char *above = runconf_path_get_prefix (path, i);

      g_hash_table_remove (wanted, above);
    }
  leaves_remove_below (wanted, pointer);
  leaves_remove_below (leaves, pointer);

  assert_leaves (leaves, wanted);
  g_assert_true (tree_find (changed, pointer) == value);
}

static void
assert_removed (const RunconfNode *root, const char *pointer)
{
  g_autoptr (RunconfNode) changed = tree_remove (root, pointer);
  g_autoptr (GHashTable) wanted = leaves_new (root);
  g_autoptr (GHashTable) leaves = leaves_new (changed);

  leaves_remove_below (wanted, pointer);
  assert_leaves (leaves, wanted);
}

static void
test_model (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) root = random_mapping (4);
      g_autofree char *pointer = random_pointer (root);
      g_autofree char *before = tree_print (root);
      g_autofree char *after = NULL;

      assert_set (root, pointer);
      assert_removed (root, pointer);
      after = tree_print (root);
      g_assert_cmpstr (before, ==, after);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/edit/set", test_set);
  g_test_add_func ("/edit/remove", test_remove);
  g_test_add_func ("/edit/model", test_model);

  return g_test_run ();
}
