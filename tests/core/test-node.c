/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/mapping.h"
#include "tests/core/testutil.h"

static void
test_scalars (void)
{
  g_autoptr (RunconfNode) null = runconf_node_new_null ();
  g_autoptr (RunconfNode) boolean = runconf_node_new_boolean (42);
  g_autoptr (RunconfNode) integer = runconf_node_new_integer (G_MININT64);
  g_autoptr (RunconfNode) unsigned_integer = runconf_node_new_unsigned (G_MAXUINT64);
  g_autoptr (RunconfNode) number = runconf_node_new_double (0.1);

  g_assert_cmpint (runconf_node_get_kind (null), ==, RUNCONF_KIND_NULL);
  g_assert_cmpint (runconf_node_get_boolean (boolean), ==, TRUE);
  g_assert_cmpint (runconf_node_get_integer (integer), ==, G_MININT64);
  g_assert_cmpuint (runconf_node_get_unsigned (unsigned_integer), ==, G_MAXUINT64);
  g_assert_cmpfloat (runconf_node_get_double (number), ==, 0.1);
  g_assert_cmpuint (runconf_node_get_length (number), ==, 0);
  g_assert_true (runconf_node_is_leaf (null));
  g_assert_false (runconf_node_is_mapping (null));
}

static void
test_bytes (void)
{
  g_autoptr (RunconfNode) string = runconf_node_new_string ("ключ, and more", 8);
  g_autoptr (RunconfNode) whole = runconf_node_new_string ("ab", -1);
  g_autoptr (RunconfNode) plain = runconf_node_new_plain ("123456789012345678901", -1);
  g_autoptr (RunconfNode) binary = runconf_node_new_binary ("\0\1\0", 3);
  g_autoptr (RunconfNode) empty = runconf_node_new_binary (NULL, 0);
  gsize length;

  g_assert_cmpstr (runconf_node_get_string (string, &length), ==, "ключ");
  g_assert_cmpuint (length, ==, 8);
  g_assert_cmpstr (runconf_node_get_string (whole, NULL), ==, "ab");
  g_assert_false (runconf_node_is_plain (whole));
  g_assert_true (runconf_node_is_plain (plain));
  g_assert_cmpint (runconf_node_get_kind (plain), ==, RUNCONF_KIND_STRING);
  g_assert_cmpmem (runconf_node_get_binary (binary, &length), length, "\0\1\0", 3);
  runconf_node_get_binary (empty, &length);
  g_assert_cmpuint (length, ==, 0);
}

/* An integer has exactly one kind. */
static void
test_integer_kinds (void)
{
  g_autoptr (RunconfNode) small = runconf_node_new_unsigned (G_MAXINT64);
  g_autoptr (RunconfNode) large = runconf_node_new_unsigned ((guint64) G_MAXINT64 + 1);

  g_assert_cmpint (runconf_node_get_kind (small), ==, RUNCONF_KIND_INTEGER);
  g_assert_cmpint (runconf_node_get_integer (small), ==, G_MAXINT64);
  g_assert_cmpint (runconf_node_get_kind (large), ==, RUNCONF_KIND_UNSIGNED);
}

static void
test_kind_names (void)
{
  static const char *const cases[][2] = {
    { "null", "null" },    { "true", "boolean" },
    { "1", "integer" },    { "18446744073709551615", "integer" },
    { "1.0", "float" },    { "'a'", "string" },
    { "b'00'", "binary" }, { "[]", "sequence" },
    { "{}", "mapping" },   { "p'1'", "string" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) node = tree_new (cases[i][0]);

      g_assert_cmpstr (runconf_node_get_kind_name (node), ==, cases[i][1]);
    }
}

static void
test_leaves (void)
{
  g_autoptr (RunconfNode) sequence = tree_new ("[{'a': 1}]");
  g_autoptr (RunconfNode) empty = tree_new ("{}");
  g_autoptr (RunconfNode) mapping = tree_new ("{'a': {}}");

  g_assert_true (runconf_node_is_leaf (sequence));
  g_assert_true (runconf_node_is_leaf (empty));
  g_assert_false (runconf_node_is_leaf (mapping));
}

static void
test_equal (void)
{
  static const struct
  {
    const char *a;
    const char *b;
    gboolean equal;
  } cases[] = {
    { "1", "1", TRUE },
    { "1", "2", FALSE },
    { "1", "1.0", FALSE },
    { "0", "false", FALSE },
    { "1", "'1'", FALSE },
    { "null", "''", FALSE },
    { "null", "null", TRUE },
    { "nan", "nan", TRUE },
    { "nan", "0.0", FALSE },
    { "0.0", "-0.0", TRUE },
    { "inf", "-inf", FALSE },
    { "9223372036854775808", "9223372036854775809", FALSE },
    { "'a'", "b'61'", FALSE },
    { "'a'", "'ab'", FALSE },
    { "b''", "b''", TRUE },
    { "b'00'", "b'0000'", FALSE },
    { "p'123456789012345678901'", "'123456789012345678901'", TRUE },
    { "[1, 2]", "[1, 2]", TRUE },
    { "[1, 2]", "[2, 1]", FALSE },
    { "[1]", "[1, 2]", FALSE },
    { "[]", "{}", FALSE },
    { "{'a': 1, 'b': 2}", "{'b': 2, 'a': 1}", TRUE },
    { "{'a': 1}", "{'a': 1, 'b': 2}", FALSE },
    { "{'a': 1}", "{'b': 1}", FALSE },
    { "{'a': {'b': [nan]}}", "{'a': {'b': [nan]}}", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) a = tree_new (cases[i].a);
      g_autoptr (RunconfNode) b = tree_new (cases[i].b);

      g_assert_cmpint (runconf_node_equal (a, b), ==, cases[i].equal);
      g_assert_cmpint (runconf_node_equal (b, a), ==, cases[i].equal);
    }
}

/* Two nodes are equal exactly if they print the same. */
static void
test_equal_model (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) a = random_mapping (4);
      g_autoptr (RunconfNode) b = random_relative (a);
      g_autofree char *text_a = tree_print (a);
      g_autofree char *text_b = tree_print (b);
      gboolean same = g_str_equal (text_a, text_b);

      g_assert_cmpint (runconf_node_equal (a, b), ==, same);
      g_assert_cmpint (runconf_node_equal (b, a), ==, same);
    }
}

static void
test_sequence (void)
{
  g_autoptr (RunconfNode) item = tree_new ("'a'");
  RunconfNode *items[] = { item, item };
  g_autoptr (RunconfNode) sequence = runconf_node_new_sequence (items, 2);
  g_autoptr (RunconfNode) empty = runconf_node_new_sequence (NULL, 0);

  g_assert_cmpuint (runconf_node_get_length (sequence), ==, 2);
  g_assert_true (runconf_node_get_child (sequence, 0) == item);
  g_assert_true (runconf_node_get_child (sequence, 1) == item);
  g_assert_cmpuint (runconf_node_get_length (empty), ==, 0);
}

static void
test_find (void)
{
  g_autoptr (RunconfNode) root
      = tree_new ("{'a': {'': 1, 'b': [{'c': 2}, [3]]}, 'x/y': {'~': 4}, '0': 5}");

  assert_tree (tree_find (root, "/a/"), "1");
  assert_tree (tree_find (root, "/a/b/0/c"), "2");
  assert_tree (tree_find (root, "/a/b/1/0"), "3");
  assert_tree (tree_find (root, "/x~1y/~0"), "4");
  assert_tree (tree_find (root, "/0"), "5");
  g_assert_true (tree_find (root, "") == root);
}

static void
test_not_found (void)
{
  static const char *const cases[][2] = {
    { "/b", "/b: there is no value: the configuration has no key “b”" },
    { "/a/x", "/a/x: there is no value: /a has no key “x”" },
    { "/a/x/y/z", "/a/x/y/z: there is no value: /a has no key “x”" },
    { "/a/b/1",
      "/a/b/1: there is no value: /a/b is a sequence of length 1, and “1” isn't an index of it" },
    { "/a/b/-",
      "/a/b/-: there is no value: /a/b is a sequence of length 1, and “-” isn't an index of it" },
    { "/a/b/00",
      "/a/b/00: there is no value: /a/b is a sequence of length 1, and “00” isn't an index of it" },
    { "/a/b/0/x",
      "/a/b/0/x: there is no value: /a/b/0 is of type integer and has no values below it" },
    { "/a~1b", "/a~1b: there is no value: the configuration has no key “a/b”" },
    { "/\n", "/\\n: there is no value: the configuration has no key “\\n”" },
  };
  g_autoptr (RunconfNode) root = tree_new ("{'a': {'b': [1]}}");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfPath) path = runconf_path_new (cases[i][0], NULL);

      g_assert_null (runconf_node_find (root, path, &error));
      assert_error (error, RUNCONF_ERROR_NOT_FOUND, cases[i][1]);
    }
}

/* Each leaf of the model is found at its path. */
static void
test_find_model (void)
{
  for (guint trial = 0; trial < N_TRIALS / 4; trial++)
    {
      g_autoptr (RunconfNode) root = random_mapping (4);
      g_autoptr (GHashTable) leaves = leaves_new (root);
      g_autofree char *anywhere = random_pointer (root);
      GHashTableIter iter;
      gpointer pointer, value;

      g_hash_table_iter_init (&iter, leaves);
      while (g_hash_table_iter_next (&iter, &pointer, &value))
        {
          g_autofree char *found = tree_print (tree_find (root, pointer));

          g_assert_cmpstr (found, ==, value);
        }

      if (!leaves_have_mapping (leaves, anywhere) && !leaves_have_scalar (leaves, anywhere)
          && strpbrk (anywhere, "01") == NULL)
        g_assert_null (tree_find (root, anywhere));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/node/scalars", test_scalars);
  g_test_add_func ("/node/bytes", test_bytes);
  g_test_add_func ("/node/integer-kinds", test_integer_kinds);
  g_test_add_func ("/node/kind-names", test_kind_names);
  g_test_add_func ("/node/leaves", test_leaves);
  g_test_add_func ("/node/equal", test_equal);
  g_test_add_func ("/node/equal-model", test_equal_model);
  g_test_add_func ("/node/sequence", test_sequence);
  g_test_add_func ("/node/find", test_find);
  g_test_add_func ("/node/not-found", test_not_found);
  g_test_add_func ("/node/find-model", test_find_model);

  return g_test_run ();
}
