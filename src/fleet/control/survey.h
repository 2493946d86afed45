/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/store.h"
#include "fleet/model/keys.h"
#include "fleet/model/membership.h"
#include "fleet/model/status.h"

G_BEGIN_DECLS

/**
 * FleetHost:
 * @name: its name
 * @status: (nullable): its report, %NULL if its agent is gone
 * @seen: when its agent last ran, in µs since the epoch and within some minutes; 0 if that isn't
 *   known
 * @membership: its groups
 *
 * A host of the fleet. The members are owned.
 */
typedef struct
{
  char *name;
  RunconfFleetStatus *status;
  gint64 seen;
  RunconfFleetMembership *membership;
} FleetHost;

/**
 * FleetSurvey:
 * @revision: the revision of the store
 * @hosts: (element-type FleetHost): the hosts, in alphabetical order
 * @problems: (element-type utf8): reports and groups that can't be read
 *
 * The hosts of the fleet: those that report or did so in the last month, and those that a document
 * or a group names.
 */
typedef struct
{
  gint64 revision;
  GPtrArray *hosts;
  GPtrArray *problems;
  GPtrArray *documents; /* those that may be for several hosts */
  GHashTable *own;      /* name of a host → GPtrArray, the documents for it alone */
  GPtrArray *groups;
  GHashTable *names;
  GHashTable *reports;
} FleetSurvey;

FleetSurvey *fleet_survey_new (FleetStore *store, gint64 revision, GError **error);
void fleet_survey_take (FleetSurvey *self, FleetStore *store, const RunconfEtcdEvent *event);
void fleet_survey_free (FleetSurvey *self);

gint64 fleet_survey_get_wanted (const FleetSurvey *self, const FleetHost *host,
                                const char *configuration);
char **fleet_survey_list_configurations (const FleetSurvey *self, const FleetHost *host);
gboolean fleet_host_is_in (const FleetHost *self, const RunconfFleetScope *scope);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FleetSurvey, fleet_survey_free)

G_END_DECLS
