/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/tree-view.h"

#include <glib/gi18n.h>

#include "editor/accessible.h"
#include "editor/focus.h"
#include "editor/item.h"
#include "editor/path.h"
#include "editor/result-row.h"
#include "editor/search.h"
#include "editor/tab-stop.h"
#include "editor/tree.h"

struct _EditorTreeView
{
  AdwBin parent_instance;

  GtkWidget *lists; /* of the tree and of the results, one of which is visible */
  GtkListView *list;
  GtkSingleSelection *selection;
  GtkSearchEntry *entry;
  GtkStack *stack;
  GtkListView *results;
  GtkSingleSelection *result_selection;
  GtkLabel *outcome;
  GtkDropDown *filter;
  EditorSearch *search;
  EditorPlace *place; /* (nullable) */
  EditorTree *tree;   /* (nullable): once the place was opened */
  char *path;
  char *wanted; /* (nullable): a path to select, which isn't there yet */
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

static void
on_result_selected (EditorTreeView *self)
{
  EditorItem *item = gtk_single_selection_get_selected_item (self->result_selection);

  if (item != NULL)
    take_path (self, editor_item_get_path (item));
}

/* Enter and a double click in the results show the value in the tree. */
static void
on_result_activated (EditorTreeView *self, guint position)
{
  g_autoptr (EditorItem) item = g_list_model_get_item (G_LIST_MODEL (self->search), position);
  g_autofree char *path = g_strdup (editor_item_get_path (item));

  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  gtk_drop_down_set_selected (self->filter, EDITOR_FILTER_ALL);
  editor_tree_view_reveal (self, path);
  editor_tree_view_focus_list (self);
}

/* Returns: (transfer full): how many values were found, or why there are none */
static char *
make_outcome (EditorTreeView *self)
{
  guint n = editor_search_get_n_results (self->search);

  if (*editor_search_get_problem (self->search) != '\0')
    return g_strdup (editor_search_get_problem (self->search));
  if (!editor_search_is_ready (self->search))
    return g_strdup (_ ("Searching…"));
  if (n == 0)
    return g_strdup (_ ("No value found"));

  return g_strdup_printf (ngettext ("%u value found", "%u values found", n), n);
}

static void
on_results (EditorTreeView *self)
{
  gboolean is_active = editor_search_is_active (self->search);
  g_autofree char *outcome = is_active ? make_outcome (self) : g_strdup ("");

  gtk_stack_set_visible_child_name (self->stack, is_active ? "results" : "tree");
  gtk_label_set_text (self->outcome, outcome);
  gtk_widget_set_visible (GTK_WIDGET (self->outcome), is_active);
}

static void
on_query (EditorTreeView *self)
{
  editor_search_set_query (self->search, gtk_editable_get_text (GTK_EDITABLE (self->entry)));
}

static void
on_focus (EditorTreeView *self)
{
  editor_search_prepare (self->search);
}

static void
on_filter (EditorTreeView *self)
{
  editor_search_set_filter (self->search, (EditorFilter) gtk_drop_down_get_selected (self->filter));
}

static void
on_results_focus (EditorTreeView *self)
{
  editor_search_show_all (self->search);
}

/* The first results are enough unless the user goes on to others, or the window has room for more. */
static void
on_scrolled (GtkAdjustment *adjustment, EditorTreeView *self)
{
  if (gtk_adjustment_get_value (adjustment) > 0
      || gtk_adjustment_get_upper (adjustment) <= gtk_adjustment_get_page_size (adjustment))
    editor_search_show_all (self->search);
}

/* The Down key, and Enter, go from the entry to the first result. */
static void
focus_results (EditorTreeView *self)
{
  gboolean is_active = editor_search_is_active (self->search);
  GtkListView *list = is_active ? self->results : self->list;

  if (is_active && g_list_model_get_n_items (G_LIST_MODEL (self->search)) > 0)
    gtk_single_selection_set_selected (self->result_selection, 0);
  gtk_widget_grab_focus (GTK_WIDGET (list));
}

static void
on_results_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  focus_results (EDITOR_TREE_VIEW (widget));
}

static void
on_stop_search (EditorTreeView *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  editor_tree_view_focus_list (self);
}

/* Gives the focus to the selected row of the list that is shown. */
void
editor_tree_view_focus_list (EditorTreeView *self)
{
  if (!editor_tree_view_is_list_focused (self))
    gtk_widget_child_focus (self->lists, GTK_DIR_TAB_FORWARD);
}

gboolean
editor_tree_view_is_list_focused (EditorTreeView *self)
{
  return editor_focus_is_in (self->lists);
}

/* Gives the focus to the entry of the search. */
void
editor_tree_view_find (EditorTreeView *self)
{
  gtk_widget_grab_focus (GTK_WIDGET (self->entry));
}

/* Enter and a double click open a row with rows below it, and lead to the control of a value. */
static void
on_activated (GtkListView *list, guint position, EditorTreeView *self)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);

  if (gtk_tree_list_row_is_expandable (row))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "place.edit", NULL);
}

/* The row of the list has no other name for a screen reader, and neither has the expander in it, which
 * has the focus in the place of the row.
 */
static void
set_name (GtkListItem *list_item, const char *name)
{
  GtkWidget *child = gtk_list_item_get_child (list_item);
  GtkWidget *row = gtk_widget_get_parent (child);

  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
  if (GTK_IS_TREE_EXPANDER (child))
    gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL, name,
                                    -1);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  GtkTreeListRow *row = gtk_list_item_get_item (list_item);
  g_autoptr (EditorItem) item = gtk_tree_list_row_get_item (row);
  GtkWidget *expander = gtk_list_item_get_child (list_item);

  gtk_tree_expander_set_list_row (GTK_TREE_EXPANDER (expander), row);
  set_name (list_item, editor_item_get_key (item));
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
on_setup_result (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  gtk_list_item_set_child (list_item, GTK_WIDGET (editor_result_row_new ()));
}

/* A result has its whole path as its name. */
static void
on_bind_result (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  EditorItem *item = gtk_list_item_get_item (list_item);

  editor_result_row_show (EDITOR_RESULT_ROW (gtk_list_item_get_child (list_item)), item);
  set_name (list_item, editor_item_get_key (item));
}

static void
on_unbind_result (GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  editor_result_row_show (EDITOR_RESULT_ROW (gtk_list_item_get_child (list_item)), NULL);
}

static gboolean
is_row_of (EditorTreeView *self, guint position, const char *path)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->selection), position);
  g_autoptr (EditorItem) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  return item != NULL && g_strcmp0 (editor_item_get_path (item), path) == 0;
}

/* Selects the row of the wanted path, and shows that or the last one on the way to it. A row of another
 * path isn't selected: a click would do nothing then.
 */
static void
reveal_wanted (EditorTreeView *self)
{
  guint position = editor_tree_reveal (self->tree, self->wanted);
  gboolean is_found = is_row_of (self, position, self->wanted);

  gtk_single_selection_set_selected (self->selection,
                                     is_found ? position : GTK_INVALID_LIST_POSITION);
  if (position != GTK_INVALID_LIST_POSITION)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", position);

  if (g_strcmp0 (self->wanted, self->path) == 0)
    g_clear_pointer (&self->wanted, g_free);
  else
    take_path (self, self->wanted);
}

/* The rows of secrets come a little later than the others, and those above them are made again. By then,
 * the user may look at another path.
 */
static void
on_secrets (EditorTreeView *self)
{
  if (self->wanted != NULL && editor_path_is_below (self->wanted, self->path))
    reveal_wanted (self);
  else
    g_clear_pointer (&self->wanted, g_free);
}

/* Selects the row of a path, and opens those above it. A path without a row is the path all the same: no
 * row is selected then.
 */
void
editor_tree_view_reveal (EditorTreeView *self, const char *path)
{
  g_free (self->wanted);
  self->wanted = g_strdup (path);
  if (self->tree != NULL)
    reveal_wanted (self);
}

static void
make_tree (EditorTreeView *self)
{
  if (self->tree != NULL || self->place == NULL
      || editor_place_get_configuration (self->place) == NULL)
    return;

  self->tree = editor_tree_new (self->place);
  gtk_single_selection_set_model (self->selection, editor_tree_get_rows (self->tree));
  g_signal_connect_object (editor_place_get_secrets (self->place), "changed",
                           G_CALLBACK (on_secrets), self, G_CONNECT_SWAPPED);
  if (self->wanted != NULL)
    reveal_wanted (self);
  else
    on_selected (self);
}

static void
set_place (EditorTreeView *self, EditorPlace *place)
{
  if (self->place == place)
    return;

  if (self->place != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->place, self);
      g_signal_handlers_disconnect_by_data (editor_place_get_secrets (self->place), self);
    }
  g_clear_pointer (&self->wanted, g_free);
  if (self->selection != NULL)
    gtk_single_selection_set_model (self->selection, NULL);
  g_clear_object (&self->tree);
  editor_search_set_place (self->search, place);
  g_set_object (&self->place, place);
  if (place == NULL)
    return;

  g_signal_connect_swapped (place, "notify::configuration", G_CALLBACK (make_tree), self);
  take_path (self, "");
  make_tree (self);
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
  EditorTreeView *self = EDITOR_TREE_VIEW (object);

  if (self->search != NULL)
    set_place (self, NULL);
  g_clear_object (&self->search);

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

  g_type_ensure (EDITOR_TYPE_TAB_STOP);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/tree-view.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, lists);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, list);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, selection);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, entry);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, filter);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, outcome);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, stack);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, results);
  gtk_widget_class_bind_template_child (widget_class, EditorTreeView, result_selection);
  gtk_widget_class_bind_template_callback (widget_class, on_query);
  gtk_widget_class_bind_template_callback (widget_class, on_filter);
  gtk_widget_class_bind_template_callback (widget_class, on_focus);
  gtk_widget_class_bind_template_callback (widget_class, focus_results);
  gtk_widget_class_bind_template_callback (widget_class, on_stop_search);
  gtk_widget_class_bind_template_callback (widget_class, on_setup_result);
  gtk_widget_class_bind_template_callback (widget_class, on_bind_result);
  gtk_widget_class_bind_template_callback (widget_class, on_unbind_result);
  gtk_widget_class_bind_template_callback (widget_class, on_result_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_results_focus);
  gtk_widget_class_bind_template_callback (widget_class, on_scrolled);
  gtk_widget_class_bind_template_callback (widget_class, on_result_activated);
  gtk_widget_class_install_action (widget_class, "tree.results", NULL, on_results_action);
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
  self->search = editor_search_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  editor_accessible_name_button (GTK_WIDGET (self->filter), _ ("Values to show"));
  editor_accessible_name_rows (self->filter);
  gtk_search_entry_set_key_capture_widget (self->entry, GTK_WIDGET (self->list));
  gtk_single_selection_set_model (self->result_selection, G_LIST_MODEL (self->search));
  g_signal_connect_object (self->search, "updated", G_CALLBACK (on_results), self,
                           G_CONNECT_SWAPPED);
}
