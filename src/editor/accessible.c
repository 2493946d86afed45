/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/accessible.h"

/* Names the button inside a drop-down or a menu button, which GTK leaves without a name. */
void
editor_accessible_name_button (GtkWidget *widget, const char *name)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (widget)),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

static void
on_bind (GtkSignalListItemFactory *factory, GtkListItem *item, gpointer user_data)
{
  GtkWidget *row = gtk_widget_get_parent (gtk_list_item_get_child (item));
  GtkStringObject *text = gtk_list_item_get_item (item);

  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  gtk_string_object_get_string (text), -1);
}

/* Names the rows in the list of a drop-down with strings, once and for all of its models. */
void
editor_accessible_name_rows (GtkDropDown *drop_down)
{
  g_signal_connect_after (gtk_drop_down_get_factory (drop_down), "bind", G_CALLBACK (on_bind),
                          NULL);
}
