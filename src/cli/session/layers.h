/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/layer.h"

G_BEGIN_DECLS

const char *const *cli_layers_list (void);
const char *const *cli_layers_list_all (void);
RunconfLayer cli_layers_find (const char *name);
gboolean cli_layers_check (const char *const *names, const char *option, const char *name,
                           GError **error);

G_END_DECLS
