/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/gate/account.h"
#include "service/gate/body.h"
#include "service/gate/gate.h"

G_BEGIN_DECLS

/* The limits of one message, by its header and by its arguments. */

gboolean runconfd_gate_check_is_read (const RunconfdGateHooks *hooks, const RunconfdMessage *call);
gboolean runconfd_gate_check_header (const RunconfdGateAccounts *accounts,
                                     const RunconfdGateHooks *hooks,
                                     const RunconfdGateAccount *account,
                                     const RunconfdMessage *call, gint64 now,
                                     RunconfdGateReason *reason);
RunconfdBodyState runconfd_gate_check_body (const RunconfdMessage *message, const guint8 *data,
                                            gboolean is_small, gsize *memory);
gboolean runconfd_gate_check_call (const RunconfdGateAccounts *accounts,
                                   const RunconfdGateHooks *hooks,
                                   const RunconfdGateAccount *account, const RunconfdMessage *call,
                                   const guint8 *data, RunconfdGateOpen *open,
                                   RunconfdGateReason *reason);

G_END_DECLS
