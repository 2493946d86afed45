/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/session/session.h"

G_BEGIN_DECLS

void cli_hint_propagate_error (CliSession *session, const char *path, GError **error,
                               GError *failure);

G_END_DECLS
