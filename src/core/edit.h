/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* Changes of a tree at one path. The tree itself does not change: the result is a new tree. */

RunconfNode *runconf_edit_open (const RunconfNode *node);
RunconfNode *runconf_edit_close (RunconfNode *mapping);
RunconfNode *runconf_edit_set (const RunconfNode *root, const RunconfPath *path, guint depth,
                               const RunconfNode *value);
RunconfNode *runconf_edit_remove (const RunconfNode *root, const RunconfPath *path, guint depth);

G_END_DECLS
