/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

void editor_label_show (GtkLabel *label, const char *text);

G_END_DECLS
