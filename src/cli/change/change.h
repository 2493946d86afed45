/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/change/made.h"
#include "cli/session/session.h"
#include "cli/terminal/exit.h"

G_BEGIN_DECLS

/* Adds an operation on a path, which takes no value. */
typedef void (*CliPathOperation) (RunconfTransaction *transaction, const char *path);

gboolean cli_change_make (CliSession *session, RunconfTransaction *transaction, CliMade *made,
                          GError **error);
gboolean cli_change_make_text (CliSession *session, const char *text, CliMade *made,
                               GError **error);
CliExit cli_change_apply (CliSession *session, RunconfTransaction *transaction, GError **error);
CliExit cli_change_apply_paths (CliSession *session, CliPathOperation add, char **paths,
                                GError **error);
CliExit cli_change_replace_text (CliSession *session, const char *text, GError **error);
CliExit cli_change_revert (CliSession *session, guint64 to, GError **error);

G_END_DECLS
