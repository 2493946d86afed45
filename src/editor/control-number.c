/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-number.h"

#include <math.h>

#include <gdk/gdkkeysyms.h>

#include "editor/scalar.h"

/* A GtkSpinButton has doubles, which not all whole numbers are, and changes a number that is out of its
 * range without a word. Here a wrong number stays, with the message of the schema.
 */
struct _EditorControlNumber
{
  EditorControl parent_instance;

  AdwActionRow *row;
  GtkEntry *input;
  EditorValueType type;
  double minimum;
  double maximum;
  double step;
};

G_DEFINE_FINAL_TYPE (EditorControlNumber, editor_control_number, EDITOR_TYPE_CONTROL)

static GVariant *
read_input (EditorControlNumber *self, GError **error)
{
  g_autofree char *text = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->input)));

  return editor_scalar_read (g_strstrip (text), self->type, error);
}

/* A screen reader says the number of a spin button. */
static void
tell_number (EditorControlNumber *self)
{
  g_autoptr (GVariant) value = read_input (self, NULL);
  double number;

  if (value != NULL && editor_facts_read_number (value, &number))
    gtk_accessible_update_property (GTK_ACCESSIBLE (self->input), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                    number, GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, self->minimum,
                                    GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, self->maximum, -1);
}

static void
on_text (EditorControlNumber *self)
{
  tell_number (self);
  editor_control_edited (EDITOR_CONTROL (self));
}

static void
set_text (EditorControlNumber *self, GVariant *value)
{
  g_autofree char *text = editor_scalar_write (value, self->type);

  gtk_editable_set_text (GTK_EDITABLE (self->input), text);
}

/* Returns: (transfer floating): the number that is some steps from a value, in the form of the value */
static GVariant *
add (GVariant *value, double difference, double minimum, double maximum)
{
  gint64 sum;
  double number = 0;

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64) && floor (difference) == difference
      && !__builtin_add_overflow (g_variant_get_int64 (value), (gint64) difference, &sum))
    return g_variant_new_int64 ((double) sum < minimum   ? (gint64) minimum
                                : (double) sum > maximum ? (gint64) maximum
                                                         : sum);

  editor_facts_read_number (value, &number);

  return g_variant_new_double (CLAMP (number + difference, minimum, maximum));
}

static void
move (EditorControlNumber *self, double steps)
{
  g_autoptr (GVariant) value = read_input (self, NULL);
  g_autoptr (GVariant) next = NULL;

  if (value == NULL)
    return;

  next = g_variant_ref_sink (add (value, steps * self->step, self->minimum, self->maximum));
  set_text (self, next);
  gtk_editable_set_position (GTK_EDITABLE (self->input), -1);
}

static void
on_less (EditorControlNumber *self)
{
  move (self, -1);
}

static void
on_more (EditorControlNumber *self)
{
  move (self, 1);
}

static gboolean
on_key (EditorControlNumber *self, guint key, guint code, GdkModifierType modifiers)
{
  switch (key)
    {
    case GDK_KEY_Up:
      move (self, 1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Down:
      move (self, -1);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Up:
      move (self, 10);
      return GDK_EVENT_STOP;
    case GDK_KEY_Page_Down:
      move (self, -10);
      return GDK_EVENT_STOP;
    default:
      return GDK_EVENT_PROPAGATE;
    }
}

static void
editor_control_number_describe (EditorControl *control, RunconfDescription *description)
{
  EditorControlNumber *self = EDITOR_CONTROL_NUMBER (control);
  g_autofree char *hint = editor_facts_make_hint (description);

  self->type = editor_facts_get_type (description);
  self->minimum = -G_MAXDOUBLE;
  self->maximum = G_MAXDOUBLE;
  self->step = 1;
  editor_facts_get_number (description, "minimum", &self->minimum);
  editor_facts_get_number (description, "maximum", &self->maximum);
  editor_facts_get_number (description, "multipleOf", &self->step);
  adw_action_row_set_subtitle (self->row, hint);
}

static void
editor_control_number_set_value (EditorControl *control, GVariant *value)
{
  EditorControlNumber *self = EDITOR_CONTROL_NUMBER (control);

  if (value != NULL)
    set_text (self, value);
  else
    gtk_editable_set_text (GTK_EDITABLE (self->input), "");
}

static GVariant *
editor_control_number_get_value (EditorControl *control, GError **error)
{
  return read_input (EDITOR_CONTROL_NUMBER (control), error);
}

static void
editor_control_number_class_init (EditorControlNumberClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  control_class->describe = editor_control_number_describe;
  control_class->set_value = editor_control_number_set_value;
  control_class->get_value = editor_control_number_get_value;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/runconf/Editor/control-number.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlNumber, row);
  gtk_widget_class_bind_template_child (widget_class, EditorControlNumber, input);
  gtk_widget_class_bind_template_callback (widget_class, on_text);
  gtk_widget_class_bind_template_callback (widget_class, on_key);
  gtk_widget_class_bind_template_callback (widget_class, on_less);
  gtk_widget_class_bind_template_callback (widget_class, on_more);
}

static void
editor_control_number_init (EditorControlNumber *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_control_set_input (EDITOR_CONTROL (self), GTK_WIDGET (self->input));
}
