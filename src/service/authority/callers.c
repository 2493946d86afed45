/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority/callers.h"

#define BUS_NAME "org.freedesktop.DBus"
#define BUS_PATH "/org/freedesktop/DBus"

/* A bus never gives a unique name twice, so a uid stays valid. The table is emptied at this size:
 * the bus is asked again for the connections that still call.
 */
#define MAX_REMEMBERED 4096

struct _RunconfdCallers
{
  GObject parent_instance;

  GDBusConnection *connection; /* NULL without a bus */
  guint peer;                  /* the uid of all callers without a bus */
  GHashTable *uids;            /* by unique name */
  GHashTable *asked;           /* GArray of Waiter by unique name, while the bus is asked */
  RunconfdTurns *turns;
};

G_DEFINE_FINAL_TYPE (RunconfdCallers, runconfd_callers, G_TYPE_OBJECT)

typedef struct
{
  RunconfdCallersFunc func;
  gpointer user_data;
} Waiter;

/* A question to the bus. */
typedef struct
{
  RunconfdCallers *self;
  char *sender;
} Question;

static void
question_free (Question *question)
{
  g_object_unref (question->self);
  g_free (question->sender);
  g_free (question);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

/**
 * runconfd_callers_new:
 * @connection: to a bus
 */
RunconfdCallers *
runconfd_callers_new (GDBusConnection *connection)
{
  RunconfdCallers *self = g_object_new (RUNCONFD_TYPE_CALLERS, NULL);

  self->connection = g_object_ref (connection);
  self->peer = RUNCONFD_UID_UNKNOWN;

  return self;
}

/**
 * runconfd_callers_new_for_peer:
 * @uid: the user at the other end of a connection without a bus, who makes all calls
 */
RunconfdCallers *
runconfd_callers_new_for_peer (guint uid)
{
  RunconfdCallers *self = g_object_new (RUNCONFD_TYPE_CALLERS, NULL);

  self->peer = uid;

  return self;
}

/* Returns: the uid in a reply of the bus, or #RUNCONFD_UID_UNKNOWN without a reply */
static guint
take_uid (GVariant *taken)
{
  g_autoptr (GVariant) reply = taken;
  guint uid = RUNCONFD_UID_UNKNOWN;

  if (reply != NULL)
    g_variant_get (reply, "(u)", &uid);

  return uid;
}

/**
 * runconfd_callers_find_owner:
 *
 * Asks the bus for the user that it runs as. This blocks.
 *
 * Returns: the uid, or #RUNCONFD_UID_UNKNOWN if the bus doesn't report it
 */
guint
runconfd_callers_find_owner (RunconfdCallers *self)
{
  return take_uid (g_dbus_connection_call_sync (
      self->connection, BUS_NAME, BUS_PATH, BUS_NAME, "GetConnectionUnixUser",
      g_variant_new ("(s)", BUS_NAME), G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
      NULL, NULL));
}

/**
 * runconfd_callers_get_turns:
 *
 * Returns: (transfer none): the order of the calls
 */
RunconfdTurns *
runconfd_callers_get_turns (RunconfdCallers *self)
{
  return self->turns;
}

/**
 * runconfd_callers_find:
 * @sender: (nullable): the unique name of a connection; %NULL without a bus
 * @uid: (out): its user
 *
 * Returns: whether the user is known without asking the bus
 */
gboolean
runconfd_callers_find (RunconfdCallers *self, const char *sender, guint *uid)
{
  gpointer found = GUINT_TO_POINTER (self->peer);
  gboolean is_known
      = sender == NULL || g_hash_table_lookup_extended (self->uids, sender, NULL, &found);

  *uid = is_known ? GPOINTER_TO_UINT (found) : RUNCONFD_UID_UNKNOWN;

  return is_known;
}

static void
remember (RunconfdCallers *self, const char *sender, guint uid)
{
  if (g_hash_table_size (self->uids) >= MAX_REMEMBERED)
    g_hash_table_remove_all (self->uids);

  g_hash_table_insert (self->uids, g_strdup (sender), GUINT_TO_POINTER (uid));
}

static void
on_reply (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  RunconfdCallers *self = question->self;
  guint uid = take_uid (g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL));
  g_autofree char *key = NULL;
  g_autoptr (GArray) waiters = NULL;

  if (uid != RUNCONFD_UID_UNKNOWN)
    remember (self, question->sender, uid);

  g_hash_table_steal_extended (self->asked, question->sender, (gpointer *) &key,
                               (gpointer *) &waiters);
  for (guint i = 0; i < waiters->len; i++)
    {
      const Waiter *waiter = &g_array_index (waiters, Waiter, i);

      waiter->func (uid, waiter->user_data);
    }
}

static GArray *
ask_bus (RunconfdCallers *self, const char *sender)
{
  GArray *waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->sender = g_strdup (sender);
  g_hash_table_insert (self->asked, g_strdup (sender), waiters);
  g_dbus_connection_call (self->connection, BUS_NAME, BUS_PATH, BUS_NAME, "GetConnectionUnixUser",
                          g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_reply, question);

  return waiters;
}

/**
 * runconfd_callers_ask:
 * @sender: (nullable): the unique name of a connection; %NULL without a bus
 * @func: called once: at once if the uid is known, or when the bus has replied
 *
 * Finds out the user of a connection. Functions that wait for the same reply are called in the order
 * in which they came.
 */
void
runconfd_callers_ask (RunconfdCallers *self, const char *sender, RunconfdCallersFunc func,
                      gpointer user_data)
{
  const Waiter waiter = { func, user_data };
  GArray *waiters;
  guint uid;

  if (runconfd_callers_find (self, sender, &uid))
    {
      func (uid, user_data);
      return;
    }

  waiters = g_hash_table_lookup (self->asked, sender);
  if (waiters == NULL)
    waiters = ask_bus (self, sender);
  g_array_append_val (waiters, waiter);
}

static void
runconfd_callers_finalize (GObject *object)
{
  RunconfdCallers *self = RUNCONFD_CALLERS (object);

  g_clear_object (&self->connection);
  g_hash_table_unref (self->uids);
  g_hash_table_unref (self->asked);
  runconfd_turns_free (self->turns);

  G_OBJECT_CLASS (runconfd_callers_parent_class)->finalize (object);
}

static void
runconfd_callers_class_init (RunconfdCallersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = runconfd_callers_finalize;
}

static void
runconfd_callers_init (RunconfdCallers *self)
{
  self->uids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->asked
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  self->turns = runconfd_turns_new ();
}
