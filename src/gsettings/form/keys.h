/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The key of a dictionary, as the key of a mapping: always a text. */

char *runconf_gsettings_print_key (GVariant *key);
GVariant *runconf_gsettings_read_key (const char *text, const GVariantType *type);

G_END_DECLS
