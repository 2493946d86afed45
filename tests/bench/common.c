/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "common.h"

#include <stdlib.h>
#include <time.h>

void
bench_samples_init (BenchSamples *self, const char *name)
{
  self->name = name;
  self->times = g_array_new (FALSE, FALSE, sizeof (gint64));
}

void
bench_samples_add (BenchSamples *self, gint64 time)
{
  g_array_append_val (self->times, time);
}

/* Prints the samples and frees them. */
void
bench_samples_finish (BenchSamples *self)
{
  g_autoptr (GString) line = g_string_new (self->name);

  for (guint i = 0; i < self->times->len; i++)
    g_string_append_printf (line, " %" G_GINT64_FORMAT, g_array_index (self->times, gint64, i));
  g_print ("%s\n", line->str);
  g_clear_pointer (&self->times, g_array_unref);
}

gint64
bench_now (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

/* A benchmark that can't do its work has no figures to give. */
void
bench_check (GError *error, const char *what)
{
  if (error == NULL)
    return;
  g_printerr ("%s: %s\n", what, error->message);
  exit (EXIT_FAILURE);
}

guint
bench_parse_count (const char *text)
{
  g_autoptr (GError) error = NULL;
  guint64 count = 0;

  g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT32, &count, &error);
  bench_check (error, text);
  return (guint) count;
}

/* A connection of its own to the bus at @address, NULL for the session bus of the environment. */
GDBusConnection *
bench_connect (const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *session = NULL;
  GDBusConnection *bus;

  if (address == NULL)
    {
      session = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
      bench_check (error, "session bus");
      address = session;
    }
  bus = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);
  bench_check (error, address);
  return bus;
}

GVariant *
bench_call (GDBusConnection *bus, const char *object, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  GVariant *reply;

  reply = g_dbus_connection_call_sync (bus, BENCH_NAME, object, BENCH_INTERFACE, method, arguments,
                                       NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, &error);
  bench_check (error, method);
  return reply;
}

void
bench_set (GDBusConnection *bus, const char *object, const char *path, gint64 value)
{
  g_autoptr (GVariant) reply = NULL;

  reply
      = bench_call (bus, object, "Set", g_variant_new ("(sv)", path, g_variant_new_int64 (value)));
}

void
bench_ping (GDBusConnection *bus, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  reply = g_dbus_connection_call_sync (bus, name, "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                                       G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, &error);
  bench_check (error, "Ping");
}
