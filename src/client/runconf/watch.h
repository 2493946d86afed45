/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include <runconf/change.h>

G_BEGIN_DECLS

#define RUNCONF_TYPE_WATCH (runconf_watch_get_type ())
G_DECLARE_FINAL_TYPE (RunconfWatch, runconf_watch, RUNCONF, WATCH, GObject)

const char *runconf_watch_get_path (RunconfWatch *self);
void runconf_watch_stop (RunconfWatch *self);

G_END_DECLS
