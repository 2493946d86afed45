/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

void runconf_error_register (void);
void runconf_error_take_remote (GError *error);

G_END_DECLS
