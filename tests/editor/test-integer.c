/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/integer.h"

static EditorInteger
parse (const char *text)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_parsed (text));
  EditorInteger number;

  g_assert_true (editor_integer_read (value, &number));

  return number;
}

static void
assert_is (EditorInteger number, const char *expected)
{
  g_autoptr (GVariant) value = g_variant_ref_sink (editor_integer_to_variant (number));
  g_autofree char *text = g_variant_print (value, TRUE);

  g_assert_cmpstr (text, ==, expected);
}

static void
assert_sum (const char *a, const char *b, const char *expected)
{
  assert_is (editor_integer_add (parse (a), parse (b)), expected);
  assert_is (editor_integer_add (parse (b), parse (a)), expected);
}

static void
test_add (void)
{
  assert_sum ("int64 1", "int64 2", "int64 3");
  assert_sum ("int64 1", "int64 -2", "int64 -1");
  assert_sum ("int64 2", "int64 -2", "int64 0");
  assert_sum ("int64 -1", "int64 -2", "int64 -3");
  /* over the end of int64, and back */
  assert_sum ("int64 9223372036854775807", "int64 1", "uint64 9223372036854775808");
  assert_sum ("uint64 9223372036854775808", "int64 -1", "int64 9223372036854775807");
  assert_sum ("uint64 18446744073709551614", "int64 1", "uint64 18446744073709551615");
  assert_sum ("uint64 18446744073709551615", "int64 -9223372036854775808",
              "int64 9223372036854775807");
  /* the ends */
  assert_sum ("uint64 18446744073709551615", "int64 1", "uint64 18446744073709551615");
  assert_sum ("int64 -9223372036854775808", "int64 -1", "int64 -9223372036854775808");
  assert_sum ("int64 -9223372036854775807", "int64 -1", "int64 -9223372036854775808");
}

static void
test_doubles (void)
{
  assert_is (editor_integer_from_double (-10), "int64 -10");
  assert_is (editor_integer_from_double (0x1p63), "uint64 9223372036854775808");
  assert_is (editor_integer_from_double (0x1p64), "uint64 18446744073709551615");
  assert_is (editor_integer_from_double (-0x1p63), "int64 -9223372036854775808");
  assert_is (editor_integer_from_double (G_MAXDOUBLE), "uint64 18446744073709551615");
  assert_is (editor_integer_from_double (-G_MAXDOUBLE), "int64 -9223372036854775808");
}

static void
test_clamp (void)
{
  EditorInteger low = parse ("int64 -5"), high = parse ("uint64 9223372036854775809");

  assert_is (editor_integer_clamp (parse ("int64 -6"), low, high), "int64 -5");
  assert_is (editor_integer_clamp (parse ("int64 -4"), low, high), "int64 -4");
  assert_is (editor_integer_clamp (parse ("int64 3"), low, high), "int64 3");
  assert_is (editor_integer_clamp (parse ("uint64 9223372036854775810"), low, high),
             "uint64 9223372036854775809");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integer/add", test_add);
  g_test_add_func ("/integer/doubles", test_doubles);
  g_test_add_func ("/integer/clamp", test_clamp);

  return g_test_run ();
}
