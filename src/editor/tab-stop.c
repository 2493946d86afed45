/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/tab-stop.h"

#include "editor/focus.h"

/* Makes a list one stop of the Tab key: it enters at the selected row, and leaves from each. The lists of
 * GTK 4.8 stop at every row, and have no property for that.
 */
struct _EditorTabStop
{
  AdwBin parent_instance;
};

G_DEFINE_FINAL_TYPE (EditorTabStop, editor_tab_stop, ADW_TYPE_BIN)

/* Returns: (transfer none) (nullable): the selected row of the list in a widget */
static GtkWidget *
find_selected (GtkWidget *widget)
{
  GtkWidget *found = NULL;

  if ((gtk_widget_get_state_flags (widget) & GTK_STATE_FLAG_SELECTED) != 0)
    return widget;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && found == NULL;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_child_visible (child))
      found = find_selected (child);

  return found;
}

static gboolean
editor_tab_stop_focus (GtkWidget *widget, GtkDirectionType direction)
{
  gboolean is_tab = direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD;
  GtkWidget *selected;

  if (is_tab && editor_focus_is_in (widget))
    return FALSE;

  selected = is_tab ? find_selected (widget) : NULL;
  if (selected != NULL && gtk_widget_grab_focus (selected))
    return TRUE;

  return GTK_WIDGET_CLASS (editor_tab_stop_parent_class)->focus (widget, direction);
}

static void
editor_tab_stop_class_init (EditorTabStopClass *klass)
{
  GTK_WIDGET_CLASS (klass)->focus = editor_tab_stop_focus;
}

static void
editor_tab_stop_init (EditorTabStop *self)
{
}
