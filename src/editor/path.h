/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *editor_path_append (const char *path, const char *key);
char *editor_path_to_text (const char *path);
gboolean editor_path_is_below (const char *path, const char *ancestor);
gboolean editor_path_is_touched (const char *path, const char *const *changed);

G_END_DECLS
