/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/exit.h"
#include "cli/session.h"

G_BEGIN_DECLS

/**
 * CliMade:
 * @before: the version before the change
 * @version: the one that the service answered
 * @paths: those whose value changed
 * @is_change: whether anything changed, a value or what is overridden
 *
 * A change that was made.
 */
typedef struct
{
  guint64 before;
  guint64 version;
  char **paths;
  gboolean is_change;
} CliMade;

void cli_made_clear (CliMade *self);

const GOptionEntry *cli_change_get_entries (void);
GOptionGroup *cli_change_new_group (void);

void cli_change_reset (void);
gboolean cli_change_get_if_version (guint64 *version);
void cli_change_set_if_version (guint64 version);
gboolean cli_change_make (CliSession *session, RunconfTransaction *transaction, CliMade *made,
                          GError **error);
gboolean cli_change_make_text (CliSession *session, const char *text, CliMade *made,
                               GError **error);
CliExit cli_change_apply (CliSession *session, RunconfTransaction *transaction, GError **error);
CliExit cli_change_replace_text (CliSession *session, const char *text, GError **error);
CliExit cli_change_revert (CliSession *session, guint64 to, GError **error);
CliExit cli_change_tell (const CliMade *made);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CliMade, cli_made_clear)

G_END_DECLS
