/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/check.h"

/* the estimated memory for a call without its values: objects of GDBus and of the service */
#define CALL_COST 2048

/* the size of a large message: a text may have 16 MiB */
#define MAX_LARGE_BYTES ((gsize) 17 * 1024 * 1024)

/**
 * runconfd_gate_check_is_read:
 *
 * Returns: whether the call changes no configuration
 */
gboolean
runconfd_gate_check_is_read (const RunconfdGateHooks *hooks, const RunconfdMessage *call)
{
  return call->member == NULL || !hooks->is_write (call->member, hooks->user_data);
}

/* A caller that isn't trusted, or not identified yet, may have few large messages, and only for
 * writes.
 */
static gboolean
wants_large (const RunconfdGateAccounts *accounts, const RunconfdGateHooks *hooks,
             const RunconfdGateAccount *account, const RunconfdMessage *call,
             RunconfdGateReason *reason)
{
  *reason = call->size > MAX_LARGE_BYTES || runconfd_gate_check_is_read (hooks, call)
                    || call->path == NULL
                ? RUNCONFD_GATE_REASON_TOO_LARGE
                : RUNCONFD_GATE_REASON_LARGE_BUSY;

  return *reason == RUNCONFD_GATE_REASON_LARGE_BUSY
         && runconfd_gate_accounts_has_room_for_large (accounts, account);
}

/**
 * runconfd_gate_check_header:
 * @call: a call, of which only the header is read
 * @now: the monotonic time in µs
 * @reason: (out): filled in if the call is to be refused
 *
 * Returns: whether the call is within the limits as far as its header shows
 */
gboolean
runconfd_gate_check_header (const RunconfdGateAccounts *accounts, const RunconfdGateHooks *hooks,
                            const RunconfdGateAccount *account, const RunconfdMessage *call,
                            gint64 now, RunconfdGateReason *reason)
{
  gsize cost = CALL_COST + call->size;

  *reason = RUNCONFD_GATE_REASON_HEADER;
  if (call->header_size > RUNCONFD_MESSAGE_MAX_HEADER)
    return FALSE;
  if (account->is_trusted)
    return TRUE;

  *reason = RUNCONFD_GATE_REASON_RATE;
  if (runconfd_gate_accounts_is_over_rate (accounts, account, cost, now))
    return FALSE;
  if (call->size > RUNCONFD_GATE_SMALL_BYTES)
    return wants_large (accounts, hooks, account, call, reason);

  *reason = RUNCONFD_GATE_REASON_BUSY;

  return runconfd_gate_accounts_has_room (accounts, account, cost);
}

/**
 * runconfd_gate_check_body:
 * @data: the whole message
 * @is_small: whether the limits for a caller without a right apply
 * @memory: (out): an estimate of the memory for the values
 */
RunconfdBodyState
runconfd_gate_check_body (const RunconfdMessage *message, const guint8 *data, gboolean is_small,
                          gsize *memory)
{
  RunconfdBody body
      = { .data = data + message->header_size,
          .size = message->body_size,
          .is_big = message->is_big,
          .max_values = is_small ? RUNCONFD_GATE_SMALL_VALUES : RUNCONFD_GATE_MAX_VALUES,
          .max_memory = is_small ? RUNCONFD_GATE_SMALL_MEMORY : RUNCONFD_GATE_MAX_MEMORY };
  RunconfdBodyState state = runconfd_body_check (&body, message->signature);

  *memory = body.memory;

  return state;
}

/**
 * runconfd_gate_check_call:
 * @data: the whole message
 * @open: (inout): its cost is filled in, and whether it is large
 * @reason: (out): filled in if the call is to be refused
 *
 * Returns: whether GDBus can unpack the call, and the number of its values is allowed
 */
gboolean
runconfd_gate_check_call (const RunconfdGateAccounts *accounts, const RunconfdGateHooks *hooks,
                          const RunconfdGateAccount *account, const RunconfdMessage *call,
                          const guint8 *data, RunconfdGateOpen *open, RunconfdGateReason *reason)
{
  gboolean is_small = !account->is_trusted && call->size <= RUNCONFD_GATE_SMALL_BYTES;
  RunconfdBodyState state;
  gsize memory;

  state = runconfd_gate_check_body (call, data, is_small, &memory);
  open->is_large = !account->is_trusted && !is_small;
  if (state == RUNCONFD_BODY_TOO_MANY && is_small)
    {
      if (!wants_large (accounts, hooks, account, call, reason))
        return FALSE;
      open->is_large = TRUE;
      state = runconfd_gate_check_body (call, data, FALSE, &memory);
    }

  *reason = state == RUNCONFD_BODY_TOO_DEEP   ? RUNCONFD_GATE_REASON_TOO_DEEP
            : state == RUNCONFD_BODY_TOO_MANY ? RUNCONFD_GATE_REASON_TOO_MANY
                                              : RUNCONFD_GATE_REASON_INVALID;
  open->cost = open->is_large ? 0 : CALL_COST + call->size + memory;

  return state == RUNCONFD_BODY_GOOD;
}
