/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

GPtrArray *runconf_directory_list (int directory);
gboolean runconf_directory_require (const char *path, GError **error);

G_END_DECLS
