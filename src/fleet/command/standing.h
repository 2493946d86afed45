/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/survey.h"

G_BEGIN_DECLS

/**
 * FleetState:
 * @FLEET_STATE_OK: the host has all documents, and reports no problem
 * @FLEET_STATE_BEHIND: the host lacks a change
 * @FLEET_STATE_DEGRADED: the host reports a problem
 * @FLEET_STATE_GONE: the host doesn't report
 */
typedef enum
{
  FLEET_STATE_OK,
  FLEET_STATE_BEHIND,
  FLEET_STATE_DEGRADED,
  FLEET_STATE_GONE,
} FleetState;

#define FLEET_N_STATES (FLEET_STATE_GONE + 1)

/**
 * FleetStanding:
 * @host: (unowned): the host
 * @configuration: the configuration
 * @report: (nullable) (unowned): the report of the host about it
 * @wanted: the revision that the host should have
 * @state: the outcome
 *
 * How a host stands with one configuration.
 */
typedef struct
{
  const FleetHost *host;
  char *configuration;
  const RunconfFleetReport *report;
  gint64 wanted;
  FleetState state;
} FleetStanding;

const char *fleet_state_get_name (FleetState state);
GPtrArray *fleet_standings_find (const FleetSurvey *survey, const RunconfFleetScope *scope,
                                 const char *configuration);
void fleet_standings_complain (const FleetSurvey *survey);

G_END_DECLS
