/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A connection to one program, without a bus. */

GDBusConnection *runconfd_peer_connect (int fd, GError **error);
guint runconfd_peer_get_uid (GDBusConnection *connection);
void runconfd_peer_refuse_all (GDBusConnection *connection, const char *reason);

G_END_DECLS
