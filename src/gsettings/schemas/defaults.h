/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "gsettings/schemas/catalogue.h"

G_BEGIN_DECLS

/* The defaults of the keys, as the file of a layer. */

RunconfNode *runconf_gsettings_defaults_new (const RunconfGsettingsCatalogue *catalogue);
GBytes *runconf_gsettings_defaults_write (const RunconfGsettingsCatalogue *catalogue,
                                          const RunconfNode *defaults, const char *head,
                                          GError **error);
char *runconf_gsettings_defaults_list_missing (const RunconfGsettingsCatalogue *catalogue,
                                               const RunconfNode *defaults);

G_END_DECLS
