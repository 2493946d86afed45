/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/request.h"

#include <string.h>

#include "client/remote-error.h"
#include "client/worker.h"

/* Calls to the bus, and calls to one process that owns, or owned, the name of the service. They
 * never start a service.
 *
 * All configurations share the worker thread, so it must not wait for a process that is stopped. If a
 * call of that thread waits for #RUNCONF_REQUEST_PATIENCE, the process is asked for a reply to a ping, and if there
 * is none within #RUNCONF_REQUEST_PATIENCE either, the call fails. A process that is busy replies to the ping, and is
 * waited for.
 */

/* Without a bus, the service accepts calls before it has read its files. If it ends, the calls end
 * too.
 */
#define PEER_TIMEOUT G_MAXINT

typedef struct
{
  GVariant *reply;
  GUnixFDList *descriptors;
  GError *error;
  gboolean is_done;
} Result;

static void
on_reply (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Result *self = user_data;

  self->reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &self->descriptors, result, &self->error);
  self->is_done = TRUE;
}

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_CONTINUE;
}

/* Waits until one of the calls is done, for #RUNCONF_REQUEST_PATIENCE at most. */
static void
wait_a_while (GMainContext *context, const Result *first, const Result *second)
{
  g_autoptr (GSource) timer = g_timeout_source_new (RUNCONF_REQUEST_PATIENCE);
  gboolean is_over = FALSE;

  g_source_set_callback (timer, on_timeout, &is_over, NULL);
  g_source_attach (timer, context);
  while (!first->is_done && !second->is_done && !is_over)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (timer);
}

/* Waits for the reply to a call, unless the other end replies neither to it nor to a ping. */
static void
wait_for_reply (GMainContext *context, GDBusConnection *connection, const char *destination,
                Result *call, GCancellable *cancellable)
{
  Result ping = { .is_done = FALSE };
  gboolean is_stalled;

  wait_a_while (context, call, call);
  if (call->is_done)
    return;

  g_dbus_connection_call_with_unix_fd_list (
      connection, destination, "/", "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
      G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, NULL, cancellable, on_reply, &ping);
  wait_a_while (context, call, &ping);
  is_stalled = !call->is_done && !ping.is_done;
  if (is_stalled)
    g_cancellable_cancel (cancellable);

  while (!call->is_done)
    g_main_context_iteration (context, TRUE);
  g_cancellable_cancel (cancellable);
  while (!ping.is_done)
    g_main_context_iteration (context, TRUE);

  g_clear_pointer (&ping.reply, g_variant_unref);
  g_clear_object (&ping.descriptors);
  g_clear_error (&ping.error);
  if (is_stalled && call->reply == NULL)
    {
      g_clear_error (&call->error);
      call->error = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the service doesn't reply");
    }
}

static GVariant *
send_from_worker (GDBusConnection *connection, const char *destination, const char *path,
                  const char *interface, const char *method, GVariant *parameters,
                  const char *reply_type, int timeout, GUnixFDList **descriptors, GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Result call = { .is_done = FALSE };

  g_main_context_push_thread_default (context);
  g_dbus_connection_call_with_unix_fd_list (
      connection, destination, path, interface, method, parameters, G_VARIANT_TYPE (reply_type),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, timeout, NULL, cancellable, on_reply, &call);
  wait_for_reply (context, connection, destination, &call, cancellable);
  g_main_context_pop_thread_default (context);

  if (descriptors != NULL)
    *descriptors = g_steal_pointer (&call.descriptors);
  g_clear_object (&call.descriptors);
  if (call.error != NULL)
    g_propagate_error (error, call.error);

  return call.reply;
}

/**
 * runconf_request_send_raw:
 * @destination: the name to call, or %RUNCONF_REQUEST_PEER
 * @reply_type: the type of the reply
 * @timeout: in ms; only a bus limits the time
 * @descriptors: (out) (optional) (nullable): the file descriptors of the reply
 * @cancellable: (nullable): cancels the call; the worker thread gives none
 *
 * Makes a call, and blocks until the reply.
 *
 * Returns: (transfer full) (nullable): the reply, or %NULL with the error of GDBus
 */
GVariant *
runconf_request_send_raw (GDBusConnection *connection, const char *destination, const char *path,
                          const char *interface, const char *method, GVariant *parameters,
                          const char *reply_type, int timeout, GUnixFDList **descriptors,
                          GCancellable *cancellable, GError **error)
{
  gboolean is_peer = strcmp (destination, RUNCONF_REQUEST_PEER) == 0;

  if (!is_peer && runconf_worker_is_current ())
    return send_from_worker (connection, destination, path, interface, method, parameters,
                             reply_type, timeout, descriptors, error);

  return g_dbus_connection_call_with_unix_fd_list_sync (
      connection, is_peer ? NULL : destination, path, interface, method, parameters,
      G_VARIANT_TYPE (reply_type), G_DBUS_CALL_FLAGS_NO_AUTO_START,
      is_peer ? PEER_TIMEOUT : timeout, NULL, descriptors, cancellable, error);
}

/**
 * runconf_request_send:
 *
 * Makes a call like runconf_request_send_raw(), with an error of the library.
 *
 * Returns: (transfer full) (nullable): the reply
 */
GVariant *
runconf_request_send (GDBusConnection *connection, const char *destination, const char *path,
                      const char *interface, const char *method, GVariant *parameters,
                      const char *reply_type, int timeout, GCancellable *cancellable,
                      GError **error)
{
  GError *failure = NULL;
  GVariant *reply
      = runconf_request_send_raw (connection, destination, path, interface, method, parameters,
                                  reply_type, timeout, NULL, cancellable, &failure);

  if (reply == NULL)
    {
      runconf_error_take_remote (failure, FALSE);
      g_propagate_error (error, failure);
    }

  return reply;
}
