/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/text-page.h"

#include <gtksourceview/gtksource.h>

struct _EditorTextPage
{
  EditorPage parent_instance;

  GtkSourceView *view;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (EditorTextPage, editor_text_page, EDITOR_TYPE_PAGE)

static GtkTextBuffer *
get_buffer (EditorTextPage *self)
{
  return gtk_text_view_get_buffer (GTK_TEXT_VIEW (self->view));
}

static void
on_dumped (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorTextPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text
      = runconf_configuration_dump_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  gtk_label_set_text (self->problem, error != NULL ? error->message : "");
  if (text != NULL)
    gtk_text_buffer_set_text (get_buffer (self), text, -1);
}

static void
editor_text_page_show (EditorPage *page)
{
  runconf_configuration_dump (editor_page_get_configuration (page), "", RUNCONF_LAYER_OVERRIDE,
                              RUNCONF_FORMAT_YAML, RUNCONF_DUMP_NONE, 0, editor_page_restart (page),
                              on_dumped, g_object_ref (page));
}

static void
editor_text_page_changed (EditorPage *page, RunconfChange *change)
{
  editor_text_page_show (page);
}

static void
editor_text_page_class_init (EditorTextPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  EDITOR_PAGE_CLASS (klass)->show = editor_text_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_text_page_changed;

  g_type_ensure (GTK_SOURCE_TYPE_VIEW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/text-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, view);
  gtk_widget_class_bind_template_child (widget_class, EditorTextPage, problem);
}

static void
editor_text_page_init (EditorTextPage *self)
{
  GtkSourceLanguageManager *manager = gtk_source_language_manager_get_default ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_source_buffer_set_language (GTK_SOURCE_BUFFER (get_buffer (self)),
                                  gtk_source_language_manager_get_language (manager, "yaml"));
}
