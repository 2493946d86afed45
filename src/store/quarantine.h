/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *runconf_quarantine_keep (const char *path, GBytes *text, GError **error);

G_END_DECLS
