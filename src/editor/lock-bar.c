/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/lock-bar.h"

#include <glib/gi18n.h>

struct _EditorLockBar
{
  AdwBin parent_instance;

  GtkLabel *reason;
  GtkWidget *unlock;

  EditorPlace *place; /* (nullable) */
  char *path;
  GCancellable *asking; /* (nullable): the question for a password */
  gboolean is_unlocked; /* the user has entered a password for this path */
};

enum
{
  SIGNAL_OPENED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EditorLockBar, editor_lock_bar, ADW_TYPE_BIN)

/* Returns: whether nothing keeps the user from a change */
gboolean
editor_lock_bar_is_open (EditorLockBar *self)
{
  return !gtk_widget_get_visible (GTK_WIDGET (self));
}

/* @description: (nullable): %NULL if the service has nothing to say about the path */
void
editor_lock_bar_show (EditorLockBar *self, RunconfDescription *description)
{
  const char *lock = description != NULL ? runconf_description_get_lock (description) : NULL;
  gboolean is_allowed
      = description == NULL || self->is_unlocked || runconf_description_is_writable (description);

  g_autofree char *reason = lock != NULL
                                /* Translators: the file and the line of the lock, and its reason */
                                ? g_strdup_printf (_ ("Locked by %s"), lock)
                                : g_strdup (_ ("You need a password to change this value."));

  gtk_label_set_text (self->reason, reason);
  gtk_widget_set_visible (self->unlock, lock == NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), lock != NULL || !is_allowed);
}

static gboolean
is_denial (const GError *error)
{
  return g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED)
         || g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_AUTHORIZATION_REQUIRED);
}

/* Any error but a denial is about the change, which isn't made. */
static void
on_answered (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorLockBar) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths
      = runconf_configuration_apply_finish (RUNCONF_CONFIGURATION (object), result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (is_denial (error))
    {
      gtk_label_set_text (self->reason, error->message);
      return;
    }

  self->is_unlocked = TRUE;
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_emit (self, signals[SIGNAL_OPENED], 0);
}

static void
stop_asking (EditorLockBar *self)
{
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
}

/* A dry run needs the right to change the path, for which the user is asked now. */
static void
on_unlock (EditorLockBar *self)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();

  stop_asking (self);
  self->asking = g_cancellable_new ();
  runconf_transaction_reset (transaction, self->path);
  runconf_transaction_set_dry_run (transaction, TRUE);
  runconf_configuration_apply (editor_place_get_configuration (self->place), transaction,
                               self->asking, on_answered, g_object_ref (self));
}

void
editor_lock_bar_begin (EditorLockBar *self, EditorPlace *place, const char *path)
{
  stop_asking (self);
  g_set_object (&self->place, place);
  g_free (self->path);
  self->path = g_strdup (path);
  self->is_unlocked = FALSE;
}

static void
editor_lock_bar_dispose (GObject *object)
{
  EditorLockBar *self = EDITOR_LOCK_BAR (object);

  stop_asking (self);
  g_clear_object (&self->place);

  G_OBJECT_CLASS (editor_lock_bar_parent_class)->dispose (object);
}

static void
editor_lock_bar_finalize (GObject *object)
{
  g_free (EDITOR_LOCK_BAR (object)->path);

  G_OBJECT_CLASS (editor_lock_bar_parent_class)->finalize (object);
}

static void
editor_lock_bar_class_init (EditorLockBarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = editor_lock_bar_dispose;
  object_class->finalize = editor_lock_bar_finalize;

  signals[SIGNAL_OPENED] = g_signal_new ("opened", EDITOR_TYPE_LOCK_BAR, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/lock-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorLockBar, reason);
  gtk_widget_class_bind_template_child (widget_class, EditorLockBar, unlock);
  gtk_widget_class_bind_template_callback (widget_class, on_unlock);
}

static void
editor_lock_bar_init (EditorLockBar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
