/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

int cli_holder_find (const char *path);
void cli_holder_wait (int pid);

G_END_DECLS
