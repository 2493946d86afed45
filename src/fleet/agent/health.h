/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The command that tells whether the host is healthy. */

void runconf_fleetd_health_async (const char *command, GCancellable *cancellable,
                                  GAsyncReadyCallback callback, gpointer user_data);
char *runconf_fleetd_health_finish (GAsyncResult *result, GError **error);

G_END_DECLS
