/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A group of the fleet: the patterns of the names of its hosts. */

char **runconf_fleet_group_parse (GBytes *text, const char *name, GError **error);
gboolean runconf_fleet_group_has (const char *const *patterns, const char *host);

G_END_DECLS
