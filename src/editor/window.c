/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/window.h"

#include <glib/gi18n.h>

#include "editor/accessible.h"
#include "editor/place-view.h"
#include "editor/tab-stop.h"

struct _EditorWindow
{
  AdwApplicationWindow parent_instance;

  GtkListBox *list;
  GtkWidget *menu_button;
  EditorPlaceView *view;
  EditorPlaces *places;
};

G_DEFINE_FINAL_TYPE (EditorWindow, editor_window, ADW_TYPE_APPLICATION_WINDOW)

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  GtkWidget *row = adw_action_row_new ();
  gboolean is_system = editor_place_get_bus_type (item) == G_BUS_TYPE_SYSTEM;

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), editor_place_get_name (item));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), is_system ? _ ("System") : _ ("Session"));

  return row;
}

static void
on_row_selected (EditorWindow *self, GtkListBoxRow *row)
{
  g_autoptr (EditorPlace) place = NULL;

  if (row == NULL)
    return;

  place = g_list_model_get_item (G_LIST_MODEL (self->places),
                                 (guint) gtk_list_box_row_get_index (row));
  editor_place_view_show (self->view, place, NULL);
}

static void
select_row (EditorWindow *self, EditorPlace *place)
{
  GListModel *model = G_LIST_MODEL (self->places);
  guint n = g_list_model_get_n_items (model);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (EditorPlace) other = g_list_model_get_item (model, i);

      if (other == place)
        gtk_list_box_select_row (self->list, gtk_list_box_get_row_at_index (self->list, (int) i));
    }
}

/* @path: (nullable): the path to select */
void
editor_window_show_place (EditorWindow *self, EditorPlace *place, const char *path)
{
  select_row (self, place);
  editor_place_view_show (self->view, place, path);
}

static void
editor_window_finalize (GObject *object)
{
  g_clear_object (&EDITOR_WINDOW (object)->places);

  G_OBJECT_CLASS (editor_window_parent_class)->finalize (object);
}

static void
editor_window_class_init (EditorWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = editor_window_finalize;

  g_type_ensure (EDITOR_TYPE_PLACE_VIEW);
  g_type_ensure (EDITOR_TYPE_TAB_STOP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/window.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorWindow, list);
  gtk_widget_class_bind_template_child (widget_class, EditorWindow, view);
  gtk_widget_class_bind_template_child (widget_class, EditorWindow, menu_button);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
}

static void
editor_window_init (EditorWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_accessible_name_button (self->menu_button, _ ("Main Menu"));
}

EditorWindow *
editor_window_new (GtkApplication *application, EditorPlaces *places)
{
  EditorWindow *self = g_object_new (EDITOR_TYPE_WINDOW, "application", application, NULL);

  self->places = g_object_ref (places);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (places), make_row, NULL, NULL);

  return self;
}
