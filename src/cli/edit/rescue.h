/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void cli_rescue_begin (const char *line);
void cli_rescue_set_editing (gboolean is_editing);
gboolean cli_rescue_is_hung_up (void);
void cli_rescue_end (void);

G_END_DECLS
