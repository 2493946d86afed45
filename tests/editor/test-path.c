/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/path.h"

static void
assert_text (const char *path, const char *expected)
{
  g_autofree char *text = editor_path_to_text (path);

  g_assert_cmpstr (text, ==, expected);
}

/* Only a path with letters from right to left has marks, so that others can be copied as they are. */
static void
test_text (void)
{
  assert_text ("", "");
  assert_text ("/a/ü/中~1文", "/a/ü/中~1文");
  assert_text ("/שם/x", "\u200e\u2068\u2069/\u2068שם\u2069/\u2068x\u2069");
  assert_text ("/x/اسم", "\u200e\u2068\u2069/\u2068x\u2069/\u2068اسم\u2069");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/path/text", test_text);

  return g_test_run ();
}
