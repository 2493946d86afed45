/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate/account.h"

#include "service/base/uid.h"

/* The limits of each user, over all connections, and of all users together:
 *
 * Cost. The memory for a call is estimated from its size and the number of its values. Each user
 * has a budget for calls in progress, over all connections, from the arrival of a call until its
 * reply; all users that aren't trusted share a total budget. A call over a budget is refused before
 * it is queued. Few large messages exist at a time: one per user, MAX_LARGE in all.
 *
 * Running calls. Calls within the budget run at once, up to MAX_READS and MAX_WRITES of a user. As soon
 * as a call of the user has to wait, these limits fall to MAX_QUEUED_READS and MAX_QUEUED_WRITES, in
 * favour of other users. Writes have higher limits than reads, since they wait for the disk, and
 * queued writes are committed together.
 *
 * Rates. While the socket to the service is full, the bus queues messages. dbus-daemon then sends one
 * message in a turn in which it receives from all other connections, so the queue grows, and a call of
 * root waits behind it for seconds. The socket has room for three messages of 60 KB, each of which
 * takes half a millisecond to check. Therefore each user has a token bucket for the bytes of messages
 * that cost time and change nothing: of all checked messages, except writes that succeed, and of
 * refused ones. While the bucket is empty, the gate refuses calls by their header, which takes
 * microseconds. It also delays the refusals, so that the bus itself refuses the calls of a connection
 * with too many calls in progress: these calls don't reach the queue.
 */

/* the budget of a user, and of all unidentified connections together; the budget of all users
 * together; and the cost up to which a call is let in beyond them if its user has no call in
 * progress
 */
#define MAX_CALLS 256
#define MAX_COST ((gsize) 8 * 1024 * 1024)
#define MAX_TOTAL_COST ((gsize) 48 * 1024 * 1024)
#define MAX_FIRST_COST 8192

/* large messages of all users that wait for a right or run */
#define MAX_LARGE 3

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

/* above this number, connections without a call in progress are forgotten, and so are users */
#define MAX_REMEMBERED 4096

void
runconfd_gate_held_free (RunconfdGateHeld *self)
{
  g_byte_array_unref (self->message);
  g_free (self);
}

static void
user_init (RunconfdGateUser *user, guint uid)
{
  user->uid = uid;
  user->bytes = (RunconfdBucket){ .rate = MAX_BYTES_PER_SECOND, .size = MAX_BYTES_PER_SECOND };
}

static void
user_clear (RunconfdGateUser *user)
{
  g_queue_clear (&user->waiting);
  g_queue_clear_full (&user->refused, g_free);
}

static void
user_free (RunconfdGateUser *user)
{
  user_clear (user);
  g_free (user);
}

static void
account_free (RunconfdGateAccount *account)
{
  account->user->n_accounts--;
  g_queue_clear_full (&account->held, (GDestroyNotify) runconfd_gate_held_free);
  g_hash_table_unref (account->calls);
  g_free (account->name);
  g_free (account);
}

RunconfdGateAccounts *
runconfd_gate_accounts_new (void)
{
  RunconfdGateAccounts *self = g_new0 (RunconfdGateAccounts, 1);

  self->by_name
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) account_free);
  self->by_uid = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) user_free);
  self->reads = (RunconfdBucket){ .rate = MAX_READS_PER_SECOND, .size = MAX_BURST };
  self->bytes
      = (RunconfdBucket){ .rate = MAX_TOTAL_BYTES_PER_SECOND, .size = MAX_TOTAL_BYTES_PER_SECOND };
  user_init (&self->unidentified, RUNCONFD_UID_UNKNOWN);

  return self;
}

void
runconfd_gate_accounts_free (RunconfdGateAccounts *self)
{
  g_hash_table_unref (self->by_name);
  g_hash_table_unref (self->by_uid);
  user_clear (&self->unidentified);
  g_free (self);
}

static gboolean
is_idle_account (gpointer name, gpointer account, gpointer user_data)
{
  return ((RunconfdGateAccount *) account)->n_calls == 0;
}

static gboolean
is_idle_user (gpointer uid, gpointer data, gpointer user_data)
{
  const RunconfdGateUser *user = data;

  return user->n_accounts == 0 && !user->is_queued;
}

/**
 * runconfd_gate_accounts_get:
 * @name: the unique name of a connection
 *
 * Returns: the connection; at first it belongs to the unidentified user
 */
RunconfdGateAccount *
runconfd_gate_accounts_get (RunconfdGateAccounts *self, const char *name)
{
  RunconfdGateAccount *account = runconfd_gate_accounts_find (self, name);

  if (account != NULL)
    return account;

  if (g_hash_table_size (self->by_name) >= MAX_REMEMBERED)
    {
      g_hash_table_foreach_remove (self->by_name, is_idle_account, NULL);
      g_hash_table_foreach_remove (self->by_uid, is_idle_user, NULL);
    }

  account = g_new0 (RunconfdGateAccount, 1);
  account->name = g_strdup (name);
  account->user = &self->unidentified;
  account->user->n_accounts++;
  account->calls = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (self->by_name, account->name, account);

  return account;
}

/**
 * runconfd_gate_accounts_find:
 *
 * Returns: (nullable): the connection, or %NULL if it isn't known
 */
RunconfdGateAccount *
runconfd_gate_accounts_find (RunconfdGateAccounts *self, const char *name)
{
  return g_hash_table_lookup (self->by_name, name);
}

/**
 * runconfd_gate_accounts_find_open:
 * @account: (out): the connection, or %NULL if it isn't known
 *
 * Returns: (nullable): the call in progress with this serial, or %NULL if there is none
 */
RunconfdGateOpen *
runconfd_gate_accounts_find_open (RunconfdGateAccounts *self, const char *name, guint32 serial,
                                  RunconfdGateAccount **account)
{
  *account = runconfd_gate_accounts_find (self, name);

  return *account != NULL ? g_hash_table_lookup ((*account)->calls, GUINT_TO_POINTER (serial))
                          : NULL;
}

/**
 * runconfd_gate_accounts_get_user:
 * @uid: not #RUNCONFD_UID_UNKNOWN
 */
RunconfdGateUser *
runconfd_gate_accounts_get_user (RunconfdGateAccounts *self, guint uid)
{
  RunconfdGateUser *user = g_hash_table_lookup (self->by_uid, GUINT_TO_POINTER (uid));

  if (user == NULL)
    {
      user = g_new0 (RunconfdGateUser, 1);
      user_init (user, uid);
      g_hash_table_insert (self->by_uid, GUINT_TO_POINTER (uid), user);
    }

  return user;
}

static void
count (RunconfdGateAccounts *self, RunconfdGateAccount *account, int n_calls, gssize cost)
{
  account->n_calls += (guint) n_calls;
  account->cost += (gsize) cost;
  account->user->n_calls += (guint) n_calls;
  account->user->cost += (gsize) cost;
  if (!account->is_trusted)
    self->cost += (gsize) cost;
}

static void
count_running (RunconfdGateAccount *account, int n_reads, int n_writes)
{
  account->n_reads += (guint) n_reads;
  account->n_writes += (guint) n_writes;
  account->user->n_reads += (guint) n_reads;
  account->user->n_writes += (guint) n_writes;
}

static guint
count_large (const RunconfdGateAccount *account)
{
  GHashTableIter iter;
  gpointer open;
  guint n_large = 0;

  g_hash_table_iter_init (&iter, account->calls);
  while (g_hash_table_iter_next (&iter, NULL, &open))
    n_large += ((RunconfdGateOpen *) open)->is_large ? 1 : 0;

  return n_large;
}

/**
 * runconfd_gate_accounts_move:
 * @user: the user of the connection
 * @is_trusted: whether the user has all rights
 *
 * Counts the calls of a connection for another user. The connection leaves the queue of the user it had.
 */
void
runconfd_gate_accounts_move (RunconfdGateAccounts *self, RunconfdGateAccount *account,
                             RunconfdGateUser *user, gboolean is_trusted)
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
  account->is_trusted = is_trusted;
  user->n_accounts++;
  user->n_large += n_large;
  count (self, account, (int) n_calls, (gssize) cost);
  count_running (account, (int) n_reads, (int) n_writes);
}

/**
 * runconfd_gate_accounts_has_room:
 * @cost: the estimated memory of a call
 *
 * Returns: whether the call is within the budgets. A user without a call in progress is let in, however
 *   many calls others have in progress.
 */
gboolean
runconfd_gate_accounts_has_room (const RunconfdGateAccounts *self,
                                 const RunconfdGateAccount *account, gsize cost)
{
  const RunconfdGateUser *user = account->user;
  gboolean is_first
      = runconfd_gate_account_is_identified (account) ? user->n_calls == 0 : account->n_calls == 0;

  if (account->is_trusted || (is_first && cost <= MAX_FIRST_COST))
    return TRUE;

  return user->n_calls < MAX_CALLS && user->cost + cost <= MAX_COST
         && self->cost + cost <= MAX_TOTAL_COST;
}

gboolean
runconfd_gate_accounts_has_room_for_large (const RunconfdGateAccounts *self,
                                           const RunconfdGateAccount *account)
{
  return account->user->n_large == 0 && self->n_large < MAX_LARGE;
}

/**
 * runconfd_gate_accounts_may_open:
 * @open: a call that isn't in progress yet
 *
 * Returns: whether the call is within the limits. A second call in progress with the same serial
 *   couldn't be distinguished.
 */
gboolean
runconfd_gate_accounts_may_open (const RunconfdGateAccounts *self,
                                 const RunconfdGateAccount *account, guint32 serial,
                                 const RunconfdGateOpen *open)
{
  return runconfd_gate_accounts_has_room (self, account, open->cost)
         && (!open->is_large || runconfd_gate_accounts_has_room_for_large (self, account))
         && !g_hash_table_contains (account->calls, GUINT_TO_POINTER (serial));
}

/**
 * runconfd_gate_accounts_open:
 * @made: the call, copied
 *
 * Returns: (transfer none): the call, in progress until runconfd_gate_accounts_close()
 */
RunconfdGateOpen *
runconfd_gate_accounts_open (RunconfdGateAccounts *self, RunconfdGateAccount *account,
                             guint32 serial, const RunconfdGateOpen *made)
{
  RunconfdGateOpen *open = g_memdup2 (made, sizeof *made);

  g_hash_table_insert (account->calls, GUINT_TO_POINTER (serial), open);
  count (self, account, 1, (gssize) open->cost);
  if (open->is_large)
    {
      account->user->n_large++;
      self->n_large++;
    }

  return open;
}

/**
 * runconfd_gate_accounts_close:
 * @open: freed
 *
 * Ends a call, with a reply or without.
 */
void
runconfd_gate_accounts_close (RunconfdGateAccounts *self, RunconfdGateAccount *account,
                              guint32 serial, const RunconfdGateOpen *open)
{
  count (self, account, -1, -(gssize) open->cost);
  if (open->is_large)
    {
      account->user->n_large--;
      self->n_large--;
    }
  g_hash_table_remove (account->calls, GUINT_TO_POINTER (serial));
}

static gboolean
has_bytes (const RunconfdGateAccounts *self, const RunconfdGateUser *user, gint64 now)
{
  return runconfd_bucket_has_tokens (&user->bytes, now)
         && runconfd_bucket_has_tokens (&self->bytes, now);
}

/**
 * runconfd_gate_accounts_is_over_rate:
 * @cost: the estimated memory of a call, without its values
 *
 * A small call of a connection without a call in progress is let in at any rate: for a program that
 * waits for its replies, while another one of its user floods, and for root's first call.
 *
 * Returns: whether the call has to be refused by its header
 */
gboolean
runconfd_gate_accounts_is_over_rate (const RunconfdGateAccounts *self,
                                     const RunconfdGateAccount *account, gsize cost, gint64 now)
{
  return (account->n_calls > 0 || cost > MAX_FIRST_COST) && !has_bytes (self, account->user, now);
}

/**
 * runconfd_gate_accounts_take_read:
 *
 * Returns: whether a queued read may run now
 */
gboolean
runconfd_gate_accounts_take_read (RunconfdGateAccounts *self, gint64 now)
{
  if (!runconfd_bucket_has_tokens (&self->reads, now))
    return FALSE;

  runconfd_bucket_take (&self->reads, 1, now);

  return TRUE;
}

void
runconfd_gate_accounts_take_bytes (RunconfdGateAccounts *self, RunconfdGateUser *user,
                                   gsize n_bytes, gint64 now)
{
  runconfd_bucket_take (&user->bytes, n_bytes, now);
  runconfd_bucket_take (&self->bytes, n_bytes, now);
}

void
runconfd_gate_accounts_give_bytes (RunconfdGateAccounts *self, RunconfdGateUser *user,
                                   gsize n_bytes)
{
  runconfd_bucket_give (&user->bytes, n_bytes);
  runconfd_bucket_give (&self->bytes, n_bytes);
}

/**
 * runconfd_gate_accounts_add_refusal:
 * @n_unpaid: the bytes of the call that the buckets don't count yet
 *
 * Returns: whether a refusal waits to be sent; %FALSE if there are too many, or the caller wants no
 *   reply
 */
gboolean
runconfd_gate_accounts_add_refusal (RunconfdGateAccounts *self, RunconfdGateUser *user,
                                    const RunconfdMessage *call, RunconfdGateReason reason,
                                    gsize n_unpaid)
{
  if ((call->flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0
      || user->refused.length >= MAX_REFUSED || self->n_refused >= MAX_TOTAL_REFUSED)
    return FALSE;

  g_queue_push_tail (&user->refused, runconfd_gate_refusal_new (call, reason, n_unpaid));
  self->n_refused++;

  return TRUE;
}

/**
 * runconfd_gate_accounts_take_refusal:
 *
 * Returns: (transfer full) (nullable): the first refusal of the user, for g_free(); %NULL if none may
 *   be sent now
 */
RunconfdGateRefusal *
runconfd_gate_accounts_take_refusal (RunconfdGateAccounts *self, RunconfdGateUser *user, gint64 now)
{
  RunconfdGateRefusal *refusal
      = has_bytes (self, user, now) ? g_queue_pop_head (&user->refused) : NULL;

  if (refusal == NULL)
    return NULL;

  self->n_refused--;
  runconfd_gate_accounts_take_bytes (self, user, refusal->n_unpaid, now);

  return refusal;
}

gboolean
runconfd_gate_account_is_identified (const RunconfdGateAccount *self)
{
  return self->user->uid != RUNCONFD_UID_UNKNOWN;
}

/**
 * runconfd_gate_account_may_run:
 * @is_queued: whether calls of the user have to wait
 */
gboolean
runconfd_gate_account_may_run (const RunconfdGateAccount *self, const RunconfdGateOpen *open,
                               gboolean is_queued)
{
  const RunconfdGateUser *user = self->user;

  if (self->is_trusted)
    return TRUE;
  if (open->is_large && !open->is_granted)
    return FALSE;

  return open->is_read ? user->n_reads < (is_queued ? MAX_QUEUED_READS : MAX_READS)
                       : user->n_writes < (is_queued ? MAX_QUEUED_WRITES : MAX_WRITES);
}

/**
 * runconfd_gate_account_count_running:
 * @n: 1 if the call begins to run, -1 if it ends
 */
void
runconfd_gate_account_count_running (RunconfdGateAccount *self, const RunconfdGateOpen *open, int n)
{
  count_running (self, open->is_read ? n : 0, open->is_read ? 0 : n);
}

/**
 * runconfd_gate_account_hold:
 * @open: a call of the connection
 * @data: its message, copied
 *
 * Queues a call.
 */
void
runconfd_gate_account_hold (RunconfdGateAccount *self, RunconfdGateOpen *open, const guint8 *data,
                            gsize size)
{
  RunconfdGateHeld *held = g_new0 (RunconfdGateHeld, 1);

  held->open = open;
  held->message = g_byte_array_sized_new ((guint) size);
  g_byte_array_append (held->message, data, (guint) size);
  g_queue_push_tail (&self->held, held);
}
