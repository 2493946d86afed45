/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/authority.h"
#include "service/message.h"

G_BEGIN_DECLS

/**
 * RunconfdGate:
 *
 * Lets so many calls of a user in at a time, however many connections they come from. Those who may do
 * everything it doesn't count.
 */
typedef struct _RunconfdGate RunconfdGate;

RunconfdGate *runconfd_gate_new (RunconfdAuthority *authority);
void runconfd_gate_free (RunconfdGate *self);

gboolean runconfd_gate_let_in (RunconfdGate *self, const RunconfdMessage *message, guint8 *data,
                               gsize size, GByteArray **into, GByteArray *more_in,
                               GByteArray *more_out);
gboolean runconfd_gate_let_out (RunconfdGate *self, const RunconfdMessage *message,
                                GByteArray *more_in);
void runconfd_gate_set_congested (RunconfdGate *self, gboolean is_congested);
int runconfd_gate_get_timeout (const RunconfdGate *self);
void runconfd_gate_tick (RunconfdGate *self, GByteArray *more_in, GByteArray *more_out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdGate, runconfd_gate_free)

G_END_DECLS
