/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *runconf_path_join (const char *const *keys);
char **runconf_path_split (const char *path, GError **error);

G_END_DECLS
