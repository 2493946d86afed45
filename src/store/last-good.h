/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean runconf_last_good_write (const char *path, GBytes *text, GError **error);
void runconf_last_good_tidy (const char *path);

G_END_DECLS
