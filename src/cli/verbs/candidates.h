/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"
#include "cli/verbs/line.h"

G_BEGIN_DECLS

void cli_candidates_print (const CliLine *line, const CliOptions *options, CliSession *session);

G_END_DECLS
