/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "service/authority.h"

G_BEGIN_DECLS

/**
 * RunconfdGate:
 *
 * Lets so many calls of a user in at a time, however many connections they come from. Those who may do
 * everything it doesn't count.
 */
typedef struct _RunconfdGate RunconfdGate;

RunconfdGate *runconfd_gate_new (GDBusConnection *connection, RunconfdAuthority *authority);
void runconfd_gate_free (RunconfdGate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdGate, runconfd_gate_free)

G_END_DECLS
