/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/action.h"

G_BEGIN_DECLS

void runconfd_polkit_check_async (GDBusMethodInvocation *invocation, RunconfdAction action,
                                  const char *configuration, const char *paths,
                                  gboolean may_interact, GAsyncReadyCallback callback,
                                  gpointer user_data);
gboolean runconfd_polkit_check_finish (GAsyncResult *result, GError **error);

G_END_DECLS
