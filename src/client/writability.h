/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

G_BEGIN_DECLS

/**
 * RunconfWritability:
 *
 * Has a boolean property of an object follow whether this program may write a path. It holds
 * the configuration, but not the object: whoever made it disposes it before the object goes.
 */
#define RUNCONF_TYPE_WRITABILITY (runconf_writability_get_type ())
G_DECLARE_FINAL_TYPE (RunconfWritability, runconf_writability, RUNCONF, WRITABILITY, GObject)

RunconfWritability *runconf_writability_new (RunconfConfiguration *configuration, const char *path,
                                             GObject *object, GParamSpec *property,
                                             gboolean inverted);
void runconf_writability_ask (RunconfWritability *self);

G_END_DECLS
