/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

char *fleet_password_read (const char *user, const char *file, GError **error);

G_END_DECLS
