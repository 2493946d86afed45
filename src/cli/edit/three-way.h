/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/diff.h"

G_BEGIN_DECLS

/**
 * CliConflict:
 * @path: the path that both changed to different values
 * @base: (nullable): the original value
 * @mine: (nullable): the value in one version
 * @theirs: (nullable): the value in the other version
 *
 * A conflict between two changes.
 */
typedef struct
{
  char *path;
  const RunconfNode *base;
  const RunconfNode *mine;
  const RunconfNode *theirs;
} CliConflict;

/**
 * CliThreeWay:
 *
 * Merges two changes of the same tree, path by path.
 */
typedef struct _CliThreeWay CliThreeWay;

CliThreeWay *cli_three_way_new (const RunconfNode *base, const RunconfNode *mine,
                                const RunconfNode *theirs);
void cli_three_way_free (CliThreeWay *self);

GPtrArray *cli_three_way_get_theirs (CliThreeWay *self);
GPtrArray *cli_three_way_get_conflicts (CliThreeWay *self);
RunconfNode *cli_three_way_apply (CliThreeWay *self, const RunconfNode *root,
                                  gboolean takes_conflicts);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliThreeWay, cli_three_way_free)

G_END_DECLS
