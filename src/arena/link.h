/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A link to the newest arena of a configuration, so that a program which starts can read at once,
 * before it has called the service.
 */
char *runconf_arena_link_get_path (const char *address, const char *name);
gboolean runconf_arena_link_set (const char *path, int fd);
int runconf_arena_link_open (const char *path);

G_END_DECLS
