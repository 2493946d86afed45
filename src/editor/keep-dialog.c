/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/keep-dialog.h"

#include <glib/gi18n.h>

#include "editor/report.h"
#include "editor/revert.h"

/* How often the time that is left is shown, in ms: often enough that each second is seen. */
#define TICK 200

/* How long the service may take to revert the changes, in µs, until the dialog goes in any case. */
#define GRACE (3 * G_USEC_PER_SEC)

struct _EditorKeepDialog
{
  AdwWindow parent_instance;

  GtkLabel *countdown;
  GtkProgressBar *bar;
  GtkLabel *problem;
  GtkWidget *revert;
  GtkWidget *keep;
  GtkWidget *opener; /* (nullable): weak */
  EditorPlace *place;
  GArray *versions; /* of guint64: those that aren't decided about yet, the oldest first */
  guint seconds;
  gint64 deadline;
  guint ticker;
};

G_DEFINE_FINAL_TYPE (EditorKeepDialog, editor_keep_dialog, ADW_TYPE_WINDOW)

static gint64
get_left (EditorKeepDialog *self)
{
  return self->deadline - g_get_monotonic_time ();
}

static void
set_sensitive (EditorKeepDialog *self, gboolean is_sensitive)
{
  gtk_widget_set_sensitive (self->revert, is_sensitive);
  gtk_widget_set_sensitive (self->keep, is_sensitive);
}

/* Calls that haven't returned yet have references, which keep a closed dialog alive. */
static void
stop (EditorKeepDialog *self)
{
  g_clear_handle_id (&self->ticker, g_source_remove);
  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  g_clear_object (&self->place);
}

static void
close_dialog (EditorKeepDialog *self, const char *report)
{
  if (self->opener != NULL)
    editor_report (self->opener, report);
  stop (self);
  gtk_window_destroy (GTK_WINDOW (self));
}

static guint64
get_last (EditorKeepDialog *self)
{
  return g_array_index (self->versions, guint64, self->versions->len - 1);
}

static void
forget_last (EditorKeepDialog *self)
{
  editor_undo_forget (editor_place_get_undo (self->place), get_last (self));
  g_array_set_size (self->versions, self->versions->len - 1);
}

static void
close_reverted (EditorKeepDialog *self)
{
  while (self->versions->len > 0)
    forget_last (self);
  close_dialog (self, _ ("The changes were reverted."));
}

static void
show_left (EditorKeepDialog *self)
{
  guint left = (guint) ((get_left (self) + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
  g_autofree char *text
      = g_strdup_printf (ngettext ("The changes are reverted in %u second.",
                                   "The changes are reverted in %u seconds.", left),
                         left);

  gtk_label_set_text (self->countdown, text);
  gtk_progress_bar_set_fraction (self->bar, (double) left / self->seconds);
}

static void
show_end (EditorKeepDialog *self)
{
  gtk_label_set_text (self->countdown, _ ("The service reverts the changes."));
  gtk_progress_bar_set_fraction (self->bar, 0);
  set_sensitive (self, FALSE);
}

/* No signal has come: a service that isn't there reverts the changes at its start. */
static void
close_late (EditorKeepDialog *self)
{
  if (editor_place_get_state (self->place) == EDITOR_PLACE_OPEN)
    close_reverted (self);
  else
    close_dialog (self, _ ("The service reverts the changes when it is back."));
}

static gboolean
on_tick (gpointer user_data)
{
  EditorKeepDialog *self = user_data;

  if (get_left (self) > 0)
    show_left (self);
  else if (get_left (self) > -GRACE)
    show_end (self);
  else
    close_late (self);

  return G_SOURCE_CONTINUE;
}

/* The service has reverted the changes at the end of the time. */
static void
on_changed (EditorKeepDialog *self, RunconfChange *change)
{
  if (get_left (self) <= G_USEC_PER_SEC && change != NULL
      && g_strcmp0 (runconf_change_get_origin (change), "revert") == 0)
    close_reverted (self);
}

static void
show_problem (EditorKeepDialog *self, const GError *error)
{
  gtk_label_set_text (self->problem, error->message);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), TRUE);
  set_sensitive (self, TRUE);
}

/* The dialog may have been closed meanwhile. */
static gboolean
is_open (EditorKeepDialog *self)
{
  return self->place != NULL;
}

/* Somebody else may have decided, or the service, whose clock is ahead. */
static void
take_error (EditorKeepDialog *self, const GError *error)
{
  if (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
    close_dialog (self, _ ("The changes wait for no answer any more."));
  else
    show_problem (self, error);
}

static void confirm (EditorKeepDialog *self, GAsyncReadyCallback callback);

static void
on_confirmed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorKeepDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  runconf_configuration_confirm_finish (RUNCONF_CONFIGURATION (object), result, &error);
  if (!is_open (self))
    return;
  if (error != NULL)
    {
      take_error (self, error);
      return;
    }

  g_array_set_size (self->versions, self->versions->len - 1);
  if (self->versions->len > 0)
    confirm (self, on_confirmed);
  else
    close_dialog (self, _ ("The changes are kept."));
}

static void
confirm (EditorKeepDialog *self, GAsyncReadyCallback callback)
{
  runconf_configuration_confirm (editor_place_get_configuration (self->place), get_last (self),
                                 NULL, callback, g_object_ref (self));
}

static void
on_keep (EditorKeepDialog *self)
{
  set_sensitive (self, FALSE);
  confirm (self, on_confirmed);
}

static void revert (EditorKeepDialog *self);

/* The values are the old ones. If the user gives one of them the same value once more, the service must
 * not take it for the change that waited for an answer.
 */
static void
on_settled (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorKeepDialog) self = user_data;

  runconf_configuration_confirm_finish (RUNCONF_CONFIGURATION (object), result, NULL);
  if (!is_open (self))
    return;

  forget_last (self);
  if (self->versions->len > 0)
    revert (self);
  else
    close_reverted (self);
}

static void
on_reverted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorKeepDialog) self = user_data;
  g_autoptr (GError) error = NULL;

  editor_revert_finish (EDITOR_PLACE (object), result, &error);
  if (!is_open (self))
    return;

  if (error != NULL)
    show_problem (self, error);
  else
    confirm (self, on_settled);
}

static void
revert (EditorKeepDialog *self)
{
  editor_revert_change (self->place, get_last (self), on_reverted, g_object_ref (self));
}

static void
on_revert (EditorKeepDialog *self)
{
  set_sensitive (self, FALSE);
  revert (self);
}

/* Who closes the window doesn't keep the changes. */
static gboolean
on_close_request (EditorKeepDialog *self)
{
  if (gtk_widget_get_sensitive (self->revert))
    on_revert (self);

  return GDK_EVENT_STOP;
}

static void
editor_keep_dialog_dispose (GObject *object)
{
  EditorKeepDialog *self = EDITOR_KEEP_DIALOG (object);

  stop (self);
  g_clear_weak_pointer (&self->opener);
  g_clear_pointer (&self->versions, g_array_unref);

  G_OBJECT_CLASS (editor_keep_dialog_parent_class)->dispose (object);
}

static void
editor_keep_dialog_class_init (EditorKeepDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_keep_dialog_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/keep-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorKeepDialog, countdown);
  gtk_widget_class_bind_template_child (widget_class, EditorKeepDialog, bar);
  gtk_widget_class_bind_template_child (widget_class, EditorKeepDialog, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorKeepDialog, revert);
  gtk_widget_class_bind_template_child (widget_class, EditorKeepDialog, keep);
  gtk_widget_class_bind_template_callback (widget_class, on_close_request);
  gtk_widget_class_bind_template_callback (widget_class, on_keep);
  gtk_widget_class_bind_template_callback (widget_class, on_revert);
}

static void
editor_keep_dialog_init (EditorKeepDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * editor_keep_dialog_show:
 * @opener: the widget that the changes were applied with
 * @versions: (element-type guint64): versions that wait for a confirmation
 * @seconds: the time that the service waits for it
 */
void
editor_keep_dialog_show (GtkWidget *opener, EditorPlace *place, GArray *versions, guint seconds)
{
  EditorKeepDialog *self
      = g_object_new (EDITOR_TYPE_KEEP_DIALOG, "transient-for", gtk_widget_get_root (opener), NULL);

  g_set_weak_pointer (&self->opener, opener);
  self->place = g_object_ref (place);
  self->versions = g_array_ref (versions);
  self->seconds = seconds;
  self->deadline = g_get_monotonic_time () + seconds * G_USEC_PER_SEC;
  self->ticker = g_timeout_add (TICK, on_tick, self);
  g_signal_connect_swapped (place, "changed", G_CALLBACK (on_changed), self);

  show_left (self);
  gtk_window_present (GTK_WINDOW (self));
}
