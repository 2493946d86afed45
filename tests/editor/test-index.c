/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <gio/gio.h>

#include "editor/index.h"

/* The index of the search, also of 100,000 values. */

#define N_GROUPS 1000
#define N_VALUES 100

static void
assert_found (EditorIndex *index, const char *query, const char *expected)
{
  g_autoptr (GArray) found = editor_index_search (index, query, NULL);
  g_autoptr (GString) paths = g_string_new (NULL);

  for (guint i = 0; i < found->len; i++)
    g_string_append_printf (paths, "%s%s", i > 0 ? " " : "",
                            editor_index_get_path (index, g_array_index (found, guint, i)));

  g_assert_cmpstr (paths->str, ==, expected);
}

static void
test_words (void)
{
  g_autoptr (EditorIndex) index = editor_index_new ();

  editor_index_add (index, "/a/host", "Localhost", "Where it listens");
  editor_index_add (index, "/a/port", "8000", NULL);
  editor_index_add (index, "/b", "Größe", "");
  editor_index_add (index, "/C/Straße", "", NULL);

  assert_found (index, "", "/a/host /a/port /b /C/Straße");
  assert_found (index, "  ", "/a/host /a/port /b /C/Straße");
  assert_found (index, "HOST", "/a/host");
  assert_found (index, "listens /a", "/a/host");
  assert_found (index, "/a", "/a/host /a/port");
  assert_found (index, "GRÖSSE", "/b");
  assert_found (index, "c/straSSe", "/C/Straße");
  /* the end of a value and the beginning of the next words are no word */
  assert_found (index, "localhostwhere", "");
  assert_found (index, "8000/b", "");
  assert_found (index, "missing", "");
}

/* A query that grows looks at the results of the shorter one, and finds the same as a query of its own. */
static void
test_growing (void)
{
  const char *const queries[] = { "", "o", "or", "or ", "or 8", "or 80", "or 80x" };
  g_autoptr (EditorIndex) index = editor_index_new ();
  g_autoptr (GArray) among = NULL;

  editor_index_add (index, "/a/host", "Orchid", "Where it listens");
  editor_index_add (index, "/a/Port", "8000", NULL);
  editor_index_add (index, "/b/port", "443", "one of 80");
  editor_index_add (index, "/b/none", "8000", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_autoptr (GArray) found = editor_index_search (index, queries[i], among);
      g_autoptr (GArray) expected = editor_index_search (index, queries[i], NULL);

      g_assert_cmpmem (found->data, found->len * sizeof (guint), expected->data,
                       expected->len * sizeof (guint));
      g_clear_pointer (&among, g_array_unref);
      among = g_steal_pointer (&found);
    }
  g_assert_cmpuint (among->len, ==, 0);
}

static void
test_tree (void)
{
  g_autoptr (EditorIndex) index = editor_index_new ();
  g_autoptr (GVariant) tree = g_variant_ref_sink (
      g_variant_new_parsed ("{'a/b': <[<@x 1>, <{'c': <'two'>}>]>, 'empty': <@a{sv} {}>}"));

  editor_index_add_tree (index, "", tree, NULL);
  assert_found (index, "", "/a~1b /a~1b/0 /a~1b/1 /a~1b/1/c /empty");
  assert_found (index, "two", "/a~1b/1/c");
}

static GVariant *
make_large (void)
{
  g_autoptr (GVariantDict) root = g_variant_dict_new (NULL);

  for (guint i = 0; i < N_GROUPS; i++)
    {
      g_auto (GVariantDict) group = G_VARIANT_DICT_INIT (NULL);
      g_autofree char *name = g_strdup_printf ("group%u", i);

      for (guint j = 0; j < N_VALUES; j++)
        {
          g_autofree char *key = g_strdup_printf ("key%u", j);

          g_variant_dict_insert (&group, key, "s", "a value of some length");
        }
      g_variant_dict_insert_value (root, name, g_variant_dict_end (&group));
    }

  return g_variant_ref_sink (g_variant_dict_end (root));
}

static guint
count (EditorIndex *index, const char *query)
{
  g_autoptr (GArray) found = editor_index_search (index, query, NULL);

  return found->len;
}

static void
test_large (void)
{
  g_autoptr (EditorIndex) index = editor_index_new ();
  g_autoptr (GVariant) tree = make_large ();

  editor_index_add_tree (index, "", tree, NULL);

  g_assert_cmpuint (editor_index_get_length (index), ==, N_GROUPS * (N_VALUES + 1));
  g_assert_cmpuint (count (index, "e"), ==, N_GROUPS * N_VALUES);
  g_assert_cmpuint (count (index, "value key99"), ==, N_GROUPS);
  g_assert_cmpuint (count (index, "group999/key5"), ==, 11);
  g_assert_cmpuint (count (index, "missing"), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/index/words", test_words);
  g_test_add_func ("/index/growing", test_growing);
  g_test_add_func ("/index/tree", test_tree);
  g_test_add_func ("/index/large", test_large);

  return g_test_run ();
}
