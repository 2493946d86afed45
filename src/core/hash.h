/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string.h>

#include <glib.h>

G_BEGIN_DECLS

/* A seeded hash of the wyhash class (Wang Yi, public domain): two 64-bit multiplications for a key
 * of up to 16 bytes. With a seed that nobody outside knows, keys can't be chosen to collide.
 */
static inline guint64
runconf_hash_mix (guint64 a, guint64 b)
{
  unsigned __int128 product = (unsigned __int128) a * b;

  return (guint64) product ^ (guint64) (product >> 64);
}

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
  gsize left = length;
  guint64 low, high;

  for (seed ^= odd_a; left > 16; left -= 16, data += 16)
    seed = runconf_hash_mix (runconf_hash_load (data, 8) ^ odd_b,
                             runconf_hash_load (data + 8, 8) ^ seed);

  low = runconf_hash_load (data, MIN (left, 8));
  high = left > 8 ? runconf_hash_load (data + 8, left - 8) : 0;

  return runconf_hash_mix (odd_b ^ length, runconf_hash_mix (low ^ odd_b, high ^ seed));
}

G_END_DECLS
