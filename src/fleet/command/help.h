/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/command/verb.h"

G_BEGIN_DECLS

GOptionContext *fleet_help_new_context (const FleetVerb *verb, FleetOptions *options);
gboolean fleet_help_parse_global (FleetOptions *options, int *argc, char ***argv, GError **error);

CliExit fleet_help_print (const FleetVerb *verb);
CliExit fleet_help_print_version (void);

G_END_DECLS
