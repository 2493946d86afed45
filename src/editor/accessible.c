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
