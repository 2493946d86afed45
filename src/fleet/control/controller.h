/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/look.h"
#include "fleet/control/place.h"
#include "fleet/model/keys.h"
#include "fleet/model/rollout.h"

G_BEGIN_DECLS

/* A controller counts as gone so many seconds after its last sign of life. */
#define FLEET_CONTROLLER_LEASE 10

/**
 * FleetController:
 *
 * Leads a rollout: the new text of a document reaches more hosts step by step, and goes on only while
 * each of them is well. Else all hosts get the old text again.
 *
 * All its state is in the store. A rollout has one controller at most, which has a key with a lease;
 * if the controller is killed, another one takes the rollout up at the same step.
 */
typedef struct _FleetController FleetController;

/* Tells how far a step is, several times a second. Returns: %FALSE to undo the rollout */
typedef gboolean (*FleetReachFunc) (const RunconfFleetRollout *rollout, const FleetReach *reach,
                                    gpointer data);

char **fleet_steps_new (const char *text, GError **error);
guint fleet_steps_count (const char *step, guint n_hosts);

FleetController *fleet_controller_begin (FleetStore *store, const FleetPlace *place,
                                         RunconfFleetRollout *rollout, GError **error);
FleetController *fleet_controller_take (FleetStore *store, const FleetPlace *place, GError **error);
void fleet_controller_free (FleetController *self);

const RunconfFleetRollout *fleet_controller_get_rollout (const FleetController *self);
gint64 fleet_controller_get_revision (const FleetController *self);

gboolean fleet_controller_run (FleetController *self, FleetReachFunc tell, gpointer data,
                               GError **error);
gboolean fleet_controller_undo (FleetController *self, const char *host, const char *reason,
                                GError **error);

/* Tells the beginning and the end of a rollout that was taken up. */
typedef void (*FleetKeepFunc) (const FleetPlace *place, const char *text, gpointer data);

gboolean fleet_rollout_keep (FleetStore *store, const RunconfFleetKey *key, gboolean is_undone,
                             FleetKeepFunc tell, gpointer data, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FleetController, fleet_controller_free)

G_END_DECLS
