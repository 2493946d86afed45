/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-secret.h"

#include <glib/gi18n.h>

#include "editor/scalar.h"

struct _EditorControlSecret
{
  EditorControl parent_instance;

  AdwActionRow *row;
  GtkEntry *input;
  GtkButton *button;
  EditorValueType type;
};

enum
{
  SIGNAL_REVEAL,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EditorControlSecret, editor_control_secret, EDITOR_TYPE_CONTROL)

static void
set_visible (EditorControlSecret *self, gboolean is_visible)
{
  gtk_entry_set_visibility (self->input, is_visible);
  gtk_button_set_label (self->button, is_visible ? _ ("Hide") : _ ("Show"));
}

/* The service is asked for the secret that it has. A secret that the user types is here already. */
static void
on_button (EditorControlSecret *self)
{
  gboolean is_visible = gtk_entry_get_visibility (self->input);
  gboolean is_empty = gtk_entry_get_text_length (self->input) == 0;

  if (!is_visible && is_empty)
    g_signal_emit (self, signals[SIGNAL_REVEAL], 0);
  else
    set_visible (self, !is_visible);
}

/* Shows a secret that the service has returned. */
void
editor_control_secret_reveal (EditorControlSecret *self, GVariant *value)
{
  editor_control_set_value (EDITOR_CONTROL (self), value);
  gtk_editable_set_editable (GTK_EDITABLE (self->input), editor_scalar_is (value));
  set_visible (self, TRUE);
}

static void
editor_control_secret_describe (EditorControl *control, RunconfDescription *description)
{
  EditorControlSecret *self = EDITOR_CONTROL_SECRET (control);
  g_autofree char *hint = editor_facts_make_hint (description);

  self->type = editor_facts_get_type (description);
  adw_action_row_set_subtitle (self->row, hint);
}

static void
editor_control_secret_set_value (EditorControl *control, GVariant *value)
{
  EditorControlSecret *self = EDITOR_CONTROL_SECRET (control);
  g_autofree char *text = value != NULL ? editor_scalar_write (value, self->type) : g_strdup ("");

  set_visible (self, FALSE);
  gtk_editable_set_text (GTK_EDITABLE (self->input), text);
}

/* A user who may not change the secret may still see it, if polkit allows that. */
static void
editor_control_secret_set_writable (EditorControl *control, gboolean is_writable)
{
  gtk_widget_set_sensitive (GTK_WIDGET (EDITOR_CONTROL_SECRET (control)->input), is_writable);
}

static GVariant *
editor_control_secret_get_value (EditorControl *control, GError **error)
{
  EditorControlSecret *self = EDITOR_CONTROL_SECRET (control);

  return editor_scalar_read (gtk_editable_get_text (GTK_EDITABLE (self->input)), self->type, error);
}

static void
editor_control_secret_class_init (EditorControlSecretClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  control_class->describe = editor_control_secret_describe;
  control_class->set_value = editor_control_secret_set_value;
  control_class->set_writable = editor_control_secret_set_writable;
  control_class->get_value = editor_control_secret_get_value;

  signals[SIGNAL_REVEAL] = g_signal_new ("reveal", EDITOR_TYPE_CONTROL_SECRET, G_SIGNAL_RUN_LAST, 0,
                                         NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/runconf/Editor/control-secret.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlSecret, row);
  gtk_widget_class_bind_template_child (widget_class, EditorControlSecret, input);
  gtk_widget_class_bind_template_child (widget_class, EditorControlSecret, button);
  gtk_widget_class_bind_template_callback (widget_class, editor_control_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_button);
}

static void
editor_control_secret_init (EditorControlSecret *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_control_set_input (EDITOR_CONTROL (self), GTK_WIDGET (self->input));
}
