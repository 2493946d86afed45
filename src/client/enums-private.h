/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/enums.h>

G_BEGIN_DECLS

int runconf_enums_find (GType type, const char *nick);
const char *runconf_enums_get_nick (GType type, int number);

G_END_DECLS
