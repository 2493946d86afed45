/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-list.h"

#include "editor/focus.h"
#include "editor/list-row.h"
#include "editor/path.h"
#include "editor/row.h"
#include "editor/scalar.h"

struct _EditorControlList
{
  EditorControl parent_instance;

  GtkListBox *list;
  GtkLabel *hint;
  char *path;
  EditorValueType type; /* of the elements */
};

G_DEFINE_FINAL_TYPE (EditorControlList, editor_control_list, EDITOR_TYPE_CONTROL)

static void
number_rows (EditorControlList *self)
{
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    editor_list_row_set_position (EDITOR_LIST_ROW (row), (guint) i);
}

static void
on_edited (EditorControlList *self)
{
  number_rows (self);
  editor_control_edited (EDITOR_CONTROL (self));
}

static void
take_out (EditorControlList *self, GtkListBoxRow *row)
{
  editor_focus_leave (GTK_WIDGET (self->list));
  gtk_list_box_remove (self->list, GTK_WIDGET (row));
}

static void
on_up (EditorControlList *self, GtkListBoxRow *row)
{
  int position = gtk_list_box_row_get_index (row);

  g_object_ref (row);
  take_out (self, row);
  gtk_list_box_insert (self->list, GTK_WIDGET (row), position - 1);
  g_object_unref (row);
  on_edited (self);
  gtk_widget_grab_focus (GTK_WIDGET (row));
}

/* The keys go on at the row that has the place of the removed one. */
static void
on_remove (EditorControlList *self, GtkListBoxRow *row)
{
  int position = gtk_list_box_row_get_index (row);
  GtkListBoxRow *next;

  take_out (self, row);
  on_edited (self);
  next = gtk_list_box_get_row_at_index (self->list, position);
  if (next != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (next));
}

static void
on_open (EditorControlList *self, GtkListBoxRow *row)
{
  g_autofree char *key = g_strdup_printf ("%d", gtk_list_box_row_get_index (row));
  g_autofree char *path = editor_path_append (self->path, key);

  gtk_widget_activate_action (GTK_WIDGET (self), "place.reveal", "s", path);
}

static GtkWidget *
append (EditorControlList *self, GVariant *value)
{
  GtkWidget *row = editor_list_row_new (value, self->type);

  g_signal_connect_swapped (row, "edited", G_CALLBACK (on_edited), self);
  g_signal_connect_swapped (row, "up", G_CALLBACK (on_up), self);
  g_signal_connect_swapped (row, "remove", G_CALLBACK (on_remove), self);
  g_signal_connect_swapped (row, "open", G_CALLBACK (on_open), self);
  gtk_list_box_append (self->list, row);

  return row;
}

/* Returns: (transfer full) (nullable): the last element, if it is a mapping or a sequence */
static GVariant *
copy_last (EditorControlList *self)
{
  g_autoptr (GVariant) value = NULL;
  GtkListBoxRow *last = NULL, *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    last = row;
  value = last != NULL ? editor_list_row_get_value (EDITOR_LIST_ROW (last), NULL) : NULL;

  return value != NULL && !editor_scalar_is (value) ? g_steal_pointer (&value) : NULL;
}

/* A new mapping begins as a copy, so that it has the keys that the schema requires. */
static void
on_add (EditorControlList *self)
{
  g_autoptr (GVariant) copy = copy_last (self);
  g_autoptr (GVariant) value
      = copy != NULL ? g_steal_pointer (&copy) : g_variant_ref_sink (g_variant_new_string (""));

  gtk_widget_grab_focus (append (self, value));
  on_edited (self);
}

static EditorValueType
get_type_of (GVariant *item)
{
  g_autoptr (GVariant) value = g_variant_get_variant (item);

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return EDITOR_VALUE_STRING;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    return EDITOR_VALUE_BOOLEAN;
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return EDITOR_VALUE_BINARY;

  return editor_facts_read_number (value, &(double){ 0 }) ? EDITOR_VALUE_NUMBER : EDITOR_VALUE_ANY;
}

/* @list: (nullable): a sequence
 *
 * Returns: the type that all elements have
 */
static EditorValueType
find_type (GVariant *list)
{
  gsize n = list != NULL ? g_variant_n_children (list) : 0;
  EditorValueType type = EDITOR_VALUE_ANY;

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (list, i);
      EditorValueType next = get_type_of (item);

      if (i > 0 && next != type)
        return EDITOR_VALUE_ANY;
      type = next;
    }

  return type;
}

static EditorValueType
choose_type (RunconfDescription *description)
{
  g_autoptr (GVariant) value = runconf_description_get_value (description);
  g_autoptr (GVariant) fallback = runconf_description_get_default_value (description);
  EditorValueType type = find_type (value);

  return type == EDITOR_VALUE_ANY && value != NULL && g_variant_n_children (value) == 0
             ? find_type (fallback)
             : type;
}

static void
editor_control_list_describe (EditorControl *control, RunconfDescription *description)
{
  EditorControlList *self = EDITOR_CONTROL_LIST (control);
  g_autofree char *hint = editor_facts_make_hint (description);

  g_free (self->path);
  self->path = g_strdup (runconf_description_get_path (description));
  self->type = choose_type (description);
  gtk_label_set_text (self->hint, hint);
}

static void
editor_control_list_set_value (EditorControl *control, GVariant *value)
{
  EditorControlList *self = EDITOR_CONTROL_LIST (control);
  gboolean is_list = value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE ("av"));
  gsize n = is_list ? g_variant_n_children (value) : 0;

  editor_focus_leave (GTK_WIDGET (self->list));
  editor_rows_remove (self->list);
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) item = g_variant_get_child_value (value, i);
      g_autoptr (GVariant) element = g_variant_get_variant (item);

      append (self, element);
    }
  number_rows (self);
}

static GVariant *
editor_control_list_get_value (EditorControl *control, GError **error)
{
  EditorControlList *self = EDITOR_CONTROL_LIST (control);
  g_auto (GVariantBuilder) elements = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("av"));
  GtkListBoxRow *row;

  for (int i = 0; (row = gtk_list_box_get_row_at_index (self->list, i)) != NULL; i++)
    {
      g_autoptr (GVariant) element = editor_list_row_get_value (EDITOR_LIST_ROW (row), error);

      if (element == NULL)
        return NULL;
      g_variant_builder_add (&elements, "v", element);
    }

  return g_variant_ref_sink (g_variant_builder_end (&elements));
}

static gboolean
editor_control_list_grab_focus (GtkWidget *widget)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (EDITOR_CONTROL_LIST (widget)->list, 0);

  return row != NULL && gtk_widget_grab_focus (GTK_WIDGET (row));
}

static void
editor_control_list_finalize (GObject *object)
{
  g_free (EDITOR_CONTROL_LIST (object)->path);

  G_OBJECT_CLASS (editor_control_list_parent_class)->finalize (object);
}

static void
editor_control_list_class_init (EditorControlListClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = editor_control_list_finalize;
  widget_class->grab_focus = editor_control_list_grab_focus;
  control_class->describe = editor_control_list_describe;
  control_class->set_value = editor_control_list_set_value;
  control_class->get_value = editor_control_list_get_value;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/control-list.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlList, list);
  gtk_widget_class_bind_template_child (widget_class, EditorControlList, hint);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
}

static void
editor_control_list_init (EditorControlList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_control_set_input (EDITOR_CONTROL (self), GTK_WIDGET (self->list));
}
