/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>
#include <string.h>

#include "core/limits.h"
#include "core/mapping.h"
#include "tests/core/testutil.h"
#include "yaml/compose.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

#define N_TREES 12000

typedef struct
{
  const char *tree;
  const char *text;
} Case;

typedef void (*Emit) (GString *out, const RunconfNode *node);

static char *
emit (Emit function, const RunconfNode *node)
{
  g_autoptr (GString) out = g_string_new (NULL);

  function (out, node);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
check_cases (Emit function, const Case *cases, gsize n_cases)
{
  for (gsize i = 0; i < n_cases; i++)
    {
      g_autoptr (RunconfNode) node = tree_new (cases[i].tree);
      g_autofree char *text = emit (function, node);
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) again = NULL;

      g_assert_cmpstr (text, ==, cases[i].text);
      again = runconf_read_value (text, -1, "text", &error);
      g_assert_no_error (error);
    }
}

static void
test_scalars (void)
{
  static const Case cases[] = {
    { "null", "null\n" },
    { "true", "true\n" },
    { "-12", "-12\n" },
    { "18446744073709551615", "18446744073709551615\n" },
    { "p'18446744073709551616'", "18446744073709551616\n" },
    { "'18446744073709551616'", "'18446744073709551616'\n" },
    { "b''", "!!binary \"\"\n" },
    { "b'00ff10'", "!!binary \"AP8Q\"\n" },
    { "[]", "[]\n" },
    { "{}", "{}\n" },

    { "0.7", "0.7\n" },
    { "100.0", "100.0\n" },
    { "-0.0", "-0.0\n" },
    { "1e100", "1.0e+100\n" },
    { "1.5e-7", "1.5e-07\n" },
    { "0.1000000000000000055511151231257827", "0.1\n" },
    { "0.30000000000000004", "0.30000000000000004\n" },
    { "1.7976931348623157e308", "1.7976931348623157e+308\n" },
    { "4.9e-324", "5.0e-324\n" },
    { "nan", ".nan\n" },
    { "inf", ".inf\n" },
    { "-inf", "-.inf\n" },
  };

  check_cases (runconf_emit_yaml, cases, G_N_ELEMENTS (cases));
}

static void
test_strings (void)
{
  static const Case cases[] = {
    { "'a'", "a\n" },
    { "'a b'", "a b\n" },
    { "'Hello, [world] {x}: y?'", "'Hello, [world] {x}: y?'\n" },
    { "'Hello, [world] {x}'", "Hello, [world] {x}\n" },
    { "'http://x.y:80/?a=b#c'", "http://x.y:80/?a=b#c\n" },
    { "'-x'", "-x\n" },
    { "'192.168.0.1'", "192.168.0.1\n" },
    { "'1.2.3'", "1.2.3\n" },
    { "'ключ 日本語'", "ключ 日本語\n" },
    { "'C:\\dir'", "C:\\dir\n" },
    { "'it''s'", "it's\n" },

    { "''", "''\n" },
    { "' a'", "' a'\n" },
    { "'a '", "'a '\n" },
    { "'a:'", "'a:'\n" },
    { "'a: b'", "'a: b'\n" },
    { "'a #b'", "'a #b'\n" },
    { "'- a'", "'- a'\n" },
    { "'-'", "'-'\n" },
    { "'---'", "'---'\n" },
    { "'...x'", "'...x'\n" },
    { "'?'", "'?'\n" },
    { "':a'", "':a'\n" },
    { "'#a'", "'#a'\n" },
    { "'&a'", "'&a'\n" },
    { "'*a'", "'*a'\n" },
    { "'!a'", "'!a'\n" },
    { "'|'", "'|'\n" },
    { "'@a'", "'@a'\n" },
    { "'%a'", "'%a'\n" },
    { "'''a'", "'''a'\n" },
    { "'\"a\"'", "'\"a\"'\n" },
    { "'{a}'", "'{a}'\n" },

    { "'no'", "'no'\n" },
    { "'Off'", "'Off'\n" },
    { "'y'", "'y'\n" },
    { "'TRUE'", "'TRUE'\n" },
    { "'~'", "'~'\n" },
    { "'null'", "'null'\n" },
    { "'='", "'='\n" },
    { "'<<'", "'<<'\n" },
    { "'12'", "'12'\n" },
    { "'0o17'", "'0o17'\n" },
    { "'017'", "'017'\n" },
    { "'0b1'", "'0b1'\n" },
    { "'0x1F'", "'0x1F'\n" },
    { "'1_000'", "'1_000'\n" },
    { "'1,000'", "'1,000'\n" },
    { "'+_'", "'+_'\n" },
    { "'12:30:45'", "'12:30:45'\n" },
    { "'12:30'", "'12:30'\n" },
    { "'190:20:30.15'", "'190:20:30.15'\n" },
    { "'1e3'", "'1e3'\n" },
    { "'1.'", "'1.'\n" },
    { "'.5'", "'.5'\n" },
    { "'.'", "'.'\n" },
    { "'.inf'", "'.inf'\n" },
    { "'-.INF'", "'-.INF'\n" },
    { "'.nan'", "'.nan'\n" },
    { "'2024-01-02'", "'2024-01-02'\n" },
    { "'2001-12-14t21:59:43.10-05:00'", "'2001-12-14t21:59:43.10-05:00'\n" },
    { "'2001-12-14 21:59:43.10 -5'", "'2001-12-14 21:59:43.10 -5'\n" },
    { "'2024-01-02x'", "2024-01-02x\n" },

    { "'a\tb'", "\"a\\tb\"\n" },
    { "'a\rb'", "\"a\\rb\"\n" },
    { "'\x1b[0m \"\\'", "\"\\u001b[0m \\\"\\\\\"\n" },
    { "'\x7f\xc2\x85\xe2\x80\xa8\xef\xbb\xbf'", "\"\\u007f\\u0085\\u2028\\ufeff\"\n" },
    { "'\xef\xb7\x90\xef\xbf\xbf\xf0\x9f\xbf\xbe'", "\"\\ufdd0\\uffff\\U0001fffe\"\n" },
    { "'a\nb'", "\"a\\nb\"\n" },
  };

  check_cases (runconf_emit_yaml, cases, G_N_ELEMENTS (cases));
}

static void
test_collections (void)
{
  static const Case cases[] = {
    { "{'a': {'b': {'c': 1}, 'd': []}, 'e': {}}", "a:\n  b:\n    c: 1\n  d: []\ne: {}\n" },
    { "{'a': [1, 'x', [2, [3]], {'b': 4, 'c': [5]}, null]}",
      "a:\n  - 1\n  - x\n  - - 2\n    - - 3\n  - b: 4\n    c:\n      - 5\n  - null\n" },
    { "{'8080': 1, 'no': 2, '': 3, 'a: b': 4, '<<': 5, 'a\nb': 6}",
      "'8080': 1\n'no': 2\n'': 3\n'a: b': 4\n'<<': 5\n\"a\\nb\": 6\n" },
  };

  check_cases (runconf_emit_yaml, cases, G_N_ELEMENTS (cases));
}

static void
test_literals (void)
{
  static const Case cases[] = {
    { "{'a': 'b\nc\n', 'd': 1}", "a: |\n  b\n  c\nd: 1\n" },
    { "{'a': 'b\nc', 'd': 1}", "a: |-\n  b\n  c\nd: 1\n" },
    { "{'a': 'b\nc\n\n', 'd': 1}", "a: |+\n  b\n  c\n\nd: 1\n" },
    { "{'a': 'b\n\n# c: \"d\"\n', 'd': 1}", "a: |\n  b\n\n  # c: \"d\"\nd: 1\n" },
    { "{'a': '  b\nc\n', 'd': 1}", "a: |2\n    b\n  c\nd: 1\n" },
    { "{'a': '\n b', 'd': 1}", "a: |2-\n\n   b\nd: 1\n" },
    { "[['  a\n\n']]", "- - |2+\n      a\n\n" },
    { "[{'a': ['b\n']}]", "- a:\n    - |\n      b\n" },

    { "{'a': '\n\n'}", "a: \"\\n\\n\"\n" },
    { "{'a': 'b \nc'}", "a: \"b \\nc\"\n" },
    { "{'a': 'b\n \nc'}", "a: \"b\\n \\nc\"\n" },
    { "{'a': 'b\n\tc'}", "a: \"b\\n\\tc\"\n" },
    { "{'a': 'b\r\nc'}", "a: \"b\\r\\nc\"\n" },
    { "{'a': 'b\n\x01'}", "a: \"b\\n\\u0001\"\n" },
  };

  check_cases (runconf_emit_yaml, cases, G_N_ELEMENTS (cases));
}

static RunconfNode *
make_pair (const char *key, gsize length, RunconfNode *value)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  runconf_mapping_builder_add (builder, key, length, value);

  return runconf_mapping_builder_end (builder);
}

/* libyaml reads a key on one line up to 1,024 characters. */
static void
test_long_keys (void)
{
  g_autoptr (RunconfNode) value = tree_new ("[1]");

  for (gsize n_escaped = 0; n_escaped < 30; n_escaped++)
    {
      g_autofree char *key = g_strnfill (RUNCONF_MAX_KEY_BYTES, 'k');
      g_autoptr (RunconfNode) node = NULL;
      g_autoptr (RunconfNode) again = NULL;
      g_autoptr (RunconfNode) outer = NULL;
      g_autofree char *text = NULL;

      memset (key, '\t', n_escaped);
      node = make_pair (key, RUNCONF_MAX_KEY_BYTES, value);
      outer = runconf_node_new_sequence (&node, 1);
      text = emit (runconf_emit_yaml, outer);
      again = runconf_read_value (text, -1, "text", NULL);
      g_assert_cmpint (g_str_has_prefix (text, "- ? "), ==, n_escaped > 22);
      assert_same (again, outer);
    }
}

static void
test_json (void)
{
  static const Case cases[] = {
    { "{'a': [1, {'b': null}, [], {}], 'c': true}",
      "{\n  \"a\": [\n    1,\n    {\n      \"b\": null\n    },\n    [],\n    {}\n  ],\n  \"c\": "
      "true\n}" },
    { "[0.7, 1e100, -0.0, nan, -inf, p'18446744073709551616', b'00ff']",
      "[\n  0.7,\n  1.0e+100,\n  -0.0,\n  \".nan\",\n  \"-.inf\",\n  \"18446744073709551616\",\n  "
      "\"AP8=\"\n]" },
    { "'\"\\/\n\t\r\x01\x7f\xe2\x80\xa8 é 😀'",
      "\"\\\"\\\\/\\n\\t\\u000d\\u0001\\u007f\\u2028 é 😀\"" },
    { "{'a\nb': 1}", "{\n  \"a\\nb\": 1\n}" },
  };

  check_cases (runconf_emit_json, cases, G_N_ELEMENTS (cases));
}

/* Strings made of characters that have a meaning in YAML or JSON. */
static char *
random_string (void)
{
  static const char *const parts[] = {
    "a",
    "b",
    "ключ",
    "é",
    " ",
    " ",
    "  ",
    "\n",
    "\n",
    "\n\n",
    "\t",
    "\r",
    "\r\n",
    ":",
    ": ",
    "#",
    " #",
    "-",
    "- ",
    "---",
    "...",
    "?",
    "? ",
    "'",
    "\"",
    "\\",
    "\\n",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a",
    "*a",
    "!",
    "!!int ",
    "|",
    ">",
    "%",
    "@",
    "`",
    "~",
    "=",
    "<<",
    "null",
    "true",
    "No",
    "0",
    "1",
    "12",
    "_",
    ".",
    "e",
    "+",
    "0x",
    "0o",
    "0b",
    ":30",
    ".inf",
    ".nan",
    "\x01",
    "\x1b",
    "\x7f",
    "\xc2\x80",
    "\xc2\x85",
    "\xc2\xa0",
    "\xe2\x80\xa8",
    "\xe2\x80\xa9",
    "\xef\xbb\xbf",
    "\xef\xb7\x90",
    "\xef\xbf\xbd",
    "\xef\xbf\xbe",
    "😀",
    "\xf4\x8f\xbf\xbf",
    "\\ud83d\\ude00",
    "2024-01-02",
    "T",
    "Z",
  };
  g_autoptr (GString) out = g_string_new (NULL);

  for (gint left = g_test_rand_int_range (0, 7); left > 0; left--)
    g_string_append (out, parts[g_test_rand_int_range (0, G_N_ELEMENTS (parts))]);

  return g_string_free (g_steal_pointer (&out), FALSE);
}

static double
random_bits (void)
{
  guint64 bits = (guint64) (guint32) g_test_rand_int () << 32 | (guint32) g_test_rand_int ();
  double number;

  memcpy (&number, &bits, sizeof number);

  return number;
}

static RunconfNode *
random_tree (guint depth)
{
  g_autoptr (GPtrArray) items
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_node_unref);
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();
  gint kind = g_test_rand_int_range (depth == 0 ? 2 : 0, 8);
  g_autofree char *string = random_string ();

  if (kind > 3)
    return runconf_node_new_string (string, -1);
  if (kind == 3)
    return runconf_node_new_double (random_bits ());
  if (kind == 2)
    return random_node (0);

  for (gint left = g_test_rand_int_range (0, 4); left > 0; left--)
    {
      g_autofree char *key = random_string ();

      g_ptr_array_add (items, random_tree (depth - 1));
      runconf_mapping_builder_add (builder, key, strlen (key), items->pdata[items->len - 1]);
    }

  return kind == 1 ? runconf_mapping_builder_end (builder)
                   : runconf_node_new_sequence ((RunconfNode *const *) items->pdata, items->len);
}

/* The output is read back as the same tree, and as JSON if it can be JSON. */
static void
test_round_trip (void)
{
  for (guint i = 0; i < N_TREES; i++)
    {
      g_autoptr (RunconfNode) value = random_tree (4);
      g_autoptr (RunconfNode) node = make_pair ("root", 4, value);
      g_autoptr (RunconfDocument) document = NULL;
      g_autoptr (RunconfNode) alone = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = emit (runconf_emit_yaml, value);

      document = runconf_compose (NULL, node, "text", &error);
      g_assert_no_error (error);
      assert_same (runconf_document_get_root (document), node);

      alone = runconf_read_value (text, -1, "text", &error);
      g_assert_no_error (error);
      assert_same (alone, value);
    }
}

static void
test_json_round_trip (void)
{
  for (guint i = 0; i < N_TREES; i++)
    {
      g_autofree char *string = random_string ();
      g_autoptr (RunconfNode) value = runconf_node_new_string (string, -1);
      g_autoptr (RunconfNode) node = make_pair (string, strlen (string), value);
      g_autofree char *text = emit (runconf_emit_json, node);
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) again = runconf_read_value (text, -1, "text", &error);

      g_assert_no_error (error);
      assert_same (again, node);
    }
}

static void
assert_composed (const char *base, const char *tree, const char *expected)
{
  g_autoptr (GBytes) bytes = g_bytes_new (base, strlen (base));
  g_autoptr (RunconfDocument) old = runconf_document_new (bytes, "text", NULL);
  g_autoptr (RunconfNode) node = tree_new (tree);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDocument) document = runconf_compose (old, node, "text", &error);
  const char *text;
  gsize length;

  g_assert_no_error (error);
  text = g_bytes_get_data (runconf_document_get_text (document), &length);
  g_assert_cmpmem (text, length, expected, strlen (expected));
}

static void
test_compose (void)
{
  assert_composed ("", "{}", "{}\n");
  assert_composed ("# a\n\n  # b\nc: 1 # d\n", "{'e': 2}", "# a\n\n  # b\ne: 2\n");
  assert_composed ("# a", "{'e': 2}", "# a\ne: 2\n");
  assert_composed ("\xef\xbb\xbf", "{'e': 2}",
                   "\xef\xbb\xbf"
                   "e: 2\n");
  assert_composed ("\xef\xbb\xbf# a\r\n\r\nb:\r\n", "{'e': ['x\ny']}",
                   "\xef\xbb\xbf# a\r\n\r\ne:\r\n  - |-\r\n    x\r\n    y\r\n");
  assert_composed ("# a\n%YAML 1.2\n--- # b\nc: 1\n", "{'e': 2}", "# a\ne: 2\n");
}

static void
test_compose_too_large (void)
{
  g_autofree char *text = g_strnfill (RUNCONF_MAX_TEXT_BYTES, 'x');
  g_autoptr (RunconfNode) value = runconf_node_new_string (text, -1);
  g_autoptr (RunconfNode) node = make_pair ("a", 1, value);
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_compose (NULL, node, "text", &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE,
                "text:1:1: a text of 16777220 bytes; at most 16 MiB are read");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/yaml/emitter/scalars", test_scalars);
  g_test_add_func ("/yaml/emitter/strings", test_strings);
  g_test_add_func ("/yaml/emitter/collections", test_collections);
  g_test_add_func ("/yaml/emitter/literals", test_literals);
  g_test_add_func ("/yaml/emitter/long-keys", test_long_keys);
  g_test_add_func ("/yaml/emitter/round-trip", test_round_trip);
  g_test_add_func ("/yaml/json/forms", test_json);
  g_test_add_func ("/yaml/json/round-trip", test_json_round_trip);
  g_test_add_func ("/yaml/compose/head", test_compose);
  g_test_add_func ("/yaml/compose/too-large", test_compose_too_large);

  return g_test_run ();
}
