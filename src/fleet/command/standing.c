/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/standing.h"

#include "cli/terminal/output.h"

/* Compares the reports of hosts with the documents. */

static void
standing_free (FleetStanding *self)
{
  g_free (self->configuration);
  g_free (self);
}

const char *
fleet_state_get_name (FleetState state)
{
  static const char *const names[FLEET_N_STATES] = { "ok", "behind", "degraded", "gone" };

  return names[state];
}

static FleetState
judge (const FleetStanding *self)
{
  if (self->host->status == NULL)
    return FLEET_STATE_GONE;
  if (self->report == NULL || self->report->revision < self->wanted)
    return FLEET_STATE_BEHIND;

  return runconf_fleet_report_is_well (self->report) ? FLEET_STATE_OK : FLEET_STATE_DEGRADED;
}

static void
add (GPtrArray *standings, const FleetSurvey *survey, const FleetHost *host,
     const char *configuration)
{
  FleetStanding *self = g_new0 (FleetStanding, 1);

  self->host = host;
  self->configuration = g_strdup (configuration);
  self->wanted = fleet_survey_get_wanted (survey, host, configuration);
  if (host->status != NULL)
    self->report = runconf_fleet_status_find (host->status, configuration);
  self->state = judge (self);
  g_ptr_array_add (standings, self);
}

/**
 * fleet_standings_find:
 * @survey: the hosts, which have to outlive the standings
 * @scope: (nullable): the hosts to find; %NULL for all
 * @configuration: (nullable): the configuration; %NULL for all
 *
 * Returns: (transfer full) (element-type FleetStanding): the standings, by host and configuration
 */
GPtrArray *
fleet_standings_find (const FleetSurvey *survey, const RunconfFleetScope *scope,
                      const char *configuration)
{
  GPtrArray *standings = g_ptr_array_new_with_free_func ((GDestroyNotify) standing_free);

  for (guint i = 0; i < survey->hosts->len; i++)
    {
      const FleetHost *host = survey->hosts->pdata[i];
      g_auto (GStrv) names = fleet_survey_list_configurations (survey, host);

      for (char **name = names; *name != NULL && fleet_host_is_in (host, scope); name++)
        {
          if (configuration == NULL || g_str_equal (*name, configuration))
            add (standings, survey, host, *name);
        }
    }

  return standings;
}

/**
 * fleet_standings_complain:
 *
 * Prints the problems of the survey to standard error.
 */
void
fleet_standings_complain (const FleetSurvey *survey)
{
  for (guint i = 0; i < survey->problems->len; i++)
    cli_output_complain (survey->problems->pdata[i]);
}
