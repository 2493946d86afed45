/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/change.h>
#include <runconf/version.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_WATCH (runconf_watch_get_type ())
RUNCONF_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (RunconfWatch, runconf_watch, RUNCONF, WATCH, GObject)

RUNCONF_AVAILABLE_IN_1_0
const char *runconf_watch_get_path (RunconfWatch *self);
RUNCONF_AVAILABLE_IN_1_0
void runconf_watch_stop (RunconfWatch *self);

G_END_DECLS
