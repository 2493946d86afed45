/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean runconf_quote_needs_escape (gunichar c);
void runconf_quote_append (GString *out, const char *text, gsize length);

G_END_DECLS
