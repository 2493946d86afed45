/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

GtkWidget *editor_row_new (const char *title, const char *subtitle);
void editor_row_set_texts (AdwActionRow *row, const char *title, const char *subtitle);
void editor_row_name (GtkWidget *widget, const char *name);
void editor_rows_remove (GtkListBox *list);

G_END_DECLS
