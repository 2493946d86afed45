/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/places.h"

G_BEGIN_DECLS

/* A window: the list of places, and the place that was chosen. */
#define EDITOR_TYPE_WINDOW (editor_window_get_type ())
G_DECLARE_FINAL_TYPE (EditorWindow, editor_window, EDITOR, WINDOW, AdwApplicationWindow)

EditorWindow *editor_window_new (GtkApplication *application, EditorPlaces *places);

void editor_window_show_place (EditorWindow *self, EditorPlace *place, const char *path);

G_END_DECLS
