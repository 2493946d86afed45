/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/configuration.h>

G_BEGIN_DECLS

/**
 * RunconfChildren:
 *
 * A #GListModel of the children of a mapping or a sequence. It keeps the configuration alive. The program
 * sees only the interface.
 */
#define RUNCONF_TYPE_CHILDREN (runconf_children_get_type ())
G_DECLARE_FINAL_TYPE (RunconfChildren, runconf_children, RUNCONF, CHILDREN, GObject)

G_END_DECLS
