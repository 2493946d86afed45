/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/value-mapping.h"

#include <gio/gio.h>

/* The value of a type for a variant, and the variant for that value, as text; %NULL if there is
 * none.
 */
typedef struct
{
  GType (*type) (void);
  const char *variant;
  const char *value;
  const char *back;
} Case;

#define TYPE(NAME, TYPE)                                                                           \
  static GType type_##NAME (void)                                                                  \
  {                                                                                                \
    return TYPE;                                                                                   \
  }

TYPE (boolean, G_TYPE_BOOLEAN)
TYPE (char, G_TYPE_CHAR)
TYPE (uchar, G_TYPE_UCHAR)
TYPE (int, G_TYPE_INT)
TYPE (uint, G_TYPE_UINT)
TYPE (long, G_TYPE_LONG)
TYPE (ulong, G_TYPE_ULONG)
TYPE (int64, G_TYPE_INT64)
TYPE (uint64, G_TYPE_UINT64)
TYPE (float, G_TYPE_FLOAT)
TYPE (double, G_TYPE_DOUBLE)
TYPE (string, G_TYPE_STRING)
TYPE (strv, G_TYPE_STRV)
TYPE (variant, G_TYPE_VARIANT)

static const Case cases[] = {
  { type_boolean, "true", "TRUE", "true" },
  { type_boolean, "false", "FALSE", "false" },
  { type_boolean, "int64 1", NULL, NULL },
  { type_boolean, "'true'", NULL, NULL },
  { type_char, "int64 127", "127", "int64 127" },
  { type_char, "int64 -128", "-128", "int64 -128" },
  { type_char, "int64 128", NULL, NULL },
  { type_uchar, "int64 255", "255", "int64 255" },
  { type_uchar, "int64 256", NULL, NULL },
  { type_uchar, "int64 -1", NULL, NULL },
  { type_int, "int64 2147483647", "2147483647", "int64 2147483647" },
  { type_int, "int64 2147483648", NULL, NULL },
  { type_int, "int64 -2147483648", "-2147483648", "int64 -2147483648" },
  { type_int, "int64 -2147483649", NULL, NULL },
  { type_int, "20.0", NULL, NULL },
  { type_int, "signature ''", NULL, NULL },
  { type_uint, "int64 4294967295", "4294967295", "int64 4294967295" },
  { type_uint, "int64 4294967296", NULL, NULL },
  { type_uint, "int64 -1", NULL, NULL },
  { type_long, "int64 -1", "-1", "int64 -1" },
  { type_long, "uint64 9223372036854775808", NULL, NULL },
  { type_ulong, "int64 7", "7", "uint64 7" },
  { type_ulong, "int64 -7", NULL, NULL },
  { type_int64, "int64 -9223372036854775808", "-9223372036854775808",
    "int64 -9223372036854775808" },
  { type_int64, "uint64 9223372036854775808", NULL, NULL },
  { type_uint64, "uint64 18446744073709551615", "18446744073709551615",
    "uint64 18446744073709551615" },
  { type_uint64, "int64 -1", NULL, NULL },
  { type_float, "0.5", "0.500000", "0.5" },
  { type_float, "int64 2", "2.000000", "2.0" },
  { type_float, "1e300", NULL, NULL },
  { type_float, "inf", "inf", "inf" },
  { type_float, "nan", "nan", "nan" },
  { type_double, "0.25", "0.250000", "0.25" },
  { type_double, "int64 20", "20.000000", "20.0" },
  { type_double, "uint64 9223372036854775808", "9223372036854775808.000000",
    "9.2233720368547758e+18" },
  { type_double, "'0.5'", NULL, NULL },
  { type_string, "'text'", "\"text\"", "'text'" },
  { type_string, "signature ''", "NULL", "signature ''" },
  { type_string, "int64 1", NULL, NULL },
  { type_strv, "[<'a'>, <'b'>]", "a+b", "['a', 'b']" },
  { type_strv, "@av []", "", "@as []" },
  { type_strv, "signature ''", "NULL", "signature ''" },
  { type_strv, "[<'a'>, <int64 1>]", NULL, NULL },
  { type_strv, "'a'", NULL, NULL },
  { g_bus_type_get_type, "'session'", "((GBusType) G_BUS_TYPE_SESSION)", "'session'" },
  { g_bus_type_get_type, "'G_BUS_TYPE_SESSION'", NULL, NULL },
  { g_bus_type_get_type, "'other'", NULL, NULL },
  { g_bus_type_get_type, "int64 2", NULL, NULL },
  { g_application_flags_get_type, "[<'is-service'>, <'non-unique'>]",
    "((GApplicationFlags) G_APPLICATION_IS_SERVICE | G_APPLICATION_NON_UNIQUE)",
    "['is-service', 'non-unique']" },
  { g_application_flags_get_type, "@av []", "((GApplicationFlags) G_APPLICATION_FLAGS_NONE)",
    "@as []" },
  { g_application_flags_get_type, "[<'other'>]", NULL, NULL },
  { g_application_flags_get_type, "'is-service'", NULL, NULL },
  { type_variant, "{'a': <int64 1>}", "{'a': <int64 1>}", "{'a': <int64 1>}" },
};

static char *
describe (const GValue *value)
{
  GVariant *variant;
  char **strings;

  if (G_VALUE_HOLDS_VARIANT (value))
    {
      variant = g_value_get_variant (value);
      return variant != NULL ? g_variant_print (variant, TRUE) : g_strdup ("NULL");
    }

  if (G_VALUE_HOLDS (value, G_TYPE_STRV))
    {
      strings = g_value_get_boxed (value);
      return strings != NULL ? g_strjoinv ("+", strings) : g_strdup ("NULL");
    }

  return g_strdup_value_contents (value);
}

static void
test_cases (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) variant = g_variant_parse (NULL, cases[i].variant, NULL, NULL, NULL);
      g_autoptr (GVariant) back = NULL;
      g_auto (GValue) value = G_VALUE_INIT;
      g_autofree char *shown = NULL;
      g_autofree char *printed = NULL;

      g_assert_nonnull (variant);
      g_test_message ("%s as %s", cases[i].variant, g_type_name (cases[i].type ()));
      g_assert_true (runconf_value_mapping_covers (cases[i].type ()));
      g_value_init (&value, cases[i].type ());
      if (cases[i].value == NULL)
        {
          g_assert_false (runconf_value_mapping_get (&value, variant));
          continue;
        }

      g_assert_true (runconf_value_mapping_get (&value, variant));
      shown = describe (&value);
      g_assert_cmpstr (shown, ==, cases[i].value);
      back = g_variant_take_ref (runconf_value_mapping_set (&value));
      printed = g_variant_print (back, TRUE);
      g_assert_cmpstr (printed, ==, cases[i].back);
    }
}

/* Values that a property can have and a configuration can't. */
static void
test_no_form (void)
{
  const char *const strings[] = { "fine", "\xff", NULL };
  g_auto (GValue) string = G_VALUE_INIT;
  g_auto (GValue) strv = G_VALUE_INIT;
  g_auto (GValue) enumeration = G_VALUE_INIT;
  g_auto (GValue) flags = G_VALUE_INIT;
  g_auto (GValue) variant = G_VALUE_INIT;

  g_value_init (&string, G_TYPE_STRING);
  g_value_set_string (&string, "\xff");
  g_assert_null (runconf_value_mapping_set (&string));
  g_value_init (&strv, G_TYPE_STRV);
  g_value_set_boxed (&strv, strings);
  g_assert_null (runconf_value_mapping_set (&strv));
  g_value_init (&enumeration, G_TYPE_BUS_TYPE);
  g_value_set_enum (&enumeration, 77);
  g_assert_null (runconf_value_mapping_set (&enumeration));
  g_value_init (&flags, G_TYPE_APPLICATION_FLAGS);
  g_value_set_flags (&flags, 1u << 30);
  g_assert_null (runconf_value_mapping_set (&flags));
  g_value_init (&variant, G_TYPE_VARIANT);
  g_assert_null (runconf_value_mapping_set (&variant));

  g_assert_false (runconf_value_mapping_covers (G_TYPE_OBJECT));
  g_assert_false (runconf_value_mapping_covers (G_TYPE_BYTES));
  g_assert_false (runconf_value_mapping_covers (G_TYPE_POINTER));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/value-mapping/cases", test_cases);
  g_test_add_func ("/value-mapping/no-form", test_no_form);

  return g_test_run ();
}
