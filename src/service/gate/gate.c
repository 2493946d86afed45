/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/gate.h"

#include "service/gate/account.h"
#include "service/gate/asked.h"
#include "service/gate/check.h"
#include "service/gate/refusal.h"

/* The gate reads each message before GDBus does. It lets in only messages that GDBus can unpack,
 * and it bounds the cost of callers. check.c has the limits of one message, account.c those of each
 * user; the gate has the order of the calls:
 *
 * Large messages. A message over RUNCONFD_GATE_SMALL_BYTES or RUNCONFD_GATE_SMALL_VALUES of a user
 * who isn't trusted is kept as bytes while the service asks whether this caller has the right to
 * make the call.
 *
 * Queues. A call over the limits of running calls waits in the queue of its connection. It never
 * overtakes a call of the same connection.
 *
 * Replies. A flooded bus takes little at a time from each connection in turn, the service's
 * connection included, and all replies of the service are in one queue. Therefore queued calls run,
 * and refusals are sent, only when the bus has taken the previous replies, at a limited rate, and
 * in turn for all users. If a caller doesn't read its replies, the bus itself refuses its calls.
 *
 * The gate asks for the uid of a connection at its first call. While the uid isn't known, calls of the
 * connection count for the unidentified user.
 *
 * A gate is used by one thread at a time.
 */

/* replies of the bus and of polkit, and signals, in bytes */
#define MAX_REPLY_BYTES (1024 * 1024)

/* the interval between looks at the queues, in ms; how many calls run or are refused in each; and
 * the size of a reply in bytes up to which the next queued call runs at once
 */
#define TICK 4
#define MAX_RELEASED 2
#define MAX_SENT 16
#define MAX_SMALL_ANSWER 1024

/* in µs: when the gate asks again for a uid, and when a large message is given up without it */
#define UID_RETRY G_USEC_PER_SEC
#define UID_PATIENCE (5 * G_USEC_PER_SEC)

struct _RunconfdGate
{
  RunconfdGateHooks hooks;
  RunconfdGateAccounts *accounts;
  RunconfdGateAsked *asked;
  GQueue queue; /* of RunconfdGateUser, with queued calls or refusals */
  gint64 ticked_at;
  gboolean is_congested; /* the bus hasn't taken all replies yet */
  guint32 serial;        /* of the next error that the gate sends */
};

/**
 * runconfd_gate_new:
 * @hooks: copied
 */
RunconfdGate *
runconfd_gate_new (const RunconfdGateHooks *hooks)
{
  RunconfdGate *self = g_new0 (RunconfdGate, 1);

  self->hooks = *hooks;
  self->accounts = runconfd_gate_accounts_new ();
  self->asked = runconfd_gate_asked_new ();
  self->serial = RUNCONFD_GATE_FIRST_SERIAL;

  return self;
}

void
runconfd_gate_free (RunconfdGate *self)
{
  g_queue_clear (&self->queue);
  runconfd_gate_accounts_free (self->accounts);
  runconfd_gate_asked_free (self->asked);
  g_free (self);
}

static void
enqueue (RunconfdGate *self, RunconfdGateUser *user)
{
  if (!user->is_queued)
    g_queue_push_tail (&self->queue, user);
  user->is_queued = TRUE;
}

/* @n_unpaid: the bytes of the call that the buckets don't count yet */
static void
refuse (RunconfdGate *self, RunconfdGateAccount *account, const RunconfdMessage *call,
        RunconfdGateReason reason, gsize n_unpaid)
{
  if (runconfd_gate_accounts_add_refusal (self->accounts, account->user, call, reason, n_unpaid))
    enqueue (self, account->user);
}

/* Asks whether the caller has the right for the first queued call, which is large. */
static void
ask_right (RunconfdGate *self, RunconfdGateAccount *account, const RunconfdGateHeld *held)
{
  RunconfdMessage call;
  RunconfdGateQuestion question;

  runconfd_message_read (&call, held->message->data, held->message->len);
  question = (RunconfdGateQuestion){
    .sender = account->name,
    .uid = account->user->uid,
    .path = call.path,
    .member = call.member,
    .serial = call.serial,
    .may_interact = (call.flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0,
  };
  self->hooks.ask (&question, self->hooks.user_data);
}

static void refuse_first (RunconfdGate *self, RunconfdGateAccount *account,
                          RunconfdGateReason reason);

/* Puts a connection with a new first queued call into the queue of its user. */
static void
line_up (RunconfdGate *self, RunconfdGateAccount *account)
{
  const RunconfdGateHeld *held = g_queue_peek_head (&account->held);

  if (held == NULL)
    return;

  account->is_blocked = held->open->is_large && !held->open->is_granted && !account->is_trusted;
  if (!account->is_blocked)
    {
      g_queue_push_tail (&account->user->waiting, account);
      enqueue (self, account->user);
    }
  else if (runconfd_gate_account_is_identified (account) && account->user->n_large > 1)
    {
      /* another connection of the user has the only place */
      refuse_first (self, account, RUNCONFD_GATE_REASON_LARGE_BUSY);
    }
  else if (runconfd_gate_account_is_identified (account))
    {
      ask_right (self, account, held);
    }
}

/* Lets the next queued call of a user run, in turn for each connection.
 *
 * Returns: whether a call runs
 */
static gboolean
release (RunconfdGate *self, RunconfdGateUser *user, const RunconfdGateFlow *flow)
{
  RunconfdGateAccount *account = g_queue_peek_head (&user->waiting);
  RunconfdGateHeld *held = account != NULL ? g_queue_peek_head (&account->held) : NULL;

  if (held == NULL || !runconfd_gate_account_may_run (account, held->open, TRUE)
      || (!account->is_trusted && self->is_congested)
      || (!account->is_trusted && held->open->is_read
          && !runconfd_gate_accounts_take_read (self->accounts, flow->now)))
    return FALSE;

  g_queue_pop_head (&user->waiting);
  g_queue_pop_head (&account->held);
  runconfd_gate_account_count_running (account, held->open, 1);
  g_byte_array_append (flow->in, held->message->data, held->message->len);
  runconfd_gate_held_free (held);
  line_up (self, account);

  return TRUE;
}

/* Drops the first queued call. */
static void
drop_first (RunconfdGate *self, RunconfdGateAccount *account)
{
  RunconfdGateHeld *held = g_queue_pop_head (&account->held);
  RunconfdMessage call;

  runconfd_message_read (&call, held->message->data, held->message->len);
  runconfd_gate_accounts_close (self->accounts, account, call.serial, held->open);
  runconfd_gate_held_free (held);
  line_up (self, account);
}

/* Assigns a connection to its user. */
static void
set_user (RunconfdGate *self, RunconfdGateAccount *account, RunconfdGateUser *user)
{
  gboolean is_trusted = self->hooks.is_trusted (user->uid, self->hooks.user_data);

  runconfd_gate_accounts_move (self->accounts, account, user, is_trusted);
  line_up (self, account);
}

/* Refuses the first queued call. */
static void
refuse_first (RunconfdGate *self, RunconfdGateAccount *account, RunconfdGateReason reason)
{
  const RunconfdGateHeld *held = g_queue_peek_head (&account->held);
  RunconfdMessage call;

  runconfd_message_read (&call, held->message->data, held->message->len);
  if (!held->open->is_silent)
    refuse (self, account, &call, reason, 0);
  drop_first (self, account);
}

static gboolean
wants_call (RunconfdGate *self, const RunconfdMessage *call, const RunconfdGateFlow *flow)
{
  RunconfdGateAccount *account = runconfd_gate_accounts_get (self->accounts, call->sender);
  RunconfdGateReason reason;
  gboolean is_wanted;

  if (!runconfd_gate_account_is_identified (account)
      && (account->asked_at == 0 || flow->now - account->asked_at > UID_RETRY))
    {
      account->asked_at = flow->now;
      self->hooks.identify (account->name, self->hooks.user_data);
    }

  is_wanted = runconfd_gate_check_header (self->accounts, &self->hooks, account, call, flow->now,
                                          &reason);
  if (!is_wanted)
    refuse (self, account, call, reason, call->size);

  return is_wanted;
}

static void
replace_reply (RunconfdGate *self, const RunconfdMessage *reply, const RunconfdGateFlow *flow)
{
  const RunconfdGateError error = {
    .sender = reply->sender,
    .serial = reply->reply_serial,
    .name = "org.freedesktop.DBus.Error.Failed",
    .text = "the reply can't be read",
  };

  g_debug ("A reply of %s is replaced by an error", reply->sender);
  runconfd_gate_asked_remove (self->asked, reply);
  runconfd_gate_error_append (&error, &self->serial, flow->in);
}

static gboolean
wants_reply (RunconfdGate *self, const RunconfdMessage *reply, const RunconfdGateFlow *flow)
{
  if (!runconfd_gate_asked_has (self->asked, reply))
    return FALSE;
  if (reply->size > MAX_REPLY_BYTES)
    replace_reply (self, reply, flow);

  return reply->size <= MAX_REPLY_BYTES;
}

/**
 * runconfd_gate_wants:
 * @message: a message from the bus, of which only the header is read
 *
 * Refuses a call whose header shows that it is over a limit, so that its body needn't be kept.
 *
 * Returns: whether the message has to be collected, for runconfd_gate_let_in(); %FALSE to skip it
 */
gboolean
runconfd_gate_wants (RunconfdGate *self, const RunconfdMessage *message,
                     const RunconfdGateFlow *flow)
{
  switch (message->type)
    {
    case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
      return message->sender != NULL && wants_call (self, message, flow);
    case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
    case G_DBUS_MESSAGE_TYPE_ERROR:
      return wants_reply (self, message, flow);
    case G_DBUS_MESSAGE_TYPE_SIGNAL:
      /* only the bus addresses signals to this service; GDBus subscribes to others as broadcasts */
      return message->size <= MAX_REPLY_BYTES
             && (message->destination == NULL
                 || g_strcmp0 (message->sender, RUNCONFD_MESSAGE_BUS_NAME) == 0);
    case G_DBUS_MESSAGE_TYPE_INVALID:
    default:
      return FALSE;
    }
}

static void
open_call (RunconfdGate *self, RunconfdGateAccount *account, const RunconfdMessage *call,
           guint8 *data, const RunconfdGateOpen *made, const RunconfdGateFlow *flow)
{
  RunconfdGateOpen *open
      = runconfd_gate_accounts_open (self->accounts, account, call->serial, made);

  /* if a call wants no reply, its reply still marks its end; the reply isn't passed on */
  if (open->is_silent)
    runconfd_message_want_reply (data);

  if (!g_queue_is_empty (&account->held)
      || !runconfd_gate_account_may_run (account, open, self->is_congested))
    {
      runconfd_gate_account_hold (account, open, data, call->size);
      if (account->held.length == 1)
        line_up (self, account);
      return;
    }

  runconfd_gate_account_count_running (account, open, 1);
  g_byte_array_append (flow->in, data, (guint) call->size);
}

static void
let_call_in (RunconfdGate *self, const RunconfdMessage *call, guint8 *data,
             const RunconfdGateFlow *flow)
{
  RunconfdGateAccount *account = runconfd_gate_accounts_get (self->accounts, call->sender);
  RunconfdGateOpen open = {
    .size = call->size,
    .is_read = runconfd_gate_check_is_read (&self->hooks, call),
    .is_silent = (call->flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0,
  };
  RunconfdGateReason reason;

  if (!account->is_trusted)
    runconfd_gate_accounts_take_bytes (self->accounts, account->user, call->size, flow->now);

  if (!runconfd_gate_check_call (self->accounts, &self->hooks, account, call, data, &open, &reason))
    refuse (self, account, call, reason, 0);
  else if (!runconfd_gate_accounts_may_open (self->accounts, account, call->serial, &open))
    refuse (self, account, call, RUNCONFD_GATE_REASON_BUSY, 0);
  else
    open_call (self, account, call, data, &open, flow);
}

/* The service waits for the reply, so an error replaces a reply that GDBus can't unpack. */
static void
let_reply_in (RunconfdGate *self, const RunconfdMessage *reply, const guint8 *data,
              const RunconfdGateFlow *flow)
{
  gsize memory;

  if (runconfd_gate_check_body (reply, data, FALSE, &memory) != RUNCONFD_BODY_GOOD)
    {
      replace_reply (self, reply, flow);
      return;
    }

  runconfd_gate_asked_remove (self->asked, reply);
  g_byte_array_append (flow->in, data, (guint) reply->size);
}

/**
 * runconfd_gate_let_in:
 * @message: a message for which runconfd_gate_wants() returned %TRUE
 * @data: all of its bytes; flags in it may be changed
 *
 * Passes a message on, at once or later, or refuses it.
 */
void
runconfd_gate_let_in (RunconfdGate *self, const RunconfdMessage *message, guint8 *data,
                      const RunconfdGateFlow *flow)
{
  gsize memory;

  if (message->type == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    let_call_in (self, message, data, flow);
  else if (message->type == G_DBUS_MESSAGE_TYPE_SIGNAL)
    {
      if (runconfd_gate_check_body (message, data, TRUE, &memory) == RUNCONFD_BODY_GOOD)
        g_byte_array_append (flow->in, data, (guint) message->size);
    }
  else
    let_reply_in (self, message, data, flow);
}

/**
 * runconfd_gate_let_out:
 * @message: a message of GDBus
 *
 * Returns: whether to pass it on to the bus
 */
gboolean
runconfd_gate_let_out (RunconfdGate *self, const RunconfdMessage *message,
                       const RunconfdGateFlow *flow)
{
  RunconfdGateAccount *account;
  const RunconfdGateOpen *open;
  gboolean is_silent;

  if (message->type == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    runconfd_gate_asked_add (self->asked, message);
  if ((message->type != G_DBUS_MESSAGE_TYPE_METHOD_RETURN
       && message->type != G_DBUS_MESSAGE_TYPE_ERROR)
      || message->destination == NULL)
    return TRUE;

  open = runconfd_gate_accounts_find_open (self->accounts, message->destination,
                                           message->reply_serial, &account);
  if (open == NULL)
    return TRUE;

  is_silent = open->is_silent;
  if (!account->is_trusted && !open->is_read && message->type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN)
    runconfd_gate_accounts_give_bytes (self->accounts, account->user, open->size);
  runconfd_gate_account_count_running (account, open, -1);
  runconfd_gate_accounts_close (self->accounts, account, message->reply_serial, open);
  while (message->size <= MAX_SMALL_ANSWER && release (self, account->user, flow))
    ;

  return !is_silent;
}

/**
 * runconfd_gate_identify:
 * @sender: the unique name of a connection for which the gate asked
 * @uid: its user, or #RUNCONFD_UID_UNKNOWN if the bus doesn't report one
 *
 * Counts the calls of the connection for its user from now on. Without a user a large message of the
 * connection is refused.
 */
void
runconfd_gate_identify (RunconfdGate *self, const char *sender, guint uid,
                        const RunconfdGateFlow *flow)
{
  RunconfdGateAccount *account = runconfd_gate_accounts_find (self->accounts, sender);

  if (account == NULL || runconfd_gate_account_is_identified (account))
    return;

  if (uid != RUNCONFD_UID_UNKNOWN)
    {
      set_user (self, account, runconfd_gate_accounts_get_user (self->accounts, uid));
      while (release (self, account->user, flow))
        ;
    }
  else if (account->is_blocked)
    {
      refuse_first (self, account, RUNCONFD_GATE_REASON_UNKNOWN_USER);
    }
}

/**
 * runconfd_gate_decide:
 * @sender: of a #RunconfdGateQuestion
 * @serial: the same
 * @error_name: (nullable): the D-Bus name of an error, or %NULL if the caller has the right
 * @error_message: (nullable): its message
 *
 * Lets a large message in, or refuses it.
 */
void
runconfd_gate_decide (RunconfdGate *self, const char *sender, guint32 serial,
                      const char *error_name, const char *error_message,
                      const RunconfdGateFlow *flow)
{
  RunconfdGateAccount *account;
  RunconfdGateOpen *open
      = runconfd_gate_accounts_find_open (self->accounts, sender, serial, &account);
  const RunconfdGateHeld *held
      = open != NULL && account->is_blocked ? g_queue_peek_head (&account->held) : NULL;

  if (held == NULL || held->open != open)
    return;

  if (error_name == NULL)
    {
      open->is_granted = TRUE;
      line_up (self, account);
      release (self, account->user, flow);
      return;
    }

  if (!open->is_silent)
    {
      const RunconfdGateError error
          = { .destination = sender, .serial = serial, .name = error_name, .text = error_message };

      runconfd_gate_error_append (&error, &self->serial, flow->out);
    }
  drop_first (self, account);
}

/**
 * runconfd_gate_set_congested:
 * @is_congested: whether the bus hasn't taken all messages of this service yet
 */
void
runconfd_gate_set_congested (RunconfdGate *self, gboolean is_congested)
{
  self->is_congested = is_congested;
}

/**
 * runconfd_gate_get_timeout:
 *
 * Returns: the time in ms until runconfd_gate_tick() has to be called, or -1 for never
 */
int
runconfd_gate_get_timeout (const RunconfdGate *self)
{
  return self->queue.length > 0 || self->accounts->unidentified.n_large > 0 ? TICK : -1;
}

/* Returns: whether a refusal was sent */
static gboolean
send_refusal (RunconfdGate *self, RunconfdGateUser *user, const RunconfdGateFlow *flow)
{
  g_autofree RunconfdGateRefusal *refusal
      = self->is_congested ? NULL
                           : runconfd_gate_accounts_take_refusal (self->accounts, user, flow->now);
  RunconfdGateError error;

  if (refusal == NULL)
    return FALSE;

  error = runconfd_gate_refusal_get_error (refusal);
  runconfd_gate_error_append (&error, &self->serial, flow->out);

  return TRUE;
}

/* Refuses large messages whose user the bus doesn't report in time. */
static void
expire (RunconfdGate *self, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  if (self->accounts->unidentified.n_large == 0)
    return;

  g_hash_table_iter_init (&iter, self->accounts->by_name);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      RunconfdGateAccount *account = value;

      if (account->is_blocked && !runconfd_gate_account_is_identified (account)
          && now - account->asked_at > UID_PATIENCE)
        refuse_first (self, account, RUNCONFD_GATE_REASON_UNKNOWN_USER);
    }
}

/**
 * runconfd_gate_tick:
 *
 * Lets queued calls run and sends refusals, in turn for all users, at most once in TICK ms.
 */
void
runconfd_gate_tick (RunconfdGate *self, const RunconfdGateFlow *flow)
{
  guint n_released = 0, n_sent = 0, n_idle = 0;

  if (flow->now - self->ticked_at < TICK * G_TIME_SPAN_MILLISECOND)
    return;

  self->ticked_at = flow->now;
  expire (self, flow->now);
  while (n_released < MAX_RELEASED && n_sent < MAX_SENT && n_idle < self->queue.length)
    {
      RunconfdGateUser *user = g_queue_pop_head (&self->queue);
      gboolean is_released = release (self, user, flow);
      gboolean is_sent = send_refusal (self, user, flow);

      n_released += is_released ? 1 : 0;
      n_sent += is_sent ? 1 : 0;
      n_idle = is_released || is_sent ? 0 : n_idle + 1;
      user->is_queued = user->waiting.length > 0 || user->refused.length > 0;
      if (user->is_queued)
        g_queue_push_tail (&self->queue, user);
    }
}
