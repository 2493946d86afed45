/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "rules/rules.h"

G_BEGIN_DECLS

/**
 * RunconfGround:
 * @defaults: the values at paths without an override
 * @visible_defaults: the same without secrets; the same node if there are none
 * @rules: the rules for overrides
 *
 * The ground is the foundation of the overrides: the defaults and the rules. It never changes.
 */
typedef struct
{
  RunconfNode *defaults;
  RunconfNode *visible_defaults;
  RunconfRules *rules;
} RunconfGround;

RunconfGround *runconf_ground_new (const RunconfNode *defaults, RunconfRules *rules);
RunconfGround *runconf_ground_ref (RunconfGround *self);
void runconf_ground_unref (RunconfGround *self);

GPtrArray *runconf_ground_check (const RunconfGround *self, const RunconfNode *effective);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfGround, runconf_ground_unref)

G_END_DECLS
