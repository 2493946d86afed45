/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>

#include "gsettings/schemas/inputs.h"

G_BEGIN_DECLS

/**
 * RunconfGsettingsSources:
 *
 * The schemas of several folders. A schema of a stronger folder replaces one of the same name.
 */
typedef struct _RunconfGsettingsSources RunconfGsettingsSources;

RunconfGsettingsSources *runconf_gsettings_sources_new (const char *const *folders, GError **error);
RunconfGsettingsSources *runconf_gsettings_sources_new_system (const char *data_folder);
RunconfGsettingsSources *runconf_gsettings_sources_new_session (void);
void runconf_gsettings_sources_free (RunconfGsettingsSources *self);

RunconfGsettingsInputs *runconf_gsettings_sources_get_inputs (const RunconfGsettingsSources *self);
char **runconf_gsettings_sources_list (const RunconfGsettingsSources *self);
GSettingsSchema *runconf_gsettings_sources_lookup (const RunconfGsettingsSources *self,
                                                   const char *schema);
gboolean runconf_gsettings_sources_has_one_default (const RunconfGsettingsSources *self,
                                                    const char *schema, const char *key);
char *runconf_gsettings_sources_dup_child (const RunconfGsettingsSources *self, const char *schema,
                                           const char *child);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfGsettingsSources, runconf_gsettings_sources_free)

G_END_DECLS
