/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>

#include "common.h"

/* A Get of one leaf, in turns with the least that a call can be: to the bus itself, and to the
 * daemon's D-Bus library, which answers before the daemon sees it. */
int
main (int argc, char **argv)
{
  g_autoptr (GDBusConnection) bus = NULL;
  BenchSamples get, ping_bus, ping_daemon;
  guint rounds;

  if (argc != 3)
    {
      g_printerr ("usage: bench-get ROUNDS PATH\n");
      return EXIT_FAILURE;
    }
  rounds = bench_parse_count (argv[1]);
  bus = bench_connect (NULL);

  bench_samples_init (&get, "get");
  bench_samples_init (&ping_bus, "ping-bus");
  bench_samples_init (&ping_daemon, "ping-daemon");
  for (guint i = 0; i < rounds; i++)
    {
      g_autoptr (GVariant) reply = NULL;
      gint64 start = bench_now ();

      reply = bench_call (bus, BENCH_PATH, "Get", g_variant_new ("(s)", argv[2]));
      bench_samples_add (&get, bench_now () - start);

      start = bench_now ();
      bench_ping (bus, "org.freedesktop.DBus");
      bench_samples_add (&ping_bus, bench_now () - start);

      start = bench_now ();
      bench_ping (bus, BENCH_NAME);
      bench_samples_add (&ping_daemon, bench_now () - start);
    }
  bench_samples_finish (&get);
  bench_samples_finish (&ping_bus);
  bench_samples_finish (&ping_daemon);
  return EXIT_SUCCESS;
}
