/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void editor_accessible_name_button (GtkWidget *widget, const char *name);
void editor_accessible_name_rows (GtkDropDown *drop_down);

G_END_DECLS
