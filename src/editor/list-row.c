/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/list-row.h"

#include <glib/gi18n.h>

#include "editor/row.h"
#include "editor/scalar.h"
#include "editor/value-text.h"

struct _EditorListRow
{
  GtkListBoxRow parent_instance;

  GtkWidget *entry;
  GtkWidget *open;
  GtkLabel *text;
  GtkWidget *up;
  GtkWidget *remove;
  GVariant *whole; /* (nullable): the value, if it is no scalar */
  EditorValueType type;
};

enum
{
  SIGNAL_EDITED,
  SIGNAL_UP,
  SIGNAL_REMOVE,
  SIGNAL_OPEN,
  N_SIGNALS,
};

static const char *const signal_names[] = { "edited", "up", "remove", "open" };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EditorListRow, editor_list_row, GTK_TYPE_LIST_BOX_ROW)

static void
on_edited (EditorListRow *self)
{
  g_signal_emit (self, signals[SIGNAL_EDITED], 0);
}

static void
on_up (EditorListRow *self)
{
  g_signal_emit (self, signals[SIGNAL_UP], 0);
}

static void
on_remove (EditorListRow *self)
{
  g_signal_emit (self, signals[SIGNAL_REMOVE], 0);
}

static void
on_open (EditorListRow *self)
{
  g_signal_emit (self, signals[SIGNAL_OPEN], 0);
}

/* Returns: (transfer full) (nullable): the element */
GVariant *
editor_list_row_get_value (EditorListRow *self, GError **error)
{
  if (self->whole != NULL)
    return g_variant_ref (self->whole);

  return editor_scalar_read (gtk_editable_get_text (GTK_EDITABLE (self->entry)), self->type, error);
}

/* @position: from 0 */
void
editor_list_row_set_position (EditorListRow *self, guint position)
{
  g_autofree char *name = g_strdup_printf (_ ("Element %u"), position + 1);
  g_autofree char *up = g_strdup_printf (_ ("Move Element %u Up"), position + 1);
  g_autofree char *gone = g_strdup_printf (_ ("Remove Element %u"), position + 1);

  editor_row_name (GTK_WIDGET (self), name);
  editor_row_name (self->entry, name);
  editor_row_name (self->open, name);
  editor_row_name (self->up, up);
  editor_row_name (self->remove, gone);
  gtk_widget_set_sensitive (self->up, position > 0);
}

static gboolean
editor_list_row_grab_focus (GtkWidget *widget)
{
  EditorListRow *self = EDITOR_LIST_ROW (widget);

  return gtk_widget_grab_focus (self->whole != NULL ? self->open : self->entry);
}

static void
editor_list_row_finalize (GObject *object)
{
  g_clear_pointer (&EDITOR_LIST_ROW (object)->whole, g_variant_unref);

  G_OBJECT_CLASS (editor_list_row_parent_class)->finalize (object);
}

static void
editor_list_row_class_init (EditorListRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = editor_list_row_finalize;
  widget_class->grab_focus = editor_list_row_grab_focus;

  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new (signal_names[i], EDITOR_TYPE_LIST_ROW, G_SIGNAL_RUN_LAST, 0, NULL,
                               NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/list-row.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorListRow, entry);
  gtk_widget_class_bind_template_child (widget_class, EditorListRow, open);
  gtk_widget_class_bind_template_child (widget_class, EditorListRow, text);
  gtk_widget_class_bind_template_child (widget_class, EditorListRow, up);
  gtk_widget_class_bind_template_child (widget_class, EditorListRow, remove);
  gtk_widget_class_bind_template_callback (widget_class, on_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_up);
  gtk_widget_class_bind_template_callback (widget_class, on_remove);
  gtk_widget_class_bind_template_callback (widget_class, on_open);
}

static void
editor_list_row_init (EditorListRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
show_whole (EditorListRow *self, GVariant *value)
{
  g_autofree char *line = editor_value_to_line (value);

  self->whole = g_variant_ref (value);
  gtk_label_set_text (self->text, line);
  gtk_widget_set_visible (self->entry, FALSE);
  gtk_widget_set_visible (self->open, TRUE);
}

/* @type: the type of the text in the entry */
GtkWidget *
editor_list_row_new (GVariant *value, EditorValueType type)
{
  EditorListRow *self = g_object_new (EDITOR_TYPE_LIST_ROW, NULL);
  g_autofree char *text = NULL;

  self->type = type;
  if (!editor_scalar_is (value))
    {
      show_whole (self, value);
      return GTK_WIDGET (self);
    }

  text = editor_scalar_write (value, type);
  gtk_editable_set_text (GTK_EDITABLE (self->entry), text);

  return GTK_WIDGET (self);
}
