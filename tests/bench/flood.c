/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <dconf.h>
#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

/* Many clients at once that cost next to nothing, so that what is measured is the service and not
 * its clients, who share the processors with it: one process, a connection for each client with one
 * call under way, and messages that are made once, of which only the serial number changes. */

#define HEADER 16
#define SERIAL_OFFSET 8

typedef struct
{
  int fd;
  guint32 serial;
  gboolean waiting;
  /* two values in turns, so that each call changes something */
  guchar *calls[2];
  gsize sizes[2];
  guchar input[4096];
  gsize filled;
} Client;

static void
fail (const char *what)
{
  g_printerr ("%s: %s\n", what, g_strerror (errno));
  exit (EXIT_FAILURE);
}

static void
send_all (int fd, gconstpointer data, gsize size)
{
  if (send (fd, data, size, MSG_NOSIGNAL) != (gssize) size)
    fail ("send");
}

static GDBusMessage *
new_set (const char *name, const char *key, gint64 value)
{
  GDBusMessage *message = g_dbus_message_new_method_call (name, BENCH_PATH, BENCH_INTERFACE, "Set");

  g_dbus_message_set_body (message, g_variant_new ("(sv)", key, g_variant_new_int64 (value)));
  return message;
}

/* What dconf_client_write_sync sends. */
static GDBusMessage *
new_change (const char *key, gint64 value)
{
  g_autoptr (DConfChangeset) changeset
      = dconf_changeset_new_write (key, g_variant_new_int64 (value));
  g_autoptr (GVariant) serialised = g_variant_ref_sink (dconf_changeset_serialise (changeset));
  GDBusMessage *message = g_dbus_message_new_method_call (
      "ca.desrt.dconf", "/ca/desrt/dconf/Writer/user", "ca.desrt.dconf.Writer", "Change");
  GVariant *bytes = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, g_variant_get_data (serialised),
                                               g_variant_get_size (serialised), 1);

  g_dbus_message_set_body (message, g_variant_new_tuple (&bytes, 1));
  return message;
}

/* What the D-Bus library of the daemon answers before the daemon sees it: the most that the bus lets
 * through. */
static GDBusMessage *
new_ping (void)
{
  return g_dbus_message_new_method_call (BENCH_NAME, BENCH_PATH, "org.freedesktop.DBus.Peer",
                                         "Ping");
}

static GDBusMessage *
new_call (const char *kind, const char *key, gint64 value)
{
  if (strcmp (kind, "dconf") == 0)
    return new_change (key, value);
  if (strcmp (kind, "ping") == 0)
    return new_ping ();
  return new_set (strcmp (kind, "bare") == 0 ? BENCH_BARE_NAME : BENCH_NAME, key, value);
}

static void
make_call (Client *self, guint which, GDBusMessage *message)
{
  g_autoptr (GError) error = NULL;

  g_dbus_message_set_serial (message, 1);
  self->calls[which]
      = g_dbus_message_to_blob (message, &self->sizes[which], G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  bench_check (error, "message");
  g_object_unref (message);
}

static void
send_call (Client *self)
{
  guint which = self->serial % 2;

  self->serial++;
  memcpy (self->calls[which] + SERIAL_OFFSET, &self->serial, sizeof self->serial);
  send_all (self->fd, self->calls[which], self->sizes[which]);
  self->waiting = TRUE;
}

/* Takes whole messages off the input; a reply ends the wait. */
static void
take_messages (Client *self)
{
  while (self->filled >= HEADER)
    {
      guint32 body, fields;
      gsize size;

      memcpy (&body, self->input + 4, sizeof body);
      memcpy (&fields, self->input + 12, sizeof fields);
      size = HEADER + ((fields + 7) & ~(gsize) 7) + body;
      if (size > sizeof self->input)
        {
          g_printerr ("a message of %zu bytes: more than this client expects\n", size);
          exit (EXIT_FAILURE);
        }
      if (self->filled < size)
        return;
      if (self->input[1] == G_DBUS_MESSAGE_TYPE_ERROR)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (GDBusMessage) message = g_dbus_message_new_from_blob (
              self->input, size, G_DBUS_CAPABILITY_FLAGS_NONE, NULL);

          g_dbus_message_to_gerror (message, &error);
          bench_check (error, "call");
        }
      if (self->input[1] == G_DBUS_MESSAGE_TYPE_METHOD_RETURN)
        self->waiting = FALSE;
      self->filled -= size;
      memmove (self->input, self->input + size, self->filled);
    }
}

static void
receive (Client *self)
{
  gssize count = recv (self->fd, self->input + self->filled, sizeof self->input - self->filled, 0);

  if (count <= 0)
    fail ("recv");
  self->filled += (gsize) count;
  take_messages (self);
}

static void
authenticate (Client *self)
{
  g_autofree char *uid = g_strdup_printf ("%u", (guint) geteuid ());
  g_autoptr (GString) text = g_string_new ("AUTH EXTERNAL ");
  char answer[256];

  for (const char *digit = uid; *digit != '\0'; digit++)
    g_string_append_printf (text, "%02x", *digit);
  g_string_append (text, "\r\n");
  send_all (self->fd, "", 1);
  send_all (self->fd, text->str, text->len);
  if (recv (self->fd, answer, sizeof answer, 0) < 3 || strncmp (answer, "OK ", 3) != 0)
    fail ("authentication");
  send_all (self->fd, "BEGIN\r\n", strlen ("BEGIN\r\n"));
}

static void
say_hello (Client *self)
{
  make_call (self, 0,
             g_dbus_message_new_method_call ("org.freedesktop.DBus", "/org/freedesktop/DBus",
                                             "org.freedesktop.DBus", "Hello"));
  send_call (self);
  while (self->waiting)
    receive (self);
  g_free (self->calls[0]);
}

static int
connect_to_bus (const char *address)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;
  g_auto (GStrv) parts = NULL;
  g_autoptr (GSocketAddress) socket_address = NULL;
  struct sockaddr_storage native;
  gssize size;
  int fd;

  if (!g_str_has_prefix (address, "unix:path="))
    {
      g_printerr ("%s: a bus at unix:path=… is needed\n", address);
      exit (EXIT_FAILURE);
    }
  parts = g_strsplit (address + strlen ("unix:path="), ",", 2);
  path = g_uri_unescape_string (parts[0], NULL);
  socket_address = g_unix_socket_address_new (path);
  size = g_socket_address_get_native_size (socket_address);
  g_socket_address_to_native (socket_address, &native, sizeof native, &error);
  bench_check (error, address);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0 || connect (fd, (struct sockaddr *) &native, (socklen_t) size) < 0)
    fail (address);
  return fd;
}

static void
client_open (Client *self, const char *address, guint number, const char *kind)
{
  gint64 value = g_get_real_time ();
  g_autofree char *key = g_strdup_printf ("/bench/client%02u", number);

  self->fd = connect_to_bus (address);
  authenticate (self);
  say_hello (self);
  for (guint which = 0; which < 2; which++)
    make_call (self, which, new_call (kind, key, value + which));
}

static guint64
flood (Client *clients, guint n_clients, gint64 end)
{
  g_autofree struct pollfd *polls = g_new0 (struct pollfd, n_clients);
  guint64 written = 0;
  guint waiting = n_clients;

  for (guint i = 0; i < n_clients; i++)
    {
      polls[i] = (struct pollfd){ .fd = clients[i].fd, .events = POLLIN };
      send_call (&clients[i]);
    }
  while (waiting > 0)
    {
      if (poll (polls, n_clients, -1) < 0)
        fail ("poll");
      for (guint i = 0; i < n_clients; i++)
        {
          if ((polls[i].revents & (POLLIN | POLLHUP | POLLERR)) == 0)
            continue;
          receive (&clients[i]);
          if (clients[i].waiting)
            continue;
          written++;
          if (bench_now () < end)
            send_call (&clients[i]);
          else
            waiting--;
        }
    }
  return written;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = NULL;
  g_autofree Client *clients = NULL;
  guint n_clients, seconds;
  gint64 start;
  guint64 written;

  if (argc != 4)
    {
      g_printerr ("usage: bench-flood runconf|dconf|bare|ping CLIENTS SECONDS\n");
      return EXIT_FAILURE;
    }
  n_clients = bench_parse_count (argv[2]);
  seconds = bench_parse_count (argv[3]);
  address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SESSION, NULL, &error);
  bench_check (error, "session bus");
  clients = g_new0 (Client, n_clients);
  for (guint i = 0; i < n_clients; i++)
    client_open (&clients[i], address, i, argv[1]);

  start = bench_now ();
  written = flood (clients, n_clients, start + (gint64) seconds * 1000000000);
  g_print ("%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT "\n", argv[1], written,
           bench_now () - start);

  for (guint i = 0; i < n_clients; i++)
    {
      close (clients[i].fd);
      g_free (clients[i].calls[0]);
      g_free (clients[i].calls[1]);
    }
  return EXIT_SUCCESS;
}
