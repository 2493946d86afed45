/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/bus.h"

#include "core/object-path.h"

/* Distinguishes a connection to a bus from a direct connection to the service. */

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
