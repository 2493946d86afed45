/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/survey.h"

G_BEGIN_DECLS

/**
 * FleetLookout:
 *
 * A survey that follows the reports of the hosts. It needs iterations of the thread's main context.
 */
typedef struct _FleetLookout FleetLookout;

FleetLookout *fleet_lookout_new (FleetStore *store);
void fleet_lookout_free (FleetLookout *self);

const FleetSurvey *fleet_lookout_look (FleetLookout *self, GError **error);
gboolean fleet_lookout_has_news (const FleetLookout *self);
void fleet_lookout_forget (FleetLookout *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FleetLookout, fleet_lookout_free)

G_END_DECLS
