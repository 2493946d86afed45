/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/ground.h"

RunconfdGround *
runconfd_ground_new (const RunconfNode *defaults, RunconfdRules *rules)
{
  RunconfdGround *self = g_atomic_rc_box_new0 (RunconfdGround);

  self->defaults = runconf_node_ref (defaults);
  self->visible_defaults = runconfd_rules_strip (rules, defaults);
  self->rules = runconfd_rules_ref (rules);

  return self;
}

RunconfdGround *
runconfd_ground_ref (RunconfdGround *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfdGround *self)
{
  runconf_node_unref (self->defaults);
  runconf_node_unref (self->visible_defaults);
  runconfd_rules_unref (self->rules);
}

void
runconfd_ground_unref (RunconfdGround *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconfd_ground_check:
 * @effective: the defaults merged with overrides
 *
 * Returns: (transfer full) (nullable) (element-type RunconfViolation): the violations that the
 *   overrides cause; %NULL if there are none
 */
GPtrArray *
runconfd_ground_check (const RunconfdGround *self, const RunconfNode *effective)
{
  g_autoptr (GPtrArray) violations = runconfd_rules_check (self->rules, self->defaults, effective);

  return violations != NULL && violations->len > 0 ? g_steal_pointer (&violations) : NULL;
}
