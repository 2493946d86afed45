/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void runconf_leftovers_clear (int directory, const char *name, const char *path);

G_END_DECLS
