/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority/authority.h"

#include <unistd.h>

/* permits of calls that haven't arrived yet */
#define MAX_PERMITS 64

/* dialogs that are open, of a user and of all users: each is a window on a screen */
#define MAX_DIALOGS 8
#define MAX_DIALOGS_IN_ALL 64

struct _RunconfdAuthority
{
  GObject parent_instance;

  RunconfdCallers *callers;
  gboolean asks_polkit;
  guint owner;         /* of the bus, or RUNCONFD_UID_UNKNOWN */
  GHashTable *dialogs; /* the number of open dialogs, by uid */
  guint n_dialogs;
  GHashTable *permits; /* whether a permit covers all paths, by "sender serial" */
};

G_DEFINE_FINAL_TYPE (RunconfdAuthority, runconfd_authority, G_TYPE_OBJECT)

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

/**
 * runconfd_authority_is_trusted:
 *
 * May be called from any thread.
 *
 * Returns: whether a user has all rights
 */
gboolean
runconfd_authority_is_trusted (RunconfdAuthority *self, guint uid)
{
  return uid != RUNCONFD_UID_UNKNOWN && (uid == 0 || uid == getuid () || uid == self->owner);
}

/**
 * runconfd_authority_begin_dialog:
 * @uid: the user of a call for which polkit may show a dialog
 *
 * Counts a dialog until runconfd_authority_end_dialog().
 *
 * Returns: %FALSE with %G_DBUS_ERROR_LIMITS_EXCEEDED if too many dialogs are open already
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
 * @uid: the user of a call
 *
 * All rights are decided here. polkit isn't asked about uid 0: it would say yes, and uid 0 has to be
 * able to repair a system without polkit.
 *
 * Returns: the verdict
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
 * Returns: (transfer full): the error for a caller without the right, where polkit isn't asked
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
 * Remembers that a call has the right for its method, until the call arrives.
 */
void
runconfd_authority_add_permit (RunconfdAuthority *self, const char *sender, guint32 serial,
                               gboolean covers_all)
{
  /* the gate has few such calls at a time: most of these belong to calls that never arrived */
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

static void
runconfd_authority_finalize (GObject *object)
{
  RunconfdAuthority *self = RUNCONFD_AUTHORITY (object);

  g_object_unref (self->callers);
  g_hash_table_unref (self->dialogs);
  g_hash_table_unref (self->permits);

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
}
