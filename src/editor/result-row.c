/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/result-row.h"

/* Each key of a query gives all rows on the screen other values. So the texts have a fixed height, and a width
 * that doesn't depend on them: GtkLabel would measure its text again and again.
 */
struct _EditorResultRow
{
  GtkBox parent_instance;

  GtkInscription *path;
  GtkInscription *text;
  EditorItem *item; /* (nullable) */
};

G_DEFINE_FINAL_TYPE (EditorResultRow, editor_result_row, GTK_TYPE_BOX)

static void
show_text (EditorResultRow *self)
{
  gtk_inscription_set_text (self->text, editor_item_get_text (self->item));
}

/* @item: (nullable): the value that the row shows from now on */
void
editor_result_row_show (EditorResultRow *self, EditorItem *item)
{
  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  g_set_object (&self->item, item);
  if (item == NULL)
    return;

  gtk_inscription_set_text (self->path, editor_item_get_key (item));
  show_text (self);
  g_signal_connect_swapped (item, "notify::text", G_CALLBACK (show_text), self);
}

static void
editor_result_row_dispose (GObject *object)
{
  editor_result_row_show (EDITOR_RESULT_ROW (object), NULL);

  G_OBJECT_CLASS (editor_result_row_parent_class)->dispose (object);
}

static void
editor_result_row_class_init (EditorResultRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_result_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/result-row.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorResultRow, path);
  gtk_widget_class_bind_template_child (widget_class, EditorResultRow, text);
}

static void
editor_result_row_init (EditorResultRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

EditorResultRow *
editor_result_row_new (void)
{
  return g_object_new (EDITOR_TYPE_RESULT_ROW, NULL);
}
