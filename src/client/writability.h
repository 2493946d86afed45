/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

G_BEGIN_DECLS

/**
 * RunconfWritability:
 *
 * Binds a boolean property of an object to whether this program may write a path. It keeps the
 * configuration alive, but not the object: its owner disposes it before the object is finalized.
 */
#define RUNCONF_TYPE_WRITABILITY (runconf_writability_get_type ())
G_DECLARE_FINAL_TYPE (RunconfWritability, runconf_writability, RUNCONF, WRITABILITY, GObject)

RunconfWritability *runconf_writability_new (RunconfConfiguration *configuration, const char *path,
                                             GObject *object, GParamSpec *property,
                                             gboolean inverted);
void runconf_writability_ask (RunconfWritability *self);

G_END_DECLS
