/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/limits.h"

#include "core/mapping.h"
#include "core/merge.h"
#include "tests/core/testutil.h"

typedef struct
{
  gsize n_nodes;
  gsize n_bytes;
  guint cost;
} Counts;

/* Counts by walking the tree, which the library avoids. */
static Counts
count (const RunconfNode *node)
{
  Counts counts = { 1, 0, 0 };
  guint own = 0;
  gsize length;

  switch (runconf_node_get_kind (node))
    {
    case RUNCONF_KIND_STRING:
      runconf_node_get_string (node, &counts.n_bytes);
      return counts;
    case RUNCONF_KIND_BINARY:
      runconf_node_get_binary (node, &counts.n_bytes);
      return counts;
    case RUNCONF_KIND_MAPPING:
      own = 3;
      break;
    case RUNCONF_KIND_SEQUENCE:
      own = 2;
      break;
    default:
      return counts;
    }

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      Counts child = count (runconf_node_get_child (node, i));

      if (runconf_node_is_mapping (node))
        {
          runconf_mapping_get_key (node, i, &length);
          counts.n_bytes += length;
        }
      counts.n_nodes += child.n_nodes;
      counts.n_bytes += child.n_bytes;
      counts.cost = MAX (counts.cost, child.cost);
    }
  counts.cost += own;

  return counts;
}

static void
assert_counts (const RunconfNode *node)
{
  Counts counts = count (node);

  g_assert_cmpuint (runconf_node_get_n_nodes (node), ==, counts.n_nodes);
  g_assert_cmpuint (runconf_node_get_n_bytes (node), ==, counts.n_bytes);
  g_assert_cmpuint (runconf_node_get_cost (node), ==, counts.cost);

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    assert_counts (runconf_node_get_child (node, i));
}

static void
test_counts (void)
{
  for (guint trial = 0; trial < N_TRIALS / 4; trial++)
    {
      g_autoptr (RunconfNode) tree = random_mapping (5);
      g_autoptr (RunconfNode) other = random_relative (tree);
      g_autoptr (RunconfNode) merged = runconf_merge (tree, other);

      assert_counts (tree);
      assert_counts (other);
      assert_counts (merged);
      for (guint i = 0; i < 10; i++)
        {
          g_autoptr (RunconfNode) old = g_steal_pointer (&tree);

          tree = random_edit (old);
          assert_counts (tree);
        }
    }
}

/* The deepest value is added and removed. */
static void
test_depth_of_values (void)
{
  g_autoptr (RunconfNode) flat = tree_new ("{'a': 1, 'b': [1], 'c': {'d': {}}}");
  g_autoptr (RunconfNode) deep = tree_new ("{'x': [[{'y': 1}]]}");
  g_autoptr (RunconfNode) scalar = tree_new ("1");
  g_autoptr (RunconfNode) one = runconf_mapping_with (flat, "a", deep);
  g_autoptr (RunconfNode) two = runconf_mapping_with (one, "b", deep);
  g_autoptr (RunconfNode) again = runconf_mapping_with (two, "a", scalar);
  g_autoptr (RunconfNode) none = runconf_mapping_with (again, "b", scalar);

  g_assert_cmpuint (runconf_node_get_cost (flat), ==, 9);
  g_assert_cmpuint (runconf_node_get_cost (one), ==, 13);
  g_assert_cmpuint (runconf_node_get_cost (two), ==, 13);
  g_assert_cmpuint (runconf_node_get_cost (again), ==, 13);
  g_assert_cmpuint (runconf_node_get_cost (none), ==, 9);
}

/* Returns: a scalar inside of this many mappings and sequences */
static RunconfNode *
nest (guint n_mappings, guint n_sequences)
{
  RunconfNode *node = runconf_node_new_null ();

  for (guint i = 0; i < n_mappings + n_sequences; i++)
    {
      g_autoptr (RunconfNode) inner = node;
      g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();

      node = i < n_sequences ? runconf_node_new_sequence (&inner, 1)
                             : runconf_mapping_with (empty, "a", inner);
    }

  return node;
}

static void
test_depth (void)
{
  static const struct
  {
    guint n_mappings;
    guint n_sequences;
    gboolean fits;
  } cases[] = {
    { 20, 0, TRUE },   { 21, 0, FALSE }, { 0, 30, TRUE },  { 0, 31, FALSE },
    { 1, 28, TRUE },   { 1, 29, FALSE }, { 10, 15, TRUE }, { 10, 16, FALSE },
    { 11, 15, FALSE }, { 19, 1, TRUE },  { 19, 2, FALSE }, { 30000, 30000, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) node = nest (cases[i].n_mappings, cases[i].n_sequences);

      g_assert_cmpint (runconf_node_check_limits (node, &error), ==, cases[i].fits);
      if (cases[i].fits)
        g_assert_no_error (error);
      else
        assert_error (error, RUNCONF_ERROR_TOO_LARGE,
                      "nested too deeply: a configuration has at most 20 nested mappings, or 30 "
                      "nested sequences, or a mixture within the limits of D-Bus");
    }
}

static RunconfNode *
repeat (RunconfNode *item, guint n_times)
{
  g_autofree RunconfNode **items = g_new (RunconfNode *, n_times);

  for (guint i = 0; i < n_times; i++)
    items[i] = item;

  return runconf_node_new_sequence (items, n_times);
}

static void
test_nodes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) null = runconf_node_new_null ();
  g_autoptr (RunconfNode) row = repeat (null, 999);
  g_autoptr (RunconfNode) most = repeat (null, RUNCONF_MAX_NODES - 1);
  g_autoptr (RunconfNode) more = repeat (null, RUNCONF_MAX_NODES);
  g_autoptr (RunconfNode) table = repeat (row, 1000);

  g_assert_cmpuint (runconf_node_get_n_nodes (most), ==, 1000000);
  g_assert_true (runconf_node_check_limits (most, &error));
  g_assert_no_error (error);
  g_assert_false (runconf_node_check_limits (more, &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE,
                "too many values: more than 1000000 with all aliases expanded");

  /* the same row, a thousand times */
  g_assert_cmpuint (runconf_node_get_n_nodes (table), ==, 1000001);
  g_assert_false (runconf_node_check_limits (table, NULL));
}

static void
test_bytes (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = g_strnfill (1024 * 1024, 'a');
  g_autoptr (RunconfNode) string = runconf_node_new_string (text, -1);
  g_autoptr (RunconfNode) byte = runconf_node_new_binary ("", 1);
  g_autoptr (RunconfNode) most = repeat (string, 64);
  RunconfNode *parts[] = { most, byte };
  g_autoptr (RunconfNode) more = runconf_node_new_sequence (parts, 2);

  g_assert_cmpuint (runconf_node_get_n_bytes (most), ==, RUNCONF_MAX_SCALAR_BYTES);
  g_assert_true (runconf_node_check_limits (most, &error));
  g_assert_no_error (error);
  g_assert_false (runconf_node_check_limits (more, &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE,
                "too much text: keys and values hold more than 64 MiB with all aliases expanded");
}

/* Each alias doubles the size: a hundred of them are more than a counter can hold. */
static void
test_bomb (void)
{
  RunconfNode *node = runconf_node_new_string ("lol", -1);

  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (RunconfNode) half = node;

      node = repeat (half, 2);
    }

  g_assert_cmpuint (runconf_node_get_n_nodes (node), ==, G_MAXSIZE);
  g_assert_cmpuint (runconf_node_get_n_bytes (node), ==, G_MAXSIZE);
  g_assert_false (runconf_node_check_limits (node, NULL));
  runconf_node_unref (node);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/limits/counts", test_counts);
  g_test_add_func ("/limits/depth-of-values", test_depth_of_values);
  g_test_add_func ("/limits/depth", test_depth);
  g_test_add_func ("/limits/nodes", test_nodes);
  g_test_add_func ("/limits/bytes", test_bytes);
  g_test_add_func ("/limits/bomb", test_bomb);

  return g_test_run ();
}
