/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/diff.h"
#include "tests/core/testutil.h"

static GPtrArray *
paths_new (const char *const *pointers)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  for (; *pointers != NULL; pointers++)
    g_ptr_array_add (paths, g_strdup (*pointers));

  return paths;
}

static void
test_examples (void)
{
  static const struct
  {
    const char *paths[5];
    const char *prefix;
  } cases[] = {
    { { "/chat/websocket/port" }, "/chat/websocket/" },
    { { "/chat" }, "/" },
    { { "/chat/port" }, "/chat/" },
    { { "/chat/port", "/chat/host" }, "/" },
    { { "/chat/port", "/log/level" }, "/" },
    { { "/a/b/c", "/a/b/d" }, "/a/" },
    { { "/a/b/c", "/a/b/d", "/a/x" }, "/" },
    { { "/a/b/c", "/a/b/c" }, "/a/b/" },
    { { "/a/b", "/a/b/c" }, "/a/" },
    { { "/a/b/c/d", "/a/b", "/a/b/c" }, "/a/" },
    { { "/a/bc", "/a/bd" }, "/" },
    { { "/a/b", "/a/bc" }, "/" },
    { { "/chat", "/chatty" }, "/" },
    { { "/" }, "/" },
    { { "//" }, "//" },
    { { "//a", "//b" }, "/" },
    { { "/a//b", "/a//c" }, "/a/" },
    { { "" }, "/" },
    { { "", "/a/b" }, "/" },
    { { "/x~1y/z" }, "/x~1y/" },
    { { "/ключ/а", "/ключ/б" }, "/" },
    { { "/ключ/а/1", "/ключ/а/2" }, "/ключ/" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) paths = paths_new (cases[i].paths);
      g_autofree char *prefix = runconf_paths_get_prefix (paths);

      g_assert_cmpstr (prefix, ==, cases[i].prefix);
    }
}

/* The rule as the documentation describes it, for segments. */
static char *
get_model_prefix (GPtrArray *paths)
{
  g_autoptr (RunconfPath) first = runconf_path_new (paths->pdata[0], NULL);
  guint common = runconf_path_get_length (first);
  g_autofree char *parent = NULL;

  for (guint i = 1; i < paths->len; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (paths->pdata[i], NULL);
      guint same = 0;

      while (same < MIN (common, runconf_path_get_length (path))
             && g_str_equal (runconf_path_get_segment (first, same),
                             runconf_path_get_segment (path, same)))
        same++;
      common = same;
    }

  parent = runconf_path_get_prefix (first, common > 0 ? common - 1 : 0);

  return g_strconcat (parent, "/", NULL);
}

/* arg0path in the D-Bus specification: equal, or one ends in a slash and is the other's prefix */
static gboolean
is_woken (const char *rule, const char *argument)
{
  return g_str_equal (rule, argument)
         || (g_str_has_suffix (rule, "/") && g_str_has_prefix (argument, rule))
         || (g_str_has_suffix (argument, "/") && g_str_has_prefix (rule, argument));
}

/* All listeners get changes of their leaf, of its parents, and of the part below it. */
static void
assert_woken (GPtrArray *paths, const char *prefix)
{
  for (guint i = 0; i < paths->len; i++)
    {
      const char *path = paths->pdata[i];
      g_autoptr (RunconfPath) parsed = runconf_path_new (path, NULL);
      g_autofree char *below = g_strconcat (path, "/x", NULL);

      g_assert_true (is_woken (path, prefix) || *path == '\0');
      g_assert_true (is_woken (below, prefix));
      for (guint j = 0; j <= runconf_path_get_length (parsed); j++)
        {
          g_autofree char *part = runconf_path_get_prefix (parsed, j);
          g_autofree char *rule = g_strconcat (part, "/", NULL);

          g_assert_true (is_woken (rule, prefix));
        }
    }
}

static void
test_model (void)
{
  for (guint trial = 0; trial < N_TRIALS * 4; trial++)
    {
      g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
      g_autofree char *prefix = NULL;
      g_autofree char *wanted = NULL;
      guint n_shared = g_test_rand_int_range (0, 4);
      g_autoptr (GString) shared = g_string_new (NULL);

      while (n_shared-- > 0)
        runconf_path_append (shared, random_key ());
      for (guint left = g_test_rand_int_range (1, 5); left > 0; left--)
        {
          g_autoptr (GString) path = g_string_new (shared->str);

          for (guint i = g_test_rand_int_range (0, 4); i > 0; i--)
            runconf_path_append (path, random_key ());
          g_ptr_array_add (paths, g_string_free (g_steal_pointer (&path), FALSE));
        }

      prefix = runconf_paths_get_prefix (paths);
      wanted = get_model_prefix (paths);
      g_assert_cmpstr (prefix, ==, wanted);
      assert_woken (paths, prefix);
    }
}

/* A change of a single path wakes no other listener. */
static void
test_others_sleep (void)
{
  static const char *const rules[]
      = { "/chat/", "/chat/websocket/", "/chat/websocket/port", "/", "/chat/websocket/port/" };
  static const char *const others[]
      = { "/log/", "/chatty/", "/chat", "/chat/rooms/", "/chat/rooms", "/chat/websocket", "/log" };

  for (guint i = 0; i < G_N_ELEMENTS (rules); i++)
    g_assert_true (is_woken (rules[i], "/chat/websocket/"));
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    g_assert_false (is_woken (others[i], "/chat/websocket/"));
}

static gboolean
is_covered (GPtrArray *paths, const char *path)
{
  for (guint i = 0; i < paths->len; i++)
    {
      if (runconf_path_is_below (path, paths->pdata[i]))
        return TRUE;
    }

  return FALSE;
}

static void
assert_collapsed (GPtrArray *deltas, guint max_paths)
{
  g_autoptr (GPtrArray) paths = runconf_diff_get_paths (deltas, max_paths);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  g_assert_cmpuint (paths->len, <=, max_paths);
  for (guint i = 0; i < paths->len; i++)
    {
      gboolean covers = FALSE;

      g_assert_false (g_hash_table_contains (seen, paths->pdata[i]));
      g_hash_table_add (seen, paths->pdata[i]);
      for (guint j = 0; j < deltas->len; j++)
        {
          const RunconfDelta *delta = deltas->pdata[j];

          covers |= runconf_path_is_below (delta->path, paths->pdata[i]);
        }
      g_assert_true (covers);
    }

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      g_assert_true (is_covered (paths, delta->path));
      if (deltas->len <= max_paths)
        g_assert_cmpstr (paths->pdata[i], ==, delta->path);
    }
}

static void
test_collapse (void)
{
  for (guint trial = 0; trial < N_TRIALS / 4; trial++)
    {
      g_autoptr (RunconfNode) a = random_mapping (4);
      g_autoptr (RunconfNode) b = random_relative (a);
      g_autoptr (GPtrArray) deltas = runconf_diff (a, b);

      assert_collapsed (deltas, deltas->len + 1);
      assert_collapsed (deltas, deltas->len > 1 ? deltas->len - 1 : 1);
      assert_collapsed (deltas, 1 + g_test_rand_int_range (0, deltas->len + 1));
      assert_collapsed (deltas, 1);
    }
}

static void
test_collapse_examples (void)
{
  static const struct
  {
    const char *from;
    const char *to;
    guint max_paths;
    const char *paths[5];
  } cases[] = {
    { "{}", "{'a': {'b': 1, 'c': 2}}", 2, { "/a/b", "/a/c" } },
    { "{}", "{'a': {'b': 1, 'c': 2}}", 1, { "/a" } },
    { "{}", "{'a': {'b': 1, 'c': 2}, 'd': 3}", 2, { "/a", "/d" } },
    { "{}", "{'a': {'b': 1, 'c': 2}, 'd': 3}", 1, { "" } },
    { "{'a': 1}", "{'a': {'b': 1, 'c': 2, 'd': 3}}", 2, { "/a" } },
    { "{}", "{'x': {'a': {'1': 1, '2': 2}, 'b': {'1': 1, '2': 2}}}", 3, { "/x/a", "/x/b" } },
    { "{}", "{'x': {'a': {'1': 1, '2': 2}, 'b': {'1': 1, '2': 2}}}", 1, { "/x" } },
    { "{'': {'': 1}}", "{'': {'': 2, 'a/b': 1}}", 1, { "/" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) from = tree_new (cases[i].from);
      g_autoptr (RunconfNode) to = tree_new (cases[i].to);
      g_autoptr (GPtrArray) deltas = runconf_diff (from, to);
      g_autoptr (GPtrArray) paths = runconf_diff_get_paths (deltas, cases[i].max_paths);

      g_assert_cmpuint (paths->len, ==, g_strv_length ((char **) cases[i].paths));
      for (guint j = 0; j < paths->len; j++)
        g_assert_cmpstr (paths->pdata[j], ==, cases[i].paths[j]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/prefix/examples", test_examples);
  g_test_add_func ("/prefix/model", test_model);
  g_test_add_func ("/prefix/others-sleep", test_others_sleep);
  g_test_add_func ("/prefix/collapse", test_collapse);
  g_test_add_func ("/prefix/collapse-examples", test_collapse_examples);

  return g_test_run ();
}
