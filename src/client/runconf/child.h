/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_CHILD (runconf_child_get_type ())
RUNCONF_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RunconfChild, runconf_child, RUNCONF, CHILD, GObject)

RUNCONF_AVAILABLE_IN_1_0
const char *runconf_child_get_path (RunconfChild *self);
RUNCONF_AVAILABLE_IN_1_0
const char *runconf_child_get_key (RunconfChild *self);
RUNCONF_AVAILABLE_IN_1_0
GVariant *runconf_child_get_value (RunconfChild *self);

G_END_DECLS
