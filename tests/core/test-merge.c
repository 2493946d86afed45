/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/merge.h"

#include "core/mapping.h"
#include "tests/core/testutil.h"

static void
test_examples (void)
{
  static const char *const cases[][3] = {
    { "{}", "{}", "{}" },
    { "{'a': 1}", "{}", "{'a': 1}" },
    { "{}", "{'a': 1}", "{'a': 1}" },
    { "{'a': 1}", "{'a': 2}", "{'a': 2}" },
    { "{'a': 1}", "{'a': null}", "{'a': null}" },
    { "{'a': {'b': 1}}", "{'a': {'c': 2}}", "{'a': {'b': 1, 'c': 2}}" },
    { "{'a': {'b': 1}}", "{'a': {}}", "{'a': {'b': 1}}" },
    { "{'a': {'b': 1}}", "{'a': 2}", "{'a': 2}" },
    { "{'a': 2}", "{'a': {'b': 1}}", "{'a': {'b': 1}}" },
    { "{'a': 2}", "{'a': {}}", "{'a': {}}" },
    { "{'a': [1, 2, 3]}", "{'a': [4]}", "{'a': [4]}" },
    { "{'a': [{'b': 1}]}", "{'a': [{'c': 2}]}", "{'a': [{'c': 2}]}" },
    { "{'': {'': 1}}", "{'': {'~': 2, 'a/b': 3}}", "{'': {'': 1, '~': 2, 'a/b': 3}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) base = tree_new (cases[i][0]);
      g_autoptr (RunconfNode) over = tree_new (cases[i][1]);
      g_autoptr (RunconfNode) merged = runconf_merge (base, over);

      assert_tree (merged, cases[i][2]);
    }
}

/* First the keys of the base, then the new ones, each in their order. */
static void
assert_order (const RunconfNode *base, const RunconfNode *over, const RunconfNode *merged)
{
  guint position = 0;

  for (; position < runconf_node_get_length (base); position++)
    g_assert_cmpstr (runconf_mapping_get_key (merged, position, NULL), ==,
                     runconf_mapping_get_key (base, position, NULL));

  for (guint i = 0; i < runconf_node_get_length (over); i++)
    {
      const char *key = runconf_mapping_get_key (over, i, NULL);

      if (runconf_mapping_get (base, key) == NULL)
        g_assert_cmpstr (runconf_mapping_get_key (merged, position++, NULL), ==, key);
    }

  g_assert_cmpuint (position, ==, runconf_node_get_length (merged));
}

static void
test_model (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) base = random_mapping (4);
      g_autoptr (RunconfNode) over = random_relative (base);
      g_autofree char *base_before = tree_print (base);
      g_autofree char *over_before = tree_print (over);
      g_autofree char *base_after = NULL;
      g_autofree char *over_after = NULL;
      g_autoptr (RunconfNode) merged = runconf_merge (base, over);
      g_autoptr (GHashTable) base_leaves = leaves_new (base);
      g_autoptr (GHashTable) over_leaves = leaves_new (over);
      g_autoptr (GHashTable) merged_leaves = leaves_new (merged);
      g_autoptr (GHashTable) wanted = leaves_merge (base_leaves, over_leaves);

      assert_leaves (merged_leaves, wanted);
      assert_order (base, over, merged);

      base_after = tree_print (base);
      over_after = tree_print (over);
      g_assert_cmpstr (base_before, ==, base_after);
      g_assert_cmpstr (over_before, ==, over_after);
    }
}

static gboolean
are_mappings (const RunconfNode *a, const RunconfNode *b)
{
  return a != NULL && b != NULL && runconf_node_is_mapping (a) && runconf_node_is_mapping (b);
}

/* Returns: whether there is a path at which a and c have mappings, and b has something else */
static gboolean
is_exception (const RunconfNode *a, const RunconfNode *b, const RunconfNode *c)
{
  if (b == NULL || !are_mappings (a, c))
    return FALSE;
  if (!runconf_node_is_mapping (b))
    return TRUE;

  for (guint i = 0; i < runconf_node_get_length (b); i++)
    {
      const char *key = runconf_mapping_get_key (b, i, NULL);

      if (is_exception (runconf_mapping_get (a, key), runconf_node_get_child (b, i),
                        runconf_mapping_get (c, key)))
        return TRUE;
    }

  return FALSE;
}

static void
test_laws (void)
{
  guint n_associative = 0;

  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();
      g_autoptr (RunconfNode) a = random_mapping (4);
      g_autoptr (RunconfNode) b = random_relative (a);
      g_autoptr (RunconfNode) c = random_relative (b);
      g_autoptr (RunconfNode) left_empty = runconf_merge (empty, a);
      g_autoptr (RunconfNode) right_empty = runconf_merge (a, empty);
      g_autoptr (RunconfNode) self = runconf_merge (a, a);
      g_autoptr (RunconfNode) ab = runconf_merge (a, b);
      g_autoptr (RunconfNode) bc = runconf_merge (b, c);
      g_autoptr (RunconfNode) ab_c = runconf_merge (ab, c);
      g_autoptr (RunconfNode) a_bc = runconf_merge (a, bc);
      g_autoptr (RunconfNode) again = runconf_merge (ab, b);

      assert_same (left_empty, a);
      assert_same (right_empty, a);
      assert_same (self, a);
      assert_same (again, ab);
      if (is_exception (a, b, c))
        continue;

      assert_same (ab_c, a_bc);
      n_associative++;
    }

  g_assert_cmpuint (n_associative, >, N_TRIALS / 4);
}

/* The exception to the law does occur. */
static void
test_exception (void)
{
  g_autoptr (RunconfNode) a = tree_new ("{'x': {'y': 1}}");
  g_autoptr (RunconfNode) b = tree_new ("{'x': 2}");
  g_autoptr (RunconfNode) c = tree_new ("{'x': {'z': 3}}");
  g_autoptr (RunconfNode) ab = runconf_merge (a, b);
  g_autoptr (RunconfNode) bc = runconf_merge (b, c);
  g_autoptr (RunconfNode) ab_c = runconf_merge (ab, c);
  g_autoptr (RunconfNode) a_bc = runconf_merge (a, bc);

  g_assert_true (is_exception (a, b, c));
  assert_tree (ab_c, "{'x': {'z': 3}}");
  assert_tree (a_bc, "{'x': {'y': 1, 'z': 3}}");
}

/* Unchanged nodes are the same objects, from the root down. */
static void
assert_shared (const RunconfNode *base, const RunconfNode *old_over, const RunconfNode *old_merged,
               const RunconfNode *over, const RunconfNode *merged)
{
  if (over == old_over)
    {
      g_assert_true (merged == old_merged);
      return;
    }

  if (!are_mappings (base, over) || !are_mappings (old_over, old_merged))
    return;

  for (guint i = 0; i < runconf_node_get_length (merged); i++)
    {
      const char *key = runconf_mapping_get_key (merged, i, NULL);

      assert_shared (runconf_mapping_get (base, key), runconf_mapping_get (old_over, key),
                     runconf_mapping_get (old_merged, key), runconf_mapping_get (over, key),
                     runconf_node_get_child (merged, i));
    }
}

static void
test_update (void)
{
  for (guint trial = 0; trial < N_TRIALS / 8; trial++)
    {
      g_autoptr (RunconfNode) base = random_mapping (4);
      g_autoptr (RunconfNode) over = random_relative (base);
      g_autoptr (RunconfNode) merged = runconf_merge (base, over);

      for (guint i = 0; i < 10; i++)
        {
          g_autoptr (RunconfNode) old_over = g_steal_pointer (&over);
          g_autoptr (RunconfNode) old_merged = g_steal_pointer (&merged);
          g_autofree char *before = tree_print (old_merged);
          g_autofree char *after = NULL;
          g_autoptr (RunconfNode) wanted = NULL;

          over = random_relative (old_over);
          wanted = runconf_merge (base, over);
          merged = runconf_merge_update (base, old_over, old_merged, over);
          assert_same (merged, wanted);
          assert_shared (base, old_over, old_merged, over, merged);

          after = tree_print (old_merged);
          g_assert_cmpstr (before, ==, after);
        }
    }
}

/* If an existing value changes, the keys are shared: only the chunk of the value is copied. */
static void
test_update_keeps_keys (void)
{
  g_autoptr (RunconfNode) base = tree_new ("{'a': {'b': 1, 'c': 2}, 'd': {'e': 3}}");
  g_autoptr (RunconfNode) empty = tree_new ("{}");
  g_autoptr (RunconfNode) first = tree_new ("{'a': {'b': 4}}");
  g_autoptr (RunconfNode) second = tree_new ("{'a': {'b': 5}}");
  g_autoptr (RunconfNode) merged = runconf_merge (base, first);
  g_autoptr (RunconfNode) updated = runconf_merge_update (base, first, merged, second);
  g_autoptr (RunconfNode) reset = runconf_merge_update (base, second, updated, empty);

  g_assert_true (runconf_mapping_shares_keys (base, merged));
  g_assert_true (runconf_mapping_shares_keys (merged, updated));
  g_assert_true (runconf_mapping_shares_keys (tree_find (merged, "/a"), tree_find (updated, "/a")));
  g_assert_true (tree_find (updated, "/d") == tree_find (base, "/d"));
  assert_same (reset, base);
  g_assert_true (tree_find (reset, "/a") == tree_find (base, "/a"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/merge/examples", test_examples);
  g_test_add_func ("/merge/model", test_model);
  g_test_add_func ("/merge/laws", test_laws);
  g_test_add_func ("/merge/exception", test_exception);
  g_test_add_func ("/merge/update", test_update);
  g_test_add_func ("/merge/update-keeps-keys", test_update_keeps_keys);

  return g_test_run ();
}
