/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/limits.h"
#include "tests/core/testutil.h"

static void
test_valid (void)
{
  static const struct
  {
    const char *pointer;
    const char *segments[4];
  } cases[] = {
    { "", { NULL } },
    { "/", { "", NULL } },
    { "//", { "", "", NULL } },
    { "/a/", { "a", "", NULL } },
    { "/chat/websocket/port", { "chat", "websocket", "port", NULL } },
    { "/list/0", { "list", "0", NULL } },
    { "/list/-", { "list", "-", NULL } },
    { "/a~1b", { "a/b", NULL } },
    { "/a~0b", { "a~b", NULL } },
    { "/~01", { "~1", NULL } },
    { "/~10", { "/0", NULL } },
    { "/~0~1~1~0", { "~//~", NULL } },
    { "/ключ/日本", { "ключ", "日本", NULL } },
    { "/ / \n", { " ", " \n", NULL } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfPath) path = runconf_path_new (cases[i].pointer, &error);
      g_autofree char *whole = NULL;
      guint n_segments = g_strv_length ((char **) cases[i].segments);

      g_assert_no_error (error);
      g_assert_cmpstr (runconf_path_get_pointer (path), ==, cases[i].pointer);
      g_assert_cmpuint (runconf_path_get_length (path), ==, n_segments);
      for (guint j = 0; j < n_segments; j++)
        g_assert_cmpstr (runconf_path_get_segment (path, j), ==, cases[i].segments[j]);

      whole = runconf_path_get_prefix (path, n_segments);
      g_assert_cmpstr (whole, ==, cases[i].pointer);
    }
}

static void
test_invalid (void)
{
  static const struct
  {
    const char *pointer;
    const char *message;
  } cases[] = {
    { "chat/websocket",
      "chat/websocket: not a JSON Pointer: a path begins with a slash, like “/chat/websocket”, and "
      "the empty string is everything" },
    { "#/chat", "#/chat: not a JSON Pointer: a path begins with a slash, like “/#/chat”, and the "
                "empty string is everything" },
    { "/a~b", "/a~b: not a JSON Pointer: write “~” in a key as “~0”, and “/” as “~1”" },
    { "/a~2", "/a~2: not a JSON Pointer: write “~” in a key as “~0”, and “/” as “~1”" },
    { "/~", "/~: not a JSON Pointer: write “~” in a key as “~0”, and “/” as “~1”" },
    { "/a~/1", "/a~/1: not a JSON Pointer: write “~” in a key as “~0”, and “/” as “~1”" },
    { "/\033[31m~",
      "/\\x1b[31m~: not a JSON Pointer: write “~” in a key as “~0”, and “/” as “~1”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfPath) path = runconf_path_new (cases[i].pointer, &error);

      g_assert_null (path);
      assert_error (error, RUNCONF_ERROR_INVALID_PATH, cases[i].message);
    }
}

/* section 5 of RFC 6901 */
static void
test_rfc_6901 (void)
{
  static const char document[] = "{'foo': ['bar', 'baz'], '': 0, 'a/b': 1, 'c%d': 2, 'e^f': 3, "
                                 "'g|h': 4, 'i\\j': 5, 'k\"l': 6, ' ': 7, 'm~n': 8}";
  static const struct
  {
    const char *pointer;
    const char *value;
  } cases[] = {
    { "/foo", "['bar', 'baz']" },
    { "/foo/0", "'bar'" },
    { "/", "0" },
    { "/a~1b", "1" },
    { "/c%d", "2" },
    { "/e^f", "3" },
    { "/g|h", "4" },
    { "/i\\j", "5" },
    { "/k\"l", "6" },
    { "/ ", "7" },
    { "/m~0n", "8" },
    { "", document },
  };
  g_autoptr (RunconfNode) root = tree_new (document);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_tree (tree_find (root, cases[i].pointer), cases[i].value);
}

/* Appended segments are read back unchanged, with any keys. */
static void
test_round_trip (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      const char *segments[RUNCONF_MAX_SEGMENTS];
      guint length = g_test_rand_int_range (0, RUNCONF_MAX_SEGMENTS + 1);
      g_autoptr (GString) pointer = g_string_new (NULL);
      g_autoptr (RunconfPath) path = NULL;

      for (guint i = 0; i < length; i++)
        {
          segments[i] = random_key ();
          runconf_path_append (pointer, segments[i]);
        }

      path = runconf_path_new (pointer->str, NULL);
      g_assert_cmpuint (runconf_path_get_length (path), ==, length);
      g_string_truncate (pointer, 0);
      for (guint i = 0; i < length; i++)
        {
          g_autofree char *prefix = runconf_path_get_prefix (path, i);

          g_assert_cmpstr (prefix, ==, pointer->str);
          g_assert_cmpstr (runconf_path_get_segment (path, i), ==, segments[i]);
          runconf_path_append (pointer, segments[i]);
        }
      g_assert_cmpstr (runconf_path_get_pointer (path), ==, pointer->str);
    }
}

static void
test_length (void)
{
  g_autoptr (GString) pointer = g_string_new (NULL);
  g_autoptr (GString) message = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfPath) longest = NULL;

  for (guint i = 0; i < RUNCONF_MAX_SEGMENTS; i++)
    runconf_path_append (pointer, "a");
  longest = runconf_path_new (pointer->str, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (runconf_path_get_length (longest), ==, 30);

  runconf_path_append (pointer, "a");
  message = g_string_new (pointer->str);
  g_string_append (message, ": too deep: a path has at most 30 segments");
  g_assert_null (runconf_path_new (pointer->str, &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE, message->str);
}

/* A pointer as large as the largest message is refused as fast as a short one. */
static void
test_huge (void)
{
  g_autofree char *pointer = g_strnfill (32 * 1024 * 1024, '/');
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_path_new (pointer, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE);
  g_assert_cmpuint (strlen (error->message), <, 300);
}

static void
test_index (void)
{
  static const struct
  {
    const char *segment;
    gboolean is_index;
    guint index;
  } cases[] = {
    { "0", TRUE, 0 },
    { "9", TRUE, 9 },
    { "10", TRUE, 10 },
    { "999999", TRUE, 999999 },
    { "4294967295", TRUE, G_MAXUINT },
    { "4294967296", TRUE, G_MAXUINT },
    { "99999999999999999999999999", TRUE, G_MAXUINT },
    { "", FALSE, 0 },
    { "-", FALSE, 0 },
    { "-1", FALSE, 0 },
    { "+1", FALSE, 0 },
    { " 1", FALSE, 0 },
    { "1 ", FALSE, 0 },
    { "00", FALSE, 0 },
    { "01", FALSE, 0 },
    { "1a", FALSE, 0 },
    { "0x1", FALSE, 0 },
    { "1.0", FALSE, 0 },
    { "1e0", FALSE, 0 },
    { "a", FALSE, 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      guint index = 0;

      g_assert_cmpint (runconf_path_parse_index (cases[i].segment, &index), ==, cases[i].is_index);
      g_assert_cmpuint (index, ==, cases[i].index);
    }
}

static void
test_below (void)
{
  static const struct
  {
    const char *pointer;
    const char *ancestor;
    gboolean is_below;
  } cases[] = {
    { "", "", TRUE },        { "/a", "", TRUE },       { "/", "", TRUE },
    { "/a", "/a", TRUE },    { "/a/b", "/a", TRUE },   { "/a/", "/a", TRUE },
    { "/ab", "/a", FALSE },  { "/a~1b", "/a", FALSE }, { "/a", "/a/b", FALSE },
    { "", "/", FALSE },      { "//", "/", TRUE },      { "/a", "/", FALSE },
    { "/b/a", "/a", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (runconf_path_is_below (cases[i].pointer, cases[i].ancestor), ==,
                     cases[i].is_below);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/path/valid", test_valid);
  g_test_add_func ("/path/invalid", test_invalid);
  g_test_add_func ("/path/rfc-6901", test_rfc_6901);
  g_test_add_func ("/path/round-trip", test_round_trip);
  g_test_add_func ("/path/length", test_length);
  g_test_add_func ("/path/huge", test_huge);
  g_test_add_func ("/path/index", test_index);
  g_test_add_func ("/path/below", test_below);

  return g_test_run ();
}
