/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/value-page.h"

#include <glib/gi18n.h>

#include "editor/path.h"
#include "editor/value-text.h"

struct _EditorValuePage
{
  EditorPage parent_instance;

  GtkLabel *title;
  GtkLabel *description;
  GtkLabel *problem;
  GtkLabel *path;
  GtkLabel *value;
  GtkLabel *fallback;
  GtkLabel *origin;
};

G_DEFINE_FINAL_TYPE (EditorValuePage, editor_value_page, EDITOR_TYPE_PAGE)

/* A label without a text takes no room, and a screen reader doesn't stop at it. */
static void
set_text (GtkLabel *label, const char *text)
{
  gtk_label_set_text (label, text != NULL ? text : "");
  gtk_widget_set_visible (GTK_WIDGET (label), text != NULL);
}

/* Takes ownership of @value. */
static void
set_value (GtkLabel *label, GVariant *value)
{
  g_autoptr (GVariant) owned = value;
  g_autofree char *text = value != NULL ? editor_value_to_line (value) : NULL;

  gtk_label_set_text (label, text != NULL ? text : _ ("none"));
}

static char *
make_origin (RunconfDescription *description)
{
  const char *file = runconf_description_get_file (description);

  if (file == NULL)
    return g_strdup ("");

  return g_strdup_printf ("%s:%u", file, runconf_description_get_line (description));
}

static void
show_description (EditorValuePage *self, RunconfDescription *description)
{
  const char *title = runconf_description_get_title (description);
  g_autofree char *origin = make_origin (description);

  set_text (self->title, title != NULL ? title : runconf_description_get_path (description));
  set_text (self->description, runconf_description_get_description (description));
  set_text (self->problem, runconf_description_get_lock (description));
  gtk_label_set_text (self->path, runconf_description_get_path (description));
  set_value (self->value, runconf_description_get_value (description));
  set_value (self->fallback, runconf_description_get_default_value (description));
  gtk_label_set_text (self->origin, origin);
}

static void
on_described (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValuePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDescription) description
      = runconf_configuration_describe_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (description != NULL)
    show_description (self, description);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    set_text (self->problem, error->message);
}

static void
editor_value_page_show (EditorPage *page)
{
  runconf_configuration_describe (editor_page_get_configuration (page), editor_page_get_path (page),
                                  editor_page_restart (page), on_described, g_object_ref (page));
}

static void
editor_value_page_changed (EditorPage *page, RunconfChange *change)
{
  if (change == NULL || runconf_change_get_n_omitted (change) > 0
      || editor_path_is_touched (editor_page_get_path (page), runconf_change_get_paths (change)))
    editor_value_page_show (page);
}

static void
editor_value_page_class_init (EditorValuePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  EDITOR_PAGE_CLASS (klass)->show = editor_value_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_value_page_changed;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/value-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, title);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, description);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, path);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, value);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, fallback);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, origin);
}

static void
editor_value_page_init (EditorValuePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
