/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* A seeded hash of the wyhash class (Wang Yi, public domain): two 64-bit multiplications for a key
 * of up to 16 bytes.
 *
 * A product loses one operand where the other is 0 or 1. wyhash has operands that depend on the key
 * alone, so the author of a key can choose such a product, and with it keys that collide under
 * every seed. Here both operands of each product that takes bytes of the key depend on the seed.
 * The hash isn't a cryptographic one: the author of keys must not know the seed.
 */
static inline guint64
runconf_hash_mix (guint64 a, guint64 b)
{
  unsigned __int128 product = (unsigned __int128) a * b;

  return (guint64) product ^ (guint64) (product >> 64);
}

/* @n_bytes has to be a compile-time constant: then memcpy() is one instruction, not a call. */
static inline guint64
runconf_hash_load (const char *data, gsize n_bytes)
{
  guint64 word = 0;

  memcpy (&word, data, n_bytes);

  return word;
}

static inline guint64
runconf_hash (const char *data, gsize length, guint64 seed)
{
  const guint64 odd_a = G_GUINT64_CONSTANT (0xa0761d6478bd642f);
  const guint64 odd_b = G_GUINT64_CONSTANT (0xe7037ed1a0b428db);
  const guint64 turned = (seed << 32 | seed >> 32) ^ odd_b;
  gsize left = length;
  guint64 low = 0, high = 0;

  for (seed ^= odd_a; left > 16; left -= 16, data += 16)
    seed = runconf_hash_mix (runconf_hash_load (data, 8) ^ turned,
                             runconf_hash_load (data + 8, 8) ^ seed);

  /* the two loads of a pair may overlap: together they cover each byte */
  if (left >= 8)
    {
      low = runconf_hash_load (data, 8);
      high = runconf_hash_load (data + left - 8, 8);
    }
  else if (left >= 4)
    {
      low = runconf_hash_load (data, 4);
      high = runconf_hash_load (data + left - 4, 4);
    }
  else if (left > 0)
    {
      low = (guint64) (guchar) data[0] << 16 | (guint64) (guchar) data[left / 2] << 8
            | (guchar) data[left - 1];
    }

  return runconf_hash_mix (odd_b ^ length, runconf_hash_mix (low ^ turned, high ^ seed));
}

G_END_DECLS
