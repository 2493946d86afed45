/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "common.h"

/* A client of a daemon with many configurations, app0 and so on, that each have the same keys. */

static GVariant *
call_one (GDBusConnection *bus, guint number, const char *method, GVariant *arguments)
{
  g_autofree char *path = g_strdup_printf ("/org/runconf/Config1/app%u", number);
  g_autoptr (GError) error = NULL;
  GVariant *reply
      = g_dbus_connection_call_sync (bus, BENCH_NAME, path, BENCH_INTERFACE, method, arguments,
                                     NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, &error);

  bench_check (error, path);

  return reply;
}

static void
set_all (GDBusConnection *bus, guint n, const char *path)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GVariant) reply
          = call_one (bus, i, "Set", g_variant_new ("(sv)", path, g_variant_new_int64 (i)));
    }
}

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer loop)
{
  g_main_loop_quit (loop);
}

/* Prints when the last one answers first. The clock is that of whoever starts the daemon. */
static void
wait_for_last (GDBusConnection *bus, guint n, const char *path)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GVariant) reply = NULL;
  guint watch;

  /* the bus has the match rule when it answers */
  watch = g_bus_watch_name_on_connection (bus, BENCH_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE,
                                          on_appeared, NULL, loop, NULL);
  bench_ping (bus, "org.freedesktop.DBus");
  g_print ("ready\n");
  g_main_loop_run (loop);
  g_bus_unwatch_name (watch);

  reply = call_one (bus, n - 1, "Get", g_variant_new ("(s)", path));
  g_print ("answered %" G_GINT64_FORMAT "\n", bench_now ());
}

int
main (int argc, char **argv)
{
  g_autoptr (GDBusConnection) bus = NULL;

  if (argc != 4 || (strcmp (argv[1], "set") != 0 && strcmp (argv[1], "wait") != 0))
    {
      g_printerr ("usage: bench-many set|wait COUNT PATH\n");
      return EXIT_FAILURE;
    }

  bus = bench_connect (NULL);
  if (strcmp (argv[1], "set") == 0)
    set_all (bus, bench_parse_count (argv[2]), argv[3]);
  else
    wait_for_last (bus, bench_parse_count (argv[2]), argv[3]);

  return EXIT_SUCCESS;
}
