/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"
#include "core/node.h"

G_BEGIN_DECLS

RunconfNode *cli_fetch (CliSession *session, const char *path, GError **error);
gboolean cli_fetch_layer (CliSession *session, const char *path, const char *layer,
                          gboolean is_stacked, RunconfNode **value, GError **error);

G_END_DECLS
