/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"
#include "fleet/model/host-settings.h"

G_BEGIN_DECLS

RunconfEtcd *runconf_fleetd_connect (const RunconfFleetSettings *settings, GError **error);

G_END_DECLS
