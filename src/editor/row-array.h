/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

GPtrArray *editor_row_array_new (guint length);
void editor_row_array_splice (GPtrArray *rows, guint begin, guint n_removed, guint n_added);

G_END_DECLS
