/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/enums.h>

G_BEGIN_DECLS

RunconfLayer runconf_enums_find_layer (const char *name);

G_END_DECLS
