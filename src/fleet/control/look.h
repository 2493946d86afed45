/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/place.h"
#include "fleet/control/survey.h"
#include "fleet/model/rollout.h"

G_BEGIN_DECLS

/**
 * FleetReach:
 * @n_hosts: the hosts of the document that report
 * @n_wanted: the hosts that the step reaches
 * @n_reached: those that report the new text
 * @is_soaking: whether all of them have it, and are watched
 *
 * How far a step is.
 */
typedef struct
{
  guint n_hosts;
  guint n_wanted;
  guint n_reached;
  gboolean is_soaking;
} FleetReach;

/**
 * FleetLook:
 * @reach: how far the step is
 * @reached: (element-type utf8 guint): the hosts that the step reaches, and since when they lack the
 *   text, in seconds of the monotonic clock; 0 if they have it
 * @host: (nullable): a host that has a problem
 * @problem: (nullable): its problem
 * @missing: (nullable): the host that lacks the text for the longest time
 * @missing_since: since when
 *
 * The outcome of a look at the hosts. The members are owned.
 */
typedef struct
{
  FleetReach reach;
  GHashTable *reached;
  char *host;
  char *problem;
  char *missing;
  guint missing_since;
} FleetLook;

void fleet_look_clear (FleetLook *self);
void fleet_look_take (FleetLook *self, const FleetSurvey *survey, const FleetPlace *place,
                      const RunconfFleetRollout *rollout);
gboolean fleet_look_recall (FleetLook *self, FleetStore *store, gint64 revision,
                            const FleetPlace *place, const RunconfFleetRollout *rollout,
                            GError **error);
gboolean fleet_look_is_late (const FleetLook *self);
gboolean fleet_look_concerns (const FleetPlace *place, const FleetHost *host);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FleetLook, fleet_look_clear)

G_END_DECLS
