/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/agent/host.h"

G_BEGIN_DECLS

/* The hosts that one process plays, for tests. */

GPtrArray *runconf_fleetd_roster_new (const RunconfFleetSettings *settings, const char *file,
                                      const char *root, GError **error);

G_END_DECLS
