/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/gate/message.h"

G_BEGIN_DECLS

/* the first serial of the gate's messages. GDBus counts its serials from 1 and doesn't reach this number. */
#define RUNCONFD_GATE_FIRST_SERIAL 0x80000000u

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

/**
 * RunconfdGateError:
 * @sender: (nullable): of the error, if it goes to the service
 * @destination: (nullable): the unique name of the caller, if it goes to the bus
 * @serial: of the call
 * @name: the D-Bus name of the error
 * @text: its message
 *
 * An error as the reply to a call.
 */
typedef struct
{
  const char *sender;
  const char *destination;
  guint32 serial;
  const char *name;
  const char *text;
} RunconfdGateError;

RunconfdGateRefusal *runconfd_gate_refusal_new (const RunconfdMessage *call,
                                                RunconfdGateReason reason, gsize n_unpaid);
RunconfdGateError runconfd_gate_refusal_get_error (const RunconfdGateRefusal *self);

void runconfd_gate_error_append (const RunconfdGateError *self, guint32 *serial, GByteArray *out);

G_END_DECLS
