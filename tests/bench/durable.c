/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dconf.h>
#include <errno.h>
#include <fcntl.h>
#include <runconf/runconf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common.h"

/* One client that waits for each write to be on disk, in turns with its peers, so that whatever else
 * the machine does meanwhile is the same for all of them. */

#define KEY "/bench/value"

typedef struct
{
  gint64 replied;
  gint64 signalled;
} Arrival;

static void
fail (const char *what)
{
  g_printerr ("%s: %s\n", what, g_strerror (errno));
  exit (EXIT_FAILURE);
}

/* As many bytes as the overrides of this benchmark have. */
static const char text[400] = "value: 1\n";

/* The least that a durable replace can be: no bus, no check, no merge, no metadata. */
static void
replace_file (int directory)
{
  int fd = openat (directory, "plain.new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  if (fd < 0 || write (fd, text, sizeof text) != sizeof text || fsync (fd) < 0 || close (fd) < 0)
    fail ("plain.new");
  if (renameat (directory, "plain.new", directory, "plain") < 0 || fsync (directory) < 0)
    fail ("plain");
}

static void
sync_file (int fd)
{
  if (pwrite (fd, text, sizeof text, 0) != sizeof text || fsync (fd) < 0)
    fail ("fsync");
}

static void
set_floor (GDBusConnection *bus, gint64 value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, BENCH_SYNCING_NAME, BENCH_PATH, BENCH_INTERFACE, "Set",
      g_variant_new ("(sv)", KEY, g_variant_new_int64 (value)), G_VARIANT_TYPE ("(t)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, &error);

  bench_check (error, BENCH_SYNCING_NAME);
}

static void
on_changed (RunconfWatch *watch, RunconfChange *change, gpointer user_data)
{
  Arrival *arrival = user_data;

  arrival->signalled = bench_now ();
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Arrival *arrival = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  bench_check (error, "Set");
  arrival->replied = bench_now ();
}

static void
measure_signal (GDBusConnection *writer, GDBusConnection *reader, guint rounds)
{
  g_autoptr (RunconfConfiguration) configuration = NULL;
  g_autoptr (RunconfWatch) watch = NULL;
  g_autoptr (GError) error = NULL;
  BenchSamples replies, signals;
  Arrival arrival;

  configuration = runconf_configuration_new_for_connection_sync (
      reader, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  bench_check (error, "configuration");
  watch = runconf_configuration_watch (configuration, KEY, &error);
  bench_check (error, KEY);
  g_signal_connect (watch, "changed", G_CALLBACK (on_changed), &arrival);
  bench_ping (reader, "org.freedesktop.DBus");

  bench_samples_init (&replies, "set-watched");
  bench_samples_init (&signals, "set-to-signal");
  for (guint i = 0; i < rounds; i++)
    {
      gint64 start = bench_now ();

      arrival = (Arrival){ 0, 0 };
      g_dbus_connection_call (writer, BENCH_NAME, BENCH_PATH, BENCH_INTERFACE, "Set",
                              g_variant_new ("(sv)", KEY, g_variant_new_int64 (-1 - (gint64) i)),
                              NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_reply, &arrival);
      while (arrival.replied == 0 || arrival.signalled == 0)
        g_main_context_iteration (NULL, TRUE);
      bench_samples_add (&replies, arrival.replied - start);
      bench_samples_add (&signals, arrival.signalled - start);
    }
  bench_samples_finish (&replies);
  bench_samples_finish (&signals);
}

int
main (int argc, char **argv)
{
  g_autoptr (DConfClient) dconf = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GDBusConnection) other = NULL;
  BenchSamples samples[6];
  const char *const names[] = { "set", "dconf", "replace", "fsync", "ping", "floor" };
  int directory, file;
  guint rounds, warm_up;

  if (argc != 3)
    {
      g_printerr ("usage: bench-durable DIRECTORY ROUNDS\n");
      return EXIT_FAILURE;
    }
  rounds = bench_parse_count (argv[2]);
  warm_up = rounds / 20 + 1;
  directory = open (argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0)
    fail (argv[1]);
  file = openat (directory, "synced", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    fail ("synced");
  bus = bench_connect (NULL);
  other = bench_connect (NULL);
  dconf = dconf_client_new ();

  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    bench_samples_init (&samples[i], names[i]);
  for (guint i = 0; i < warm_up + rounds; i++)
    for (guint turn = 0; turn < G_N_ELEMENTS (samples); turn++)
      {
        guint which = (turn + i) % G_N_ELEMENTS (samples);
        g_autoptr (GError) error = NULL;
        gint64 start = bench_now ();

        if (which == 0)
          bench_set (bus, BENCH_PATH, KEY, (gint64) i + 1);
        else if (which == 1)
          dconf_client_write_sync (dconf, KEY, g_variant_new_int64 ((gint64) i + 1), NULL, NULL,
                                   &error);
        else if (which == 2)
          replace_file (directory);
        else if (which == 3)
          sync_file (file);
        else if (which == 4)
          bench_ping (bus, "org.freedesktop.DBus");
        else
          set_floor (bus, (gint64) i + 1);
        bench_check (error, "dconf_client_write_sync");
        if (i >= warm_up)
          bench_samples_add (&samples[which], bench_now () - start);
      }
  for (guint i = 0; i < G_N_ELEMENTS (samples); i++)
    bench_samples_finish (&samples[i]);

  measure_signal (bus, other, rounds);
  close (file);
  close (directory);
  return EXIT_SUCCESS;
}
