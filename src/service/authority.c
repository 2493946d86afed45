/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority.h"

#include <unistd.h>

/* A bus never gives a unique name twice, so what is known of one stays true. */
#define MAX_REMEMBERED 4096

struct _RunconfdAuthority
{
  GObject parent_instance;

  GHashTable *uids;    /* by unique name */
  GHashTable *waiting; /* of GPtrArray of Check, by the unique name whose calls have to wait */
};

G_DEFINE_FINAL_TYPE (RunconfdAuthority, runconfd_authority, G_TYPE_OBJECT)

typedef struct
{
  GDBusMethodInvocation *invocation;
  RunconfdAuthorityFunc func;
  gpointer user_data;
} Check;

static void
check_free (Check *self)
{
  if (self == NULL)
    return;

  g_object_unref (self->invocation);
  g_free (self);
}

RunconfdAuthority *
runconfd_authority_new (void)
{
  return g_object_new (RUNCONFD_TYPE_AUTHORITY, NULL);
}

static gboolean
may_write (guint uid)
{
  return uid == 0 || uid == getuid ();
}

gboolean
runconfd_authority_may_read_secrets (RunconfdAuthority *self, guint uid)
{
  return uid == 0 || uid == getuid ();
}

static gboolean
is_not_waiting (gpointer sender, gpointer uid, gpointer self)
{
  return !g_hash_table_contains (((RunconfdAuthority *) self)->waiting, sender);
}

static void
remember (RunconfdAuthority *self, const char *sender, guint uid)
{
  if (g_hash_table_size (self->uids) >= MAX_REMEMBERED)
    g_hash_table_foreach_remove (self->uids, is_not_waiting, self);

  g_hash_table_insert (self->uids, g_strdup (sender), GUINT_TO_POINTER (uid));
}

/* What a question to the bus belongs to. */
typedef struct
{
  RunconfdAuthority *self;
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

/* Those of a caller that is gone are answered as well: nobody knows who that was. */
static void
decide (RunconfdAuthority *self, Check *check)
{
  const char *sender = g_dbus_method_invocation_get_sender (check->invocation);
  gpointer uid = GUINT_TO_POINTER (G_MAXUINT);
  gboolean is_known = g_hash_table_lookup_extended (self->uids, sender, NULL, &uid);

  check->func (check->invocation, GPOINTER_TO_UINT (uid),
               is_known && may_write (GPOINTER_TO_UINT (uid)), check->user_data);
}

static GPtrArray *
hold (RunconfdAuthority *self, const char *sender)
{
  GPtrArray *checks = g_ptr_array_new_with_free_func ((GDestroyNotify) check_free);

  g_hash_table_insert (self->waiting, g_strdup (sender), checks);

  return checks;
}

/**
 * runconfd_authority_hold:
 * @sender: whose uid is known
 *
 * Lets the calls of a caller that come from now on wait until runconfd_authority_release().
 */
void
runconfd_authority_hold (RunconfdAuthority *self, const char *sender)
{
  hold (self, sender);
}

/**
 * runconfd_authority_release:
 *
 * Decides on the calls that waited, in their order. One of them may have the others wait again.
 */
void
runconfd_authority_release (RunconfdAuthority *self, const char *sender)
{
  g_autoptr (GPtrArray) checks = NULL;
  g_autofree char *key = NULL;

  g_hash_table_steal_extended (self->waiting, sender, (gpointer *) &key, (gpointer *) &checks);
  for (guint i = 0; i < checks->len; i++)
    {
      GPtrArray *again = g_hash_table_lookup (self->waiting, key);

      if (again != NULL)
        g_ptr_array_add (again, g_steal_pointer (&checks->pdata[i]));
      else
        decide (self, checks->pdata[i]);
    }
}

static void
on_uid (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, NULL);
  guint uid;

  /* whoever can't be asked about, for they are gone, may nothing */
  if (reply != NULL)
    {
      g_variant_get (reply, "(u)", &uid);
      remember (question->self, question->sender, uid);
    }

  runconfd_authority_release (question->self, question->sender);
}

static void
ask (RunconfdAuthority *self, GDBusConnection *connection, const char *sender)
{
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->sender = g_strdup (sender);
  g_dbus_connection_call (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                          "org.freedesktop.DBus", "GetConnectionUnixUser",
                          g_variant_new ("(s)", sender), G_VARIANT_TYPE ("(u)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, on_uid, question);
}

/**
 * runconfd_authority_check:
 *
 * Finds out who made a call and whether they may write. The bus is asked once for each caller; calls
 * that come meanwhile wait, so that those of one caller stay in their order.
 */
void
runconfd_authority_check (RunconfdAuthority *self, GDBusMethodInvocation *invocation,
                          RunconfdAuthorityFunc func, gpointer user_data)
{
  const char *sender = g_dbus_method_invocation_get_sender (invocation);
  GPtrArray *checks;
  Check *check;

  check = g_new0 (Check, 1);
  check->invocation = g_object_ref (invocation);
  check->func = func;
  check->user_data = user_data;

  checks = g_hash_table_lookup (self->waiting, sender);
  if (checks == NULL && g_hash_table_contains (self->uids, sender))
    {
      decide (self, check);
      check_free (check);
      return;
    }

  if (checks == NULL)
    {
      checks = hold (self, sender);
      ask (self, g_dbus_method_invocation_get_connection (invocation), sender);
    }

  g_ptr_array_add (checks, check);
}

static void
runconfd_authority_finalize (GObject *object)
{
  RunconfdAuthority *self = RUNCONFD_AUTHORITY (object);

  g_hash_table_unref (self->uids);
  g_hash_table_unref (self->waiting);

  G_OBJECT_CLASS (runconfd_authority_parent_class)->finalize (object);
}

static void
runconfd_authority_class_init (RunconfdAuthorityClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = runconfd_authority_finalize;
}

static void
runconfd_authority_init (RunconfdAuthority *self)
{
  self->uids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
}
