/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/history-page.h"

#include <glib/gi18n.h>

/* changes that are read at once */
#define CHANGES_MAX 100

struct _EditorHistoryPage
{
  EditorPage parent_instance;

  GtkListBox *list;
  GtkLabel *problem;
};

G_DEFINE_FINAL_TYPE (EditorHistoryPage, editor_history_page, EDITOR_TYPE_PAGE)

static char *
make_time (RunconfChange *change)
{
  g_autoptr (GDateTime) utc
      = g_date_time_new_from_unix_utc (runconf_change_get_time (change) / G_USEC_PER_SEC);
  g_autoptr (GDateTime) local = utc != NULL ? g_date_time_to_local (utc) : NULL;

  return local != NULL ? g_date_time_format (local, "%x %X") : g_strdup ("");
}

static char *
make_title (RunconfChange *change)
{
  g_autofree char *paths = g_strjoinv (" ", (char **) runconf_change_get_paths (change));
  const char *message = runconf_change_get_message (change);

  return g_strdup (message != NULL ? message : paths);
}

static GtkWidget *
make_row (RunconfChange *change)
{
  GtkWidget *row = adw_action_row_new ();
  const char *caller = runconf_change_get_caller (change);
  g_autofree char *title = make_title (change);
  g_autofree char *time = make_time (change);
  /* Translators: the version, the time and the author of a change */
  g_autofree char *facts
      = g_strdup_printf (_ ("%" G_GUINT64_FORMAT " · %s · %s"), runconf_change_get_version (change),
                         time, caller != NULL ? caller : runconf_change_get_origin (change));

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), facts);

  return row;
}

static void
remove_rows (EditorHistoryPage *self)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (self->list, 0)) != NULL)
    gtk_list_box_remove (self->list, GTK_WIDGET (row));
}

static void
on_history (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorHistoryPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (RunconfChange) changes
      = runconf_configuration_history_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  gtk_label_set_text (self->problem, error != NULL ? error->message : "");
  remove_rows (self);
  for (GList *item = changes; item != NULL; item = item->next)
    gtk_list_box_append (self->list, make_row (item->data));
}

static void
editor_history_page_show (EditorPage *page)
{
  runconf_configuration_history (editor_page_get_configuration (page), "", 0, CHANGES_MAX,
                                 editor_page_restart (page), on_history, g_object_ref (page));
}

static void
editor_history_page_changed (EditorPage *page, RunconfChange *change)
{
  editor_history_page_show (page);
}

static void
editor_history_page_class_init (EditorHistoryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  EDITOR_PAGE_CLASS (klass)->show = editor_history_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_history_page_changed;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, list);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, problem);
}

static void
editor_history_page_init (EditorHistoryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
