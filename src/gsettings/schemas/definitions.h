/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "core/node.h"
#include "gsettings/schemas/catalogue.h"

G_BEGIN_DECLS

/* The JSON Schema of the configuration. */

RunconfNode *runconf_gsettings_definitions_new (const RunconfGsettingsCatalogue *catalogue,
                                                GError **error);
GBytes *runconf_gsettings_definitions_write (const RunconfNode *schema, GError **error);

G_END_DECLS
