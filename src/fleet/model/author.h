/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

GBytes *runconf_fleet_author_write (const char *author);
char *runconf_fleet_author_read (GBytes *text);

G_END_DECLS
