/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

gboolean editor_key_place_find_start (const GtkTextIter *place, GtkTextIter *start);
char *editor_key_place_find_value (const GtkTextIter *place, GtkTextIter *start);
char *editor_key_place_dup_parent (const GtkTextIter *place);

G_END_DECLS
