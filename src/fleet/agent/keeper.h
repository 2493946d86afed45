/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"
#include "fleet/model/host-settings.h"
#include "fleet/model/keys.h"
#include "fleet/model/rollout.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdKeeper:
 *
 * Leads rollouts whose command is gone to their end.
 */
typedef struct _RunconfFleetdKeeper RunconfFleetdKeeper;

RunconfFleetdKeeper *runconf_fleetd_keeper_new (RunconfEtcd *etcd, const char *prefix,
                                                const char *host, RunconfFleetRollouts way);
void runconf_fleetd_keeper_free (RunconfFleetdKeeper *self);

void runconf_fleetd_keeper_clear (RunconfFleetdKeeper *self);
void runconf_fleetd_keeper_take_rollout (RunconfFleetdKeeper *self, const RunconfFleetKey *key,
                                         const RunconfFleetRollout *rollout);
void runconf_fleetd_keeper_take_controller (RunconfFleetdKeeper *self, const RunconfFleetKey *key,
                                            gboolean exists);

G_END_DECLS
