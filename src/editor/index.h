/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * EditorIndex:
 *
 * Paths with the texts that a search of them looks at: the path, the value, and words about it. Any
 * thread may fill one; then nothing changes it.
 */
typedef struct _EditorIndex EditorIndex;

EditorIndex *editor_index_new (void);
void editor_index_free (EditorIndex *self);

void editor_index_add (EditorIndex *self, const char *path, const char *value, const char *words);
void editor_index_add_tree (EditorIndex *self, const char *path, GVariant *value,
                            GHashTable *words);

guint editor_index_get_length (EditorIndex *self);
const char *editor_index_get_path (EditorIndex *self, guint position);
GArray *editor_index_search (EditorIndex *self, const char *query, GArray *among);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EditorIndex, editor_index_free)

G_END_DECLS
