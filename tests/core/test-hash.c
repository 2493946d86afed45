/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/hash.h"

/* The hash reads nothing beyond its input: the sanitizer checks addresses. */
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

/* Each bit of the key affects the result, also its low bits, which select a slot. */
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

/* These eight bytes are a constant of the hash, or differ from it by one bit. They must not make an
 * operand 0 or 1 for any seed: the rest of the key, and the seed, must affect the result
 * nevertheless.
 */
static void
test_chosen_operand (void)
{
  const guint64 constants[]
      = { G_GUINT64_CONSTANT (0xe7037ed1a0b428db), G_GUINT64_CONSTANT (0xa0761d6478bd642f) };

  for (guint length = 9; length < 64; length++)
    {
      for (guint kind = 0; kind < 4; kind++)
        {
          g_autoptr (GHashTable) seen = g_hash_table_new (g_int64_hash, g_int64_equal);
          guint64 chosen = GUINT64_TO_LE (constants[kind / 2] ^ kind % 2);
          gint64 hashes[256];
          char key[64] = { 0 };

          for (guint at = 0; at + sizeof chosen < length; at += sizeof chosen)
            memcpy (key + at, &chosen, sizeof chosen);
          for (guint i = 0; i < G_N_ELEMENTS (hashes); i++)
            {
              key[length - 1] = (char) i;
              hashes[i] = (gint64) runconf_hash (key, length, 42);
              g_assert_true (g_hash_table_add (seen, &hashes[i]));
              g_assert_cmpint (hashes[i], !=, (gint64) runconf_hash (key, length, 43));
            }
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
  g_test_add_func ("/hash/chosen-operand", test_chosen_operand);
  g_test_add_func ("/hash/slots", test_slots);

  return g_test_run ();
}
