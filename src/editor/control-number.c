/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-number.h"

#include <math.h>

#include <gdk/gdkkeysyms.h>

#include "editor/integer.h"
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
  EditorInteger lowest; /* the same bounds for whole numbers, which not all are doubles */
  EditorInteger highest;
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

/* Returns: (transfer floating): the number that is some steps from a whole one */
static GVariant *
add_integer (EditorControlNumber *self, EditorInteger number, double difference)
{
  EditorInteger sum = editor_integer_add (number, editor_integer_from_double (difference));

  return editor_integer_to_variant (editor_integer_clamp (sum, self->lowest, self->highest));
}

/* Beyond 2^53, not every step leads to a double.
 *
 * Returns: (transfer floating) (nullable): the number that is some steps from another; %NULL if it isn't
 *   exactly so far away
 */
static GVariant *
add_double (EditorControlNumber *self, double number, double difference)
{
  double sum = number + difference;

  if (fabs (number) >= 0x1p53 && sum - number != difference)
    return NULL;

  return g_variant_new_double (CLAMP (sum, self->minimum, self->maximum));
}

/* Returns: (transfer floating) (nullable): the number that is some steps from a value, in its form */
static GVariant *
add (EditorControlNumber *self, GVariant *value, double difference)
{
  EditorInteger integer;
  double number = 0;

  if (floor (difference) == difference && editor_integer_read (value, &integer))
    return add_integer (self, integer, difference);

  return editor_facts_read_number (value, &number) ? add_double (self, number, difference) : NULL;
}

static void
move (EditorControlNumber *self, double steps)
{
  g_autoptr (GVariant) value = read_input (self, NULL);
  g_autoptr (GVariant) next = value != NULL ? add (self, value, steps * self->step) : NULL;

  if (next == NULL)
    return;

  g_variant_ref_sink (next);
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

/* @bound: the fact, or a number that has no end in its place */
static EditorInteger
get_integer (RunconfDescription *description, const char *fact, double bound)
{
  g_autoptr (GVariant) value = runconf_description_lookup (description, fact);
  EditorInteger integer;

  return value != NULL && editor_integer_read (value, &integer)
             ? integer
             : editor_integer_from_double (bound);
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
  self->lowest = get_integer (description, "minimum", ceil (self->minimum));
  self->highest = get_integer (description, "maximum", floor (self->maximum));
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
