/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "editor/place.h"

G_BEGIN_DECLS

void editor_apply (EditorPlace *place, const char *message, guint confirm_timeout,
                   GAsyncReadyCallback callback, gpointer user_data);
GArray *editor_apply_finish (EditorPlace *place, GAsyncResult *result, GError **error);
gboolean editor_apply_made_version (char **paths);
gboolean editor_apply_may_try_again (const GError *error, guint n_attempts);

G_END_DECLS
