/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "editor/place.h"

G_BEGIN_DECLS

/* The values of a place as a tree that follows each change. */
#define EDITOR_TYPE_TREE (editor_tree_get_type ())
G_DECLARE_FINAL_TYPE (EditorTree, editor_tree, EDITOR, TREE, GObject)

EditorTree *editor_tree_new (EditorPlace *place);

GListModel *editor_tree_get_rows (EditorTree *self);
guint editor_tree_reveal (EditorTree *self, const char *path);

G_END_DECLS
