/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/row.h"

/* Rows with texts that come from outside, which are no markup. */

void
editor_row_set_texts (AdwActionRow *row, const char *title, const char *subtitle)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_action_row_set_subtitle (row, subtitle);
}

GtkWidget *
editor_row_new (const char *title, const char *subtitle)
{
  GtkWidget *row = adw_action_row_new ();

  editor_row_set_texts (ADW_ACTION_ROW (row), title, subtitle);

  return row;
}

/* Gives a row, or the widget in one, a name for a screen reader in the place of the title of the row. */
void
editor_row_name (GtkWidget *widget, const char *name)
{
  gtk_accessible_reset_relation (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_RELATION_LABELLED_BY);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}

/* Removes all rows of a list. */
void
editor_rows_remove (GtkListBox *list)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, 0)) != NULL)
    gtk_list_box_remove (list, GTK_WIDGET (row));
}
