/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"
#include "fleet/model/status.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdSeen:
 *
 * The key that tells when the agent of a host last ran, with the groups of the host. It outlives the
 * report, so that a host is still known when it is gone.
 */
typedef struct _RunconfFleetdSeen RunconfFleetdSeen;

RunconfFleetdSeen *runconf_fleetd_seen_new (RunconfEtcd *etcd, const char *key);
void runconf_fleetd_seen_free (RunconfFleetdSeen *self);

void runconf_fleetd_seen_set (RunconfFleetdSeen *self, const RunconfFleetStatus *status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetdSeen, runconf_fleetd_seen_free)

G_END_DECLS
