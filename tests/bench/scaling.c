/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "common.h"

/* A durable Set on each of several daemons in turns: what differs is only what they hold. */

typedef struct
{
  GDBusConnection *bus;
  const char *object;
  const char *path;
  BenchSamples samples;
} Daemon;

int
main (int argc, char **argv)
{
  g_autofree Daemon *daemons = NULL;
  guint n_daemons, rounds, warm_up;

  if (argc < 6 || argc % 4 != 2)
    {
      g_printerr ("usage: bench-scaling ROUNDS NAME ADDRESS OBJECT PATH …\n");
      return EXIT_FAILURE;
    }
  rounds = bench_parse_count (argv[1]);
  warm_up = rounds / 20 + 1;
  n_daemons = (guint) (argc - 2) / 4;
  daemons = g_new0 (Daemon, n_daemons);
  for (guint i = 0; i < n_daemons; i++)
    {
      bench_samples_init (&daemons[i].samples, argv[2 + 4 * i]);
      daemons[i].bus = bench_connect (argv[3 + 4 * i]);
      daemons[i].object = argv[4 + 4 * i];
      daemons[i].path = argv[5 + 4 * i];
    }

  for (guint i = 0; i < warm_up + rounds; i++)
    for (guint turn = 0; turn < n_daemons; turn++)
      {
        Daemon *daemon = &daemons[(turn + i) % n_daemons];
        gint64 start = bench_now ();

        bench_set (daemon->bus, daemon->object, daemon->path, 1000 + (gint64) i);
        if (i >= warm_up)
          bench_samples_add (&daemon->samples, bench_now () - start);
      }

  for (guint i = 0; i < n_daemons; i++)
    {
      bench_samples_finish (&daemons[i].samples);
      g_object_unref (daemons[i].bus);
    }
  return EXIT_SUCCESS;
}
