/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "layers/layer.h"
#include "rules/ground.h"

G_BEGIN_DECLS

/**
 * RunconfIgnored:
 * @layer: that of the override
 * @path: of the override
 * @place: the path of the error, at, above or below @path; the same as @path for a lock
 * @rule: (nullable): the violated keyword of the schema, %NULL for a lock
 * @message: the error, and how to correct it
 *
 * An override without effect.
 */
typedef struct
{
  RunconfLayer layer;
  char *path;
  char *place;
  char *rule;
  char *message;
} RunconfIgnored;

GPtrArray *runconf_ignored_new (void);
RunconfNode *runconf_ignored_take_out (GPtrArray *ignored, RunconfLayer layer,
                                       const RunconfNode *overrides);

void runconf_screening_find_locked (const RunconfGround *ground, RunconfLayer layer,
                                    GPtrArray *deltas, GPtrArray *ignored);
void runconf_screening_keep_locked (GPtrArray *before, RunconfLayer layer, GPtrArray *deltas,
                                    GPtrArray *ignored);
gboolean runconf_screening_give_way (GPtrArray *violations, RunconfLayer layer,
                                     const RunconfNode *counted, GPtrArray *ignored);
void runconf_screening_give_up (GPtrArray *violations, RunconfLayer layer,
                                const RunconfNode *counted, GPtrArray *ignored);

G_END_DECLS
