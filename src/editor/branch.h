/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/item.h"
#include "editor/place.h"

G_BEGIN_DECLS

/* The rows below one path: a GListModel of EditorItem, in the order of the configuration. Each is made
 * when it is first looked at.
 */
#define EDITOR_TYPE_BRANCH (editor_branch_get_type ())
G_DECLARE_FINAL_TYPE (EditorBranch, editor_branch, EDITOR, BRANCH, GObject)

EditorBranch *editor_branch_new (EditorPlace *place, const char *path);

const char *editor_branch_get_path (EditorBranch *self);
guint editor_branch_find (EditorBranch *self, const char *key);
void editor_branch_update (EditorBranch *self, RunconfSnapshot *snapshot);
void editor_branch_update_keys (EditorBranch *self, RunconfSnapshot *snapshot, GHashTable *changed);

G_END_DECLS
