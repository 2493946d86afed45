/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/value-page.h"

#include <string.h>

#include "editor/change-list.h"
#include "editor/facts.h"
#include "editor/label.h"
#include "editor/layer-list.h"
#include "editor/path.h"
#include "editor/quiet.h"
#include "editor/value-form.h"

/* changes that are shown; the history has all */
#define CHANGES_MAX 5

struct _EditorValuePage
{
  EditorPage parent_instance;

  GtkLabel *title;
  GtkLabel *path;
  GtkLabel *description;
  GtkWidget *deprecated;
  EditorValueForm *form;
  GtkWidget *layers_group;
  GtkListBox *layers;
  GtkWidget *changes_group;
  GtkListBox *changes;
};

G_DEFINE_FINAL_TYPE (EditorValuePage, editor_value_page, EDITOR_TYPE_PAGE)

static gboolean
has_flag (RunconfDescription *description, const char *fact)
{
  g_autoptr (GVariant) value = runconf_description_lookup (description, fact);

  return value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
         && g_variant_get_boolean (value);
}

static const char *
get_title (EditorValuePage *self, RunconfDescription *description)
{
  const char *title = editor_facts_get_title (description);

  return *title != '\0' ? title
                        : editor_place_get_name (editor_page_get_place (EDITOR_PAGE (self)));
}

static void
show_path (EditorValuePage *self, const char *path)
{
  g_autofree char *text = editor_path_to_text (path);

  editor_label_show (self->path, text);
}

static void
show_description (EditorValuePage *self, RunconfDescription *description)
{
  const char *title = get_title (self, description);

  gtk_label_set_text (self->title, title);
  show_path (self, runconf_description_get_path (description));
  editor_label_show (self->description, runconf_description_get_description (description));
  gtk_widget_set_visible (self->deprecated, has_flag (description, "deprecated"));
  editor_value_form_show (self->form, description, title);
  editor_layer_list_show (self->layers, description);
  gtk_widget_set_visible (self->layers_group, TRUE);
}

static void
show_error (EditorValuePage *self, const GError *error)
{
  const char *path = editor_page_get_path (EDITOR_PAGE (self));
  const char *slash = strrchr (path, '/');

  gtk_label_set_text (self->title, slash != NULL ? slash + 1 : path);
  show_path (self, path);
  editor_label_show (self->description, NULL);
  gtk_widget_set_visible (self->deprecated, FALSE);
  editor_value_form_show_error (self->form, error);
  gtk_widget_set_visible (self->layers_group, FALSE);
}

static void
on_described (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValuePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDescription) description
      = runconf_configuration_describe_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (description != NULL)
    show_description (self, description);
  else
    show_error (self, error);
}

/* Without a history, or without the right to read it, there is nothing to show. */
static void
on_history (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorValuePage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (RunconfChange) changes
      = runconf_configuration_history_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  gtk_widget_set_visible (self->changes_group, error == NULL);
  editor_change_list_show (self->changes, changes);
}

static void
editor_value_page_show (EditorPage *page)
{
  EditorValuePage *self = EDITOR_VALUE_PAGE (page);
  RunconfConfiguration *configuration = editor_page_get_configuration (page);
  const char *path = editor_page_get_path (page);
  GCancellable *cancellable = editor_page_restart (page);
  gboolean was_interactive = editor_quiet_begin (configuration);

  editor_value_form_begin (self->form, editor_page_get_place (page), path);
  runconf_configuration_describe (configuration, path, cancellable, on_described,
                                  g_object_ref (page));
  runconf_configuration_history (configuration, path, 0, CHANGES_MAX, cancellable, on_history,
                                 g_object_ref (page));
  editor_quiet_end (configuration, was_interactive);
}

static void
editor_value_page_changed (EditorPage *page, RunconfChange *change)
{
  if (change == NULL)
    editor_value_form_check_again (EDITOR_VALUE_PAGE (page)->form);

  if (change == NULL || runconf_change_get_n_omitted (change) > 0
      || editor_path_is_touched (editor_page_get_path (page), runconf_change_get_paths (change)))
    editor_value_page_show (page);
}

static gboolean
editor_value_page_grab_focus (GtkWidget *widget)
{
  editor_value_form_focus (EDITOR_VALUE_PAGE (widget)->form);

  return TRUE;
}

static void
on_stale (EditorValuePage *self)
{
  EditorPage *page = EDITOR_PAGE (self);

  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && editor_page_get_configuration (page) != NULL)
    editor_value_page_show (page);
}

static void
editor_value_page_class_init (EditorValuePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  EDITOR_PAGE_CLASS (klass)->show = editor_value_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_value_page_changed;
  widget_class->grab_focus = editor_value_page_grab_focus;

  g_type_ensure (EDITOR_TYPE_VALUE_FORM);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/value-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, title);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, path);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, description);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, deprecated);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, form);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, layers_group);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, layers);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, changes_group);
  gtk_widget_class_bind_template_child (widget_class, EditorValuePage, changes);
  gtk_widget_class_bind_template_callback (widget_class, on_stale);
}

static void
editor_value_page_init (EditorValuePage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
