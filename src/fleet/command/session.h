/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/command/options.h"
#include "fleet/control/place.h"
#include "fleet/control/store.h"

G_BEGIN_DECLS

/**
 * FleetSession:
 *
 * The fleet for a verb: its store, and the documents that the options name.
 */
typedef struct _FleetSession FleetSession;

FleetSession *fleet_session_new (const FleetOptions *options);
void fleet_session_free (FleetSession *self);

const FleetOptions *fleet_session_get_options (FleetSession *self);
const char *fleet_session_get_configuration (FleetSession *self, GError **error);
FleetStore *fleet_session_open (FleetSession *self, GError **error);
FleetPlace *fleet_session_get_place (FleetSession *self, RunconfFleetKeyType type, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FleetSession, fleet_session_free)

G_END_DECLS
