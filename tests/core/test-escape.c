/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/escape.h"

static void
test_examples (void)
{
  static const struct
  {
    const char *text;
    gssize length;
    const char *escaped;
  } cases[] = {
    { "", -1, "" },
    { "/chat/websocket/port", -1, "/chat/websocket/port" },
    { "“ключ” 日本語 \xf0\x9f\x98\x80", -1, "“ключ” 日本語 \xf0\x9f\x98\x80" },
    { "a\nb\tc", -1, "a\\nb\\tc" },
    { "\r\x1b[31m\x7f", -1, "\\x0d\\x1b[31m\\x7f" },
    { "\xc2\x85", -1, "\\x85" },               /* next line */
    { "\xc2\xad", -1, "\\xad" },               /* soft hyphen */
    { "\xe2\x80\xae", -1, "\\u202e" },         /* right to left */
    { "\xe2\x80\x8b", -1, "\\u200b" },         /* zero width */
    { "\xe2\x80\xa8", -1, "\\u2028" },         /* line separator */
    { "\xef\xbb\xbf", -1, "\\ufeff" },         /* byte order mark */
    { "\xf3\xa0\x81\x81", -1, "\\U000e0041" }, /* a tag */
    { "\xff\xfe", -1, "\\xff\\xfe" },
    { "a\xc3", -1, "a\\xc3" },                 /* truncated */
    { "\xed\xa0\x80", -1, "\\xed\\xa0\\x80" }, /* a surrogate */
    { "\xc0\xaf", -1, "\\xc0\\xaf" },          /* overlong */
    { "a\0b", 3, "a\\x00b" },
    { "abc", 2, "ab" },
    { "ключ", 3, "к\\xd0" },
    { "%s%n", -1, "%s%n" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *escaped = runconf_escape (cases[i].text, cases[i].length);

      g_assert_cmpstr (escaped, ==, cases[i].escaped);
    }
}

static void
test_length (void)
{
  g_autofree char *longest = g_strnfill (200, 'a');
  g_autofree char *longer = g_strnfill (201, 'a');
  g_autofree char *cut = g_strconcat (longest, "…", NULL);
  g_autofree char *whole = runconf_escape (longest, -1);
  g_autofree char *escaped = runconf_escape (longer, -1);

  g_assert_cmpstr (whole, ==, longest);
  g_assert_cmpstr (escaped, ==, cut);
}

/* The output for any input is one line of valid, visible UTF-8. */
static void
test_any_bytes (void)
{
  for (guint trial = 0; trial < 20000; trial++)
    {
      char bytes[40];
      guint length = g_test_rand_int_range (0, sizeof bytes);
      g_autofree char *escaped = NULL;

      for (guint i = 0; i < length; i++)
        bytes[i] = g_test_rand_int ();

      escaped = runconf_escape (bytes, length);
      g_assert_true (g_utf8_validate (escaped, -1, NULL));
      for (const char *p = escaped; *p != '\0'; p = g_utf8_next_char (p))
        g_assert_true (g_unichar_isprint (g_utf8_get_char (p)));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/escape/examples", test_examples);
  g_test_add_func ("/escape/length", test_length);
  g_test_add_func ("/escape/any-bytes", test_any_bytes);

  return g_test_run ();
}
