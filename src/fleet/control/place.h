/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/store.h"
#include "fleet/model/keys.h"

G_BEGIN_DECLS

/**
 * FleetPlace:
 * @type: %RUNCONF_FLEET_KEY_CONFIG, %RUNCONF_FLEET_KEY_LOCKS or %RUNCONF_FLEET_KEY_SCHEMA
 * @configuration: the configuration
 * @scope: (nullable): the hosts; %NULL for a schema
 * @key: the key in etcd
 * @name: the key for users, without the prefix of all keys: `config/web/all`
 *
 * The place of a text in the store. Its members are owned.
 */
typedef struct
{
  RunconfFleetKeyType type;
  char *configuration;
  RunconfFleetScope *scope;
  char *key;
  char *name;
} FleetPlace;

FleetPlace *fleet_place_new (FleetStore *store, RunconfFleetKeyType type, const char *configuration,
                             const RunconfFleetScope *scope);
void fleet_place_free (FleetPlace *self);
char *fleet_place_get_option (const FleetPlace *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FleetPlace, fleet_place_free)

G_END_DECLS
