/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/place.h"

G_BEGIN_DECLS

void editor_revert_change (EditorPlace *place, guint64 version, GAsyncReadyCallback callback,
                           gpointer user_data);
void editor_revert_to (EditorPlace *place, guint64 version, GAsyncReadyCallback callback,
                       gpointer user_data);
guint64 editor_revert_finish (EditorPlace *place, GAsyncResult *result, GError **error);

void editor_revert_own (EditorPlace *place, EditorDirection direction, GAsyncReadyCallback callback,
                        gpointer user_data);

G_END_DECLS
