/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "editor/key-place.h"

/* Makes a buffer from a text in which “|” is the cursor, and gets the place of the cursor. */
static GtkTextBuffer *
make_buffer (const char *text, GtkTextIter *place)
{
  GtkTextBuffer *buffer = gtk_text_buffer_new (NULL);
  g_auto (GStrv) parts = g_strsplit (text, "|", 2);
  g_autofree char *whole = g_strconcat (parts[0], parts[1], NULL);

  gtk_text_buffer_set_text (buffer, whole, -1);
  gtk_text_buffer_get_iter_at_offset (buffer, place, (int) g_utf8_strlen (parts[0], -1));

  return buffer;
}

static void
assert_parent (const char *text, const char *expected)
{
  GtkTextIter place;
  g_autoptr (GtkTextBuffer) buffer = make_buffer (text, &place);
  g_autofree char *parent = editor_key_place_dup_parent (&place);

  g_assert_cmpstr (parent, ==, expected);
}

static void
test_parent (void)
{
  assert_parent ("|", "");
  assert_parent ("a: 1\nb|", "");
  assert_parent ("a:\n  b|", "/a");
  assert_parent ("a:\n  b|\nc: 1\n", "/a");
  assert_parent ("a:\n  b: 1\n  c:\n    d|", "/a/c");
  assert_parent ("a:\n    b:\n        c: 1\n    d|", "/a");
  /* neither a comment nor an empty line says where a key belongs */
  assert_parent ("a:\n# b: 1\n\n  c|", "/a");
  assert_parent ("\"a b\":\n  'c/d':\n    e|", "/a b/c~1d");
  /* an element of a sequence has a number, which nobody sees in the text */
  assert_parent ("a:\n  - b: 1\n    c|", NULL);
}

static void
assert_start (const char *text, int expected)
{
  GtkTextIter place, start;
  g_autoptr (GtkTextBuffer) buffer = make_buffer (text, &place);
  gboolean is_key = editor_key_place_find_start (&place, &start);

  g_assert_cmpint (is_key ? gtk_text_iter_get_line_offset (&start) : -1, ==, expected);
}

static void
test_start (void)
{
  assert_start ("|", 0);
  assert_start ("ab|", 0);
  assert_start ("a:\n  b-c|", 2);
  assert_start ("ü:\n  ö|: 1", 2);
  /* values, comments, elements and what is in brackets are no keys */
  assert_start ("a: b|", -1);
  assert_start ("# a|", -1);
  assert_start ("- a|", -1);
  assert_start ("a: {b|", -1);
  assert_start ("{b|", -1);
}

/* @expected: (nullable): the key, and the offset of its value in the line */
static void
assert_value (const char *text, const char *expected, int start_expected)
{
  GtkTextIter place, start;
  g_autoptr (GtkTextBuffer) buffer = make_buffer (text, &place);
  g_autofree char *key = editor_key_place_find_value (&place, &start);

  g_assert_cmpstr (key, ==, expected);
  if (expected != NULL)
    g_assert_cmpint (gtk_text_iter_get_line_offset (&start), ==, start_expected);
}

static void
test_value (void)
{
  assert_value ("a: |", "a", 3);
  assert_value ("a:\n  ü:  tr|", "ü", 6);
  assert_value ("'a b': x|", "a b", 7);
  /* without a space, the colon belongs to the text */
  assert_value ("a:|", NULL, 0);
  assert_value ("a:b|", NULL, 0);
  assert_value ("a|: b", NULL, 0);
  assert_value ("# a: b|", NULL, 0);
  assert_value ("- a: b|", NULL, 0);
  assert_value ("a: {b|", NULL, 0);
  assert_value ("a: b c|", NULL, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/key-place/parent", test_parent);
  g_test_add_func ("/key-place/start", test_start);
  g_test_add_func ("/key-place/value", test_value);

  return g_test_run ();
}
