/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-switch.h"

struct _EditorControlSwitch
{
  EditorControl parent_instance;

  GtkSwitch *input;
};

G_DEFINE_FINAL_TYPE (EditorControlSwitch, editor_control_switch, EDITOR_TYPE_CONTROL)

static void
editor_control_switch_describe (EditorControl *control, RunconfDescription *description)
{
}

static void
editor_control_switch_set_value (EditorControl *control, GVariant *value)
{
  gtk_switch_set_active (EDITOR_CONTROL_SWITCH (control)->input,
                         value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
                             && g_variant_get_boolean (value));
}

static GVariant *
editor_control_switch_get_value (EditorControl *control, GError **error)
{
  gboolean is_active = gtk_switch_get_active (EDITOR_CONTROL_SWITCH (control)->input);

  return g_variant_ref_sink (g_variant_new_boolean (is_active));
}

static void
editor_control_switch_class_init (EditorControlSwitchClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  control_class->describe = editor_control_switch_describe;
  control_class->set_value = editor_control_switch_set_value;
  control_class->get_value = editor_control_switch_get_value;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/runconf/Editor/control-switch.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlSwitch, input);
  gtk_widget_class_bind_template_callback (widget_class, editor_control_edited);
}

static void
editor_control_switch_init (EditorControlSwitch *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_control_set_input (EDITOR_CONTROL (self), GTK_WIDGET (self->input));
}
