/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/look.h"

#include "core/error.h"

/* A look judges the hosts that a step of a rollout reaches. */

/* A host that hasn't taken the text after so many seconds is a reason to go back. */
#define MAX_WAIT_SECONDS 60

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

/* Returns: the seconds of the monotonic clock, at least 1 */
static guint
get_seconds (void)
{
  return (guint) MAX (g_get_monotonic_time () / G_USEC_PER_SEC, 1);
}

/* Notes that a host lacks the text. @before: (nullable): the hosts that the last look found */
static void
note_missing (FleetLook *self, const char *name, GHashTable *before)
{
  guint since = before != NULL ? GPOINTER_TO_UINT (g_hash_table_lookup (before, name)) : 0;

  if (since == 0)
    since = get_seconds ();
  g_hash_table_replace (self->reached, g_strdup (name), GUINT_TO_POINTER (since));
  if (self->missing != NULL && self->missing_since <= since)
    return;

  g_free (self->missing);
  self->missing = g_strdup (name);
  self->missing_since = since;
}

/* Judges a host that the step reaches. Two hosts may have its name, of which one lacks the text. */
static void
judge (FleetLook *self, const FleetHost *host, const FleetPlace *place,
       const RunconfFleetRollout *rollout, GHashTable *before)
{
  const RunconfFleetReport *report = runconf_fleet_status_find (host->status, place->configuration);
  gboolean has_text = report != NULL && runconf_fleet_report_has_rollout (report, rollout->id);

  self->reach.n_wanted++;
  self->reach.n_reached += has_text;
  if (!has_text)
    {
      note_missing (self, host->name, before);
      return;
    }

  if (!g_hash_table_contains (self->reached, host->name))
    g_hash_table_insert (self->reached, g_strdup (host->name), NULL);
  if (self->host != NULL || runconf_fleet_report_is_well (report))
    return;

  self->host = g_strdup (host->name);
  self->problem = runconf_fleet_report_describe (report);
}

/* A host that the step reached and that reports no more may have been brought down by the text. */
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
      judge (self, host, place, rollout, before);
    }
  if (before != NULL)
    judge_lost (self, survey, before);
}

/**
 * fleet_look_recall:
 * @self: (inout): the first look
 * @revision: that of the last change of the rollout
 *
 * Looks at the hosts of that time, so that the next look finds those that report no more: one may
 * have ceased while the rollout had no controller. If etcd was compacted since, the next look is the
 * first.
 *
 * Returns: %FALSE with an error
 */
gboolean
fleet_look_recall (FleetLook *self, FleetStore *store, gint64 revision, const FleetPlace *place,
                   const RunconfFleetRollout *rollout, GError **error)
{
  g_autoptr (FleetSurvey) survey = NULL;
  GError *failure = NULL;

  /* no host has the text yet */
  if (rollout->threshold == NULL)
    return TRUE;

  survey = fleet_survey_new (store, revision, &failure);
  if (survey != NULL)
    fleet_look_take (self, survey, place, rollout);
  else if (g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
    g_clear_error (&failure);
  else
    g_propagate_error (error, failure);

  return failure == NULL;
}

/**
 * fleet_look_is_late:
 *
 * Returns: whether a host hasn't taken the text in time
 */
gboolean
fleet_look_is_late (const FleetLook *self)
{
  return self->missing != NULL && get_seconds () - self->missing_since > MAX_WAIT_SECONDS;
}
