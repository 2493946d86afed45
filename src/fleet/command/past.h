/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/text.h"
#include "fleet/model/entry.h"

G_BEGIN_DECLS

GPtrArray *fleet_past_list (FleetStore *store, const FleetPlace *place, guint limit,
                            GError **error);
RunconfDocument *fleet_past_get (FleetStore *store, const FleetPlace *place, gint64 revision,
                                 GError **error);

G_END_DECLS
