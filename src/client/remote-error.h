/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void runconf_error_register (void);
gboolean runconf_error_is_unknown (const GError *error);
gboolean runconf_error_is_silent (const GError *error);
void runconf_error_take_remote (GError *error, gboolean is_write);

G_END_DECLS
