/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/hash.h"

/* It reads what it is given and nothing behind it: addresses are checked under a sanitizer. */
static void
test_bounds (void)
{
  for (guint length = 0; length < 100; length++)
    {
      g_autofree char *key = g_strnfill (length, 'a');
      g_autofree char *exact = length > 0 ? g_memdup2 (key, length) : g_malloc (1);
      g_autofree char *longer = g_strconcat (key, "b", NULL);

      g_assert_cmpuint (runconf_hash (key, length, 1), ==, runconf_hash (exact, length, 1));
      g_assert_cmpuint (runconf_hash (key, length, 1), ==, runconf_hash (longer, length, 1));
      g_assert_cmpuint (runconf_hash (key, length, 1), !=, runconf_hash (longer, length + 1, 1));
      g_assert_cmpuint (runconf_hash (key, length, 1), !=, runconf_hash (key, length, 2));
    }
}

/* Every bit of the key counts, in the low bits too, which find a slot. */
static void
test_spread (void)
{
  for (guint length = 1; length < 40; length++)
    {
      g_autofree char *key = g_strnfill (length, '0');
      guint64 hash = runconf_hash (key, length, 42);

      for (guint bit = 0; bit < length * 8; bit++)
        {
          guint64 difference;

          key[bit / 8] ^= 1 << bit % 8;
          difference = runconf_hash (key, length, 42) ^ hash;
          key[bit / 8] ^= 1 << bit % 8;
          g_assert_cmpuint ((guint32) difference, !=, 0);
        }
    }
}

static void
test_slots (void)
{
  guint n_keys[1024] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (n_keys) * 16; i++)
    {
      g_autofree char *key = g_strdup_printf ("/users/%u", i);

      n_keys[runconf_hash (key, strlen (key), 42) % G_N_ELEMENTS (n_keys)]++;
    }

  for (guint i = 0; i < G_N_ELEMENTS (n_keys); i++)
    g_assert_cmpuint (n_keys[i], <, 64);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/hash/bounds", test_bounds);
  g_test_add_func ("/hash/spread", test_spread);
  g_test_add_func ("/hash/slots", test_slots);

  return g_test_run ();
}
