/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <runconf/runconf.h>

#include "cli/terminal/options.h"

G_BEGIN_DECLS

/**
 * CliSession:
 *
 * The configuration that a verb works on: its name, and a connection to its service, which is made
 * when it is first needed.
 */
typedef struct _CliSession CliSession;

CliSession *cli_session_new (const CliOptions *options);
void cli_session_free (CliSession *self);
void cli_session_close (CliSession *self, const GError *error);

const CliOptions *cli_session_get_options (const CliSession *self);
const char *cli_session_get_name (const CliSession *self);
gboolean cli_session_is_named (const CliSession *self);
GDBusConnection *cli_session_connect (CliSession *self, GError **error);
RunconfConfiguration *cli_session_open (CliSession *self, GError **error);
RunconfConfiguration *cli_session_reach (CliSession *self, GError **error);
void cli_session_explain (CliSession *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliSession, cli_session_free)

G_END_DECLS
