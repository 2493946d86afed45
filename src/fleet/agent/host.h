/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/model/host-settings.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdHost:
 *
 * One host of the fleet: it follows etcd, keeps the files of the layer up to date, and reports.
 */
typedef struct _RunconfFleetdHost RunconfFleetdHost;

RunconfFleetdHost *runconf_fleetd_host_new (const RunconfFleetSettings *settings, const char *root,
                                            GError **error);
void runconf_fleetd_host_start (RunconfFleetdHost *self);
void runconf_fleetd_host_free (RunconfFleetdHost *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetdHost, runconf_fleetd_host_free)

G_END_DECLS
