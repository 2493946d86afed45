/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/request.h"

#include <string.h>

#include "client/remote-error.h"

/* Calls to the bus, and calls to one process that owns, or owned, the name of the service. They
 * never start a service.
 */

/* Without a bus, the service accepts calls before it has read its files. If it ends, the calls end
 * too.
 */
#define PEER_TIMEOUT G_MAXINT

/**
 * runconf_request_send_raw:
 * @destination: the name to call, or %RUNCONF_REQUEST_PEER
 * @reply_type: the type of the reply
 * @timeout: in ms; only a bus limits the time
 * @descriptors: (out) (optional) (nullable): the file descriptors of the reply
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
