/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

gboolean cli_arguments_parse (GOptionContext *context, gboolean takes_values, int *argc,
                              char ***argv, GError **error);

G_END_DECLS
