/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/gate/gate.h"

G_BEGIN_DECLS

/**
 * RunconfdRelay:
 *
 * A connection to a bus on which a gate sees each message before GDBus does.
 */
typedef struct _RunconfdRelay RunconfdRelay;

RunconfdRelay *runconfd_relay_new (const char *address, GError **error);
void runconfd_relay_free (RunconfdRelay *self);

GDBusConnection *runconfd_relay_get_connection (RunconfdRelay *self);
void runconfd_relay_set_gate (RunconfdRelay *self, RunconfdGate *gate);
void runconfd_relay_identify (RunconfdRelay *self, const char *sender, guint uid);
void runconfd_relay_decide (RunconfdRelay *self, const char *sender, guint32 serial,
                            const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdRelay, runconfd_relay_free)

G_END_DECLS
