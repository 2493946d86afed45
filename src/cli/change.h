/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/exit.h"
#include "cli/session.h"

G_BEGIN_DECLS

GOptionGroup *cli_change_new_group (void);

GVariant *cli_change_make_options (void);
CliExit cli_change_apply (CliSession *session, RunconfTransaction *transaction, GError **error);
CliExit cli_change_replace_text (CliSession *session, const char *text, GError **error);
CliExit cli_change_tell (guint64 before, guint64 version, char **paths);

G_END_DECLS
