/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtk/gtk.h>

#include "editor/item.h"

G_BEGIN_DECLS

/* The row of a value that was found: its path, and its value. */
#define EDITOR_TYPE_RESULT_ROW (editor_result_row_get_type ())
G_DECLARE_FINAL_TYPE (EditorResultRow, editor_result_row, EDITOR, RESULT_ROW, GtkBox)

EditorResultRow *editor_result_row_new (void);

void editor_result_row_show (EditorResultRow *self, EditorItem *item);

G_END_DECLS
