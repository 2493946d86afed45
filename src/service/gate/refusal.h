/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/gate/message.h"

G_BEGIN_DECLS

/**
 * RunconfdGateReason:
 *
 * Why the gate refuses a call. Each reason has an error of D-Bus, with a message for the caller.
 */
typedef enum
{
  RUNCONFD_GATE_REASON_BUSY,
  RUNCONFD_GATE_REASON_RATE,
  RUNCONFD_GATE_REASON_LARGE_BUSY,
  RUNCONFD_GATE_REASON_HEADER,
  RUNCONFD_GATE_REASON_TOO_LARGE,
  RUNCONFD_GATE_REASON_TOO_MANY,
  RUNCONFD_GATE_REASON_INVALID,
  RUNCONFD_GATE_REASON_TOO_DEEP,
  RUNCONFD_GATE_REASON_UNKNOWN_USER,
} RunconfdGateReason;

/**
 * RunconfdGateRefusal:
 * @serial: of the refused call
 * @reason: for the refusal
 * @n_unpaid: the bytes of the call that the token buckets don't count yet
 * @sender: the unique name of the caller
 *
 * A refusal that waits to be sent. It is one block of memory, for g_free().
 */
typedef struct
{
  guint32 serial;
  RunconfdGateReason reason;
  gsize n_unpaid;
  char sender[];
} RunconfdGateRefusal;

RunconfdGateRefusal *runconfd_gate_refusal_new (const RunconfdMessage *call,
                                                RunconfdGateReason reason, gsize n_unpaid);
GDBusMessage *runconfd_gate_refusal_create_reply (const RunconfdGateRefusal *self);

GDBusMessage *runconfd_gate_create_error (guint32 serial, const char *name, const char *text);
GDBusMessage *runconfd_gate_create_error_reply (const char *destination, guint32 serial,
                                                const char *name, const char *text);

G_END_DECLS
