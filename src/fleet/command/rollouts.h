/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/store.h"
#include "fleet/model/keys.h"

G_BEGIN_DECLS

gboolean fleet_rollouts_print (FleetStore *store, const RunconfFleetScope *scope,
                               const char *configuration, GError **error);

G_END_DECLS
