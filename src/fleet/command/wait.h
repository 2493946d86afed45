/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/exit.h"
#include "fleet/command/session.h"

G_BEGIN_DECLS

const GOptionEntry *fleet_wait_get_entries (void);
void fleet_wait_reset (void);
gboolean fleet_wait_is_wanted (void);
CliExit fleet_wait_run (FleetSession *session, const FleetPlace *place, gint64 revision,
                        GError **error);

G_END_DECLS
