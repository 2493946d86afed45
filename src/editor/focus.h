/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

gboolean editor_focus_is_in (GtkWidget *widget);
void editor_focus_leave (GtkWidget *widget);

G_END_DECLS
