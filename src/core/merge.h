/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/* Lays one tree over another, as the overrides over the defaults. */

RunconfNode *runconf_merge (const RunconfNode *base, const RunconfNode *over);
RunconfNode *runconf_merge_resolve (const RunconfNode *node);
RunconfNode *runconf_merge_update (const RunconfNode *base, const RunconfNode *old_over,
                                   const RunconfNode *old_merged, const RunconfNode *over);

const RunconfNode *runconf_merge_find_deciding (const RunconfNode *node, const RunconfPath *path,
                                                guint *depth);

G_END_DECLS
