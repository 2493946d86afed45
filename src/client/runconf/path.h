/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

#include <runconf/version.h>

G_BEGIN_DECLS

RUNCONF_AVAILABLE_IN_1_0
char *runconf_path_join (const char *const *keys);
RUNCONF_AVAILABLE_IN_1_0
char **runconf_path_split (const char *path, GError **error);

G_END_DECLS
