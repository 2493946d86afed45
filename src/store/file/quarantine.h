/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The reasons for keeping a copy, which are part of its name. */
#define RUNCONF_QUARANTINE_CORRUPT "corrupt"
#define RUNCONF_QUARANTINE_REWRITTEN "rewritten"
#define RUNCONF_QUARANTINE_LOST "lost"

char *runconf_quarantine_keep (const char *path, const char *why, GBytes *text, GError **error);

G_END_DECLS
