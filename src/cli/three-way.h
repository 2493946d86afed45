/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/diff.h"

G_BEGIN_DECLS

/**
 * CliConflict:
 * @path: where two changed something else
 * @base: (nullable): what stood there
 * @mine: (nullable): what one made of it
 * @theirs: (nullable): what the other made of it
 *
 * What can't be put together.
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
 * Two changes of the same tree, which are put together path by path.
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
