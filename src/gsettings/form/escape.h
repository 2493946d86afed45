/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The form that any value can have: the text of a GVariant, or its bytes. */

gboolean runconf_gsettings_is_text (const char *text, const GVariantType *type);
GVariant *runconf_gsettings_escape (GVariant *value);
GVariant *runconf_gsettings_find_escape (GVariant *form);
GVariant *runconf_gsettings_unescape (GVariant *content, const GVariantType *type, GError **error);

G_END_DECLS
