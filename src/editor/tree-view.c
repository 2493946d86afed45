/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/tree-view.h"

#include "editor/item.h"
#include "editor/tree.h"

struct _EditorTreeView
{
  AdwBin parent_instance;

  GtkListView *list;
  GtkSingleSelection *selection;
  EditorPlace *place; /* (nullable) */
  EditorTree *tree;   /* (nullable): once the place was opened */
  char *path;
};

enum
{
  PROP_PLACE = 1,
  PROP_PATH,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (EditorTreeView, editor_tree_view, ADW_TYPE_BIN)

static void
take_path (EditorTreeView *self, const char *path)
{
  if (g_strcmp0 (self->path, path) == 0)
    return;

  g_free (self->path);
  self->path = g_strdup (path);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PATH]);
}

static void
on_selected (EditorTreeView *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->selection);
  g_autoptr (EditorItem) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  if (item != NULL)
    take_path (self, editor_item_get_path (item));
}

/* Enter and a double click open a row with rows below it. */
static void
on_activated (GtkListView *list, guint position, EditorTreeView *self)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
}

/* The row of the list has no other name for a screen reader. */
static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  GtkTreeListRow *row = gtk_list_item_get_item (list_item);
  g_autoptr (EditorItem) item = gtk_tree_list_row_get_item (row);
  GtkWidget *expander = gtk_list_item_get_child (list_item);

  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (expander), row);
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_parent (expander)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, editor_item_get_key (item), -1);
}

static void
on_unbind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (gtk_list_item_get_child (list_item)), NULL);
}

static void
on_setup (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  g_autoptr (GtkBuilder) builder
      = gtk_builder_new_from_resource ("/org/runconf/Editor/tree-row.ui");

  gtk_list_item_set_child (list_item, GTK_WIDGET (gtk_builder_get_object (builder, "row")));
}

static void
make_tree (EditorTreeView *self)
{
  if (self->tree != NULL || self->place == NULL
      || editor_place_get_configuration (self->place) == NULL)
    return;

  self->tree = editor_tree_new (self->place);
  gtk_single_selection_set_model (self->selection, editor_tree_get_rows (self->tree));
  on_selected (self);
}

static void
set_place (EditorTreeView *self, EditorPlace *place)
{
  if (self->place == place)
    return;

  if (self->place != NULL)
    g_signal_handlers_disconnect_by_data (self->place, self);
  if (self->selection != NULL)
    gtk_single_selection_set_model (self->selection, NULL);
  g_clear_object (&self->tree);
  g_set_object (&self->place, place);
  if (place == NULL)
    return;

  g_signal_connect_swapped (place, "notify::configuration", G_CALLBACK (make_tree), self);
  take_path (self, "");
  make_tree (self);
}

/* Selects the row of a path, and opens those above it. A path without a row, such as that of a secret, is
 * the path all the same: the nearest row above it is selected.
 */
void
editor_tree_view_reveal (EditorTreeView *self, const char *path)
{
  guint position
      = self->tree != NULL ? editor_tree_reveal (self->tree, path) : GTK_INVALID_LIST_POSITION;

  if (position != GTK_INVALID_LIST_POSITION)
    {
      gtk_single_selection_set_selected (self->selection, position);
      gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);
    }
  take_path (self, path);
}

static void
editor_tree_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  EditorTreeView *self = EDITOR_TREE_VIEW (object);

  switch (id)
    {
    case PROP_PLACE:
      set_place (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_tree_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EditorTreeView *self = EDITOR_TREE_VIEW (object);

  switch (id)
    {
    case PROP_PLACE:
      g_value_set_object (value, self->place);
      break;
    case PROP_PATH:
      g_value_set_string (value, self->path);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_tree_view_dispose (GObject *object)
{
  set_place (EDITOR_TREE_VIEW (object), NULL);

  G_OBJECT_CLASS (editor_tree_view_parent_class)->dispose (object);
}

static void
editor_tree_view_finalize (GObject *object)
{
  g_free (EDITOR_TREE_VIEW (object)->path);

  G_OBJECT_CLASS (editor_tree_view_parent_class)->finalize (object);
}

static void
editor_tree_view_class_init (EditorTreeViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = editor_tree_view_set_property;
  object_class->get_property = editor_tree_view_get_property;
  object_class->dispose = editor_tree_view_dispose;
  object_class->finalize = editor_tree_view_finalize;

  properties[PROP_PLACE] = g_param_spec_object ("place", NULL, NULL, EDITOR_TYPE_PLACE,
                                                G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_PATH]
      = g_param_spec_string ("path", NULL, NULL, "", G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/tree-view.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, list);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, selection);
  gtk_widget_class_bind_template_callback (widget_class, on_setup);
  gtk_widget_class_bind_template_callback (widget_class, on_bind);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind);
  gtk_widget_class_bind_template_callback (widget_class, on_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
}

static void
editor_tree_view_init (EditorTreeView *self)
{
  self->path = g_strdup ("");
  g_type_ensure (EDITOR_TYPE_ITEM);
  gtk_widget_init_template (GTK_WIDGET (self));
}
