/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/terminal/options.h"

G_BEGIN_DECLS

gboolean cli_fleet_execute (const CliOptions *options, const char *const *words, char **arguments,
                            GError **error);

G_END_DECLS
