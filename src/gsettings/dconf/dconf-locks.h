/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *dconf_locks_read (const char *folder, GPtrArray *complaints, GError **error);

G_END_DECLS
