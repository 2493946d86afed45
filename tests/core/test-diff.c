/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/diff.h"

#include "core/mapping.h"
#include "tests/core/testutil.h"

/* One delta per line: the path, the old leaf, the new leaf. */
static char *
print_deltas (GPtrArray *deltas)
{
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autofree char *old_text = tree_print (delta->old_value);
      g_autofree char *new_text = tree_print (delta->new_value);

      g_string_append_printf (out, "%s: %s -> %s\n", delta->path, old_text, new_text);
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_examples (void)
{
  static const char *const cases[][3] = {
    { "{}", "{}", "" },
    { "{'a': 1}", "{'a': 1}", "" },
    { "{'a': 1}", "{'a': 2}", "/a: 1 -> 2\n" },
    { "{'a': 1}", "{'b': 1}", "/a: 1 -> nothing\n/b: nothing -> 1\n" },
    { "{}", "{'a': {'b': 1, 'c': []}}", "/a/b: nothing -> 1\n/a/c: nothing -> []\n" },
    { "{'a': {'b': 1, 'c': []}}", "{}", "/a/b: 1 -> nothing\n/a/c: [] -> nothing\n" },
    { "{'a': {}}", "{'a': {'b': 1}}", "/a: {} -> nothing\n/a/b: nothing -> 1\n" },
    { "{'a': {'b': 1}}", "{'a': {}}", "/a: nothing -> {}\n/a/b: 1 -> nothing\n" },
    { "{'a': {'b': 1}}", "{'a': 2}", "/a: nothing -> 2\n/a/b: 1 -> nothing\n" },
    { "{'a': 2}", "{'a': {'b': 1}}", "/a: 2 -> nothing\n/a/b: nothing -> 1\n" },
    { "{'a': {}}", "{'a': []}", "/a: {} -> []\n" },
    { "{'a': [1, {'b': 2}]}", "{'a': [1, {'b': 3}]}", "/a: [1,{'b':2}] -> [1,{'b':3}]\n" },
    { "{'a': 1}", "{'a': '1'}", "/a: 1 -> '1'\n" },
    { "{'a': nan, 'b': 0.0}", "{'b': -0.0, 'a': nan}", "" },
    { "{'': 1, 'x/y': {'~': 1}}", "{'': 2, 'x/y': {'~': 2}}", "/: 1 -> 2\n/x~1y/~0: 1 -> 2\n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) from = tree_new (cases[i][0]);
      g_autoptr (RunconfNode) to = tree_new (cases[i][1]);
      g_autoptr (GPtrArray) deltas = runconf_diff (from, to);
      g_autofree char *text = print_deltas (deltas);
      g_autoptr (RunconfNode) applied = runconf_diff_apply (from, deltas);

      g_assert_cmpstr (text, ==, cases[i][2]);
      assert_same (applied, to);
    }
}

/* A diff is exactly the paths at which the leaves differ, each once. */
static void
assert_deltas (GPtrArray *deltas, GHashTable *from, GHashTable *to)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_differences = 0;
  GHashTableIter iter;
  gpointer pointer;

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      g_autofree char *old_text = tree_print (delta->old_value);
      g_autofree char *new_text = tree_print (delta->new_value);
      const char *old_leaf = g_hash_table_lookup (from, delta->path);
      const char *new_leaf = g_hash_table_lookup (to, delta->path);

      g_assert_false (g_hash_table_contains (seen, delta->path));
      g_hash_table_add (seen, delta->path);
      g_assert_cmpstr (old_text, ==, old_leaf != NULL ? old_leaf : "nothing");
      g_assert_cmpstr (new_text, ==, new_leaf != NULL ? new_leaf : "nothing");
      g_assert_cmpstr (old_text, !=, new_text);
    }

  g_hash_table_iter_init (&iter, from);
  while (g_hash_table_iter_next (&iter, &pointer, NULL))
    n_differences
        += g_strcmp0 (g_hash_table_lookup (from, pointer), g_hash_table_lookup (to, pointer)) != 0;

  g_hash_table_iter_init (&iter, to);
  while (g_hash_table_iter_next (&iter, &pointer, NULL))
    n_differences += !g_hash_table_contains (from, pointer);

  g_assert_cmpuint (deltas->len, ==, n_differences);
}

static void
test_laws (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) a = random_mapping (4);
      g_autoptr (RunconfNode) b = random_relative (a);
      g_autoptr (RunconfNode) copy = tree_copy (a);
      g_autoptr (GPtrArray) deltas = runconf_diff (a, b);
      g_autoptr (GPtrArray) none = runconf_diff (a, a);
      g_autoptr (GPtrArray) none_either = runconf_diff (a, copy);
      g_autoptr (RunconfNode) applied = runconf_diff_apply (a, deltas);
      g_autoptr (RunconfNode) twice = runconf_diff_apply (applied, deltas);
      g_autoptr (GHashTable) from = leaves_new (a);
      g_autoptr (GHashTable) to = leaves_new (b);

      assert_deltas (deltas, from, to);
      g_assert_cmpuint (none->len, ==, 0);
      g_assert_cmpuint (none_either->len, ==, 0);
      assert_same (applied, b);
      assert_same (twice, b);
      assert_same (a, copy);
    }
}

/* Deltas make the same changes in any other tree, and no others. */
static void
test_elsewhere (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) a = random_mapping (4);
      g_autoptr (RunconfNode) b = random_relative (a);
      g_autoptr (RunconfNode) c = random_relative (a);
      g_autoptr (GPtrArray) deltas = runconf_diff (a, b);
      g_autoptr (RunconfNode) applied = runconf_diff_apply (c, deltas);
      g_autoptr (GHashTable) before = leaves_new (c);
      g_autoptr (GHashTable) after = leaves_new (applied);
      GHashTableIter iter;
      gpointer pointer, leaf;

      for (guint i = 0; i < deltas->len; i++)
        {
          const RunconfDelta *delta = deltas->pdata[i];

          if (delta->new_value != NULL)
            g_assert_true (tree_find (applied, delta->path) == delta->new_value);
          else
            g_assert_false (g_hash_table_contains (after, delta->path));
        }

      for (guint i = 0; i < deltas->len; i++)
        {
          const RunconfDelta *delta = deltas->pdata[i];

          leaves_remove_below (before, delta->path);
          leaves_remove_below (after, delta->path);
        }

      /* apart from these, only leaves that were replaced by mappings above a new path may be
       * missing
       */
      g_hash_table_iter_init (&iter, after);
      while (g_hash_table_iter_next (&iter, &pointer, &leaf))
        g_assert_cmpstr (leaf, ==, g_hash_table_lookup (before, pointer));
    }
}

/* Nodes that two trees share are shared by the results. */
static void
test_sharing (void)
{
  g_autoptr (RunconfNode) a
      = tree_new ("{'x': {'y': {'z': 1}, 'w': {'v': 2}}, 'q': {'r': 3}, 's': 4}");
  g_autoptr (RunconfNode) five = tree_new ("5");
  g_autoptr (RunconfNode) b = tree_set (a, "/x/y/z", five);
  g_autoptr (GPtrArray) deltas = runconf_diff (a, b);
  g_autoptr (GPtrArray) none = runconf_diff (a, a);
  g_autoptr (RunconfNode) applied = runconf_diff_apply (a, deltas);
  g_autoptr (RunconfNode) same = runconf_diff_apply (a, none);

  g_assert_true (same == a);
  g_assert_true (runconf_mapping_shares_keys (a, applied));
  g_assert_true (tree_find (applied, "/x/w") == tree_find (a, "/x/w"));
  g_assert_true (tree_find (applied, "/q") == tree_find (a, "/q"));
  g_assert_true (tree_find (applied, "/s") == tree_find (a, "/s"));
  g_assert_true (tree_find (applied, "/x/y/z") == five);
}

/* A mapping whose keys are all replaced keeps its position. */
static void
test_order (void)
{
  g_autoptr (RunconfNode) a = tree_new ("{'x': {'old': 1}, 'y': 2}");
  g_autoptr (RunconfNode) b = tree_new ("{'x': {'new': 1}, 'y': 2}");
  g_autoptr (GPtrArray) deltas = runconf_diff (a, b);
  g_autoptr (RunconfNode) applied = runconf_diff_apply (a, deltas);

  g_assert_cmpstr (runconf_mapping_get_key (applied, 0, NULL), ==, "x");
  assert_same (applied, b);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/diff/examples", test_examples);
  g_test_add_func ("/diff/laws", test_laws);
  g_test_add_func ("/diff/elsewhere", test_elsewhere);
  g_test_add_func ("/diff/sharing", test_sharing);
  g_test_add_func ("/diff/order", test_order);

  return g_test_run ();
}
