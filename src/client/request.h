/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

G_BEGIN_DECLS

/* in ms: the service replies to these calls at once, or not at all */
#define RUNCONF_REQUEST_TIMEOUT 5000

/* in ms: the time after which a reply is late, and after which the reply to a ping is late; together
 * with the time to handle them, less than a second
 */
#define RUNCONF_REQUEST_PATIENCE 400

/* the owner of the service's name if there is no bus: calls go to the other end of the connection
 */
#define RUNCONF_REQUEST_PEER ""

/* These may block. */
GVariant *runconf_request_send_raw (GDBusConnection *connection, const char *destination,
                                    const char *path, const char *interface, const char *method,
                                    GVariant *parameters, const char *reply_type, int timeout,
                                    GUnixFDList **descriptors, GCancellable *cancellable,
                                    GError **error);
GVariant *runconf_request_send (GDBusConnection *connection, const char *destination,
                                const char *path, const char *interface, const char *method,
                                GVariant *parameters, const char *reply_type, int timeout,
                                GCancellable *cancellable, GError **error);

G_END_DECLS
