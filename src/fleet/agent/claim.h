/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdClaim:
 *
 * The key with the report of a host. The key lives as long as the agent renews its lease. Of two
 * hosts with one name, the second puts its report beside the key, and takes the key when the first
 * one is gone.
 */
typedef struct _RunconfFleetdClaim RunconfFleetdClaim;

RunconfFleetdClaim *runconf_fleetd_claim_new (RunconfEtcd *etcd, const char *key,
                                              const char *machine);
void runconf_fleetd_claim_free (RunconfFleetdClaim *self);

void runconf_fleetd_claim_set (RunconfFleetdClaim *self, GBytes *report);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetdClaim, runconf_fleetd_claim_free)

G_END_DECLS
