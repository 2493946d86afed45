/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-choice.h"

#include "editor/accessible.h"
#include "editor/value-text.h"

struct _EditorControlChoice
{
  EditorControl parent_instance;

  GtkDropDown *input;
  GPtrArray *values; /* of GVariant, in the order of the schema */
};

G_DEFINE_FINAL_TYPE (EditorControlChoice, editor_control_choice, EDITOR_TYPE_CONTROL)

static void
show_values (EditorControlChoice *self)
{
  g_autoptr (GtkStringList) texts = gtk_string_list_new (NULL);

  for (guint i = 0; i < self->values->len; i++)
    gtk_string_list_take (texts, editor_value_to_line (self->values->pdata[i]));

  gtk_drop_down_set_model (self->input, G_LIST_MODEL (texts));
  /* a long list gets a field that searches in it */
  gtk_drop_down_set_enable_search (self->input, self->values->len > 20);
}

static gboolean
is_equal (gconstpointer value, gconstpointer other)
{
  return g_variant_equal (value, other);
}

static void
editor_control_choice_describe (EditorControl *control, RunconfDescription *description)
{
  EditorControlChoice *self = EDITOR_CONTROL_CHOICE (control);
  g_autoptr (GVariant) allowed = runconf_description_lookup (description, "enum");
  gsize n = allowed != NULL ? g_variant_n_children (allowed) : 0;
  guint selected = gtk_drop_down_get_selected (self->input);

  g_ptr_array_set_size (self->values, 0);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (allowed, i);

      g_ptr_array_add (self->values, g_variant_get_variant (item));
    }

  show_values (self);
  gtk_drop_down_set_selected (self->input, selected);
  /* the keys go to the button in it */
  editor_accessible_name_button (GTK_WIDGET (self->input), editor_control_get_title (control));
}

/* A value that the schema doesn't allow any more leaves the choice empty. */
static void
editor_control_choice_set_value (EditorControl *control, GVariant *value)
{
  EditorControlChoice *self = EDITOR_CONTROL_CHOICE (control);
  guint position = GTK_INVALID_LIST_POSITION;

  if (value != NULL)
    g_ptr_array_find_with_equal_func (self->values, value, is_equal, &position);

  gtk_drop_down_set_selected (self->input, position);
}

static GVariant *
editor_control_choice_get_value (EditorControl *control, GError **error)
{
  EditorControlChoice *self = EDITOR_CONTROL_CHOICE (control);
  guint position = gtk_drop_down_get_selected (self->input);

  return position < self->values->len ? g_variant_ref (self->values->pdata[position]) : NULL;
}

static void
editor_control_choice_finalize (GObject *object)
{
  g_ptr_array_unref (EDITOR_CONTROL_CHOICE (object)->values);

  G_OBJECT_CLASS (editor_control_choice_parent_class)->finalize (object);
}

static void
editor_control_choice_class_init (EditorControlChoiceClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = editor_control_choice_finalize;
  control_class->describe = editor_control_choice_describe;
  control_class->set_value = editor_control_choice_set_value;
  control_class->get_value = editor_control_choice_get_value;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/org/runconf/Editor/control-choice.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlChoice, input);
  gtk_widget_class_bind_template_callback (widget_class, editor_control_edited);
}

static void
editor_control_choice_init (EditorControlChoice *self)
{
  self->values = g_ptr_array_new_with_free_func ((GDestroyNotify) g_variant_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_accessible_name_rows (self->input);
  editor_control_set_input (EDITOR_CONTROL (self), GTK_WIDGET (self->input));
}
