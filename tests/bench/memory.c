/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/runconf.h>
#include <stdlib.h>
#include <string.h>

#include "read.h"

/* What the library takes in a program that reads everything, beside what it maps. */

static gint64
read_anonymous (void)
{
  g_autofree char *text = NULL;
  const char *line;

  g_file_get_contents ("/proc/self/smaps_rollup", &text, NULL, NULL);
  line = text != NULL ? strstr (text, "\nAnonymous:") : NULL;
  if (line == NULL)
    {
      g_printerr ("/proc/self/smaps_rollup has no such line\n");
      exit (EXIT_FAILURE);
    }
  return g_ascii_strtoll (line + strlen ("\nAnonymous:"), NULL, 10) * 1024;
}

int
main (int argc, char **argv)
{
  g_autoptr (RunconfConfiguration) configuration = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (RunconfWatch) watch = NULL;
  g_autoptr (GError) error = NULL;
  BenchSamples samples;
  gint64 before;
  guint n_leaves;

  if (argc != 2)
    {
      g_printerr ("usage: bench-memory LEAVES\n");
      return EXIT_FAILURE;
    }
  n_leaves = bench_parse_count (argv[1]);
  bus = bench_connect (NULL);
  bench_ping (bus, "org.freedesktop.DBus");

  before = read_anonymous ();
  configuration = runconf_configuration_new_for_connection_sync (
      bus, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  bench_check (error, "configuration");
  watch = runconf_configuration_watch (configuration, "/group00000", &error);
  bench_check (error, "watch");
  for (guint i = 0; i < n_leaves; i++)
    {
      BenchPath path;

      bench_path_init (path, i);
      if (runconf_configuration_get_int64 (configuration, path, -1) < 0)
        return EXIT_FAILURE;
    }
  bench_samples_init (&samples, "anonymous");
  bench_samples_add (&samples, read_anonymous () - before);
  bench_samples_finish (&samples);
  return EXIT_SUCCESS;
}
