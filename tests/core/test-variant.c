/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/variant.h"

#include "core/limits.h"
#include "core/mapping.h"
#include "tests/core/testutil.h"

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *variant = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);

  return variant;
}

static void
test_out (void)
{
  static const char *const cases[][2] = {
    { "null", "signature ''" },
    { "true", "true" },
    { "1", "int64 1" },
    { "-9223372036854775808", "int64 -9223372036854775808" },
    { "9223372036854775808", "uint64 9223372036854775808" },
    { "1.0", "1.0" },
    { "'ключ'", "'ключ'" },
    { "p'123456789012345678901'", "'123456789012345678901'" },
    { "b'0061'", "[byte 0x00, 0x61]" },
    { "b''", "@ay []" },
    { "[]", "@av []" },
    { "[1, 'a']", "[<int64 1>, <'a'>]" },
    { "[[1]]", "[<[<int64 1>]>]" },
    { "{}", "@a{sv} {}" },
    { "{'b': 1, 'a': {'': null}}", "{'b': <int64 1>, 'a': <{'': <signature ''>}>}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) node = tree_new (cases[i][0]);
      g_autoptr (GVariant) variant = g_variant_ref_sink (runconf_node_to_variant (node));
      g_autofree char *text = g_variant_print (variant, TRUE);

      g_assert_cmpstr (text, ==, cases[i][1]);
    }
}

static void
test_in (void)
{
  static const char *const cases[][2] = {
    { "byte 0xff", "255" },
    { "int16 -32768", "-32768" },
    { "uint16 65535", "65535" },
    { "int32 -1", "-1" },
    { "uint32 4294967295", "4294967295" },
    { "int64 -9223372036854775808", "-9223372036854775808" },
    { "uint64 1", "1" },
    { "uint64 18446744073709551615", "18446744073709551615" },
    { "1.5", "1.5" },
    { "false", "false" },
    { "'text'", "'text'" },
    { "objectpath '/org/runconf'", "'/org/runconf'" },
    { "signature ''", "null" },
    { "b'ab'", "b'616200'" },
    { "@ay []", "b''" },
    { "<<<1>>>", "1" },
    { "['a', 'b']", "['a', 'b']" },
    { "@as []", "[]" },
    { "[true]", "[true]" },
    { "[@ay [1], [2]]", "[b'01', b'02']" },
    { "()", "[]" },
    { "(1, 'a', <2>)", "[1, 'a', 2]" },
    { "[<1>, <'a'>]", "[1, 'a']" },
    { "{'a': 1}", "{'a': 1}" },
    { "{'a': 'b', '': 'c'}", "{'a': 'b', '': 'c'}" },
    { "@a{sv} {}", "{}" },
    { "@a{ss} {}", "{}" },
    { "{objectpath '/a': 1}", "{'/a': 1}" },
    { "{'a': <{'b': [1]}>}", "{'a': {'b': [1]}}" },
    { "{'a': {'b': {'c': true}}}", "{'a': {'b': {'c': true}}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) variant = parse (cases[i][0]);
      g_autoptr (RunconfNode) node = runconf_node_from_variant (variant, "", &error);

      g_assert_no_error (error);
      assert_tree (node, cases[i][1]);
    }
}

static void
test_refused (void)
{
  static const char *const cases[][2] = {
    { "handle 0", "the value: a value of the D-Bus type h can't be stored in a configuration: send "
                  "a string, number, boolean, array, or dictionary" },
    { "@ms 'a'", "the value: a value of the D-Bus type ms can't be stored in a configuration: send "
                 "a string, number, boolean, array, or dictionary" },
    { "{'a': <[<handle 0>]>}",
      "/a/0: a value of the D-Bus type h can't be stored in a configuration: send a string, "
      "number, boolean, array, or dictionary" },
    { "@{sv} {'a', <1>}", "the value: a value of the D-Bus type {sv} can't be stored in a "
                          "configuration: send a string, number, boolean, array, or dictionary" },
    { "{'x/y': <signature 'as'>}",
      "/x~1y: only the empty signature is allowed, which means null; send text as a string" },
    { "{'a': <1>, 'b': <2>, 'a': <3>}",
      "/a: the key occurs twice: the keys of a mapping are unique" },
    { "[{'': 1, '': 2}]", "/0/: the key occurs twice: the keys of a mapping are unique" },
    { "{1: 'a'}", "the value: the keys of a mapping are strings: send a dictionary of type a{sv}" },
    { "{'a': <{true: 1}>}",
      "/a: the keys of a mapping are strings: send a dictionary of type a{sv}" },
    { "{'a': <@a{is} {}>}",
      "/a: the keys of a mapping are strings: send a dictionary of type a{sv}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) variant = parse (cases[i][0]);

      g_assert_null (runconf_node_from_variant (variant, "", &error));
      assert_error (error, RUNCONF_ERROR_INVALID_VALUE, cases[i][1]);
    }
}

/* The path in the message is that in the configuration, not only that in the value. */
static void
test_refused_below (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) variant = parse ("{'a': [handle 0]}");

  g_assert_null (runconf_node_from_variant (variant, "/chat/rooms", &error));
  assert_error (error, RUNCONF_ERROR_INVALID_VALUE,
                "/chat/rooms/a/0: a value of the D-Bus type h can't be stored in a configuration: "
                "send a string, number, boolean, array, or dictionary");
}

static void
test_keys (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *longest = g_strnfill (1000, 'k');
  g_autofree char *longer = g_strnfill (1001, 'k');
  g_autofree char *shown = g_strnfill (199, 'k');
  g_autofree char *message = g_strdup_printf ("/%s…: a key holds at most 1000 bytes", shown);
  g_autoptr (GVariant) fits = g_variant_ref_sink (g_variant_new_parsed ("{%s: 1}", longest));
  g_autoptr (GVariant) too_long = g_variant_ref_sink (g_variant_new_parsed ("{%s: 1}", longer));
  g_autoptr (RunconfNode) node = runconf_node_from_variant (fits, "", &error);

  g_assert_no_error (error);
  g_assert_nonnull (runconf_mapping_get (node, longest));
  g_assert_null (runconf_node_from_variant (too_long, "", &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE, message);
}

static void
test_nodes (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree guint32 *items = g_new0 (guint32, RUNCONF_MAX_NODES);
  g_autoptr (GVariant) most = g_variant_ref_sink (
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, items, RUNCONF_MAX_NODES - 1, 4));
  g_autoptr (GVariant) more = g_variant_ref_sink (
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, items, RUNCONF_MAX_NODES, 4));
  g_autoptr (GVariant) half = g_variant_ref_sink (
      g_variant_new_fixed_array (G_VARIANT_TYPE_UINT32, items, RUNCONF_MAX_NODES / 2, 4));
  g_autoptr (GVariant) both = g_variant_ref_sink (g_variant_new ("(@au@au)", half, half));
  g_autoptr (RunconfNode) node = runconf_node_from_variant (most, "", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (runconf_node_get_n_nodes (node), ==, RUNCONF_MAX_NODES);
  g_assert_null (runconf_node_from_variant (more, "", &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE,
                "the value: too many values: there are at most 1000000");
  g_assert_null (runconf_node_from_variant (both, "", &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE, "/1: too many values: there are at most 1000000");
}

static void
test_depth (void)
{
  for (guint depth = 19; depth <= 21; depth++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) node = NULL;
      g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_int32 (1));

      for (guint i = 0; i < depth; i++)
        {
          g_autoptr (GVariant) inner = g_steal_pointer (&variant);

          variant = g_variant_ref_sink (g_variant_new_parsed ("{'a': <%*>}", inner));
        }

      node = runconf_node_from_variant (variant, "", &error);
      g_assert_cmpint (node != NULL, ==, depth <= 20);
      if (node == NULL)
        g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE);
    }
}

static void
assert_same_order (const RunconfNode *a, const RunconfNode *b)
{
  for (guint i = 0; i < runconf_node_get_length (a); i++)
    {
      if (runconf_node_is_mapping (a))
        g_assert_cmpstr (runconf_mapping_get_key (a, i, NULL), ==,
                         runconf_mapping_get_key (b, i, NULL));
      assert_same_order (runconf_node_get_child (a, i), runconf_node_get_child (b, i));
    }
}

/* Values arrive unchanged over the bus, in either byte order. */
static void
test_round_trip (void)
{
  for (guint trial = 0; trial < N_TRIALS / 2; trial++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) node = random_mapping (5);
      g_autoptr (GVariant) variant = g_variant_ref_sink (runconf_node_to_variant (node));
      g_autoptr (GVariant) swapped = g_variant_byteswap (variant);
      g_autoptr (GVariant) received = g_variant_byteswap (swapped);
      g_autoptr (RunconfNode) back = runconf_node_from_variant (variant, "", &error);
      g_autoptr (RunconfNode) from_bus = runconf_node_from_variant (received, "", &error);

      g_assert_no_error (error);
      g_assert_cmpstr (g_variant_get_type_string (variant), ==, "a{sv}");
      g_assert_true (g_variant_is_normal_form (variant));
      assert_same (back, node);
      assert_same (from_bus, node);
      assert_same_order (back, node);
    }
}

/* The same as GLib makes, around the sizes where the offsets become larger. */
static void
test_strings (void)
{
  static const guint counts[]
      = { 0, 1, 2, 49, 50, 51, 52, 10000, 13105, 13106, 13107, 13108, 14000 };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autoptr (GPtrArray) strings = g_ptr_array_new ();
      g_autoptr (GVariant) made = NULL;
      g_autoptr (GVariant) expected = NULL;

      for (guint j = 0; j < counts[i]; j++)
        g_ptr_array_add (strings, (gpointer) (j % 3 == 0   ? ""
                                              : j % 3 == 1 ? "/\xc3\xa4"
                                                           : "/bc/d"));
      made = g_variant_ref_sink (
          runconf_variant_new_strings ((const char *const *) strings->pdata, strings->len));
      expected = g_variant_ref_sink (
          g_variant_new_strv ((const char *const *) strings->pdata, strings->len));
      g_assert_cmpvariant (made, expected);
      g_assert_cmpmem (g_variant_get_data (made), g_variant_get_size (made),
                       g_variant_get_data (expected), g_variant_get_size (expected));
      g_assert_true (g_variant_is_normal_form (made));
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/variant/out", test_out);
  g_test_add_func ("/variant/in", test_in);
  g_test_add_func ("/variant/refused", test_refused);
  g_test_add_func ("/variant/refused-below", test_refused_below);
  g_test_add_func ("/variant/keys", test_keys);
  g_test_add_func ("/variant/nodes", test_nodes);
  g_test_add_func ("/variant/depth", test_depth);
  g_test_add_func ("/variant/strings", test_strings);
  g_test_add_func ("/variant/round-trip", test_round_trip);

  return g_test_run ();
}
