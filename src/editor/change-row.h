/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>
#include <runconf/runconf.h>

G_BEGIN_DECLS

/* The row of a change in a history. It opens to show the values and what can be done with it. */
#define EDITOR_TYPE_CHANGE_ROW (editor_change_row_get_type ())
G_DECLARE_FINAL_TYPE (EditorChangeRow, editor_change_row, EDITOR, CHANGE_ROW, GtkListBoxRow)

GtkWidget *editor_change_row_new (RunconfChange *change);

void editor_change_row_toggle (EditorChangeRow *self);

G_END_DECLS
