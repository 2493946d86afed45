/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/place.h"

/**
 * fleet_place_new:
 * @configuration: a valid name
 * @scope: (nullable): the hosts; %NULL for a schema
 *
 * Returns: (transfer full): the place of a text
 */
FleetPlace *
fleet_place_new (FleetStore *store, RunconfFleetKeyType type, const char *configuration,
                 const RunconfFleetScope *scope)
{
  const char *prefix = fleet_store_get_prefix (store);
  FleetPlace *self = g_new0 (FleetPlace, 1);

  self->type = type;
  self->configuration = g_strdup (configuration);
  self->scope = scope != NULL ? runconf_fleet_scope_copy (scope) : NULL;
  self->key = scope != NULL ? runconf_fleet_key_for_scope (prefix, type, configuration, scope)
                            : runconf_fleet_key_for_schema (prefix, configuration);
  self->name = g_strdup (fleet_store_shorten (store, self->key));

  return self;
}

void
fleet_place_free (FleetPlace *self)
{
  g_free (self->configuration);
  g_clear_pointer (&self->scope, runconf_fleet_scope_free);
  g_free (self->key);
  g_free (self->name);
  g_free (self);
}

/**
 * fleet_place_get_option:
 *
 * Returns: (transfer full): the option that names the hosts, for messages
 */
char *
fleet_place_get_option (const FleetPlace *self)
{
  if (self->scope == NULL || self->scope->type == RUNCONF_FLEET_ALL)
    return g_strdup ("--all");

  return g_strdup_printf (self->scope->type == RUNCONF_FLEET_GROUP ? "--group %s" : "--host %s",
                          self->scope->name);
}
