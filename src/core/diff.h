/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"

G_BEGIN_DECLS

/**
 * RunconfDelta:
 * @path: a JSON Pointer
 * @old_value: (nullable): the leaf at the path before the change, %NULL if there was none
 * @new_value: (nullable): the leaf at the path after the change, %NULL if there is none
 *
 * The effect of a change on one path. The path is in the same block of memory as the struct: a
 * change may have a million deltas.
 */
typedef struct
{
  char *path;
  RunconfNode *old_value;
  RunconfNode *new_value;
} RunconfDelta;

RunconfDelta *runconf_delta_new (const char *path, RunconfNode *old_value, RunconfNode *new_value);
GPtrArray *runconf_deltas_new (void);

GPtrArray *runconf_diff (const RunconfNode *from, const RunconfNode *to);
RunconfNode *runconf_diff_apply (const RunconfNode *base, GPtrArray *deltas);

GPtrArray *runconf_diff_get_paths (GPtrArray *deltas, guint max_paths);
char *runconf_paths_get_prefix (GPtrArray *paths);

G_END_DECLS
