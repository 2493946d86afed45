/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_CHILD (runconf_child_get_type ())
G_DECLARE_FINAL_TYPE (RunconfChild, runconf_child, RUNCONF, CHILD, GObject)

const char *runconf_child_get_path (RunconfChild *self);
const char *runconf_child_get_key (RunconfChild *self);
GVariant *runconf_child_get_value (RunconfChild *self);

G_END_DECLS
