/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

void cli_program_set_missing (GError **error, const char *program, const char *package);

G_END_DECLS
