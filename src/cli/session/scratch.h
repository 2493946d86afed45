/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void cli_scratch_remove (const char *folder);
char *cli_scratch_move (const char *folder);

G_END_DECLS
