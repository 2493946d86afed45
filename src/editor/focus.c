/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/focus.h"

/* Takes the focus away from a widget and from all in it, before the widget goes or can't be used any
 * more: GTK doesn't tell an entry that it has lost the focus in this way.
 */
void
editor_focus_leave (GtkWidget *widget)
{
  GtkRoot *root = gtk_widget_get_root (widget);
  GtkWidget *focus = root != NULL ? gtk_root_get_focus (root) : NULL;

  if (focus != NULL && (focus == widget || gtk_widget_is_ancestor (focus, widget)))
    gtk_root_set_focus (root, NULL);
}
