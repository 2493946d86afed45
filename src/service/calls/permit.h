/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/authority/authority.h"

G_BEGIN_DECLS

/**
 * RunconfdPermitQuestion:
 * @connection: the connection on which the call was received
 * @sender: the unique name of the caller
 * @uid: the user of the caller
 * @configuration: the name of a configuration
 * @method: the method that was called
 * @action: the right that the method takes
 * @may_interact: whether the call allows a dialog
 *
 * Whether a caller may use a method on a configuration at all, independent of the arguments. The strings
 * are copied.
 */
typedef struct
{
  GDBusConnection *connection;
  const char *sender;
  guint uid;
  const char *configuration;
  const char *method;
  RunconfdAction action;
  gboolean may_interact;
} RunconfdPermitQuestion;

void runconfd_permit_check_async (RunconfdAuthority *authority,
                                  const RunconfdPermitQuestion *question,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean runconfd_permit_check_finish (GAsyncResult *result, gboolean *covers_all, GError **error);

G_END_DECLS
