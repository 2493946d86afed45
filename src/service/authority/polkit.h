/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/authority/action.h"

G_BEGIN_DECLS

/**
 * RunconfdPolkitQuestion:
 * @connection: to the system bus; carries the question
 * @sender: the unique name of the caller
 * @method: the called method, for error messages
 * @action: an action that needs a right
 * @configuration: its name
 * @paths: a JSON array of the JSON Pointers that the call concerns
 * @may_interact: whether polkit may show a dialog
 *
 * A question to polkit. It is copied.
 */
typedef struct
{
  GDBusConnection *connection;
  const char *sender;
  const char *method;
  RunconfdAction action;
  const char *configuration;
  const char *paths;
  gboolean may_interact;
} RunconfdPolkitQuestion;

void runconfd_polkit_check_async (const RunconfdPolkitQuestion *question,
                                  GAsyncReadyCallback callback, gpointer user_data);
gboolean runconfd_polkit_check_finish (GAsyncResult *result, gboolean *needs_dialog,
                                       GError **error);

G_END_DECLS
