/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfGsettingsInputs:
 *
 * The files that a run reads, also those that were missing, each as it was before it was read.
 */
typedef struct _RunconfGsettingsInputs RunconfGsettingsInputs;

RunconfGsettingsInputs *runconf_gsettings_inputs_new (void);
void runconf_gsettings_inputs_free (RunconfGsettingsInputs *self);

void runconf_gsettings_inputs_add (RunconfGsettingsInputs *self, const char *path);
gboolean runconf_gsettings_inputs_are_current (const RunconfGsettingsInputs *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfGsettingsInputs, runconf_gsettings_inputs_free)

G_END_DECLS
