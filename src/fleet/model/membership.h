/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/model/keys.h"

G_BEGIN_DECLS

/**
 * RunconfFleetMembership:
 *
 * The groups of one host: those of its own settings, and those of the fleet whose patterns match
 * its name.
 */
typedef struct _RunconfFleetMembership RunconfFleetMembership;

RunconfFleetMembership *runconf_fleet_membership_new (const char *host, const char *const *own);
void runconf_fleet_membership_free (RunconfFleetMembership *self);

const char *runconf_fleet_membership_get_host (const RunconfFleetMembership *self);
void runconf_fleet_membership_clear (RunconfFleetMembership *self);
gboolean runconf_fleet_membership_set (RunconfFleetMembership *self, const char *group,
                                       gboolean is_member);
char **runconf_fleet_membership_list (const RunconfFleetMembership *self);
gboolean runconf_fleet_membership_reaches (const RunconfFleetMembership *self,
                                           const RunconfFleetKey *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetMembership, runconf_fleet_membership_free)

G_END_DECLS
