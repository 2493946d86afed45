/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/escape.h"
#include "tests/core/testutil.h"
#include "yaml/document.h"

typedef struct
{
  const char *text;
  const char *tree;
} Case;

/* The core schema of YAML 1.2, and forms that only YAML 1.1 reads differently. */
static const Case plain[] = {
  { "", "null" },
  { "~", "null" },
  { "null", "null" },
  { "Null", "null" },
  { "NULL", "null" },
  { "nUll", "'nUll'" },
  { "none", "'none'" },

  { "true", "true" },
  { "True", "true" },
  { "TRUE", "true" },
  { "false", "false" },
  { "False", "false" },
  { "FALSE", "false" },
  { "tRUE", "'tRUE'" },
  { "yes", "'yes'" },
  { "no", "'no'" },
  { "on", "'on'" },
  { "Off", "'Off'" },
  { "y", "'y'" },

  { "0", "0" },
  { "-0", "0" },
  { "+12", "12" },
  { "-12", "-12" },
  { "017", "17" },
  { "0o17", "15" },
  { "0o8", "'0o8'" },
  { "-0o7", "'-0o7'" },
  { "0x1F", "31" },
  { "0xfg", "'0xfg'" },
  { "0X1F", "'0X1F'" },
  { "0b1", "'0b1'" },
  { "0x", "'0x'" },
  { "+", "'+'" },
  { "1_000", "'1_000'" },
  { "1,000", "'1,000'" },
  { "12:30:45", "'12:30:45'" },
  { "9223372036854775807", "9223372036854775807" },
  { "9223372036854775808", "9223372036854775808" },
  { "18446744073709551615", "18446744073709551615" },
  { "0xffffffffffffffff", "18446744073709551615" },
  { "18446744073709551616", "p'18446744073709551616'" },
  { "0x10000000000000000", "p'0x10000000000000000'" },
  { "-9223372036854775808", "-9223372036854775808" },
  { "-9223372036854775809", "p'-9223372036854775809'" },
  { "000000000000000000000000000001", "1" },

  { "1.0", "1.0" },
  { "1.", "1.0" },
  { ".5", "0.5" },
  { "-.5", "-0.5" },
  { "+1.5e3", "1500.0" },
  { "1e3", "1000.0" },
  { "1E-2", "0.01" },
  { "1e", "'1e'" },
  { "1e+", "'1e+'" },
  { "e3", "'e3'" },
  { ".", "'.'" },
  { "-", "[null]" },
  { "1.2.3", "'1.2.3'" },
  { "0.0.0.0", "'0.0.0.0'" },
  { "1e999", "p'1e999'" },
  { "-1e999", "p'-1e999'" },
  { "1e-999", "0.0" },
  { ".inf", "inf" },
  { "-.INF", "-inf" },
  { "+.Inf", "inf" },
  { ".iNf", "'.iNf'" },
  { ".nan", "nan" },
  { ".NaN", "nan" },
  { "+.nan", "'+.nan'" },

  { "2024-01-02", "'2024-01-02'" },
  { "=", "'='" },
  { "<<", "'<<'" },
  { "'12'", "'12'" },
  { "\"true\"", "'true'" },
  { "|-\n 12", "'12'" },
};

static const Case tagged[] = {
  { "!!str 12", "'12'" },
  { "!!str", "''" },
  { "! 12", "'12'" },
  { "&a ! 12", "'12'" },
  { "! &a 12", "'12'" },
  { "! [1]", "[1]" },
  { "! {a: 1}", "{'a': 1}" },
  { "!!int \"12\"", "12" },
  { "!!int 99999999999999999999", "p'99999999999999999999'" },
  { "!!float 1", "1.0" },
  { "!!float .inf", "inf" },
  { "!!float 1e999", "p'1e999'" },
  { "!!bool 'true'", "true" },
  { "!!null ''", "null" },
  { "!!null", "null" },
  { "!!map {a: 1}", "{'a': 1}" },
  { "!!seq [1]", "[1]" },
  { "!!timestamp 2024-01-02", "'2024-01-02'" },
  { "!!binary AP8=", "b'00ff'" },
  { "!!binary ''", "b''" },
  { "!!binary |\n AP\n 8=\n", "b'00ff'" },
  { "!<tag:yaml.org,2002:str> 12", "'12'" },
  { "%TAG !y! tag:yaml.org,2002:\n---\n!y!str 12", "'12'" },
};

static void
check_cases (const Case *cases, gsize n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) node = runconf_read_value (cases[i].text, -1, "text", &error);

      g_autofree char *shown = runconf_escape (cases[i].text, -1);

      g_test_message ("%s", shown);
      g_assert_no_error (error);
      assert_tree (node, cases[i].tree);
    }
}

static void
test_plain (void)
{
  check_cases (plain, G_N_ELEMENTS (plain));
}

static void
test_tagged (void)
{
  check_cases (tagged, G_N_ELEMENTS (tagged));
}

/* A number that no type can hold keeps its form, so that it is written unchanged. */
static void
test_beyond (void)
{
  g_autoptr (RunconfNode) beyond = runconf_read_value ("18446744073709551616", -1, "text", NULL);
  g_autoptr (RunconfNode) quoted = runconf_read_value ("'18446744073709551616'", -1, "text", NULL);

  g_assert_true (runconf_node_is_plain (beyond));
  g_assert_false (runconf_node_is_plain (quoted));
  g_assert_true (runconf_node_equal (beyond, quoted));
}

static void
test_many_digits (void)
{
  g_autofree char *digits = g_strnfill (1000 * 1000, '7');
  g_autofree char *fraction = g_strconcat ("0.", digits, NULL);
  g_autoptr (RunconfNode) integer = runconf_read_value (digits, -1, "text", NULL);
  g_autoptr (RunconfNode) number = runconf_read_value (fraction, -1, "text", NULL);

  g_assert_true (runconf_node_is_plain (integer));
  g_assert_cmpstr (runconf_node_get_string (integer, NULL), ==, digits);
  g_assert_cmpfloat (runconf_node_get_double (number), ==, 7.0 / 9.0);
}

/* JSON writers escape characters beyond U+FFFF as a pair. */
static void
test_surrogates (void)
{
  static const Case cases[] = {
    { "\"\\ud83d\\ude00\"", "'😀'" },
    { "\"x\\uD83D\\uDE00\\uD83D\\uDE01y\"", "'x😀😁y'" },
    { "\"\\\\\\ud83d\\ude00\"", "'\\😀'" },
    { "\"\\\\ud83d\\\\ude00\"", "'\\ud83d\\ude00'" },
    { "\\ud83d\\ude00", "'\\ud83d\\ude00'" },
    { "'\\ud83d\\ude00'", "'\\ud83d\\ude00'" },
    { "{\"\\ud83d\\ude00\": \\ud83d\\ude00, \\ud83d\\ude00: 1}",
      "{'😀': '\\ud83d\\ude00', '\\ud83d\\ude00': 1}" },
    { "|-\n \\ud83d\\ude00 \\U0001F600", "'\\ud83d\\ude00 \\U0001F600'" },
    { "# \\ud83d\\ude00\n\"\\ud83d\\ude00\"", "'😀'" },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

/* Line ends of YAML 1.1 are characters in YAML 1.2. */
static void
test_breaks (void)
{
  static const Case cases[] = {
    { "a\xc2\x85 b\xe2\x80\xa8", "'a\xc2\x85 b\xe2\x80\xa8'" },
    { "\" \xe2\x80\xa9 \"", "' \xe2\x80\xa9 '" },
    { "# x\xe2\x80\xa8- y\n1", "1" },
    { "|\n a\xc2\x85"
      "b\n",
      "'a\xc2\x85"
      "b\n'" },
    { "\xe2\x80\xa8\xef\xb7\x90 \"\\ufdd1\"", "'\xe2\x80\xa8\xef\xb7\x90 \"\\ufdd1\"'" },
    { "\"\xe2\x80\xa8\xef\xb7\x90\\ufdd1\"", "'\xe2\x80\xa8\xef\xb7\x90\xef\xb7\x91'" },
  };

  check_cases (cases, G_N_ELEMENTS (cases));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/yaml/scalars/plain", test_plain);
  g_test_add_func ("/yaml/scalars/tagged", test_tagged);
  g_test_add_func ("/yaml/scalars/beyond", test_beyond);
  g_test_add_func ("/yaml/scalars/many-digits", test_many_digits);
  g_test_add_func ("/yaml/scalars/surrogates", test_surrogates);
  g_test_add_func ("/yaml/scalars/breaks", test_breaks);

  return g_test_run ();
}
