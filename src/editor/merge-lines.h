/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *editor_merge_lines (const char *base, const char *mine, const char *theirs,
                          gboolean *has_conflicts);

G_END_DECLS
