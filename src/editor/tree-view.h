/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* The tree of a place on the screen. Properties: place (nullable), path: the path that is selected. */
#define EDITOR_TYPE_TREE_VIEW (editor_tree_view_get_type ())
G_DECLARE_FINAL_TYPE (EditorTreeView, editor_tree_view, EDITOR, TREE_VIEW, AdwBin)

void editor_tree_view_find (EditorTreeView *self);
void editor_tree_view_focus_list (EditorTreeView *self);
gboolean editor_tree_view_is_list_focused (EditorTreeView *self);
void editor_tree_view_reveal (EditorTreeView *self, const char *path);

G_END_DECLS
