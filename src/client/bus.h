/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean runconf_bus_is_there (GDBusConnection *connection);
const char *runconf_bus_get_destination (GDBusConnection *connection);
char *runconf_bus_find_socket (GBusType type);

/* This may block. */
GDBusConnection *runconf_bus_connect (GBusType type, GCancellable *cancellable, GError **error);

G_END_DECLS
