/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "editor/facts.h"

G_BEGIN_DECLS

/* An element of a sequence: an entry for a scalar, a button to the page of a mapping or a sequence.
 * Signals: `edited`, `up`, `remove` and `open`.
 */
#define EDITOR_TYPE_LIST_ROW (editor_list_row_get_type ())
G_DECLARE_FINAL_TYPE (EditorListRow, editor_list_row, EDITOR, LIST_ROW, GtkListBoxRow)

GtkWidget *editor_list_row_new (GVariant *value, EditorValueType type);

GVariant *editor_list_row_get_value (EditorListRow *self, GError **error);
void editor_list_row_set_position (EditorListRow *self, guint position);

G_END_DECLS
