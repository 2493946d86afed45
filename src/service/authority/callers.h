/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/authority/turns.h"
#include "service/base/uid.h"

G_BEGIN_DECLS

/**
 * RunconfdCallers:
 *
 * The callers of the service: the uid of each, for which the bus is asked once, and the order of its
 * calls.
 */
#define RUNCONFD_TYPE_CALLERS (runconfd_callers_get_type ())
G_DECLARE_FINAL_TYPE (RunconfdCallers, runconfd_callers, RUNCONFD, CALLERS, GObject)

/**
 * RunconfdCallersFunc:
 * @uid: the user of a caller; #RUNCONFD_UID_UNKNOWN if the caller has left the bus
 */
typedef void (*RunconfdCallersFunc) (guint uid, gpointer user_data);

RunconfdCallers *runconfd_callers_new (GDBusConnection *connection);
RunconfdCallers *runconfd_callers_new_for_peer (guint uid);

guint runconfd_callers_find_owner (RunconfdCallers *self);
RunconfdTurns *runconfd_callers_get_turns (RunconfdCallers *self);
gboolean runconfd_callers_find (RunconfdCallers *self, const char *sender, guint *uid);
void runconfd_callers_ask (RunconfdCallers *self, const char *sender, RunconfdCallersFunc func,
                           gpointer user_data);

G_END_DECLS
