/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/daemon/peer.h"

#include <unistd.h>

#include "core/error-name.h"

/**
 * runconfd_peer_connect:
 * @fd: (transfer full): one end of a pair of Unix sockets; a program has the other end
 *
 * Waits until the program has authenticated. Its calls, which it may send at once, are read only
 * after g_dbus_connection_start_message_processing().
 *
 * Returns: (transfer full): the connection, or %NULL with an error
 */
GDBusConnection *
runconfd_peer_connect (int fd, GError **error)
{
  g_autoptr (GSocket) socket = g_socket_new_from_fd (fd, error);
  g_autoptr (GSocketConnection) stream = NULL;
  g_autofree char *guid = NULL;

  if (socket == NULL)
    return NULL;

  if (g_socket_get_family (socket) != G_SOCKET_FAMILY_UNIX)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                   "it isn't a Unix socket, which identifies the process at its other end");
      return NULL;
    }

  stream = g_socket_connection_factory_create_connection (socket);
  guid = g_dbus_generate_guid ();

  return g_dbus_connection_new_sync (G_IO_STREAM (stream), guid,
                                     G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_SERVER
                                         | G_DBUS_CONNECTION_FLAGS_DELAY_MESSAGE_PROCESSING,
                                     NULL, NULL, error);
}

/**
 * runconfd_peer_get_uid:
 *
 * Returns: the user at the other end; if the kernel doesn't report it, the user of this process,
 *   which inherited its end
 */
guint
runconfd_peer_get_uid (GDBusConnection *connection)
{
  GCredentials *credentials = g_dbus_connection_get_peer_credentials (connection);
  uid_t uid = credentials != NULL ? g_credentials_get_unix_user (credentials, NULL) : (uid_t) -1;

  return uid != (uid_t) -1 ? uid : getuid ();
}

/* Called in the thread of GDBus. */
static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming,
            gpointer user_data)
{
  g_autoptr (GDBusMessage) call = NULL;
  g_autoptr (GDBusMessage) answer = NULL;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;

  call = message;
  answer = g_dbus_message_new_method_error_literal (
      call, runconf_error_get_bus_name (RUNCONF_ERROR_UNAVAILABLE), user_data);
  g_dbus_connection_send_message (connection, answer, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);

  return NULL;
}

/**
 * runconfd_peer_refuse_all:
 * @reason: the error
 *
 * Replies to each call with an error, since there is nothing to serve. The caller gets the reason,
 * which a closed connection wouldn't give.
 */
void
runconfd_peer_refuse_all (GDBusConnection *connection, const char *reason)
{
  g_dbus_connection_add_filter (connection, on_message, g_strdup (reason), g_free);
}
