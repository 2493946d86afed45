/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/error.h"

/* What the overrides stand on is read from files that nobody here writes. When one of them changes,
 * the same overrides are laid over the new ground; that is a change if anybody can see it.
 */

/* Another ground says nothing of the text, nor of what is wrong with it. */
static void
finish_ground (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;
  g_autoptr (RunconfdRevision) before = runconfd_revision_ref (get_current (self));

  runconfd_configuration_put_in_force (self, job->commit->revision);
  g_ptr_array_unref (runconfd_in_force_announce (self->in_force, before, job->commit->revision,
                                                 job->origin, NULL));
  runconfd_configuration_report_warning (self, job->commit);
  runconfd_queue_rebase (self->queue, get_current (self));
}

static void
refuse_ground (RunconfdConfiguration *self, const GError *error)
{
  g_autofree char *message = g_strdup_printf (
      "%s: %s", runconfd_sources_get_defaults_path (self->sources), error->message);

  runconfd_health_clear_problem (self->health);
  runconfd_health_note_problem (self->health, error->domain, error->code, message);
  runconfd_health_set (self->health, RUNCONFD_AILMENT_DEFAULTS, message);
}

/* Returns: whether a commit was started */
gboolean
runconfd_configuration_take_ground (RunconfdConfiguration *self, RunconfdLoad *load,
                                    RunconfdGround *ground)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfdRevision) revision
      = runconfd_revision_move (get_current (self), ground, &error);
  RunconfdJob *job;

  if (revision == NULL)
    {
      refuse_ground (self, error);
      return FALSE;
    }

  runconfd_sources_take (self->sources, load);
  if (load->sides[RUNCONFD_SIDE_DEFAULTS].is_changed)
    runconfd_health_set (self->health, RUNCONFD_AILMENT_DEFAULTS, NULL);

  if (revision->version == get_current (self)->version)
    {
      runconfd_configuration_put_in_force (self, revision);
      runconfd_queue_rebase (self->queue, revision);
      return FALSE;
    }

  job = runconfd_configuration_new_job (self, revision, finish_ground);
  job->origin = load->sides[RUNCONFD_SIDE_DEFAULTS].is_changed ? "defaults" : "rules";
  job->commit->keeps_text = TRUE;
  job->commit->document = runconfd_stored_ref_document (self->stored);
  self->is_stale = TRUE;
  runconfd_configuration_start_job (self, job);

  return TRUE;
}
