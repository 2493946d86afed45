/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* A place on the screen: its tree and its pages, or what to do while it isn't open. */
#define EDITOR_TYPE_PLACE_VIEW (editor_place_view_get_type ())
G_DECLARE_FINAL_TYPE (EditorPlaceView, editor_place_view, EDITOR, PLACE_VIEW, AdwBin)

void editor_place_view_show (EditorPlaceView *self, EditorPlace *place, const char *path);

G_END_DECLS
