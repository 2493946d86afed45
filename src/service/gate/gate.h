/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "service/base/uid.h"
#include "service/gate/message.h"

G_BEGIN_DECLS

/* the limits of a message in bytes and in values, unless its sender is trusted or has the right to
 * make the call
 */
#define RUNCONFD_GATE_SMALL_BYTES ((gsize) 64 * 1024)
#define RUNCONFD_GATE_SMALL_VALUES 10000u

/* the estimated memory in bytes for the values of such a message, and of any message */
#define RUNCONFD_GATE_SMALL_MEMORY ((gsize) 4 * 1024 * 1024)
#define RUNCONFD_GATE_MAX_MEMORY ((gsize) 128 * 1024 * 1024)

/* the number of values in any message. GDBus needs up to 170 bytes per value, so this is 100 MB. */
#define RUNCONFD_GATE_MAX_VALUES 600000u

/**
 * RunconfdGate:
 *
 * Decides which messages of a bus reach GDBus, and when. It bounds the memory and the time that
 * callers without a right can cost, for each user over all connections and for all users together.
 */
typedef struct _RunconfdGate RunconfdGate;

/**
 * RunconfdGateQuestion:
 * @sender: the unique name of the caller
 * @uid: the user of the caller
 * @path: the object path of the call
 * @member: the method of the call
 * @serial: of the call
 * @may_interact: whether the call allows a dialog
 *
 * The question whether a caller may make a call whose message is large. The gate owns the strings.
 */
typedef struct
{
  const char *sender;
  guint uid;
  const char *path;
  const char *member;
  guint32 serial;
  gboolean may_interact;
} RunconfdGateQuestion;

/**
 * RunconfdGateHooks:
 * @is_trusted: whether a user has all rights
 * @is_write: whether a method changes a configuration
 * @identify: asks for the user of a connection; runconfd_gate_identify() takes the reply later
 * @ask: asks whether a caller has a right; runconfd_gate_decide() takes the result later
 * @user_data: for these functions
 *
 * The functions of the service that the gate needs. They are called in the gate's thread.
 */
typedef struct
{
  gboolean (*is_trusted) (guint uid, gpointer user_data);
  gboolean (*is_write) (const char *member, gpointer user_data);
  void (*identify) (const char *sender, gpointer user_data);
  void (*ask) (const RunconfdGateQuestion *question, gpointer user_data);
  gpointer user_data;
} RunconfdGateHooks;

/**
 * RunconfdGateFlow:
 * @in: messages to GDBus; the gate appends to it
 * @out: messages to the bus; the gate appends to it
 * @now: the monotonic time in µs
 *
 * The buffers and the time for one call of a gate function.
 */
typedef struct
{
  GByteArray *in;
  GByteArray *out;
  gint64 now;
} RunconfdGateFlow;

RunconfdGate *runconfd_gate_new (const RunconfdGateHooks *hooks);
void runconfd_gate_free (RunconfdGate *self);

gboolean runconfd_gate_wants (RunconfdGate *self, const RunconfdMessage *message,
                              const RunconfdGateFlow *flow);
void runconfd_gate_let_in (RunconfdGate *self, const RunconfdMessage *message, guint8 *data,
                           const RunconfdGateFlow *flow);
gboolean runconfd_gate_let_out (RunconfdGate *self, const RunconfdMessage *message,
                                const RunconfdGateFlow *flow);
void runconfd_gate_identify (RunconfdGate *self, const char *sender, guint uid,
                             const RunconfdGateFlow *flow);
void runconfd_gate_decide (RunconfdGate *self, const char *sender, guint32 serial,
                           const char *error_name, const char *error_message,
                           const RunconfdGateFlow *flow);
void runconfd_gate_set_congested (RunconfdGate *self, gboolean is_congested);
int runconfd_gate_get_timeout (const RunconfdGate *self);
void runconfd_gate_tick (RunconfdGate *self, const RunconfdGateFlow *flow);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdGate, runconfd_gate_free)

G_END_DECLS
