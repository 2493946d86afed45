/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/gate.h"

#include <string.h>

#include "service/gate/asked.h"
#include "service/gate/body.h"
#include "service/gate/bucket.h"
#include "service/gate/refusal.h"

/* The gate reads each message before GDBus does. It lets in only messages that GDBus can unpack,
 * and it bounds the cost of callers:
 *
 * Cost. The memory for a call is estimated from its size and the number of its values. Each user
 * has a budget for calls in progress, over all connections, from the arrival of a call until its
 * reply; all users that aren't trusted share a total budget. A call over a budget is refused before
 * it is queued.
 *
 * Large messages. A message over RUNCONFD_GATE_SMALL_BYTES or RUNCONFD_GATE_SMALL_VALUES of a user
 * who isn't trusted is kept as bytes while the service asks whether this caller has the right to
 * make the call. Few such messages exist at a time: one per user, MAX_LARGE in all.
 *
 * Queues. Calls within the budget run at once, up to MAX_READS and MAX_WRITES of a user. As soon as
 * a call of the user has to wait, these limits fall to MAX_QUEUED_READS and MAX_QUEUED_WRITES, in
 * favour of other users. Writes have higher limits than reads, since they wait for the disk, and
 * queued writes are committed together. A call never overtakes a call of the same connection.
 *
 * Replies. A flooded bus takes little at a time from each connection in turn, the service's
 * connection included, and all replies of the service are in one queue. Therefore queued calls run,
 * and refusals are sent, only when the bus has taken the previous replies, at a limited rate, and
 * in turn for all users. If a caller doesn't read its replies, the bus itself refuses its calls.
 *
 * Rates. While the socket to the service is full, the bus queues messages. dbus-daemon then sends one
 * message in a turn in which it receives from all other connections, so the queue grows, and a call of
 * root waits behind it for seconds. The socket has room for three messages of 60 KB, each of which
 * takes half a millisecond to check. Therefore each user has a token bucket for the bytes of messages
 * that cost time and change nothing: of all checked messages, except writes that succeed, and of
 * refused ones. While the bucket is empty, the gate refuses calls by their header, which takes
 * microseconds. It also delays the refusals, so that the bus itself refuses the calls of a connection
 * with too many calls in progress: these calls don't reach the queue.
 *
 * The gate asks for the uid of a connection at its first call. While the uid isn't known, calls of the
 * connection count for the unidentified user.
 *
 * A gate is used by one thread at a time.
 */

/* the estimated memory for a call without its values: objects of GDBus and of the service */
#define CALL_COST 2048

/* the budget of a user, and of all unidentified connections together; the budget of all users
 * together; and the cost up to which a call is let in beyond them if its user has no call in
 * progress
 */
#define MAX_CALLS 256
#define MAX_COST ((gsize) 8 * 1024 * 1024)
#define MAX_TOTAL_COST ((gsize) 48 * 1024 * 1024)
#define MAX_FIRST_COST 8192

/* large messages that wait for a right or run; and the size of one: a text may have 16 MiB */
#define MAX_LARGE 3
#define MAX_LARGE_BYTES ((gsize) 17 * 1024 * 1024)

/* replies of the bus and of polkit, and signals, in bytes */
#define MAX_REPLY_BYTES (1024 * 1024)

/* calls of a user that run at a time; and the same while a call of the user is queued */
#define MAX_READS 8
#define MAX_WRITES 64
#define MAX_QUEUED_READS 2
#define MAX_QUEUED_WRITES 16 /* some may wait for a dialog of polkit */

/* token bucket of queued reads, for all users together: its size, and its tokens per second */
#define MAX_BURST 256
#define MAX_READS_PER_SECOND 2000

/* token buckets of bytes, for a user and for all users together: their tokens per second, and their
 * sizes
 */
#define MAX_BYTES_PER_SECOND (8 * 1024 * 1024)
#define MAX_TOTAL_BYTES_PER_SECOND (16 * 1024 * 1024)

/* refusals that wait to be sent, for a user and for all users; more calls are refused without a
 * reply
 */
#define MAX_REFUSED (8 * 1024)
#define MAX_TOTAL_REFUSED (64 * 1024)

/* the interval between looks at the queues, in ms; how many calls run or are refused in each; and
 * the size of a reply in bytes up to which the next queued call runs at once
 */
#define TICK 4
#define MAX_RELEASED 2
#define MAX_SENT 16
#define MAX_SMALL_ANSWER 1024

/* above this number, connections without a call in progress are forgotten, and so are users */
#define MAX_REMEMBERED 4096

/* in µs: when the gate asks again for a uid, and when a large message is given up without it */
#define UID_RETRY G_USEC_PER_SEC
#define UID_PATIENCE (5 * G_USEC_PER_SEC)

/* GDBus counts its serials from 1 and doesn't reach this number */
#define FIRST_SERIAL 0x80000000u

typedef struct
{
  guint uid;
  guint n_calls;
  gsize cost;
  guint n_reads;        /* running */
  guint n_writes;       /* running */
  guint n_accounts;     /* connections of the user */
  guint n_large;        /* large messages that wait or run */
  RunconfdBucket bytes; /* of messages that were checked or refused */
  GQueue waiting;       /* of Account, connections whose first queued call may run */
  GQueue refused;       /* of RunconfdGateRefusal, to be sent */
  gboolean is_queued;   /* whether the user is in the gate's queue */
} User;

/* A call in progress. */
typedef struct
{
  gsize cost;
  gsize size; /* of its message */
  gboolean is_read;
  gboolean is_silent; /* its caller wants no reply */
  gboolean is_large;
  gboolean is_granted; /* it is large, and the caller has the right */
} Open;

/* A queued call. */
typedef struct
{
  Open *open;
  GByteArray *message;
} Held;

/* A connection of the bus. */
typedef struct
{
  char *name;
  User *user; /* or the unidentified one */
  guint n_calls;
  gsize cost;
  guint n_reads;
  guint n_writes;
  gboolean is_trusted;
  gboolean is_blocked; /* its first queued call waits for a right */
  gint64 asked_at;     /* when the bus was asked for its uid; 0 if never */
  GHashTable *calls;   /* Open by serial */
  GQueue held;
} Account;

struct _RunconfdGate
{
  RunconfdGateHooks hooks;
  GHashTable *accounts; /* Account by unique name */
  GHashTable *users;    /* User by uid */
  RunconfdGateAsked *asked;
  User unidentified;
  GQueue queue; /* of User, with queued calls or refusals */
  gsize cost;   /* of all users that aren't trusted */
  guint n_large;
  guint n_refused;
  gint64 ticked_at;
  RunconfdBucket reads;  /* queued ones of all users */
  RunconfdBucket bytes;  /* as in User, of all users */
  gboolean is_congested; /* the bus hasn't taken all replies yet */
  guint32 serial;
};

static void
held_free (Held *held)
{
  g_byte_array_unref (held->message);
  g_free (held);
}

static void
user_init (User *user, guint uid)
{
  user->uid = uid;
  user->bytes = (RunconfdBucket){ .rate = MAX_BYTES_PER_SECOND, .size = MAX_BYTES_PER_SECOND };
}

static void
user_clear (User *user)
{
  g_queue_clear (&user->waiting);
  g_queue_clear_full (&user->refused, g_free);
}

static void
user_free (User *user)
{
  user_clear (user);
  g_free (user);
}

static void
account_free (Account *account)
{
  account->user->n_accounts--;
  g_queue_clear_full (&account->held, (GDestroyNotify) held_free);
  g_hash_table_unref (account->calls);
  g_free (account->name);
  g_free (account);
}

/**
 * runconfd_gate_new:
 * @hooks: copied
 */
RunconfdGate *
runconfd_gate_new (const RunconfdGateHooks *hooks)
{
  RunconfdGate *self = g_new0 (RunconfdGate, 1);

  self->hooks = *hooks;
  self->accounts
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) account_free);
  self->users = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) user_free);
  self->asked = runconfd_gate_asked_new ();
  self->serial = FIRST_SERIAL;
  self->reads = (RunconfdBucket){ .rate = MAX_READS_PER_SECOND, .size = MAX_BURST };
  self->bytes
      = (RunconfdBucket){ .rate = MAX_TOTAL_BYTES_PER_SECOND, .size = MAX_TOTAL_BYTES_PER_SECOND };
  user_init (&self->unidentified, RUNCONFD_UID_UNKNOWN);

  return self;
}

void
runconfd_gate_free (RunconfdGate *self)
{
  g_queue_clear (&self->queue);
  g_hash_table_unref (self->accounts);
  g_hash_table_unref (self->users);
  runconfd_gate_asked_free (self->asked);
  user_clear (&self->unidentified);
  g_free (self);
}

static void
send (RunconfdGate *self, GByteArray *out, GDBusMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree guchar *blob = NULL;
  gsize size;

  g_dbus_message_set_serial (message, self->serial++);
  if (self->serial == 0)
    self->serial = FIRST_SERIAL;

  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  if (blob != NULL)
    g_byte_array_append (out, blob, (guint) size);
  else
    g_warning ("Can't create a message: %s", error->message);
}

static gboolean
is_idle_account (gpointer name, gpointer account, gpointer user_data)
{
  return ((Account *) account)->n_calls == 0;
}

static gboolean
is_idle_user (gpointer uid, gpointer data, gpointer user_data)
{
  const User *user = data;

  return user->n_accounts == 0 && !user->is_queued;
}

static gboolean
is_identified (const RunconfdGate *self, const Account *account)
{
  return account->user != &self->unidentified;
}

static Account *
get_account (RunconfdGate *self, const char *name)
{
  Account *account = g_hash_table_lookup (self->accounts, name);

  if (account != NULL)
    return account;

  if (g_hash_table_size (self->accounts) >= MAX_REMEMBERED)
    {
      g_hash_table_foreach_remove (self->accounts, is_idle_account, NULL);
      g_hash_table_foreach_remove (self->users, is_idle_user, NULL);
    }

  account = g_new0 (Account, 1);
  account->name = g_strdup (name);
  account->user = &self->unidentified;
  account->user->n_accounts++;
  account->calls = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (self->accounts, account->name, account);

  return account;
}

static User *
get_user (RunconfdGate *self, guint uid)
{
  User *user = g_hash_table_lookup (self->users, GUINT_TO_POINTER (uid));

  if (user == NULL)
    {
      user = g_new0 (User, 1);
      user_init (user, uid);
      g_hash_table_insert (self->users, GUINT_TO_POINTER (uid), user);
    }

  return user;
}

static void
count (RunconfdGate *self, Account *account, int n_calls, gssize cost)
{
  account->n_calls += (guint) n_calls;
  account->cost += (gsize) cost;
  account->user->n_calls += (guint) n_calls;
  account->user->cost += (gsize) cost;
  if (!account->is_trusted)
    self->cost += (gsize) cost;
}

static void
count_running (Account *account, int n_reads, int n_writes)
{
  account->n_reads += (guint) n_reads;
  account->n_writes += (guint) n_writes;
  account->user->n_reads += (guint) n_reads;
  account->user->n_writes += (guint) n_writes;
}

static void
count_one (Account *account, const Open *open, int n)
{
  count_running (account, open->is_read ? n : 0, open->is_read ? 0 : n);
}

static void
enqueue (RunconfdGate *self, User *user)
{
  if (!user->is_queued)
    g_queue_push_tail (&self->queue, user);
  user->is_queued = TRUE;
}

/* Returns: whether a queued read may run now */
static gboolean
take_read (RunconfdGate *self, gint64 now)
{
  if (!runconfd_bucket_has_tokens (&self->reads, now))
    return FALSE;

  runconfd_bucket_take (&self->reads, 1, now);

  return TRUE;
}

static gboolean
has_bytes (const RunconfdGate *self, const User *user, gint64 now)
{
  return runconfd_bucket_has_tokens (&user->bytes, now)
         && runconfd_bucket_has_tokens (&self->bytes, now);
}

static void
take_bytes (RunconfdGate *self, User *user, gsize n_bytes, gint64 now)
{
  runconfd_bucket_take (&user->bytes, n_bytes, now);
  runconfd_bucket_take (&self->bytes, n_bytes, now);
}

static void
give_bytes (RunconfdGate *self, User *user, gsize n_bytes)
{
  runconfd_bucket_give (&user->bytes, n_bytes);
  runconfd_bucket_give (&self->bytes, n_bytes);
}

static gboolean
may_run (const Account *account, const Open *open, gboolean is_queued)
{
  const User *user = account->user;

  if (account->is_trusted)
    return TRUE;
  if (open->is_large && !open->is_granted)
    return FALSE;

  return open->is_read ? user->n_reads < (is_queued ? MAX_QUEUED_READS : MAX_READS)
                       : user->n_writes < (is_queued ? MAX_QUEUED_WRITES : MAX_WRITES);
}

/* @n_unpaid: the bytes of the call that the buckets don't count yet */
static void
refuse (RunconfdGate *self, Account *account, const RunconfdMessage *call,
        RunconfdGateReason reason, gsize n_unpaid)
{
  if ((call->flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0
      || account->user->refused.length >= MAX_REFUSED || self->n_refused >= MAX_TOTAL_REFUSED)
    return;

  g_queue_push_tail (&account->user->refused, runconfd_gate_refusal_new (call, reason, n_unpaid));
  self->n_refused++;
  enqueue (self, account->user);
}

/* Ends a call, with a reply or without. */
static void
close_call (RunconfdGate *self, Account *account, guint32 serial, const Open *open)
{
  count (self, account, -1, -(gssize) open->cost);
  if (open->is_large)
    {
      account->user->n_large--;
      self->n_large--;
    }
  g_hash_table_remove (account->calls, GUINT_TO_POINTER (serial));
}

/* Asks whether the caller has the right for the first queued call, which is large. */
static void
ask_right (RunconfdGate *self, Account *account, const Held *held)
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

static void refuse_first (RunconfdGate *self, Account *account, RunconfdGateReason reason);

/* Puts a connection with a new first queued call into the queue of its user. */
static void
line_up (RunconfdGate *self, Account *account)
{
  const Held *held = g_queue_peek_head (&account->held);

  if (held == NULL)
    return;

  account->is_blocked = held->open->is_large && !held->open->is_granted && !account->is_trusted;
  if (!account->is_blocked)
    {
      g_queue_push_tail (&account->user->waiting, account);
      enqueue (self, account->user);
    }
  else if (is_identified (self, account) && account->user->n_large > 1)
    {
      /* another connection of the user has the only place */
      refuse_first (self, account, RUNCONFD_GATE_REASON_LARGE_BUSY);
    }
  else if (is_identified (self, account))
    {
      ask_right (self, account, held);
    }
}

/* Lets the next queued call of a user run, in turn for each connection.
 *
 * Returns: whether a call runs
 */
static gboolean
release (RunconfdGate *self, User *user, const RunconfdGateFlow *flow)
{
  Account *account = g_queue_peek_head (&user->waiting);
  Held *held = account != NULL ? g_queue_peek_head (&account->held) : NULL;

  if (held == NULL || !may_run (account, held->open, TRUE)
      || (!account->is_trusted && self->is_congested)
      || (!account->is_trusted && held->open->is_read && !take_read (self, flow->now)))
    return FALSE;

  g_queue_pop_head (&user->waiting);
  g_queue_pop_head (&account->held);
  count_one (account, held->open, 1);
  g_byte_array_append (flow->in, held->message->data, held->message->len);
  held_free (held);
  line_up (self, account);

  return TRUE;
}

static void
hold (RunconfdGate *self, Account *account, Open *open, const guint8 *data, gsize size)
{
  Held *held = g_new0 (Held, 1);

  held->open = open;
  held->message = g_byte_array_sized_new ((guint) size);
  g_byte_array_append (held->message, data, (guint) size);
  g_queue_push_tail (&account->held, held);
  if (account->held.length == 1)
    line_up (self, account);
}

/* Drops the first queued call. */
static void
drop_first (RunconfdGate *self, Account *account)
{
  Held *held = g_queue_pop_head (&account->held);
  RunconfdMessage call;

  runconfd_message_read (&call, held->message->data, held->message->len);
  close_call (self, account, call.serial, held->open);
  held_free (held);
  line_up (self, account);
}

static guint
count_large (const Account *account)
{
  GHashTableIter iter;
  gpointer open;
  guint n_large = 0;

  g_hash_table_iter_init (&iter, account->calls);
  while (g_hash_table_iter_next (&iter, NULL, &open))
    n_large += ((Open *) open)->is_large ? 1 : 0;

  return n_large;
}

/* Assigns a connection to its user. */
static void
set_user (RunconfdGate *self, Account *account, User *user)
{
  guint n_calls = account->n_calls;
  guint n_reads = account->n_reads, n_writes = account->n_writes;
  gsize cost = account->cost;
  guint n_large = count_large (account);

  count (self, account, -(int) n_calls, -(gssize) cost);
  count_running (account, -(int) n_reads, -(int) n_writes);
  g_queue_remove (&account->user->waiting, account);
  account->user->n_accounts--;
  account->user->n_large -= n_large;

  account->user = user;
  account->is_trusted = self->hooks.is_trusted (user->uid, self->hooks.user_data);
  user->n_accounts++;
  user->n_large += n_large;
  count (self, account, (int) n_calls, (gssize) cost);
  count_running (account, (int) n_reads, (int) n_writes);
  line_up (self, account);
}

/* Refuses the first queued call. */
static void
refuse_first (RunconfdGate *self, Account *account, RunconfdGateReason reason)
{
  const Held *held = g_queue_peek_head (&account->held);
  RunconfdMessage call;

  runconfd_message_read (&call, held->message->data, held->message->len);
  if (!held->open->is_silent)
    refuse (self, account, &call, reason, 0);
  drop_first (self, account);
}

/* A user without a call in progress is let in, however many calls others have in progress. */
static gboolean
has_room (const RunconfdGate *self, const Account *account, gsize cost)
{
  const User *user = account->user;
  gboolean is_first = is_identified (self, account) ? user->n_calls == 0 : account->n_calls == 0;

  if (account->is_trusted || (is_first && cost <= MAX_FIRST_COST))
    return TRUE;

  return user->n_calls < MAX_CALLS && user->cost + cost <= MAX_COST
         && self->cost + cost <= MAX_TOTAL_COST;
}

static gboolean
has_room_for_large (const RunconfdGate *self, const Account *account)
{
  return account->user->n_large == 0 && self->n_large < MAX_LARGE;
}

static gboolean
is_read (const RunconfdGate *self, const RunconfdMessage *call)
{
  return call->member == NULL || !self->hooks.is_write (call->member, self->hooks.user_data);
}

/* A caller that isn't trusted, or not identified yet, may have few large messages, and only for
 * writes.
 */
static gboolean
wants_large (RunconfdGate *self, Account *account, const RunconfdMessage *call,
             RunconfdGateReason *reason)
{
  *reason = call->size > MAX_LARGE_BYTES || is_read (self, call) || call->path == NULL
                ? RUNCONFD_GATE_REASON_TOO_LARGE
                : RUNCONFD_GATE_REASON_LARGE_BUSY;

  return *reason == RUNCONFD_GATE_REASON_LARGE_BUSY && has_room_for_large (self, account);
}

/* A small call of a connection without a call in progress is let in at any rate: for a program that
 * waits for its replies, while another one of its user floods, and for root's first call.
 */
static gboolean
is_over_rate (const RunconfdGate *self, const Account *account, const RunconfdMessage *call,
              gint64 now)
{
  return (account->n_calls > 0 || CALL_COST + call->size > MAX_FIRST_COST)
         && !has_bytes (self, account->user, now);
}

static gboolean
wants_call (RunconfdGate *self, const RunconfdMessage *call, const RunconfdGateFlow *flow)
{
  Account *account = get_account (self, call->sender);
  RunconfdGateReason reason = RUNCONFD_GATE_REASON_BUSY;
  gboolean is_wanted;

  if (!is_identified (self, account)
      && (account->asked_at == 0 || flow->now - account->asked_at > UID_RETRY))
    {
      account->asked_at = flow->now;
      self->hooks.identify (account->name, self->hooks.user_data);
    }

  if (call->header_size > RUNCONFD_MESSAGE_MAX_HEADER)
    {
      reason = RUNCONFD_GATE_REASON_HEADER;
      is_wanted = FALSE;
    }
  else if (account->is_trusted)
    {
      is_wanted = TRUE;
    }
  else if (is_over_rate (self, account, call, flow->now))
    {
      reason = RUNCONFD_GATE_REASON_RATE;
      is_wanted = FALSE;
    }
  else if (call->size > RUNCONFD_GATE_SMALL_BYTES)
    {
      is_wanted = wants_large (self, account, call, &reason);
    }
  else
    {
      is_wanted = has_room (self, account, CALL_COST + call->size);
    }

  if (!is_wanted)
    refuse (self, account, call, reason, call->size);

  return is_wanted;
}

static void
replace_reply (RunconfdGate *self, const RunconfdMessage *reply, const RunconfdGateFlow *flow)
{
  g_autoptr (GDBusMessage) error = runconfd_gate_create_error (
      reply->reply_serial, "org.freedesktop.DBus.Error.Failed", "the reply can't be read");

  g_debug ("A reply of %s is replaced by an error", reply->sender);
  runconfd_gate_asked_remove (self->asked, reply);
  g_dbus_message_set_sender (error, reply->sender);
  send (self, flow->in, error);
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

static RunconfdBodyState
check_body (const RunconfdMessage *message, const guint8 *data, gboolean is_small, gsize *memory)
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

/* Returns: whether GDBus can unpack the call, and the number of its values is allowed; @open is
 * filled in
 */
static gboolean
check_call (RunconfdGate *self, const Account *account, const RunconfdMessage *call,
            const guint8 *data, Open *open, RunconfdGateReason *reason)
{
  gboolean is_small = !account->is_trusted && call->size <= RUNCONFD_GATE_SMALL_BYTES;
  RunconfdBodyState state;
  gsize memory;

  state = check_body (call, data, is_small, &memory);
  open->is_large = !account->is_trusted && !is_small;
  if (state == RUNCONFD_BODY_TOO_MANY && is_small)
    {
      if (!wants_large (self, (Account *) account, call, reason))
        return FALSE;
      open->is_large = TRUE;
      state = check_body (call, data, FALSE, &memory);
    }

  *reason = state == RUNCONFD_BODY_TOO_DEEP   ? RUNCONFD_GATE_REASON_TOO_DEEP
            : state == RUNCONFD_BODY_TOO_MANY ? RUNCONFD_GATE_REASON_TOO_MANY
                                              : RUNCONFD_GATE_REASON_INVALID;
  open->cost = open->is_large ? 0 : CALL_COST + call->size + memory;

  return state == RUNCONFD_BODY_GOOD;
}

static void
open_call (RunconfdGate *self, Account *account, const RunconfdMessage *call, guint8 *data,
           const Open *made, const RunconfdGateFlow *flow)
{
  Open *open = g_memdup2 (made, sizeof *made);

  g_hash_table_insert (account->calls, GUINT_TO_POINTER (call->serial), open);
  count (self, account, 1, (gssize) open->cost);
  if (open->is_large)
    {
      account->user->n_large++;
      self->n_large++;
    }

  /* if a call wants no reply, its reply still marks its end; the reply isn't passed on */
  if (open->is_silent)
    runconfd_message_want_reply (data);

  if (!g_queue_is_empty (&account->held) || !may_run (account, open, self->is_congested))
    {
      hold (self, account, open, data, call->size);
      return;
    }

  count_one (account, open, 1);
  g_byte_array_append (flow->in, data, (guint) call->size);
}

static void
let_call_in (RunconfdGate *self, const RunconfdMessage *call, guint8 *data,
             const RunconfdGateFlow *flow)
{
  Account *account = get_account (self, call->sender);
  Open open = {
    .size = call->size,
    .is_read = is_read (self, call),
    .is_silent = (call->flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0,
  };
  RunconfdGateReason reason;

  if (!account->is_trusted)
    take_bytes (self, account->user, call->size, flow->now);

  /* a second call in progress with the same serial couldn't be distinguished */
  if (!check_call (self, account, call, data, &open, &reason))
    refuse (self, account, call, reason, 0);
  else if (!has_room (self, account, open.cost)
           || (open.is_large && !has_room_for_large (self, account))
           || g_hash_table_contains (account->calls, GUINT_TO_POINTER (call->serial)))
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

  if (check_body (reply, data, FALSE, &memory) != RUNCONFD_BODY_GOOD)
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
      if (check_body (message, data, TRUE, &memory) == RUNCONFD_BODY_GOOD)
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
  Account *account;
  const Open *open;
  gboolean is_silent;

  if (message->type == G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    runconfd_gate_asked_add (self->asked, message);
  if ((message->type != G_DBUS_MESSAGE_TYPE_METHOD_RETURN
       && message->type != G_DBUS_MESSAGE_TYPE_ERROR)
      || message->destination == NULL)
    return TRUE;

  account = g_hash_table_lookup (self->accounts, message->destination);
  open = account != NULL
             ? g_hash_table_lookup (account->calls, GUINT_TO_POINTER (message->reply_serial))
             : NULL;
  if (open == NULL)
    return TRUE;

  is_silent = open->is_silent;
  if (!account->is_trusted && !open->is_read && message->type == G_DBUS_MESSAGE_TYPE_METHOD_RETURN)
    give_bytes (self, account->user, open->size);
  count_one (account, open, -1);
  close_call (self, account, message->reply_serial, open);
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
  Account *account = g_hash_table_lookup (self->accounts, sender);

  if (account == NULL || is_identified (self, account))
    return;

  if (uid != RUNCONFD_UID_UNKNOWN)
    {
      set_user (self, account, get_user (self, uid));
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
  Account *account = g_hash_table_lookup (self->accounts, sender);
  Open *open = account != NULL && account->is_blocked
                   ? g_hash_table_lookup (account->calls, GUINT_TO_POINTER (serial))
                   : NULL;
  const Held *held = open != NULL ? g_queue_peek_head (&account->held) : NULL;

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
      g_autoptr (GDBusMessage) reply
          = runconfd_gate_create_error_reply (sender, serial, error_name, error_message);

      send (self, flow->out, reply);
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
  return self->queue.length > 0 || self->unidentified.n_large > 0 ? TICK : -1;
}

/* Returns: whether a refusal was sent */
static gboolean
send_refusal (RunconfdGate *self, User *user, const RunconfdGateFlow *flow)
{
  g_autofree RunconfdGateRefusal *refusal = self->is_congested || !has_bytes (self, user, flow->now)
                                                ? NULL
                                                : g_queue_pop_head (&user->refused);
  g_autoptr (GDBusMessage) reply = NULL;

  if (refusal == NULL)
    return FALSE;

  self->n_refused--;
  take_bytes (self, user, refusal->n_unpaid, flow->now);
  reply = runconfd_gate_refusal_create_reply (refusal);
  send (self, flow->out, reply);

  return TRUE;
}

/* Refuses large messages whose user the bus doesn't report in time. */
static void
expire (RunconfdGate *self, gint64 now)
{
  GHashTableIter iter;
  gpointer value;

  if (self->unidentified.n_large == 0)
    return;

  g_hash_table_iter_init (&iter, self->accounts);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Account *account = value;

      if (account->is_blocked && !is_identified (self, account)
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
      User *user = g_queue_pop_head (&self->queue);
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
