/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-text.h"

#include "editor/scalar.h"

struct _EditorControlText
{
  EditorControl parent_instance;

  AdwActionRow *row;
  GtkEditable *input;
  EditorValueType type;
};

G_DEFINE_FINAL_TYPE (EditorControlText, editor_control_text, EDITOR_TYPE_CONTROL)

static void
editor_control_text_describe (EditorControl *control, RunconfDescription *description)
{
  EditorControlText *self = EDITOR_CONTROL_TEXT (control);
  g_autofree char *hint = editor_facts_make_hint (description);

  self->type = editor_facts_get_type (description);
  adw_action_row_set_subtitle (self->row, hint);
}

static void
editor_control_text_set_value (EditorControl *control, GVariant *value)
{
  EditorControlText *self = EDITOR_CONTROL_TEXT (control);
  g_autofree char *text = value != NULL ? editor_scalar_write (value, self->type) : g_strdup ("");

  gtk_editable_set_text (self->input, text);
}

static GVariant *
editor_control_text_get_value (EditorControl *control, GError **error)
{
  EditorControlText *self = EDITOR_CONTROL_TEXT (control);

  return editor_scalar_read (gtk_editable_get_text (self->input), self->type, error);
}

static void
editor_control_text_class_init (EditorControlTextClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  control_class->describe = editor_control_text_describe;
  control_class->set_value = editor_control_text_set_value;
  control_class->get_value = editor_control_text_get_value;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/control-text.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlText, row);
  gtk_widget_class_bind_template_child (widget_class, EditorControlText, input);
  gtk_widget_class_bind_template_callback (widget_class, editor_control_edited);
}

static void
editor_control_text_init (EditorControlText *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_control_set_input (EDITOR_CONTROL (self), GTK_WIDGET (self->input));
}
