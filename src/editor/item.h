/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/secrets.h"

G_BEGIN_DECLS

/* A row of the tree: a key with its value. Properties: path, key, text (the value on one line; empty
 * for a mapping or a sequence with children).
 */
#define EDITOR_TYPE_ITEM (editor_item_get_type ())
G_DECLARE_FINAL_TYPE (EditorItem, editor_item, EDITOR, ITEM, GObject)

EditorItem *editor_item_new (const char *path, const char *key, EditorSecrets *secrets,
                             RunconfSnapshot *snapshot);

const char *editor_item_get_path (EditorItem *self);
const char *editor_item_get_key (EditorItem *self);
const char *editor_item_get_text (EditorItem *self);
gboolean editor_item_has_children (EditorItem *self);
gboolean editor_item_update (EditorItem *self, RunconfSnapshot *snapshot);

G_END_DECLS
