/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean cli_ask_is_possible (void);
char cli_ask (const char *question, const char *answers);

G_END_DECLS
