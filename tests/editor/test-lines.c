/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/merge-lines.h"
#include "editor/mistake.h"

/* The text: merges of two changes, and the lines of mistakes. */

static const struct
{
  const char *base;
  const char *mine;
  const char *theirs;
  const char *merged;
  gboolean has_conflicts;
} merges[] = {
  { "", "", "", "", FALSE },
  { "a\n", "a\n", "a\n", "a\n", FALSE },
  { "a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n", FALSE },
  /* an addition at each end, and one of a text without its last line end */
  { "a\n", "0\na\n", "a\nz", "0\na\nz\n", FALSE },
  /* both have the same change */
  { "a\nb\n", "a\nB\n", "a\nB\n", "a\nB\n", FALSE },
  /* a removal, and a change somewhere else */
  { "a\nb\nc\nd\n", "a\nc\nd\n", "a\nb\nc\nD\n", "a\nc\nD\n", FALSE },
  { "", "mine\n", "", "mine\n", FALSE },
  { "", "", "theirs\n", "theirs\n", FALSE },
  { "a\nb\nc\n", "a\nmine\nc\n", "a\ntheirs\nc\n",
    "a\n<<<<<<<\nmine\n=======\ntheirs\n>>>>>>>\nc\n", TRUE },
  { "a\nb\n", "a\n", "a\nB\n", "a\n<<<<<<<\n=======\nB\n>>>>>>>\n", TRUE },
};

static void
test_merge (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (merges); i++)
    {
      gboolean has_conflicts = !merges[i].has_conflicts;
      g_autofree char *merged
          = editor_merge_lines (merges[i].base, merges[i].mine, merges[i].theirs, &has_conflicts);

      g_assert_cmpstr (merged, ==, merges[i].merged);
      g_assert_cmpint (has_conflicts, ==, merges[i].has_conflicts);
    }
}

/* Texts whose comparison would take too much memory. */
static void
test_merge_large (void)
{
  g_autoptr (GString) base = g_string_new (NULL);
  g_autofree char *mine = NULL, *theirs = NULL, *merged = NULL, *expected = NULL;
  gboolean has_conflicts;

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (base, "key%u: 1\n", i);
  mine = g_strconcat (base->str, "mine: 1\n", NULL);
  theirs = g_strconcat ("theirs: 1\n", base->str, NULL);
  expected = g_strconcat ("theirs: 1\n", base->str, "mine: 1\n", NULL);
  merged = editor_merge_lines (base->str, mine, theirs, &has_conflicts);

  g_assert_false (has_conflicts);
  g_assert_cmpstr (merged, ==, expected);
}

static const struct
{
  const char *message;
  int line;
} mistakes[] = {
  { "text:3:5: a mapping can't be here", 2 },
  { "/websocket/port: 99999 is more than the maximum, 65535", 2 },
  { "/port: too small", 4 },
  { "/list/1: not unique", 3 },
  { "/missing: is required", 0 },
  { "the disk is full", -1 },
  { "", -1 },
};

static void
test_mistakes (void)
{
  const char *text = "# port: 1\nwebsocket:\n  port: 99999\nlist: [1, 1]\nport: 5\n";

  for (gsize i = 0; i < G_N_ELEMENTS (mistakes); i++)
    g_assert_cmpint (editor_mistake_find_line (mistakes[i].message, text), ==, mistakes[i].line);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/merge", test_merge);
  g_test_add_func ("/text/merge-large", test_merge_large);
  g_test_add_func ("/text/mistakes", test_mistakes);

  return g_test_run ();
}
