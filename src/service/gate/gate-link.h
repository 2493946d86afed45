/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/authority/authority.h"
#include "service/gate/relay.h"

G_BEGIN_DECLS

/**
 * RunconfdGateLink:
 *
 * Connects a gate to its relay, and answers the questions of the gate from the main loop.
 */
typedef struct _RunconfdGateLink RunconfdGateLink;

RunconfdGateLink *runconfd_gate_link_new (RunconfdRelay *relay, RunconfdAuthority *authority,
                                          GDBusObjectManagerServer *manager);
void runconfd_gate_link_free (RunconfdGateLink *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdGateLink, runconfd_gate_link_free)

G_END_DECLS
