/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/gate/message.h"

G_BEGIN_DECLS

/**
 * RunconfdGateAsked:
 *
 * The calls of the service that have no reply yet. Only their replies may reach the service.
 */
typedef struct _RunconfdGateAsked RunconfdGateAsked;

RunconfdGateAsked *runconfd_gate_asked_new (void);
void runconfd_gate_asked_free (RunconfdGateAsked *self);

void runconfd_gate_asked_add (RunconfdGateAsked *self, const RunconfdMessage *call);
gboolean runconfd_gate_asked_has (const RunconfdGateAsked *self, const RunconfdMessage *reply);
void runconfd_gate_asked_remove (RunconfdGateAsked *self, const RunconfdMessage *reply);

G_END_DECLS
