/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "read.h"

#define N_RANDOM (1u << 18)

void
bench_path_init (BenchPath path, guint leaf)
{
  g_snprintf (path, BENCH_PATH_SIZE, "/group%05u/leaf%08u", leaf / BENCH_LEAVES_PER_GROUP, leaf);
}

/* The paths lie in the order in which they are read: what a read costs is its own. */
void
bench_order_init (BenchOrder *self, guint n_leaves)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);

  bench_path_init (self->hot, n_leaves / 2);
  self->n_random = N_RANDOM;
  self->random = g_new (BenchPath, N_RANDOM);
  for (guint i = 0; i < N_RANDOM; i++)
    bench_path_init (self->random[i], g_rand_int_range (random, 0, (gint) n_leaves));
}
