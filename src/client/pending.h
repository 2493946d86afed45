/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * RunconfPending:
 *
 * The asynchronous writes of a configuration whose callbacks haven't run yet, and the objects that
 * hold values back until a write has its reply. Any thread may use it.
 */
typedef struct _RunconfPending RunconfPending;

/**
 * RunconfWrite:
 *
 * One asynchronous write.
 */
typedef struct _RunconfWrite RunconfWrite;

RunconfPending *runconf_pending_new (void);
void runconf_pending_close (RunconfPending *self);

RunconfWrite *runconf_pending_lock (RunconfPending *self, GDBusConnection *connection, int timeout);
void runconf_pending_unlock (RunconfPending *self, RunconfWrite *write,
                             GDBusConnection *connection);
RunconfWrite *runconf_pending_add_done (RunconfPending *self, const GError *error);
void runconf_pending_end (RunconfPending *self, RunconfWrite *write, const GError *error);

typedef void (*RunconfPendingFunc) (gpointer object);

void runconf_pending_add_holder (RunconfPending *self, gpointer object, GMainContext *context,
                                 RunconfPendingFunc send);
void runconf_pending_remove_holder (RunconfPending *self, gpointer object);
void runconf_pending_send_held (RunconfPending *self);

GPtrArray *runconf_pending_list (RunconfPending *self);
gboolean runconf_pending_wait (RunconfPending *self, GPtrArray *writes, guint64 *version,
                               GCancellable *cancellable, GError **error);

G_END_DECLS
