/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-lines.h"

#include "editor/facts.h"

struct _EditorControlLines
{
  EditorControl parent_instance;

  GtkWidget *input;
  GtkTextBuffer *buffer;
  GtkLabel *hint;
};

G_DEFINE_FINAL_TYPE (EditorControlLines, editor_control_lines, EDITOR_TYPE_CONTROL)

static void
editor_control_lines_describe (EditorControl *control, RunconfDescription *description)
{
  EditorControlLines *self = EDITOR_CONTROL_LINES (control);
  g_autofree char *hint = editor_facts_make_hint (description);

  gtk_label_set_text (self->hint, hint);
  gtk_widget_set_visible (GTK_WIDGET (self->hint), *hint != '\0');
}

static void
editor_control_lines_set_value (EditorControl *control, GVariant *value)
{
  gboolean is_text = value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);

  gtk_text_buffer_set_text (EDITOR_CONTROL_LINES (control)->buffer,
                            is_text ? g_variant_get_string (value, NULL) : "", -1);
}

static GVariant *
editor_control_lines_get_value (EditorControl *control, GError **error)
{
  GtkTextBuffer *buffer = EDITOR_CONTROL_LINES (control)->buffer;
  GtkTextIter start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);

  return g_variant_ref_sink (
      g_variant_new_take_string (gtk_text_buffer_get_text (buffer, &start, &end, TRUE)));
}

static void
editor_control_lines_class_init (EditorControlLinesClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  control_class->describe = editor_control_lines_describe;
  control_class->set_value = editor_control_lines_set_value;
  control_class->get_value = editor_control_lines_get_value;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/runconf/Editor/control-lines.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlLines, input);
  gtk_widget_class_bind_template_child (widget_class, EditorControlLines, buffer);
  gtk_widget_class_bind_template_child (widget_class, EditorControlLines, hint);
  gtk_widget_class_bind_template_callback (widget_class, editor_control_edited);
}

static void
editor_control_lines_init (EditorControlLines *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_control_set_input (EDITOR_CONTROL (self), self->input);
}
