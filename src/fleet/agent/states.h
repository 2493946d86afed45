/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/model/host-settings.h"
#include "layers/folders.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdStates:
 *
 * The states of the configurations of this host, as its `runconfd` reports them.
 */
typedef struct _RunconfFleetdStates RunconfFleetdStates;

/**
 * RunconfFleetdStateFunc:
 * @name: the configuration
 * @revision: as it was given to runconf_fleetd_states_reload(); 0 if the state changed by itself
 * @state: (nullable): State; %NULL if the host has no such configuration, or isn't asked
 * @message: (nullable): StateMessage
 */
typedef void (*RunconfFleetdStateFunc) (const char *name, gint64 revision, const char *state,
                                        const char *message, gpointer user_data);

RunconfFleetdStates *runconf_fleetd_states_new (RunconfFleetBus bus, const RunconfFolders *folders,
                                                RunconfFleetdStateFunc func, gpointer user_data);
void runconf_fleetd_states_free (RunconfFleetdStates *self);

void runconf_fleetd_states_reload (RunconfFleetdStates *self, const char *name, gint64 revision);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetdStates, runconf_fleetd_states_free)

G_END_DECLS
