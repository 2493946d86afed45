/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

G_BEGIN_DECLS

/**
 * RunconfAction:
 *
 * A #GAction whose state is the value at a path. It keeps the configuration alive. The program sees only
 * the interface.
 */
#define RUNCONF_TYPE_ACTION (runconf_action_get_type ())
G_DECLARE_FINAL_TYPE (RunconfAction, runconf_action, RUNCONF, ACTION, GObject)

G_END_DECLS
