/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why a copy is kept, as its name says. */
#define RUNCONF_QUARANTINE_CORRUPT "corrupt"
#define RUNCONF_QUARANTINE_REWRITTEN "rewritten"
#define RUNCONF_QUARANTINE_LOST "lost"

char *runconf_quarantine_keep (const char *path, const char *why, GBytes *text, GError **error);

G_END_DECLS
