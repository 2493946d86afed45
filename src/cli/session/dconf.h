/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"
#include "cli/terminal/exit.h"

G_BEGIN_DECLS

typedef CliExit (*CliDconfFunc) (CliSession *session, GError **error);

CliExit cli_dconf_perform (const CliSession *session, CliDconfFunc perform, GError **error);
gboolean cli_dconf_check_format (const char *format, GError **error);
gboolean cli_dconf_run (const char *const *words, GBytes *input, GBytes **output, CliExit *status,
                        GError **error);

G_END_DECLS
