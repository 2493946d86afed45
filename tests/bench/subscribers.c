/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/runconf.h>
#include <stdlib.h>

#include "common.h"

/* Many programs that watch other parts: each a connection and a configuration of its own. It says
 * when they are there, and stays until its input ends. */

static void
on_changed (RunconfWatch *watch, RunconfChange *change, gpointer user_data)
{
  g_printerr ("%s: woken by %s\n", runconf_watch_get_path (watch),
              runconf_change_get_paths (change)[0]);
  exit (EXIT_FAILURE);
}

static gboolean
on_input (GIOChannel *channel, GIOCondition condition, gpointer loop)
{
  g_main_loop_quit (loop);

  return G_SOURCE_REMOVE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GIOChannel) input = g_io_channel_unix_new (0);
  guint count;

  if (argc != 3)
    {
      g_printerr ("usage: bench-subscribers COUNT PATH\n");
      return EXIT_FAILURE;
    }
  count = bench_parse_count (argv[1]);
  for (guint i = 0; i < count; i++)
    {
      g_autoptr (GError) error = NULL;
      GDBusConnection *bus = bench_connect (NULL);
      RunconfConfiguration *configuration = runconf_configuration_new_for_connection_sync (
          bus, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
      RunconfWatch *watch;

      bench_check (error, "configuration");
      watch = runconf_configuration_watch (configuration, argv[2], &error);
      bench_check (error, argv[2]);
      g_signal_connect (watch, "changed", G_CALLBACK (on_changed), NULL);
    }
  g_print ("ready %u\n", count);
  g_io_add_watch (input, G_IO_IN | G_IO_HUP, on_input, loop);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
