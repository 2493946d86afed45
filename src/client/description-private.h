/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/description.h>

G_BEGIN_DECLS

RunconfDescription *runconf_description_new (const char *path, GVariant *facts);
GList *runconf_description_new_list (GVariant *values);

G_END_DECLS
