/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"
#include "core/node.h"

G_BEGIN_DECLS

RunconfNode *cli_glimpse (CliSession *session, const CliOptions *options, const char *path);

G_END_DECLS
