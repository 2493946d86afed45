/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate.h"

#include <string.h>

#include "core/error-name.h"
#include "service/call.h"

/* Somebody who sends faster than calls can be done would have everybody else wait behind what they
 * sent. So calls are counted here, from when they come in until their answer goes out, and what is
 * too many is refused before it gets in any queue.
 *
 * Those of a user that aren't too many wait here, and not where everybody else's do: some go on at
 * once, and as soon as one has to wait there are but a few at a time. Of writes these are more, for
 * they wait for the disk, and those that wait together go there together; but none overtakes a call of
 * the same connection.
 *
 * A large message of many small parts would take GDBus seconds to unpack and gigabytes to keep. Who
 * isn't trusted may send it as a text. As long as it isn't known who that is, it is kept.
 *
 * A bus that is flooded takes as little from each connection in turns, also of the answers that are
 * sent here, and in them everybody's are in one queue. So of those that wait, and of those that are
 * refused, nothing is answered before the bus has taken what was; and there are so many a second, of
 * all users in turns. Who doesn't wait for answers has the bus refuse more calls by itself.
 *
 * The bus is asked who somebody is with a call that nobody else knows of: its answer is taken here.
 *
 * A gate is used by one thread.
 */

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* of one user, or of all connections of which it isn't known yet whose they are */
#define MAX_CALLS 256
#define MAX_BYTES ((gsize) 64 * 1024 * 1024)

/* of these, so many go on at a time; and so many where there are some that had to wait */
#define MAX_READS 8
#define MAX_WRITES 64
#define MAX_CROWD_READS 2
#define MAX_CROWD_WRITES 16 /* there may be somebody who is being asked for some of them */

/* of those that had to wait, so many in a moment, and then so many a second, of all users together */
#define MAX_BURST 256
#define MAX_READS_PER_SECOND 2000

/* calls that are refused without a word when there are more, of one user */
#define MAX_REFUSED (32 * 1024)

/* how often it is looked who may go on, in ms, and how many do then, or are refused: what the bus takes
 * of their answers is known at the next look; and of what size an answer is a moment's work for it
 */
#define TICK 4
#define MAX_RELEASED 2
#define MAX_TOLD 16
#define MAX_SMALL_BYTES 1024

/* what is larger has to be a text */
#define MAX_PLAIN_BYTES (1024 * 1024)

/* connections that have nothing under way are forgotten when there are more than this */
#define MAX_REMEMBERED 4096

/* GDBus counts from 1 and doesn't get this far */
#define FIRST_SERIAL 0x80000000u

typedef struct
{
  guint n_calls;
  gsize n_bytes;
  guint n_reads;     /* that went on */
  guint n_writes;    /* the same */
  GQueue waiting;    /* of Account, those that have calls that wait */
  GQueue refused;    /* of Refusal, those that weren't told yet */
  gboolean is_crowd; /* it is in the list of those that have any of these */
} User;

typedef struct
{
  guint32 serial;
  gboolean is_heavy;
  char sender[];
} Refusal;

typedef struct
{
  gsize n_bytes;
  gboolean is_read;
  gboolean is_silent; /* who called wants no answer */
  gboolean is_heavy;  /* it may only be sent by who is trusted */
} Open;

/* A call that waits. */
typedef struct
{
  Open *open;
  GByteArray *message;
  gsize size; /* of all of it; it may still be coming in */
} Held;

typedef struct
{
  User *user; /* or all whose user isn't known yet */
  guint n_calls;
  gsize n_bytes;
  guint n_reads;
  guint n_writes;
  gboolean is_trusted;
  gboolean is_asked; /* whose it is */
  GHashTable *calls; /* Open by serial */
  GQueue held;
} Account;

struct _RunconfdGate
{
  RunconfdAuthority *authority;
  GHashTable *accounts;  /* Account by unique name */
  GHashTable *users;     /* User by uid */
  GHashTable *questions; /* unique names by the serials of what the bus was asked */
  User strangers;
  GQueue crowd; /* of User */
  gint64 ticked_at;
  guint n_spare; /* reads that may go on although they had to wait */
  gint64 spared_at;
  gboolean is_congested; /* the bus has yet to take what was said */
  guint32 serial;
};

static void
held_free (Held *held)
{
  g_byte_array_unref (held->message);
  g_free (held);
}

static void
user_free (User *user)
{
  g_queue_clear (&user->waiting);
  g_queue_clear_full (&user->refused, g_free);
  g_free (user);
}

static void
account_free (Account *account)
{
  g_queue_clear_full (&account->held, (GDestroyNotify) held_free);
  g_hash_table_unref (account->calls);
  g_free (account);
}

RunconfdGate *
runconfd_gate_new (RunconfdAuthority *authority)
{
  RunconfdGate *self = g_new0 (RunconfdGate, 1);

  self->authority = g_object_ref (authority);
  self->accounts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) account_free);
  self->users = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) user_free);
  self->questions = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->serial = FIRST_SERIAL;

  return self;
}

void
runconfd_gate_free (RunconfdGate *self)
{
  g_object_unref (self->authority);
  g_queue_clear (&self->crowd);
  g_queue_clear (&self->strangers.waiting);
  g_queue_clear_full (&self->strangers.refused, g_free);
  g_hash_table_unref (self->accounts);
  g_hash_table_unref (self->users);
  g_hash_table_unref (self->questions);
  g_free (self);
}

static void
send (RunconfdGate *self, GByteArray *own, GDBusMessage *message)
{
  g_autoptr (GError) error = NULL;
  g_autofree guchar *blob = NULL;
  gsize size;

  g_dbus_message_set_serial (message, self->serial++);
  if (self->serial == 0)
    self->serial = FIRST_SERIAL;

  blob = g_dbus_message_to_blob (message, &size, G_DBUS_CAPABILITY_FLAGS_NONE, &error);
  if (blob != NULL)
    g_byte_array_append (own, blob, (guint) size);
  else
    g_warning ("Can't make a message: %s", error->message);
}

static gboolean
is_idle (gpointer sender, gpointer account, gpointer user_data)
{
  return ((Account *) account)->n_calls == 0;
}

static Account *
get_account (RunconfdGate *self, const char *sender)
{
  Account *account = g_hash_table_lookup (self->accounts, sender);

  if (account != NULL)
    return account;

  if (g_hash_table_size (self->accounts) >= MAX_REMEMBERED)
    g_hash_table_foreach_remove (self->accounts, is_idle, NULL);

  account = g_new0 (Account, 1);
  account->user = &self->strangers;
  account->calls = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (self->accounts, g_strdup (sender), account);

  return account;
}

static User *
get_user (RunconfdGate *self, guint uid)
{
  User *user = g_hash_table_lookup (self->users, GUINT_TO_POINTER (uid));

  if (user == NULL)
    {
      user = g_new0 (User, 1);
      g_hash_table_insert (self->users, GUINT_TO_POINTER (uid), user);
    }

  return user;
}

static void
count (Account *account, int n_calls, gssize n_bytes)
{
  account->n_calls += (guint) n_calls;
  account->n_bytes += (gsize) n_bytes;
  account->user->n_calls += (guint) n_calls;
  account->user->n_bytes += (gsize) n_bytes;
}

static void
count_going (Account *account, int n_reads, int n_writes)
{
  account->n_reads += (guint) n_reads;
  account->n_writes += (guint) n_writes;
  account->user->n_reads += (guint) n_reads;
  account->user->n_writes += (guint) n_writes;
}

static void
count_one (Account *account, const Open *open, int n)
{
  count_going (account, open->is_read ? n : 0, open->is_read ? 0 : n);
}

/* Returns: whether it is time for one more read that had to wait */
static gboolean
take_spare (RunconfdGate *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 n_more = (now - self->spared_at) * MAX_READS_PER_SECOND / G_USEC_PER_SEC;

  if (n_more > 0)
    {
      self->n_spare = (guint) MIN (self->n_spare + n_more, MAX_BURST);
      self->spared_at = now;
    }
  if (self->n_spare == 0)
    return FALSE;

  self->n_spare--;

  return TRUE;
}

static void
join_crowd (RunconfdGate *self, User *user)
{
  if (!user->is_crowd)
    g_queue_push_tail (&self->crowd, user);
  user->is_crowd = TRUE;
}

static gboolean
may_go_on (const RunconfdGate *self, const Account *account, const Open *open, gboolean is_crowd)
{
  const User *user = account->user;

  if (account->is_trusted)
    return TRUE;
  if (open->is_heavy && user == &self->strangers)
    return FALSE;

  return open->is_read ? user->n_reads < (is_crowd ? MAX_CROWD_READS : MAX_READS)
                       : user->n_writes < (is_crowd ? MAX_CROWD_WRITES : MAX_WRITES);
}

static void
refuse (RunconfdGate *self, Account *account, const RunconfdMessage *call, const Open *open)
{
  gsize size = strlen (call->sender) + 1;
  Refusal *refusal;

  if (open->is_silent || g_queue_get_length (&account->user->refused) >= MAX_REFUSED)
    return;

  refusal = g_malloc (sizeof *refusal + size);
  refusal->serial = call->serial;
  refusal->is_heavy = open->is_heavy;
  memcpy (refusal->sender, call->sender, size);
  g_queue_push_tail (&account->user->refused, refusal);
  join_crowd (self, account->user);
}

static void
go_on (Account *account, const Held *held, GByteArray *more_in)
{
  count_one (account, held->open, 1);
  g_byte_array_append (more_in, held->message->data, held->message->len);
}

static void
drop (RunconfdGate *self, Account *account, const Held *held)
{
  RunconfdMessage call;

  runconfd_message_read (&call, held->message->data, held->message->len);
  refuse (self, account, &call, held->open);
  count (account, -1, -(gssize) held->open->n_bytes);
  g_hash_table_remove (account->calls, GUINT_TO_POINTER (call.serial));
}

/* Lets a call of a user go on that waited, of each connection in turns.
 *
 * Returns: whether there was one that may
 */
static gboolean
release (RunconfdGate *self, User *user, GByteArray *more_in)
{
  Account *account = g_queue_peek_head (&user->waiting);
  Held *held = account != NULL ? g_queue_peek_head (&account->held) : NULL;

  if (held == NULL || held->message->len < held->size
      || !may_go_on (self, account, held->open, TRUE)
      || (!account->is_trusted && self->is_congested)
      || (!account->is_trusted && held->open->is_read && !take_spare (self)))
    return FALSE;

  g_queue_pop_head (&user->waiting);
  g_queue_pop_head (&account->held);
  if (!g_queue_is_empty (&account->held))
    g_queue_push_tail (&user->waiting, account);

  if (held->open->is_heavy && !account->is_trusted)
    drop (self, account, held);
  else
    go_on (account, held, more_in);
  held_free (held);

  return TRUE;
}

/* Returns: (transfer none): where the message has to go */
static GByteArray *
hold (RunconfdGate *self, Account *account, Open *open, gsize size)
{
  Held *held = g_new0 (Held, 1);

  held->open = open;
  held->size = size;
  held->message = g_byte_array_sized_new ((guint) size);
  if (g_queue_is_empty (&account->held))
    g_queue_push_tail (&account->user->waiting, account);
  g_queue_push_tail (&account->held, held);
  join_crowd (self, account->user);

  return held->message;
}

static void
move (RunconfdGate *self, Account *account, User *user)
{
  guint n_calls = account->n_calls;
  guint n_reads = account->n_reads, n_writes = account->n_writes;
  gsize n_bytes = account->n_bytes;

  count (account, -(int) n_calls, -(gssize) n_bytes);
  count_going (account, -(int) n_reads, -(int) n_writes);
  g_queue_remove (&account->user->waiting, account);

  account->user = user;
  count (account, (int) n_calls, (gssize) n_bytes);
  count_going (account, (int) n_reads, (int) n_writes);
  if (g_queue_is_empty (&account->held))
    return;

  g_queue_push_tail (&user->waiting, account);
  join_crowd (self, user);
}

static void
ask (RunconfdGate *self, GByteArray *own, const char *sender)
{
  g_autoptr (GDBusMessage) question
      = g_dbus_message_new_method_call (BUS_NAME, BUS_PATH, BUS_NAME, "GetConnectionUnixUser");

  g_dbus_message_set_body (question, g_variant_new ("(s)", sender));
  g_hash_table_insert (self->questions, GUINT_TO_POINTER (self->serial), g_strdup (sender));
  send (self, own, question);
}

static gboolean
read_uid (const RunconfdMessage *message, const guint8 *data, gsize size, guint *uid)
{
  g_autoptr (GDBusMessage) answer = NULL;
  GVariant *body;

  if (message->type != G_DBUS_MESSAGE_TYPE_METHOD_RETURN || message->size > size)
    return FALSE;

  answer = g_dbus_message_new_from_blob ((guchar *) data, message->size,
                                         G_DBUS_CAPABILITY_FLAGS_NONE, NULL);
  body = answer != NULL ? g_dbus_message_get_body (answer) : NULL;
  if (body == NULL || !g_variant_is_of_type (body, G_VARIANT_TYPE ("(u)")))
    return FALSE;

  g_variant_get (body, "(u)", uid);

  return TRUE;
}

/* Returns: whether the message is what was asked for here */
static gboolean
take_answer (RunconfdGate *self, const RunconfdMessage *message, const guint8 *data, gsize size,
             GByteArray *more_in)
{
  gpointer serial = GUINT_TO_POINTER (message->reply_serial);
  g_autofree char *sender = NULL;
  Account *account;
  guint uid;

  if (g_strcmp0 (message->sender, BUS_NAME) != 0
      || !g_hash_table_steal_extended (self->questions, serial, NULL, (gpointer *) &sender))
    return FALSE;

  account = g_hash_table_lookup (self->accounts, sender);
  if (account == NULL || account->user != &self->strangers || !read_uid (message, data, size, &uid))
    return TRUE;

  account->is_trusted = runconfd_authority_is_trusted (self->authority, uid);
  move (self, account, get_user (self, uid));
  while (release (self, account->user, more_in))
    ;

  return TRUE;
}

/* The first call is always let in, however large it is, and no crowd keeps somebody out whom nobody
 * knows yet.
 */
static gboolean
has_room (const RunconfdGate *self, const Account *account, gsize n_bytes)
{
  const User *user = account->user;

  if (account->is_trusted || user->n_calls == 0
      || (user == &self->strangers && account->n_calls == 0))
    return TRUE;

  return user->n_calls < MAX_CALLS && user->n_bytes + n_bytes <= MAX_BYTES;
}

/* Whether it has to wait behind others of the user, or of the same connection. */
static gboolean
has_to_wait (const RunconfdGate *self, const Account *account, const Open *open)
{
  return !g_queue_is_empty ((GQueue *) &account->held)
         || !may_go_on (self, account, open, self->is_congested);
}

static void
tell_refusal (RunconfdGate *self, const Refusal *refusal, GByteArray *more_out)
{
  g_autoptr (GDBusMessage) answer = g_dbus_message_new ();

  g_dbus_message_set_message_type (answer, G_DBUS_MESSAGE_TYPE_ERROR);
  g_dbus_message_set_flags (answer, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  g_dbus_message_set_reply_serial (answer, refusal->serial);
  g_dbus_message_set_destination (answer, refusal->sender);
  g_dbus_message_set_error_name (answer, refusal->is_heavy
                                             ? runconf_error_get_bus_name (RUNCONF_ERROR_TOO_LARGE)
                                             : "org.freedesktop.DBus.Error.LimitsExceeded");
  g_dbus_message_set_body (
      answer,
      g_variant_new ("(s)",
                     refusal->is_heavy
                         ? "the message is larger than 1 MiB and no text: send it with MergeText"
                         : "too many calls of this user are under way: wait for answers, then "
                           "repeat it"));
  send (self, more_out, answer);
}

static gboolean
is_read (const RunconfdMessage *call)
{
  const RunconfdMethod *method = call->member != NULL ? runconfd_method_find (call->member) : NULL;

  return method == NULL || method->kind != RUNCONFD_METHOD_WRITE;
}

static gboolean
let_call_in (RunconfdGate *self, const RunconfdMessage *call, guint8 *data, gsize size,
             GByteArray **into, GByteArray *more_out)
{
  Account *account = get_account (self, call->sender);
  const Open made = {
    .n_bytes = call->body_size,
    .is_read = is_read (call),
    .is_silent = (call->flags & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0,
    .is_heavy = call->size > MAX_PLAIN_BYTES && !runconfd_message_is_text (call, data, size),
  };
  gpointer serial = GUINT_TO_POINTER (call->serial);
  gboolean is_refused = made.is_heavy && !account->is_trusted && account->user != &self->strangers;
  gboolean waits = has_to_wait (self, account, &made);
  Open *open;

  if (!account->is_asked)
    {
      account->is_asked = TRUE;
      ask (self, more_out, call->sender);
    }

  /* a serial that is under way already is none that can be counted twice */
  if (is_refused || !has_room (self, account, made.n_bytes)
      || g_hash_table_contains (account->calls, serial))
    {
      refuse (self, account, call, &made);
      return FALSE;
    }

  /* that a call which wants no answer is done shows in its answer, which then isn't sent */
  if (made.is_silent)
    runconfd_message_want_reply (data);

  open = g_memdup2 (&made, sizeof made);
  g_hash_table_insert (account->calls, serial, open);
  count (account, 1, (gssize) open->n_bytes);
  if (waits)
    *into = hold (self, account, open, call->size);
  else
    count_one (account, open, 1);

  return TRUE;
}

/**
 * runconfd_gate_let_in:
 * @message: what comes in
 * @data: its header; all of it if that isn't larger than %RUNCONFD_MESSAGE_MAX_HEADER
 * @size: how much of it is there
 * @into: (out) (transfer none): where to put it, if it doesn't go in now
 * @more_in: messages that go in, too, are added
 * @more_out: messages to the bus are added
 *
 * Returns: whether anybody wants it
 */
gboolean
runconfd_gate_let_in (RunconfdGate *self, const RunconfdMessage *message, guint8 *data, gsize size,
                      GByteArray **into, GByteArray *more_in, GByteArray *more_out)
{
  switch (message->type)
    {
    case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
      return message->sender != NULL && let_call_in (self, message, data, size, into, more_out);
    case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
    case G_DBUS_MESSAGE_TYPE_ERROR:
      return !take_answer (self, message, data, size, more_in);
    case G_DBUS_MESSAGE_TYPE_SIGNAL:
      /* nobody but the bus has to tell anything to this service alone */
      return message->destination == NULL || g_strcmp0 (message->sender, BUS_NAME) == 0;
    case G_DBUS_MESSAGE_TYPE_INVALID:
    default:
      return FALSE;
    }
}

/**
 * runconfd_gate_let_out:
 * @message: what goes out
 * @more_in: messages that go in are added
 *
 * Returns: whether to let it out
 */
gboolean
runconfd_gate_let_out (RunconfdGate *self, const RunconfdMessage *message, GByteArray *more_in)
{
  gpointer serial = GUINT_TO_POINTER (message->reply_serial);
  g_autofree Open *open = NULL;
  Account *account;

  if ((message->type != G_DBUS_MESSAGE_TYPE_METHOD_RETURN
       && message->type != G_DBUS_MESSAGE_TYPE_ERROR)
      || message->destination == NULL)
    return TRUE;

  account = g_hash_table_lookup (self->accounts, message->destination);
  if (account == NULL
      || !g_hash_table_steal_extended (account->calls, serial, NULL, (gpointer *) &open))
    return TRUE;

  count (account, -1, -(gssize) open->n_bytes);
  count_one (account, open, -1);
  while (message->size <= MAX_SMALL_BYTES && release (self, account->user, more_in))
    ;

  return !open->is_silent;
}

/**
 * runconfd_gate_set_congested:
 * @is_congested: whether the bus has yet to take what was said to it
 */
void
runconfd_gate_set_congested (RunconfdGate *self, gboolean is_congested)
{
  self->is_congested = is_congested;
}

/**
 * runconfd_gate_get_timeout:
 *
 * Returns: in how many ms to call runconfd_gate_tick(), or -1 if that isn't needed
 */
int
runconfd_gate_get_timeout (const RunconfdGate *self)
{
  return g_queue_is_empty ((GQueue *) &self->crowd) ? -1 : TICK;
}

/* Returns: whether there was somebody to tell */
static gboolean
tell_one (RunconfdGate *self, User *user, GByteArray *more_out)
{
  g_autofree Refusal *refusal = self->is_congested ? NULL : g_queue_pop_head (&user->refused);

  if (refusal != NULL)
    tell_refusal (self, refusal, more_out);

  return refusal != NULL;
}

/**
 * runconfd_gate_tick:
 * @more_in: messages that go in are added
 * @more_out: messages to the bus are added
 *
 * Serves some of those who wait, in turns, if it is time.
 */
void
runconfd_gate_tick (RunconfdGate *self, GByteArray *more_in, GByteArray *more_out)
{
  gint64 now = g_get_monotonic_time ();
  guint n_released = 0, n_told = 0, n_idle = 0;

  if (now - self->ticked_at < TICK * G_TIME_SPAN_MILLISECOND)
    return;

  self->ticked_at = now;
  while (n_released < MAX_RELEASED && n_told < MAX_TOLD && n_idle < self->crowd.length)
    {
      User *user = g_queue_pop_head (&self->crowd);
      gboolean is_released = release (self, user, more_in);
      gboolean is_told = tell_one (self, user, more_out);

      n_released += is_released ? 1 : 0;
      n_told += is_told ? 1 : 0;
      n_idle = is_released || is_told ? 0 : n_idle + 1;
      user->is_crowd = !g_queue_is_empty (&user->waiting) || !g_queue_is_empty (&user->refused);
      if (user->is_crowd)
        g_queue_push_tail (&self->crowd, user);
    }
}
