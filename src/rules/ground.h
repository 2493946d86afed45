/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "rules/rules.h"

G_BEGIN_DECLS

/**
 * RunconfdGround:
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
  RunconfdRules *rules;
} RunconfdGround;

RunconfdGround *runconfd_ground_new (const RunconfNode *defaults, RunconfdRules *rules);
RunconfdGround *runconfd_ground_ref (RunconfdGround *self);
void runconfd_ground_unref (RunconfdGround *self);

GPtrArray *runconfd_ground_check (const RunconfdGround *self, const RunconfNode *effective);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfdGround, runconfd_ground_unref)

G_END_DECLS
