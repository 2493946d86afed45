/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/child.h>

G_BEGIN_DECLS

RunconfChild *runconf_child_new_take (char *path, const char *key, GVariant *value);
void runconf_child_take_value (RunconfChild *self, GVariant *value);

G_END_DECLS
