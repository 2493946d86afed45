/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/focus.h"

static GtkWidget *
find_focus (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);

  return root != NULL ? gtk_root_get_focus (root) : NULL;
}

/* Returns: whether a widget, or one in it, has the focus of its window */
gboolean
editor_focus_is_in (GtkWidget *widget)
{
  GtkWidget *focus = find_focus (widget);

  return focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget));
}

/* Takes the focus away from a widget and from all in it, before the widget goes or can't be used any
 * more: GTK doesn't tell an entry that it has lost the focus in this way.
 */
void
editor_focus_leave (GtkWidget *widget)
{
  if (editor_focus_is_in (widget))
    gtk_root_set_focus (gtk_widget_get_root (widget), NULL);
}
