/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/ground.h"

RunconfGround *
runconf_ground_new (const RunconfNode *defaults, RunconfRules *rules)
{
  RunconfGround *self = g_atomic_rc_box_new0 (RunconfGround);

  self->defaults = runconf_node_ref (defaults);
  self->visible_defaults = runconf_rules_strip (rules, defaults);
  self->rules = runconf_rules_ref (rules);

  return self;
}

RunconfGround *
runconf_ground_ref (RunconfGround *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfGround *self)
{
  runconf_node_unref (self->defaults);
  runconf_node_unref (self->visible_defaults);
  runconf_rules_unref (self->rules);
}

void
runconf_ground_unref (RunconfGround *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconf_ground_check:
 * @effective: the defaults merged with overrides
 *
 * Returns: (transfer full) (nullable) (element-type RunconfViolation): the violations that the
 *   overrides cause; %NULL if there are none
 */
GPtrArray *
runconf_ground_check (const RunconfGround *self, const RunconfNode *effective)
{
  g_autoptr (GPtrArray) violations = runconf_rules_check (self->rules, self->defaults, effective);

  return violations != NULL && violations->len > 0 ? g_steal_pointer (&violations) : NULL;
}
