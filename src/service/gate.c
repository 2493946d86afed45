/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/gate.h"

/* GDBus reads what comes in a thread of its own, and puts each call at the end of the main loop's
 * queue, however long that is. Somebody who sends faster than calls can be done would have everybody
 * else wait behind what they sent. So calls are counted here, in that thread, from when they come in
 * until their answer goes out, and what is too many is refused before it gets in the queue.
 *
 * Everything here is done in GDBus's thread, so no lock is needed: it calls the filter for what comes
 * in and what goes out, and as it is the thread in which the bus is asked who somebody is, the answer
 * comes in it too. Only the end, in the main thread, has to wait for a filter that is running, and
 * g_dbus_connection_remove_filter() doesn't: so the state is counted.
 */

/* of one user */
#define MAX_CALLS 256
#define MAX_BYTES ((gsize) 64 * 1024 * 1024)

/* of all connections of which it isn't known yet whose they are */
#define MAX_STRANGER_CALLS 512

/* connections that have nothing under way are forgotten when there are more than this */
#define MAX_REMEMBERED 4096

typedef struct
{
  guint n_calls;
  gsize n_bytes;
} Usage;

typedef struct
{
  gsize n_bytes;
  gboolean is_silent; /* who called wants no answer */
} Open;

typedef struct
{
  Usage usage;
  Usage *shared; /* of its user, or of all whose user isn't known yet */
  gboolean is_trusted;
  gboolean is_asked; /* whose it is */
  GHashTable *calls; /* Open by serial */
} Account;

typedef struct
{
  RunconfdAuthority *authority;
  GHashTable *accounts; /* Account by unique name */
  GHashTable *users;    /* Usage by uid */
  Usage strangers;
} State;

struct _RunconfdGate
{
  GDBusConnection *connection;
  guint filter;
};

static void
account_free (Account *account)
{
  g_hash_table_unref (account->calls);
  g_free (account);
}

static void
state_clear (gpointer data)
{
  State *state = data;

  g_object_unref (state->authority);
  g_hash_table_unref (state->accounts);
  g_hash_table_unref (state->users);
}

static void
state_unref (gpointer state)
{
  g_atomic_rc_box_release_full (state, state_clear);
}

static gboolean
is_idle (gpointer sender, gpointer account, gpointer user_data)
{
  return ((Account *) account)->usage.n_calls == 0;
}

static Account *
get_account (State *state, const char *sender)
{
  Account *account = g_hash_table_lookup (state->accounts, sender);

  if (account != NULL)
    return account;

  if (g_hash_table_size (state->accounts) >= MAX_REMEMBERED)
    g_hash_table_foreach_remove (state->accounts, is_idle, NULL);

  account = g_new0 (Account, 1);
  account->shared = &state->strangers;
  account->calls = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_hash_table_insert (state->accounts, g_strdup (sender), account);

  return account;
}

static Usage *
get_usage (State *state, guint uid)
{
  Usage *usage = g_hash_table_lookup (state->users, GUINT_TO_POINTER (uid));

  if (usage == NULL)
    {
      usage = g_new0 (Usage, 1);
      g_hash_table_insert (state->users, GUINT_TO_POINTER (uid), usage);
    }

  return usage;
}

typedef struct
{
  State *state;
  char *sender;
} Question;

static void
on_uid (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Question *question = user_data;
  State *state = question->state;
  Account *account = g_hash_table_lookup (state->accounts, question->sender);
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  guint uid;

  if (reply != NULL && account != NULL && account->shared == &state->strangers)
    {
      g_variant_get (reply, "(u)", &uid);
      account->is_trusted = runconfd_authority_is_trusted (state->authority, uid);
      state->strangers.n_calls -= account->usage.n_calls;
      state->strangers.n_bytes -= account->usage.n_bytes;
      account->shared = get_usage (state, uid);
      account->shared->n_calls += account->usage.n_calls;
      account->shared->n_bytes += account->usage.n_bytes;
    }

  state_unref (state);
  g_free (question->sender);
  g_free (question);
}

static void
ask (State *state, GDBusConnection *connection, const char *sender)
{
  Question *question = g_new0 (Question, 1);

  question->state = g_atomic_rc_box_acquire (state);
  question->sender = g_strdup (sender);
  g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixUser",
                          g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_uid, question);
}

/* The first call is always let in, however large it is. */
static gboolean
has_room (const State *state, const Account *account, gsize n_bytes)
{
  gboolean is_stranger = account->shared == &state->strangers;
  guint max_calls = is_stranger ? MAX_STRANGER_CALLS : MAX_CALLS;

  /* no crowd keeps somebody out whom nobody knows yet */
  if (account->is_trusted || (is_stranger && account->usage.n_calls == 0)
      || account->shared->n_calls == 0)
    return TRUE;

  return account->shared->n_calls < max_calls && account->shared->n_bytes + n_bytes <= MAX_BYTES;
}

static void
add (Account *account, int n_calls, gssize n_bytes)
{
  Usage *usages[] = { &account->usage, account->shared };

  for (guint i = 0; i < G_N_ELEMENTS (usages); i++)
    {
      usages[i]->n_calls += (guint) n_calls;
      usages[i]->n_bytes += (gsize) n_bytes;
    }
}

static void
refuse (GDBusConnection *connection, GDBusMessage *taken)
{
  g_autoptr (GDBusMessage) call = taken;
  g_autoptr (GDBusMessage) answer = NULL;

  if ((g_dbus_message_get_flags (call) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0)
    return;

  answer = g_dbus_message_new_method_error_literal (
      call, "org.freedesktop.DBus.Error.LimitsExceeded",
      "too many calls of this user are under way: wait for answers, then repeat it");
  g_dbus_connection_send_message (connection, answer, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

/* That a call which wants no answer is done shows in its answer, which then isn't sent. */
static GDBusMessage *
let_answer (GDBusMessage *taken)
{
  g_autoptr (GDBusMessage) call = taken;
  GDBusMessage *copy = g_dbus_message_copy (call, NULL);

  if (copy != NULL)
    g_dbus_message_set_flags (copy, g_dbus_message_get_flags (copy)
                                        & ~G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);

  return copy;
}

static GDBusMessage *
let_in (State *state, GDBusConnection *connection, GDBusMessage *call)
{
  GVariant *body = g_dbus_message_get_body (call);
  Account *account = get_account (state, g_dbus_message_get_sender (call));
  Open open = { body != NULL ? g_variant_get_size (body) : 0 };
  gpointer serial = GUINT_TO_POINTER (g_dbus_message_get_serial (call));

  if (!account->is_asked)
    {
      account->is_asked = TRUE;
      ask (state, connection, g_dbus_message_get_sender (call));
    }

  /* a serial that is under way already is none that can be counted twice */
  if (!has_room (state, account, open.n_bytes) || g_hash_table_contains (account->calls, serial))
    {
      refuse (connection, call);
      return NULL;
    }

  open.is_silent = (g_dbus_message_get_flags (call) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED) != 0;
  if (open.is_silent)
    call = let_answer (call);
  if (call == NULL)
    return NULL;

  g_hash_table_insert (account->calls, serial, g_memdup2 (&open, sizeof open));
  add (account, 1, (gssize) open.n_bytes);

  return call;
}

static GDBusMessage *
let_out (State *state, GDBusMessage *answer)
{
  const char *destination = g_dbus_message_get_destination (answer);
  gpointer serial = GUINT_TO_POINTER (g_dbus_message_get_reply_serial (answer));
  Account *account
      = destination != NULL ? g_hash_table_lookup (state->accounts, destination) : NULL;
  Open *open = account != NULL ? g_hash_table_lookup (account->calls, serial) : NULL;
  gboolean is_silent = open != NULL && open->is_silent;

  if (open != NULL)
    {
      add (account, -1, -(gssize) open->n_bytes);
      g_hash_table_remove (account->calls, serial);
    }

  if (is_silent)
    g_clear_object (&answer);

  return answer;
}

static GDBusMessage *
on_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming,
            gpointer user_data)
{
  switch (g_dbus_message_get_message_type (message))
    {
    case G_DBUS_MESSAGE_TYPE_METHOD_CALL:
      /* without a bus there is no sender, and nobody else whom a crowd of calls would keep waiting */
      if (incoming && g_dbus_message_get_sender (message) != NULL)
        return let_in (user_data, connection, message);
      return message;
    case G_DBUS_MESSAGE_TYPE_METHOD_RETURN:
    case G_DBUS_MESSAGE_TYPE_ERROR:
      return incoming ? message : let_out (user_data, message);
    case G_DBUS_MESSAGE_TYPE_INVALID:
    case G_DBUS_MESSAGE_TYPE_SIGNAL:
    default:
      return message;
    }
}

RunconfdGate *
runconfd_gate_new (GDBusConnection *connection, RunconfdAuthority *authority)
{
  RunconfdGate *self = g_new0 (RunconfdGate, 1);
  State *state = g_atomic_rc_box_new0 (State);

  state->authority = g_object_ref (authority);
  state->accounts
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) account_free);
  state->users = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->connection = g_object_ref (connection);
  self->filter = g_dbus_connection_add_filter (connection, on_message, state, state_unref);

  return self;
}

void
runconfd_gate_free (RunconfdGate *self)
{
  g_dbus_connection_remove_filter (self->connection, self->filter);
  g_object_unref (self->connection);
  g_free (self);
}
