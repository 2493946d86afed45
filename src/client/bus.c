/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/bus.h"

#include <string.h>

#include <runconf/error.h>

#include "client/worker.h"
#include "core/object-path.h"

/* The connections to the buses
 *
 * The library has a connection of its own to each bus, which all configurations of the process share.
 * The shared connection of GIO can't be used, for two reasons: it ends the process when the bus ends,
 * and it isn't made again while any part of the program keeps the closed one.
 *
 * A connection emits the signal `closed` in the main context in which it was made. The main context
 * of the program may never run, so the worker thread makes the object.
 */

/* in ms: the default time limit of a call */
#define CONNECT_TIMEOUT 25000

#define SYSTEM_SOCKET "/run/dbus/system_bus_socket"

G_LOCK_DEFINE_STATIC (connections);
static GDBusConnection *connections[G_BUS_TYPE_SESSION - G_BUS_TYPE_STARTER + 1];

/**
 * runconf_bus_is_there:
 *
 * Returns: whether a connection leads to a bus; if not, the service itself is at its other end
 */
gboolean
runconf_bus_is_there (GDBusConnection *connection)
{
  return (g_dbus_connection_get_flags (connection) & G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION)
         != 0;
}

/**
 * runconf_bus_get_destination:
 *
 * Returns: (nullable): the destination of calls to the service
 */
const char *
runconf_bus_get_destination (GDBusConnection *connection)
{
  return runconf_bus_is_there (connection) ? RUNCONF_BUS_NAME : NULL;
}

typedef struct
{
  char *address;
  GAsyncQueue *made;
} Request;

static void
do_make (gpointer data)
{
  Request *request = data;

  g_async_queue_push (request->made,
                      g_object_new (G_TYPE_DBUS_CONNECTION, "address", request->address, "flags",
                                    G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                        | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                    NULL));
}

/* The thread that waits may continue before the function above returns. */
static void
request_free (gpointer data)
{
  Request *request = data;

  g_free (request->address);
  g_async_queue_unref (request->made);
  g_free (request);
}

/* Returns: (transfer full): a connection that isn't initialised yet */
static GDBusConnection *
make (const char *address)
{
  g_autoptr (GAsyncQueue) made = g_async_queue_new ();
  Request *request = g_new (Request, 1);

  *request = (Request){ g_strdup (address), g_async_queue_ref (made) };
  runconf_worker_post (do_make, request, request_free);

  return g_async_queue_pop (made);
}

/* @fresh: (transfer full) (nullable): a connection to be shared, unless another thread was faster
 *
 * Returns: (transfer full) (nullable): the shared connection, if it is open
 */
static GDBusConnection *
share (GBusType type, GDBusConnection *fresh)
{
  GDBusConnection **place = &connections[type - G_BUS_TYPE_STARTER];
  GDBusConnection *shared;

  G_LOCK (connections);
  if (*place != NULL && g_dbus_connection_is_closed (*place))
    g_clear_object (place);
  if (*place == NULL)
    *place = g_steal_pointer (&fresh);
  shared = *place != NULL ? g_object_ref (*place) : NULL;
  G_UNLOCK (connections);
  g_clear_object (&fresh);

  return shared;
}

static void
do_cancel (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
on_cancelled (GCancellable *outer, GCancellable *inner)
{
  g_cancellable_cancel (inner);
}

/* GDBus has no time limit for a bus that accepts a connection and doesn't reply. */
static gboolean
initialise (GDBusConnection *connection, GCancellable *cancellable, GError **error)
{
  g_autoptr (GCancellable) inner = g_cancellable_new ();
  g_autoptr (GSource) timer = runconf_worker_post_later (CONNECT_TIMEOUT, do_cancel,
                                                         g_object_ref (inner), g_object_unref);
  g_autoptr (GError) failure = NULL;
  gulong id = cancellable != NULL
                  ? g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), inner, NULL)
                  : 0;
  gboolean is_done = g_initable_init (G_INITABLE (connection), inner, &failure);

  g_source_destroy (timer);
  g_cancellable_disconnect (cancellable, id);
  if (is_done)
    return TRUE;

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED)
      && !g_cancellable_is_cancelled (cancellable))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the bus doesn't reply");
  else
    g_propagate_error (error, g_steal_pointer (&failure));

  return FALSE;
}

/**
 * runconf_bus_connect:
 * @type: the type of a bus
 *
 * May block until the bus replies, at most 25 s.
 *
 * Returns: (transfer full) (nullable): the connection of the library to the bus, or %NULL with
 *   %RUNCONF_ERROR_UNAVAILABLE or %G_IO_ERROR_CANCELLED
 */
GDBusConnection *
runconf_bus_connect (GBusType type, GCancellable *cancellable, GError **error)
{
  g_autoptr (GDBusConnection) connection = share (type, NULL);
  g_autofree char *address = NULL;
  g_autoptr (GError) failure = NULL;

  if (connection != NULL)
    return g_steal_pointer (&connection);

  address = g_dbus_address_get_for_bus_sync (type, cancellable, &failure);
  if (address != NULL)
    connection = make (address);
  if (connection != NULL && initialise (connection, cancellable, &failure))
    return share (type, g_steal_pointer (&connection));

  if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "no bus to find the service on: %s", failure->message);

  return NULL;
}

/**
 * runconf_bus_find_socket:
 * @type: the type of a bus
 *
 * Returns: (transfer full) (nullable): the path of the socket of the bus, if it has one in a folder
 */
char *
runconf_bus_find_socket (GBusType type)
{
  static const char prefix[] = "unix:path=";
  const gboolean is_system = type == G_BUS_TYPE_SYSTEM;
  const char *address
      = g_getenv (is_system ? "DBUS_SYSTEM_BUS_ADDRESS" : "DBUS_SESSION_BUS_ADDRESS");
  g_autofree char *escaped = NULL;

  if (address == NULL && is_system)
    return g_strdup (SYSTEM_SOCKET);
  if (address == NULL)
    return g_build_filename (g_get_user_runtime_dir (), "bus", NULL);
  if (!g_str_has_prefix (address, prefix))
    return NULL;

  address += strlen (prefix);
  escaped = g_strndup (address, strcspn (address, ",;"));

  return g_uri_unescape_string (escaped, NULL);
}
