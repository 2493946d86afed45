/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <xfconf/xfconf.h>

#include "read.h"

/* xfconf_channel_get_int() of the same paths: from the cache of the channel, which may be stale. */

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  XfconfChannel *channel;
  BenchOrder order;
  guint n_leaves;

  if (argc != 3)
    {
      g_printerr ("usage: bench-read-xfconf LEAVES ROUNDS\n");
      return EXIT_FAILURE;
    }
  n_leaves = bench_parse_count (argv[1]);
  bench_order_init (&order, n_leaves);
  xfconf_init (&error);
  bench_check (error, "xfconf_init");
  channel = xfconf_channel_get ("runconf-bench");
  for (guint i = 0; i < n_leaves; i++)
    {
      BenchPath path;

      bench_path_init (path, i);
      xfconf_channel_set_int (channel, path, 1);
    }
  bench_measure_reads (&order, bench_parse_count (argv[2]), "xfconf",
                       xfconf_channel_get_int (channel, path, -1));
  xfconf_shutdown ();
  return EXIT_SUCCESS;
}
