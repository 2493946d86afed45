/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/value-form.h"

#include <string.h>

#include <glib/gi18n.h>

#include "editor/control-secret.h"
#include "editor/controls.h"
#include "editor/draft.h"
#include "editor/facts.h"
#include "editor/focus.h"
#include "editor/label.h"
#include "editor/lock-bar.h"
#include "editor/mapping-view.h"
#include "editor/value-text.h"

struct _EditorValueForm
{
  AdwPreferencesGroup parent_instance;

  AdwBin *bin;
  GtkLabel *problem;
  EditorLockBar *lock;
  GtkWidget *facts;
  GtkWidget *open;
  GtkLabel *state;
  GtkLabel *in_force;
  AdwActionRow *fallback;
  GtkWidget *reset;
  GtkWidget *unset;
  GtkWidget *boot_row;
  GtkSwitch *boot;

  EditorDraft *draft;       /* (nullable): the user's change of the path */
  RunconfDescription *said; /* (nullable): what the service has said about the path */
  EditorControl *control;   /* (nullable): in the bin, unless the value is a mapping */
  GCancellable *asking;     /* (nullable): the question for a secret */
  gboolean is_setting;      /* the form itself sets the switch */
  gboolean is_focus_wanted; /* by the control, which isn't there yet */
};

enum
{
  SIGNAL_STALE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EditorValueForm, editor_value_form, ADW_TYPE_PREFERENCES_GROUP)

/* Takes ownership of @value.
 *
 * Returns: (transfer full): the value on one line, or why there is none
 */
static char *
make_line (GVariant *value, gboolean is_secret)
{
  g_autoptr (GVariant) owned = value;

  if (value != NULL)
    return editor_value_to_line (value);

  return g_strdup (is_secret ? _ ("hidden") : _ ("none"));
}

static gboolean
is_secret (EditorValueForm *self)
{
  return self->said != NULL && runconf_description_is_secret (self->said);
}

static EditorPendingFlags
get_flags (EditorValueForm *self)
{
  return (gtk_switch_get_active (self->boot) ? EDITOR_PENDING_BOOT : EDITOR_PENDING_DEFAULT)
         | (is_secret (self) ? EDITOR_PENDING_SECRET : EDITOR_PENDING_DEFAULT);
}

static void
try_change (EditorValueForm *self, EditorVerb verb, GVariant *value)
{
  g_autoptr (EditorPending) pending
      = editor_pending_new (verb, editor_draft_get_path (self->draft), value, get_flags (self));

  editor_draft_try (self->draft, pending);
}

static gboolean
is_in_force (EditorValueForm *self, GVariant *value)
{
  g_autoptr (GVariant) now = self->said != NULL ? runconf_description_get_value (self->said) : NULL;

  return now != NULL && g_variant_equal (now, value);
}

/* The user has changed the control. A change back to the value in force is none. */
static void
on_edited (EditorValueForm *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = editor_control_get_value (self->control, &error);

  if (error != NULL)
    editor_draft_refuse (self->draft, error->message);
  else if (value != NULL && is_in_force (self, value))
    editor_draft_discard (self->draft);
  else if (value != NULL)
    try_change (self, EDITOR_VERB_SET, value);
}

/* Returns: (transfer full) (nullable): the value that the control has to show */
static GVariant *
find_shown (EditorValueForm *self)
{
  EditorPending *pending = editor_draft_get_pending (self->draft);

  if (pending == NULL)
    return runconf_description_get_value (self->said);

  switch (editor_pending_get_verb (pending))
    {
    case EDITOR_VERB_RESET:
      return runconf_description_get_default_value (self->said);
    case EDITOR_VERB_UNSET:
      return NULL;
    default:
      return g_variant_ref (editor_pending_get_value (pending));
    }
}

/* A value that the control has already isn't set again, because that would move the cursor. */
static void
show_value (EditorValueForm *self)
{
  g_autoptr (GVariant) shown = find_shown (self);
  g_autoptr (GVariant) present = NULL;

  if (self->control == NULL)
    return;

  present = editor_control_get_value (self->control, NULL);
  if (shown == NULL || present == NULL || !g_variant_equal (shown, present))
    editor_control_set_value (self->control, shown);
}

static const char *
get_state (EditorValueForm *self)
{
  EditorPending *pending = editor_draft_get_pending (self->draft);

  if (*editor_draft_get_problem (self->draft) != '\0' || pending == NULL)
    return _ ("Can’t be applied");

  switch (editor_pending_get_verb (pending))
    {
    case EDITOR_VERB_RESET:
      return _ ("Gets its default when the changes are applied");
    case EDITOR_VERB_UNSET:
      return _ ("Has no value when the changes are applied");
    default:
      return _ ("Among the changes, not applied yet");
    }
}

static gboolean
is_locked (EditorValueForm *self)
{
  return self->said != NULL && runconf_description_get_lock (self->said) != NULL;
}

static void
show_draft (EditorValueForm *self)
{
  const char *problem = editor_draft_get_problem (self->draft);
  gboolean is_open = editor_draft_is_open (self->draft);

  /* that a value is locked is said already, and isn't the fault of the user */
  editor_label_show (self->problem, is_locked (self) ? NULL : problem);
  if (self->control != NULL)
    editor_control_set_wrong (self->control, *problem != '\0' && !is_locked (self));
  gtk_label_set_text (self->state, get_state (self));
  gtk_widget_set_visible (self->open, is_open);
  gtk_widget_set_visible (GTK_WIDGET (self->in_force), self->said != NULL);
}

/* A draft that has ended was applied or given up: the value may be another one. */
static void
on_draft (EditorValueForm *self)
{
  show_draft (self);
  if (!editor_draft_is_open (self->draft))
    g_signal_emit (self, signals[SIGNAL_STALE], 0);
}

static void
on_discard (EditorValueForm *self)
{
  editor_draft_discard (self->draft);
}

static void
take_back (EditorValueForm *self, EditorVerb verb)
{
  try_change (self, verb, NULL);
  if (self->said != NULL)
    show_value (self);
}

static void
on_reset (EditorValueForm *self)
{
  take_back (self, EDITOR_VERB_RESET);
}

static void
on_unset (EditorValueForm *self)
{
  take_back (self, EDITOR_VERB_UNSET);
}

/* The change that the user has made before is of the other kind now. */
static void
on_boot (EditorValueForm *self)
{
  EditorPending *pending = self->draft != NULL ? editor_draft_get_pending (self->draft) : NULL;

  if (pending != NULL && !self->is_setting)
    try_change (self, editor_pending_get_verb (pending), editor_pending_get_value (pending));
}

static void
stop_asking (EditorValueForm *self)
{
  g_cancellable_cancel (self->asking);
  g_clear_object (&self->asking);
}

static void
on_revealed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValueForm) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value
      = runconf_configuration_fetch_value_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (value != NULL)
    editor_control_secret_reveal (EDITOR_CONTROL_SECRET (self->control), value);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    editor_label_show (self->problem, error->message);
}

static void
on_reveal (EditorValueForm *self)
{
  EditorPlace *place = editor_draft_get_place (self->draft);

  stop_asking (self);
  self->asking = g_cancellable_new ();
  runconf_configuration_fetch_value (editor_place_get_configuration (place),
                                     editor_draft_get_path (self->draft), self->asking, on_revealed,
                                     g_object_ref (self));
}

static void
show_rights (EditorValueForm *self)
{
  gboolean is_open = editor_lock_bar_is_open (self->lock);
  gboolean is_whole = *editor_draft_get_path (self->draft) == '\0';

  if (!is_open)
    editor_focus_leave (GTK_WIDGET (self));
  if (self->control != NULL)
    editor_control_set_writable (self->control, is_open);
  gtk_widget_set_sensitive (self->reset, is_open);
  gtk_widget_set_sensitive (self->unset, is_open && !is_whole);
  gtk_widget_set_sensitive (self->boot_row, is_open);
}

/* A question for a secret has no control any more that would show it. */
static void
make_control (EditorValueForm *self, GType type, const char *title)
{
  GtkWidget *child;

  stop_asking (self);
  if (type == G_TYPE_INVALID)
    {
      child = g_object_new (EDITOR_TYPE_MAPPING_VIEW, NULL);
      g_object_bind_property (self->boot, "active", child, "is-boot", G_BINDING_SYNC_CREATE);
    }
  else
    child = g_object_new (type, "title", title, NULL);

  adw_bin_set_child (self->bin, child);
  self->control = type != G_TYPE_INVALID ? EDITOR_CONTROL (child) : NULL;
  if (self->control != NULL)
    g_signal_connect_object (child, "edited", G_CALLBACK (on_edited), self, G_CONNECT_SWAPPED);
  if (EDITOR_IS_CONTROL_SECRET (child))
    g_signal_connect_object (child, "reveal", G_CALLBACK (on_reveal), self, G_CONNECT_SWAPPED);
}

/* The text that the user types now stays, whatever the value becomes meanwhile. */
static void
ensure_control (EditorValueForm *self, const char *title)
{
  GtkWidget *child = adw_bin_get_child (self->bin);
  GType type = editor_controls_choose (self->said);
  GType wanted = type == G_TYPE_INVALID ? EDITOR_TYPE_MAPPING_VIEW : type;
  gboolean is_new = child == NULL;

  if (is_new || (G_OBJECT_TYPE (child) != wanted && !editor_draft_is_open (self->draft)))
    make_control (self, type, title);
  if (self->control == NULL)
    {
      editor_mapping_view_show (EDITOR_MAPPING_VIEW (adw_bin_get_child (self->bin)),
                                editor_draft_get_place (self->draft), self->said);
      return;
    }

  editor_control_describe (self->control, self->said);
  if (is_new || !editor_draft_is_open (self->draft))
    show_value (self);
}

/* A value for this boot is changed for this boot: another override would have no effect. */
static void
choose_boot (EditorValueForm *self)
{
  EditorPending *pending = editor_draft_get_pending (self->draft);
  gboolean is_boot = pending != NULL
                         ? (editor_pending_get_flags (pending) & EDITOR_PENDING_BOOT) != 0
                         : g_strcmp0 (runconf_description_get_source (self->said), "boot") == 0;

  self->is_setting = TRUE;
  gtk_switch_set_active (self->boot, is_boot);
  self->is_setting = FALSE;
}

static void
set_draft (EditorValueForm *self, EditorDraft *draft)
{
  stop_asking (self);
  if (self->draft != NULL)
    g_signal_handlers_disconnect_by_data (self->draft, self);
  g_set_object (&self->draft, draft);
  if (draft != NULL)
    g_signal_connect_swapped (draft, "notify::is-open", G_CALLBACK (on_draft), self);
}

static gboolean
is_about (EditorValueForm *self, EditorPlace *place, const char *path)
{
  return self->draft != NULL && editor_draft_get_place (self->draft) == place
         && strcmp (editor_draft_get_path (self->draft), path) == 0;
}

/* A control that can't be used has no focus, but something below it may: “Unlock…”, or a text. */
static void
focus_control (EditorValueForm *self)
{
  self->is_focus_wanted = FALSE;
  if (!gtk_widget_grab_focus (adw_bin_get_child (self->bin)))
    gtk_widget_child_focus (GTK_WIDGET (self), GTK_DIR_TAB_FORWARD);
}

/* Gives the focus to the control of the value, also if the service has still to describe the value. */
void
editor_value_form_focus (EditorValueForm *self)
{
  self->is_focus_wanted = TRUE;
  if (adw_bin_get_child (self->bin) != NULL)
    focus_control (self);
}

/* Nothing of the last path stays: neither its text, nor a secret that was shown. */
void
editor_value_form_begin (EditorValueForm *self, EditorPlace *place, const char *path)
{
  g_autoptr (EditorDraft) draft = NULL;

  if (is_about (self, place, path))
    return;

  draft = editor_draft_new (place, path);
  g_clear_pointer (&self->said, runconf_description_unref);
  self->control = NULL;
  self->is_focus_wanted = FALSE;
  adw_bin_set_child (self->bin, NULL);
  editor_lock_bar_begin (self->lock, place, path);
  set_draft (self, draft);
}

static void
set_description (EditorValueForm *self, RunconfDescription *description)
{
  gboolean is_there = description != NULL;

  g_clear_pointer (&self->said, runconf_description_unref);
  self->said = is_there ? runconf_description_ref (description) : NULL;
  gtk_widget_set_visible (GTK_WIDGET (self->bin), is_there);
  editor_lock_bar_show (self->lock, description);
}

static void
show_default (EditorValueForm *self)
{
  GVariant *value = self->said != NULL ? runconf_description_get_default_value (self->said) : NULL;
  g_autofree char *line = make_line (value, is_secret (self));

  adw_action_row_set_subtitle (self->fallback, line);
  gtk_widget_set_visible (self->facts, TRUE);
}

static void
show_in_force (EditorValueForm *self)
{
  g_autofree char *line = make_line (runconf_description_get_value (self->said), is_secret (self));
  /* Translators: the value that is in force until the change is applied */
  g_autofree char *text = g_strdup_printf (_ ("In force: %s"), line);

  gtk_label_set_text (self->in_force, text);
}

/* @title: the name of the value */
void
editor_value_form_show (EditorValueForm *self, RunconfDescription *description, const char *title)
{
  gboolean is_first = adw_bin_get_child (self->bin) == NULL;

  set_description (self, description);
  if (is_first)
    choose_boot (self);
  ensure_control (self, title);
  show_rights (self);
  show_default (self);
  show_in_force (self);
  show_draft (self);
  if (self->is_focus_wanted)
    focus_control (self);
}

/* A path may have no value, only the history of one, or a default that was taken away. */
void
editor_value_form_show_error (EditorValueForm *self, const GError *error)
{
  set_description (self, NULL);
  show_rights (self);
  show_default (self);
  show_draft (self);
  gtk_widget_set_visible (self->facts,
                          editor_draft_is_open (self->draft)
                              || g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND));
  editor_label_show (self->problem, error->message);
}

/* Other rules may accept what they have refused until now, or the other way round. */
void
editor_value_form_check_again (EditorValueForm *self)
{
  if (self->draft != NULL)
    editor_draft_check_again (self->draft);
}

static void
editor_value_form_dispose (GObject *object)
{
  EditorValueForm *self = EDITOR_VALUE_FORM (object);

  set_draft (self, NULL);
  g_clear_pointer (&self->said, runconf_description_unref);

  G_OBJECT_CLASS (editor_value_form_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, bin);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, lock);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, open);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, state);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, facts);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, in_force);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, fallback);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, reset);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, unset);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, boot_row);
  gtk_widget_class_bind_template_child (widget_class, EditorValueForm, boot);
}

static void
editor_value_form_class_init (EditorValueFormClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_value_form_dispose;

  signals[SIGNAL_STALE] = g_signal_new ("stale", EDITOR_TYPE_VALUE_FORM, G_SIGNAL_RUN_LAST, 0, NULL,
                                        NULL, NULL, G_TYPE_NONE, 0);

  g_type_ensure (EDITOR_TYPE_LOCK_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/value-form.ui");
  bind_children (widget_class);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
  gtk_widget_class_bind_template_callback (widget_class, on_reset);
  gtk_widget_class_bind_template_callback (widget_class, on_unset);
  gtk_widget_class_bind_template_callback (widget_class, on_boot);
  gtk_widget_class_bind_template_callback (widget_class, show_rights);
}

static void
editor_value_form_init (EditorValueForm *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
