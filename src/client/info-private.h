/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/info.h>

G_BEGIN_DECLS

RunconfInfo *runconf_info_new (GVariant *properties);
int runconf_info_compare (RunconfInfo *self, RunconfInfo *other);

G_END_DECLS
