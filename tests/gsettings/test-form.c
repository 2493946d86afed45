/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/form/form.h"

#include "core/error.h"
#include "core/limits.h"
#include "core/variant.h"
#include "tests/gsettings/random-value.h"
#include "yaml/document.h"
#include "yaml/emitter.h"
#include "yaml/json.h"

#define N_VALUES 10000

static GVariant *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  GVariant *value = g_variant_parse (NULL, text, NULL, NULL, &error);

  g_assert_no_error (error);

  return value;
}

/* Returns: the form of a text in YAML */
static GVariant *
read_form (const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) node = runconf_read_value (text, -1, "text", &error);

  g_assert_no_error (error);

  return g_variant_ref_sink (runconf_node_to_variant (node));
}

/* Returns: @form in one line of JSON */
static char *
print_form (GVariant *form)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) node = runconf_node_from_variant (form, "", &error);

  g_assert_no_error (error);
  runconf_emit_json_line (out, node);

  return g_strchomp (g_string_free (g_steal_pointer (&out), FALSE));
}

typedef struct
{
  const char *value;
  const char *form;
} Case;

static void
check_both_ways (const Case *self, gboolean is_typed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = parse (self->value);
  g_autoptr (GVariant) form = runconf_gsettings_pack (value, is_typed);
  g_autofree char *text = print_form (form);
  g_autoptr (GVariant) again = NULL;

  g_assert_cmpstr (text, ==, self->form);
  again = runconf_gsettings_unpack (form, is_typed ? g_variant_get_type (value) : NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpvariant (again, value);
}

static void
test_typed (void)
{
  static const Case cases[] = {
    { "true", "true" },
    { "byte 0xff", "255" },
    { "int16 -1", "-1" },
    { "uint16 1", "1" },
    { "1", "1" },
    { "uint32 5", "5" },
    { "int64 5", "5" },
    { "uint64 18446744073709551615", "18446744073709551615" },
    { "handle 3", "3" },
    { "1.5", "1.5" },
    { "'24h'", "\"24h\"" },
    { "objectpath '/a'", "\"/a\"" },
    { "signature 'as'", "\"as\"" },
    { "@as []", "[]" },
    { "['us', 'de']", "[\"us\", \"de\"]" },
    { "[('xkb', 'us')]", "[[\"xkb\", \"us\"]]" },
    { "()", "[]" },
    { "(1, 'a')", "[1, \"a\"]" },
    { "@{si} {'a', 1}", "[\"a\", 1]" },
    { "{'a': uint32 1}", "{\"a\": 1}" },
    { "{objectpath '/a': 1}", "{\"/a\": 1}" },
    { "{uint32 1: 'a', 20: 'b'}", "{\"1\": \"a\", \"20\": \"b\"}" },
    { "{true: 'a'}", "{\"true\": \"a\"}" },
    { "{byte 0x10: 'a'}", "{\"16\": \"a\"}" },
    { "{-1: 'a'}", "{\"-1\": \"a\"}" },
    { "{uint64 18446744073709551615: 'a'}", "{\"18446744073709551615\": \"a\"}" },
    { "{1.5: 'a'}", "{\"1.5\": \"a\"}" },
    { "@a{us} {}", "{}" },
    { "@mi nothing", "null" },
    { "@mi 5", "5" },
    { "@mmi nothing", "[]" },
    { "@mmi just nothing", "[null]" },
    { "@mmi 5", "[5]" },
    { "@mv nothing", "[]" },
    { "@mv <5>", "[5]" },
    { "<5>", "5" },
    { "<'a'>", "\"a\"" },
    { "<['a']>", "[\"a\"]" },
    { "<@a{sv} {}>", "{}" },
    { "<{'a': <uint32 1>, 'b': <true>}>", "{\"a\": {\"gvariant\": \"uint32 1\"}, \"b\": true}" },
    { "<int64 5000000000>", "5000000000" },
    { "<uint64 18446744073709551615>", "18446744073709551615" },
    { "<uint32 5>", "{\"gvariant\": \"uint32 5\"}" },
    { "<int64 5>", "{\"gvariant\": \"int64 5\"}" },
    { "<@as []>", "{\"gvariant\": \"@as []\"}" },
    { "<<5>>", "{\"gvariant\": \"<<5>>\"}" },
    { "<{'a': 1}>", "{\"gvariant\": \"{'a': 1}\"}" },
    { "{'a': 1, 'a': 2}", "{\"gvariant\": \"{'a': 1, 'a': 2}\"}" },
    { "{'': 1}", "{\"gvariant\": \"{'': 1}\"}" },
    { "{'gvariant': 'x'}", "{\"gvariant\": \"{'gvariant': 'x'}\"}" },
    { "[{'gvariant': 1}, {'a': 1}]", "[{\"gvariant\": \"{'gvariant': 1}\"}, {\"a\": 1}]" },
    { "{'gvariant': 1, 'a': 2}", "{\"gvariant\": 1, \"a\": 2}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_both_ways (&cases[i], TRUE);
}

/* Without a schema the form tells the type. */
static void
test_untyped (void)
{
  static const Case cases[] = {
    { "true", "true" },
    { "1", "1" },
    { "int64 5000000000", "5000000000" },
    { "uint64 9223372036854775808", "9223372036854775808" },
    { "1.0", "1.0" },
    { "'a'", "\"a\"" },
    { "['a']", "[\"a\"]" },
    { "[[1], [2]]", "[[1], [2]]" },
    { "[int64 5000000000]", "[5000000000]" },
    { "{'a': <1>}", "{\"a\": 1}" },
    { "[{'a': <1>}]", "[{\"a\": 1}]" },
    { "int64 5", "{\"gvariant\": \"int64 5\"}" },
    { "uint32 5", "{\"gvariant\": \"uint32 5\"}" },
    { "byte 0x05", "{\"gvariant\": \"byte 0x05\"}" },
    { "@as []", "{\"gvariant\": \"@as []\"}" },
    { "[int64 1, 5000000000]", "{\"gvariant\": \"[int64 1, 5000000000]\"}" },
    { "{'a': 1}", "{\"gvariant\": \"{'a': 1}\"}" },
    { "(1, 'a')", "{\"gvariant\": \"(1, 'a')\"}" },
    { "@mi nothing", "{\"gvariant\": \"@mi nothing\"}" },
    { "objectpath '/a'", "{\"gvariant\": \"objectpath '/a'\"}" },
    { "<1>", "{\"gvariant\": \"<1>\"}" },
    { "[<1>, <'a'>]", "{\"gvariant\": \"[<1>, <'a'>]\"}" },
    { "{'gvariant': <'x'>}", "{\"gvariant\": \"{'gvariant': <'x'>}\"}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    check_both_ways (&cases[i], FALSE);
}

/* Forms that people write, and that runconf_gsettings_pack() doesn't. */
static void
test_read (void)
{
  static const struct
  {
    const char *form;
    const char *type;
    const char *value;
  } cases[] = {
    { "1", "d", "1.0" },
    { "18446744073709551615", "d", "18446744073709551616.0" },
    { "[97, 98]", "ay", "[byte 97, 98]" },
    { "[]", "ay", "@ay []" },
    { "{gvariant: '5'}", "u", "uint32 5" },
    { "{gvariant: uint32 5}", "u", "uint32 5" },
    { "{gvariant: int64 5}", "u", "uint32 5" },
    { "{gvariant: '[]'}", "as", "@as []" },
    { "{gvariant: <5>}", "v", "<5>" },
    { "{gvariant: <<5>>}", "v", "<<5>>" },
    { "{gvariant: '5'}", "v", "<5>" },
    { "[1, {gvariant: '2'}]", "ai", "[1, 2]" },
    { "[{gvariant: byte 1}, a]", "av", "[<byte 1>, <'a'>]" },
    { "{1: a, '2': b}", "a{is}", "{1: 'a', 2: 'b'}" },
    { "{0: a, 1.5: b}", "a{ds}", "{0.0: 'a', 1.5: 'b'}" },
    { "{gvariant: 5}", "a{si}", "{'gvariant': 5}" },
    { "{}", "a{sv}", "@a{sv} {}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) form = read_form (cases[i].form);
      g_autoptr (GVariant) wanted = parse (cases[i].value);
      g_autoptr (GVariant) value
          = runconf_gsettings_unpack (form, G_VARIANT_TYPE (cases[i].type), &error);

      g_assert_no_error (error);
      g_assert_cmpvariant (value, wanted);
    }
}

/* A message names the expected and the found type, the place in the value, and never the value. */
static void
test_refused (void)
{
  static const struct
  {
    const char *form;
    const char *type; /* %NULL for the type that the form tells */
    const char *message;
  } cases[] = {
    { "yes", "b", "expected a boolean, found a string" },
    { "256", "y", "expected an integer from 0 to 255, found a larger one" },
    { "-1", "u", "expected an integer from 0 to 4294967295, found a smaller one" },
    { "18446744073709551615", "x",
      "expected an integer from -9223372036854775808 to 9223372036854775807, found a larger one" },
    { "1.0", "i", "expected an integer from -2147483648 to 2147483647, found a float" },
    { "1", "s", "expected a string, found an integer" },
    { "true", "d", "expected a float, found a boolean" },
    { "a b", "o", "expected an object path of D-Bus, found another string" },
    { "'{'", "g", "expected a signature of D-Bus, found another string" },
    { "null", "s", "expected a string, found null" },
    { "null", NULL, "expected a value that tells its type, or {gvariant: TEXT}, found null" },
    { "[]", "v",
      "expected a value that tells its type, or {gvariant: TEXT}, found an empty sequence" },
    { "[1, a]", NULL,
      "expected a value that tells its type, or {gvariant: TEXT}, found a sequence whose items "
      "tell "
      "no common type" },
    { "a", "ay", "expected binary or a sequence, found a string" },
    { "[1, 256]", "ay", "/1: expected an integer from 0 to 255, found a larger one" },
    { "!!binary YQ==", "as", "expected a sequence, found binary" },
    { "{a: 1}", "as", "expected a sequence, found a mapping" },
    { "[a]", "a{ss}", "expected a mapping, found a sequence" },
    { "{a: {x/y: [1, b]}}", "a{sa{sai}}",
      "/a/x~1y/1: expected an integer from -2147483648 to 2147483647, found a string" },
    { "{a: b}", "a{us}",
      "/a: expected an integer from 0 to 4294967295, found another text as the key" },
    { "{' 1': b}", "a{ts}",
      "/ 1: expected an integer from 0 to 18446744073709551615, found another text as the key" },
    { "{'1': b}", "a{bs}", "/1: expected a boolean, found another text as the key" },
    { "{'1x': b}", "a{ds}", "/1x: expected a float, found another text as the key" },
    { "{'': b}", "a{os}", "/: expected an object path of D-Bus, found another text as the key" },
    { "true", "a{ss}", "expected a mapping, found a boolean" },
    { "[1]", "(is)", "expected a sequence of 2 values, found a sequence of 1 value" },
    { "[1, 2, 3]", "{is}", "expected a sequence of 2 values, found a sequence of 3 values" },
    { "[1, 2]", "(is)", "/1: expected a string, found an integer" },
    { "1", "ms", "expected a string, found an integer" },
    { "null", "mms", "expected a sequence of at most 1 value, found null" },
    { "[null, null]", "mms",
      "expected a sequence of at most 1 value, found a sequence of 2 values" },
    { "{gvariant: -5}", "as", "expected a sequence, found a mapping" },
    { "{gvariant: \"'a'\"}", "u",
      "expected the text of a GVariant of the type u, found a text with an error at 0-3:can not "
      "parse as value of type 'u'" },
    { "[{gvariant: secret}]", "av",
      "/0: expected the text of a GVariant, found a text with an error at "
      "0-6:unknown keyword" },
    { "{gvariant: ''}", NULL,
      "expected the text of a GVariant, found a text with an error at 0:expected value" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) form = read_form (cases[i].form);

      g_assert_null (runconf_gsettings_unpack (
          form, cases[i].type != NULL ? G_VARIANT_TYPE (cases[i].type) : NULL, &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE);
      g_assert_cmpstr (error->message, ==, cases[i].message);
    }
}

/* GLib prints the smallest floats, and doesn't read them. */
static void
test_bytes (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value
      = g_variant_ref_sink (g_variant_new ("v", g_variant_new ("(d)", 5e-324)));
  g_autoptr (GVariant) form = runconf_gsettings_pack (value, TRUE);
  g_autoptr (GVariant) wanted = read_form ("{gvariant: !!binary AQAAAAAAAAAAKGQp}");
  g_autoptr (GVariant) cut = read_form ("{gvariant: !!binary AQAAAAAAAAA=}");
  g_autoptr (GVariant) again = runconf_gsettings_unpack (form, G_VARIANT_TYPE_VARIANT, &error);

  g_assert_no_error (error);
  g_assert_cmpvariant (form, wanted);
  g_assert_cmpvariant (again, value);

  g_assert_null (runconf_gsettings_unpack (form, G_VARIANT_TYPE ("as"), &error));
  g_assert_cmpstr (error->message, ==,
                   "expected the bytes of a GVariant of the type as, found other bytes");
  g_clear_error (&error);
  g_assert_null (runconf_gsettings_unpack (cut, NULL, &error));
  g_assert_cmpstr (error->message, ==, "expected the bytes of a GVariant, found other bytes");
}

/* Values that are deeper than a configuration allows are kept as text, whatever their type. */
static void
test_deep (void)
{
  static const struct
  {
    guint levels;
    gboolean is_escaped;
  } cases[] = { { 8, FALSE }, { 9, TRUE }, { 60, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) value = g_variant_ref_sink (g_variant_new_int32 (1));
      g_autoptr (GVariant) form = NULL;
      g_autoptr (GVariant) again = NULL;
      g_autoptr (GError) error = NULL;
      g_autofree char *text = NULL;

      for (guint level = 0; level < cases[i].levels; level++)
        {
          GVariant *entry = g_variant_new_dict_entry (g_variant_new_string ("a"),
                                                      g_variant_new_variant (value));

          g_variant_unref (value);
          value = g_variant_ref_sink (g_variant_new_array (NULL, &entry, 1));
        }

      form = runconf_gsettings_pack (value, TRUE);
      text = print_form (form);
      g_assert_cmpint (g_str_has_prefix (text, "{\"gvariant\""), ==, cases[i].is_escaped);
      again = runconf_gsettings_unpack (form, G_VARIANT_TYPE_VARDICT, &error);
      g_assert_no_error (error);
      g_assert_cmpvariant (again, value);
    }
}

/* A key of 12 segments takes every form. */
static void
test_deepest_key (void)
{
  g_assert_cmpuint (12 * RUNCONF_COST_MAPPING + RUNCONF_GSETTINGS_MAX_COST, ==, RUNCONF_MAX_COST);
}

/* Returns: the form after a configuration and its file had it */
static GVariant *
pass_through_file (GVariant *form)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) node = runconf_node_from_variant (form, "", &error);
  g_autoptr (RunconfNode) again = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  g_assert_no_error (error);
  runconf_emit_yaml (text, node);
  again = runconf_read_value (text->str, text->len, "text", &error);
  g_assert_no_error (error);

  return g_variant_ref_sink (runconf_node_to_variant (again));
}

static void
check_law (GVariant *value, gboolean is_typed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) packed = runconf_gsettings_pack (value, is_typed);
  g_autoptr (GVariant) form = pass_through_file (packed);
  g_autoptr (GVariant) again
      = runconf_gsettings_unpack (form, is_typed ? g_variant_get_type (value) : NULL, &error);
  g_autofree char *wanted = print_sorted (value);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = print_sorted (again);
  g_assert_cmpstr (text, ==, wanted);
}

static void
test_law (void)
{
  for (guint i = 0; i < N_VALUES; i++)
    {
      g_autoptr (GVariantType) type = random_type (i % 6);
      g_autoptr (GVariant) value = g_variant_ref_sink (random_value (type, 6));

      check_law (value, TRUE);
      check_law (value, FALSE);
    }
}

/* A value without a schema stays the same when a schema comes that tells its type. */
static void
test_law_late_schema (void)
{
  for (guint i = 0; i < N_VALUES; i++)
    {
      g_autoptr (GVariantType) type = random_type (i % 4);
      g_autoptr (GVariant) value = g_variant_ref_sink (random_value (type, 4));
      g_autoptr (GVariant) form = runconf_gsettings_pack (value, FALSE);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) again = runconf_gsettings_unpack (form, type, &error);
      g_autofree char *wanted = print_sorted (value);
      g_autofree char *text = NULL;

      g_assert_no_error (error);
      text = print_sorted (again);
      g_assert_cmpstr (text, ==, wanted);
    }
}

/* No form of one type is a fault when it is read as another type. */
static void
test_law_other_type (void)
{
  for (guint i = 0; i < N_VALUES; i++)
    {
      g_autoptr (GVariantType) type = random_type (i % 4);
      g_autoptr (GVariantType) other = random_type (i % 4);
      g_autoptr (GVariant) value = g_variant_ref_sink (random_value (type, 4));
      g_autoptr (GVariant) form = runconf_gsettings_pack (value, i % 2 == 0);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) again = runconf_gsettings_unpack (form, other, &error);

      if (again != NULL)
        g_assert_true (g_variant_is_of_type (again, other));
      else
        g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE);
    }
}

static void
test_paths (void)
{
  static const char *const cases[][2] = {
    { "/org/gnome/desktop/interface/clock-format", "/org/gnome/desktop/interface/clock-format" },
    { "/org/profiles:/:a~b/x", "/org/profiles:/:a~0b/x" },
    { "/~1", "/~01" },
  };
  static const char *const no_keys[] = { "", "/", "a", "/a/", "/a//b", "/a~1b" };
  g_autofree char *folder = runconf_gsettings_path ("/org/gnome/");
  g_autofree char *root = runconf_gsettings_path ("/");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = runconf_gsettings_path (cases[i][0]);
      g_autofree char *key = runconf_gsettings_key (path);

      g_assert_cmpstr (path, ==, cases[i][1]);
      g_assert_cmpstr (key, ==, cases[i][0]);
    }

  for (guint i = 0; i < G_N_ELEMENTS (no_keys); i++)
    g_assert_null (runconf_gsettings_key (no_keys[i]));

  g_assert_cmpstr (folder, ==, "/org/gnome");
  g_assert_cmpstr (root, ==, "");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gsettings/form/typed", test_typed);
  g_test_add_func ("/gsettings/form/untyped", test_untyped);
  g_test_add_func ("/gsettings/form/read", test_read);
  g_test_add_func ("/gsettings/form/refused", test_refused);
  g_test_add_func ("/gsettings/form/bytes", test_bytes);
  g_test_add_func ("/gsettings/form/deep", test_deep);
  g_test_add_func ("/gsettings/form/deepest-key", test_deepest_key);
  g_test_add_func ("/gsettings/form/law", test_law);
  g_test_add_func ("/gsettings/form/law/late-schema", test_law_late_schema);
  g_test_add_func ("/gsettings/form/law/other-type", test_law_other_type);
  g_test_add_func ("/gsettings/form/paths", test_paths);

  return g_test_run ();
}
