/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Makes untrusted text safe to print. */

char *runconf_escape (const char *text, gssize length);

G_END_DECLS
