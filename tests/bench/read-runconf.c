/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/runconf.h>
#include <stdlib.h>

#include "read.h"

/* Reads by path, through a key, and of a string. */

static gint64
read_string (RunconfConfiguration *configuration)
{
  g_autofree char *text
      = runconf_configuration_get_string (configuration, "/strings/a-path-of-24-ch", NULL);

  return text[0];
}

static void
check (RunconfConfiguration *configuration, const char *path)
{
  if (runconf_configuration_get_int64 (configuration, path, -1) >= 0)
    return;

  g_printerr ("%s isn't there\n", path);
  exit (EXIT_FAILURE);
}

int
main (int argc, char **argv)
{
  g_autoptr (RunconfConfiguration) configuration = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (RunconfKey) key = NULL;
  g_autoptr (GError) error = NULL;
  BenchOrder order;
  guint rounds;

  if (argc != 3)
    {
      g_printerr ("usage: bench-read-runconf LEAVES ROUNDS\n");
      return EXIT_FAILURE;
    }
  bench_order_init (&order, bench_parse_count (argv[1]));
  rounds = bench_parse_count (argv[2]);

  bus = bench_connect (NULL);
  configuration = runconf_configuration_new_for_connection_sync (
      bus, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  bench_check (error, "configuration");
  key = runconf_key_new (configuration, order.hot, &error);
  bench_check (error, order.hot);
  for (guint i = 0; i < order.n_random; i++)
    check (configuration, order.random[i]);

  bench_measure_reads (&order, rounds, "path",
                       runconf_configuration_get_int64 (configuration, path, -1));
  bench_measure_reads (&order, rounds, "key", (runconf_key_get_int64 (key, -1) + (path != NULL)));
  bench_measure_reads (&order, rounds, "string", (read_string (configuration) + (path != NULL)));
  return EXIT_SUCCESS;
}
