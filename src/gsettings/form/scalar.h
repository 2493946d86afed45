/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Values of one GVariant type out of a family of types. */

gint64 runconf_gsettings_get_integer (GVariant *value);
GVariant *runconf_gsettings_new_integer (char type, gint64 value);
void runconf_gsettings_get_range (char type, gint64 *minimum, guint64 *maximum);
GVariant *runconf_gsettings_new_string (char type, const char *text);

G_END_DECLS
