/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean runconf_gsettings_output_put (const char *folder, const char *name, GBytes *text,
                                       GError **error);

G_END_DECLS
