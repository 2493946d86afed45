/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "gsettings/schemas/catalogue.h"

G_BEGIN_DECLS

#define RUNCONF_GSETTINGS_CONFIGURATION "gsettings"

gboolean runconf_gsettings_user_update (const RunconfGsettingsCatalogue *catalogue,
                                        RunconfGsettingsInputs *inputs, GError **error);

G_END_DECLS
