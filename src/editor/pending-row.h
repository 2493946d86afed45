/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "editor/basket.h"

G_BEGIN_DECLS

/* The row of a change that isn't applied yet, with what is against it. */
#define EDITOR_TYPE_PENDING_ROW (editor_pending_row_get_type ())
G_DECLARE_FINAL_TYPE (EditorPendingRow, editor_pending_row, EDITOR, PENDING_ROW, GtkListBoxRow)

GtkWidget *editor_pending_row_new (EditorBasket *basket, EditorPending *pending);

G_END_DECLS
