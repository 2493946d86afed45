/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The two parts of an error message: the expected type, and the found one; never the value. */

char *runconf_gsettings_describe_type (const GVariantType *type);
char *runconf_gsettings_describe_form (GVariant *form, const GVariantType *type);

G_END_DECLS
