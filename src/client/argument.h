/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

gboolean runconf_argument_check_path (const char *path, GError **error);
gboolean runconf_argument_check_text (const char *what, const char *text, GError **error);
GVariant *runconf_argument_make_value (const char *path, GVariant *value, GError **error);
GVariant *runconf_argument_make_string (const char *path, const char *value, GError **error);
GVariant *runconf_argument_make_strv (const char *path, const char *const *value, GError **error);
GVariant *runconf_argument_make_mapping (GVariant *value, GError **error);

G_END_DECLS
