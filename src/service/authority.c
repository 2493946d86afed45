/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority.h"

#include <unistd.h>

/* Calls that come without a bus have no sender, and a bus gives nobody an empty name. */
#define PEER ""

/* permits of calls that haven't come yet */
#define MAX_PERMITS 64

/* Each is a window on the screen of a user. */
#define MAX_DIALOGS 8
#define MAX_DIALOGS_IN_ALL 64

struct _RunconfdAuthority
{
  GObject parent_instance;

  RunconfdCallers *callers;
  gboolean asks_polkit;
  guint owner;         /* of the bus, or RUNCONFD_UID_UNKNOWN */
  GHashTable *dialogs; /* how many there are, by uid */
  guint n_dialogs;
  GHashTable *permits; /* whether they cover all, by "sender serial" */
  GHashTable *waiting; /* of GPtrArray of Waiting, by the unique name whose calls have to wait */
  GHashTable *writes;  /* how many are under way, by unique name */
  GHashTable *readers; /* unique names whose calls wait for their writes */
};

G_DEFINE_FINAL_TYPE (RunconfdAuthority, runconfd_authority, G_TYPE_OBJECT)

typedef struct
{
  GDBusMethodInvocation *invocation;
  RunconfdCallNeeds needs;
  RunconfdAuthorityFunc func;
  gpointer user_data;
} Waiting;

static void
waiting_free (Waiting *self)
{
  if (self == NULL)
    return;

  g_object_unref (self->invocation);
  g_free (self);
}

/**
 * runconfd_authority_new:
 * @callers: the users of the connections
 * @asks_polkit: whether calls are received on the system bus, where polkit decides on other users
 * @owner: a user with all rights, besides uid 0 and the user of the service, or
 *   #RUNCONFD_UID_UNKNOWN
 */
RunconfdAuthority *
runconfd_authority_new (RunconfdCallers *callers, gboolean asks_polkit, guint owner)
{
  RunconfdAuthority *self = g_object_new (RUNCONFD_TYPE_AUTHORITY, NULL);

  self->callers = g_object_ref (callers);
  self->asks_polkit = asks_polkit;
  self->owner = owner;

  return self;
}

/**
 * runconfd_authority_get_callers:
 *
 * Returns: (transfer none): the users of the connections
 */
RunconfdCallers *
runconfd_authority_get_callers (RunconfdAuthority *self)
{
  return self->callers;
}

static const char *
get_name (const char *sender)
{
  return sender != NULL ? sender : PEER;
}

/**
 * runconfd_authority_is_trusted:
 *
 * Any thread may ask.
 *
 * Returns: whether a user may do everything
 */
gboolean
runconfd_authority_is_trusted (RunconfdAuthority *self, guint uid)
{
  return uid != RUNCONFD_UID_UNKNOWN && (uid == 0 || uid == getuid () || uid == self->owner);
}

/**
 * runconfd_authority_begin_dialog:
 * @uid: for whom somebody is going to be asked
 *
 * Returns: %FALSE with %G_DBUS_ERROR_LIMITS_EXCEEDED if too much is being asked already
 */
gboolean
runconfd_authority_begin_dialog (RunconfdAuthority *self, guint uid, GError **error)
{
  guint n_dialogs = GPOINTER_TO_UINT (g_hash_table_lookup (self->dialogs, GUINT_TO_POINTER (uid)));

  if (n_dialogs >= MAX_DIALOGS || self->n_dialogs >= MAX_DIALOGS_IN_ALL)
    {
      g_set_error_literal (error, G_DBUS_ERROR, G_DBUS_ERROR_LIMITS_EXCEEDED,
                           "too many dialogs are open: repeat the call when some are answered");
      return FALSE;
    }

  self->n_dialogs++;
  g_hash_table_insert (self->dialogs, GUINT_TO_POINTER (uid), GUINT_TO_POINTER (n_dialogs + 1));

  return TRUE;
}

void
runconfd_authority_end_dialog (RunconfdAuthority *self, guint uid)
{
  guint n_dialogs = GPOINTER_TO_UINT (g_hash_table_lookup (self->dialogs, GUINT_TO_POINTER (uid)));

  self->n_dialogs--;
  if (n_dialogs > 1)
    g_hash_table_insert (self->dialogs, GUINT_TO_POINTER (uid), GUINT_TO_POINTER (n_dialogs - 1));
  else
    g_hash_table_remove (self->dialogs, GUINT_TO_POINTER (uid));
}

/**
 * runconfd_authority_decide:
 * @uid: who wants to do something
 *
 * Nobody is allowed anything that isn't found here. Root isn't asked about: polkit would say yes,
 * and root has to be able to help where there is no polkit.
 *
 * Returns: whether they may
 */
RunconfdVerdict
runconfd_authority_decide (RunconfdAuthority *self, guint uid, RunconfdAction action)
{
  if (action == RUNCONFD_ACTION_READ)
    return RUNCONFD_VERDICT_YES;
  if (uid == RUNCONFD_UID_UNKNOWN)
    return RUNCONFD_VERDICT_NO;
  if (runconfd_authority_is_trusted (self, uid))
    return RUNCONFD_VERDICT_YES;
  if (self->asks_polkit)
    return RUNCONFD_VERDICT_ASK;

  return action == RUNCONFD_ACTION_READ_HISTORY ? RUNCONFD_VERDICT_YES : RUNCONFD_VERDICT_NO;
}

/**
 * runconfd_authority_make_denial:
 *
 * Returns: (transfer full): the error of a caller who has a right that polkit isn't asked for
 */
GError *
runconfd_authority_make_denial (const char *method, RunconfdAction action,
                                const char *configuration)
{
  return g_error_new (
      G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
      "%s: only root and the user that the service runs as may %s the configuration “%s”", method,
      runconfd_action_get_purpose (action), configuration);
}

static char *
make_permit_key (const char *sender, guint32 serial)
{
  return g_strdup_printf ("%s %u", sender, serial);
}

/**
 * runconfd_authority_add_permit:
 * @sender: the unique name of a caller
 * @serial: of its call
 * @covers_all: whether the call may change every path
 *
 * Remembers that a call has the right for its method, until the call comes.
 */
void
runconfd_authority_add_permit (RunconfdAuthority *self, const char *sender, guint32 serial,
                               gboolean covers_all)
{
  /* the gate has few such calls at a time; a permit of a call that never came is one of them */
  if (g_hash_table_size (self->permits) >= MAX_PERMITS)
    g_hash_table_remove_all (self->permits);

  g_hash_table_insert (self->permits, make_permit_key (sender, serial),
                       GINT_TO_POINTER (covers_all));
}

/**
 * runconfd_authority_take_permit:
 * @covers_all: (out): whether the call may change every path
 *
 * Returns: whether the call has a permit, which counts once
 */
gboolean
runconfd_authority_take_permit (RunconfdAuthority *self, const char *sender, guint32 serial,
                                gboolean *covers_all)
{
  g_autofree char *key = make_permit_key (sender, serial);
  g_autofree char *stolen = NULL;
  gpointer value = NULL;
  gboolean has_permit
      = g_hash_table_steal_extended (self->permits, key, (gpointer *) &stolen, &value);

  *covers_all = has_permit && GPOINTER_TO_INT (value);

  return has_permit;
}

/* The calls of a connection that wait for its uid. */
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

static GPtrArray *
hold (RunconfdAuthority *self, const char *sender)
{
  GPtrArray *calls = g_ptr_array_new_with_free_func ((GDestroyNotify) waiting_free);

  g_hash_table_insert (self->waiting, g_strdup (sender), calls);

  return calls;
}

/* The uid of a caller that has left the bus can't be found: its calls go on without one. */
static void
tell (RunconfdAuthority *self, Waiting *call)
{
  guint uid;

  runconfd_callers_find (self->callers, g_dbus_method_invocation_get_sender (call->invocation),
                         &uid);
  call->func (call->invocation, uid, call->user_data);
}

/* Lets a call go on, or wait for the writes of its caller. */
static void
dispatch (RunconfdAuthority *self, Waiting *taken)
{
  const char *sender = get_name (g_dbus_method_invocation_get_sender (taken->invocation));

  if ((taken->needs & RUNCONFD_CALL_NEEDS_WRITES) != 0
      && g_hash_table_contains (self->writes, sender))
    {
      g_ptr_array_add (hold (self, sender), taken);
      g_hash_table_add (self->readers, g_strdup (sender));
      return;
    }

  tell (self, taken);
  waiting_free (taken);
}

/**
 * runconfd_authority_begin_write:
 * @sender: (nullable): its caller
 *
 * Has later reads of the caller wait until runconfd_authority_end_write().
 */
void
runconfd_authority_begin_write (RunconfdAuthority *self, const char *sender)
{
  gpointer n_writes = g_hash_table_lookup (self->writes, get_name (sender));

  g_hash_table_insert (self->writes, g_strdup (get_name (sender)),
                       GUINT_TO_POINTER (GPOINTER_TO_UINT (n_writes) + 1));
}

/**
 * runconfd_authority_end_write:
 * @sender: (nullable): as it was begun
 *
 * Goes on with reads that waited for the last write of their caller.
 */
void
runconfd_authority_end_write (RunconfdAuthority *self, const char *sender)
{
  const char *name = get_name (sender);
  guint n_writes = GPOINTER_TO_UINT (g_hash_table_lookup (self->writes, name));

  if (n_writes > 1)
    g_hash_table_insert (self->writes, g_strdup (name), GUINT_TO_POINTER (n_writes - 1));
  else
    g_hash_table_remove (self->writes, name);

  if (n_writes <= 1 && g_hash_table_remove (self->readers, name))
    runconfd_authority_release (self, sender);
}

/**
 * runconfd_authority_hold:
 * @sender: (nullable): whose uid is known; %NULL without a bus
 *
 * Lets the calls of a caller that come from now on wait until runconfd_authority_release().
 */
void
runconfd_authority_hold (RunconfdAuthority *self, const char *sender)
{
  hold (self, get_name (sender));
}

/**
 * runconfd_authority_release:
 * @sender: (nullable): as it was held
 *
 * Goes on with the calls that waited, in their order. One of them may have the others wait again.
 */
void
runconfd_authority_release (RunconfdAuthority *self, const char *sender)
{
  g_autoptr (GPtrArray) calls = NULL;
  g_autofree char *key = NULL;

  g_hash_table_steal_extended (self->waiting, get_name (sender), (gpointer *) &key,
                               (gpointer *) &calls);
  for (guint i = 0; i < calls->len; i++)
    {
      GPtrArray *again = g_hash_table_lookup (self->waiting, key);

      if (again != NULL)
        g_ptr_array_add (again, g_steal_pointer (&calls->pdata[i]));
      else
        dispatch (self, g_steal_pointer (&calls->pdata[i]));
    }
}

static void
on_uid (guint uid, gpointer user_data)
{
  g_autoptr (Question) question = user_data;

  runconfd_authority_release (question->self, question->sender);
}

static void
ask (RunconfdAuthority *self, const char *sender)
{
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->sender = g_strdup (sender);
  runconfd_callers_ask (self->callers, sender, on_uid, question);
}

/**
 * runconfd_authority_identify:
 * @needs: what the call needs before it goes on
 *
 * Lets a call go on when it is its turn, with the uid of its caller if it needs that. The bus is asked
 * once for the uid of each caller; calls that come meanwhile wait, so that those of one caller stay in
 * their order.
 */
void
runconfd_authority_identify (RunconfdAuthority *self, GDBusMethodInvocation *invocation,
                             RunconfdCallNeeds needs, RunconfdAuthorityFunc func,
                             gpointer user_data)
{
  const char *sender = get_name (g_dbus_method_invocation_get_sender (invocation));
  GPtrArray *calls = g_hash_table_lookup (self->waiting, sender);
  Waiting *call = g_new0 (Waiting, 1);
  guint uid;

  call->invocation = g_object_ref (invocation);
  call->needs = needs;
  call->func = func;
  call->user_data = user_data;

  if (calls == NULL
      && ((needs & RUNCONFD_CALL_NEEDS_UID) == 0
          || runconfd_callers_find (self->callers, g_dbus_method_invocation_get_sender (invocation),
                                    &uid)))
    {
      dispatch (self, call);
      return;
    }

  if (calls == NULL)
    {
      calls = hold (self, sender);
      ask (self, sender);
    }

  g_ptr_array_add (calls, call);
}

static void
runconfd_authority_finalize (GObject *object)
{
  RunconfdAuthority *self = RUNCONFD_AUTHORITY (object);

  g_object_unref (self->callers);
  g_hash_table_unref (self->dialogs);
  g_hash_table_unref (self->permits);
  g_hash_table_unref (self->waiting);
  g_hash_table_unref (self->writes);
  g_hash_table_unref (self->readers);

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
  self->dialogs = g_hash_table_new (NULL, NULL);
  self->permits = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->writes = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->readers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}
