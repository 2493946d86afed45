/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "schema/value.h"
#include "tests/schema/support.h"

static guint
hash_yaml (const char *text)
{
  g_autoptr (RunconfNode) value = read_yaml (text);

  return runconf_value_hash (value);
}

static void
test_equal_values_have_one_hash (void)
{
  static const struct
  {
    const char *a;
    const char *b;
  } equal[] = {
    { "a: 1", "a: 1.0" },
    { "a: 0", "a: -0.0" },
    { "a: -3", "a: -3.0" },
    { "a: .nan", "a: .NaN" },
    { "a: 9007199254740992", "a: 9007199254740992.0" },
    { "a: 9223372036854775808", "a: 9.223372036854775808e18" },
    { "a: -9223372036854775808", "a: -9.223372036854775808e18" },
    { "a: !!binary AAEC", "a: AAEC" },
    { "{a: 1, b: [2]}", "{b: [2.0], a: 1.0}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (equal); i++)
    {
      g_autoptr (RunconfNode) a = read_yaml (equal[i].a);
      g_autoptr (RunconfNode) b = read_yaml (equal[i].b);

      g_test_message ("%s, %s", equal[i].a, equal[i].b);
      g_assert_true (runconf_value_equal (a, b));
      g_assert_cmpuint (runconf_value_hash (a), ==, runconf_value_hash (b));
    }
}

static void
assert_spread (GHashTable *hashes, guint n_values)
{
  /* 32 bits: a few of some thousand hashes may be the same by chance */
  g_assert_cmpuint (g_hash_table_size (hashes), >=, n_values - 8);
}

/* Calls itself for each order of the digits from @n on. */
static void
add_orders (char *digits, guint n, GHashTable *hashes)
{
  g_autofree char *text = NULL;

  for (guint i = n; digits[n] != '\0' && i < strlen (digits); i++)
    {
      char kept = digits[n];

      digits[n] = digits[i];
      digits[i] = kept;
      add_orders (digits, n + 1, hashes);
      digits[i] = digits[n];
      digits[n] = kept;
    }
  if (digits[n] != '\0')
    return;

  text = g_strdup_printf ("{a: %c, b: %c, c: %c, d: %c, e: %c, f: %c, g: %c}", digits[0], digits[1],
                          digits[2], digits[3], digits[4], digits[5], digits[6]);
  g_hash_table_add (hashes, GUINT_TO_POINTER (hash_yaml (text)));
}

static void
test_mappings_with_the_same_parts_have_different_hashes (void)
{
  g_autoptr (GHashTable) hashes = g_hash_table_new (NULL, NULL);
  char digits[] = "1234567";

  add_orders (digits, 0, hashes);
  assert_spread (hashes, 5040);
}

static void
test_neighbouring_integers_have_different_hashes (void)
{
  g_autoptr (GHashTable) hashes = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < 4096; i++)
    {
      g_autofree char *text
          = g_strdup_printf ("a: %" G_GUINT64_FORMAT, G_GUINT64_CONSTANT (0xfffffffffffff000) + i);

      g_hash_table_add (hashes, GUINT_TO_POINTER (hash_yaml (text)));
    }
  assert_spread (hashes, 4096);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/schema/value/equal", test_equal_values_have_one_hash);
  g_test_add_func ("/schema/value/same-parts",
                   test_mappings_with_the_same_parts_have_different_hashes);
  g_test_add_func ("/schema/value/neighbours", test_neighbouring_integers_have_different_hashes);

  return g_test_run ();
}
