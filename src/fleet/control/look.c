/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/look.h"

/* A look judges the hosts that a step of a rollout reaches. */

void
fleet_look_clear (FleetLook *self)
{
  g_clear_pointer (&self->reached, g_hash_table_unref);
  g_clear_pointer (&self->host, g_free);
  g_clear_pointer (&self->problem, g_free);
  g_clear_pointer (&self->missing, g_free);
}

/**
 * fleet_look_concerns:
 *
 * Returns: whether the host reports, and the document is for it
 */
gboolean
fleet_look_concerns (const FleetPlace *place, const FleetHost *host)
{
  return host->status != NULL && fleet_host_is_in (host, place->scope);
}

/* Judges a host that the step reaches. */
static void
judge (FleetLook *self, const FleetHost *host, const FleetPlace *place,
       const RunconfFleetRollout *rollout)
{
  const RunconfFleetReport *report = runconf_fleet_status_find (host->status, place->configuration);
  gboolean has_text = report != NULL && runconf_fleet_report_has_rollout (report, rollout->id);

  self->reach.n_wanted++;
  self->reach.n_reached += has_text;
  if (!has_text && self->missing == NULL)
    self->missing = g_strdup (host->name);
  if (!has_text || self->host != NULL || runconf_fleet_report_is_well (report))
    return;

  self->host = g_strdup (host->name);
  self->problem = runconf_fleet_report_describe (report);
}

/* A host that had the text and reports no more may have been brought down by it. */
static void
judge_lost (FleetLook *self, const FleetSurvey *survey, GHashTable *before)
{
  GHashTableIter iter;
  gpointer name;

  for (guint i = 0; i < survey->hosts->len; i++)
    {
      const FleetHost *host = survey->hosts->pdata[i];

      if (host->status != NULL)
        g_hash_table_remove (before, host->name);
    }

  g_hash_table_iter_init (&iter, before);
  if (self->host == NULL && g_hash_table_iter_next (&iter, &name, NULL))
    {
      self->host = g_strdup (name);
      self->problem = g_strdup ("its agent is gone");
    }
}

/**
 * fleet_look_take:
 * @self: (inout): the last look; the first one is empty
 *
 * Judges the hosts of a survey.
 */
void
fleet_look_take (FleetLook *self, const FleetSurvey *survey, const FleetPlace *place,
                 const RunconfFleetRollout *rollout)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->reached);

  fleet_look_clear (self);
  self->reach = (FleetReach){ 0 };
  self->reached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < survey->hosts->len; i++)
    {
      const FleetHost *host = survey->hosts->pdata[i];

      if (!fleet_look_concerns (place, host))
        continue;
      self->reach.n_hosts++;
      if (!runconf_fleet_rollout_reaches (rollout, host->name))
        continue;
      judge (self, host, place, rollout);
      g_hash_table_add (self->reached, g_strdup (host->name));
    }
  if (before != NULL)
    judge_lost (self, survey, before);
}
