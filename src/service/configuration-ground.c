/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration-private.h"

#include "core/error.h"

/* What the overrides stand on is read from files that nobody here writes. When one of them changes,
 * the same overrides are laid over the new ground; that is a change if anybody can see it.
 */

static void
set_problem (RunconfdConfiguration *self, const char *message)
{
  if (self->problem == NULL)
    self->problem = g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, message);
}

void
runconfd_configuration_tell_defaults (RunconfdConfiguration *self, RunconfdLoad *load)
{
  const RunconfdSideFile *file = &load->sides[RUNCONFD_SIDE_DEFAULTS];

  if (file->is_held)
    return;

  /* it is taken off the bus */
  if (load->is_vacant)
    {
      set_problem (self, file->error->message);
      return;
    }

  if (file->error != NULL)
    set_problem (self, file->error->message);
  if (file->error != NULL || !file->is_changed)
    runconfd_configuration_set_health (self, RUNCONFD_AILMENT_DEFAULTS,
                                       file->error != NULL ? file->error->message : NULL);
}

/* Without a rule that can't be read the configuration goes on. */
static void
tell_rule (RunconfdConfiguration *self, const RunconfdSideFile *file, RunconfdAilment ailment,
           const char *left, const char *trouble)
{
  g_autofree char *message = NULL;

  if (file->is_held)
    return;

  if (file->error != NULL)
    {
      message = g_strdup_printf ("%s; %s", file->error->message, left);
      set_problem (self, file->error->message);
    }

  runconfd_configuration_set_health (self, ailment, message != NULL ? message : trouble);
}

void
runconfd_configuration_tell_rules (RunconfdConfiguration *self, RunconfdLoad *load,
                                   RunconfdGround *ground)
{
  gboolean has_schema = runconfd_rules_get_schema (ground->rules) != NULL;
  const RunconfdLocks *locks = runconfd_rules_get_locks (ground->rules);

  tell_rule (self, &load->sides[RUNCONFD_SIDE_SCHEMA], RUNCONFD_AILMENT_SCHEMA,
             has_schema ? "the schema before it stays" : "values aren't checked", NULL);
  tell_rule (self, &load->sides[RUNCONFD_SIDE_LOCKS], RUNCONFD_AILMENT_LOCKS,
             locks != NULL ? "the locks before it stay" : "nothing is locked by it",
             locks != NULL ? runconfd_locks_get_trouble (locks) : NULL);
}

/* Another ground says nothing of the text, nor of what is wrong with it. */
static void
finish_ground (RunconfdConfiguration *self, RunconfdJob *job, const GError *error)
{
  g_autoptr (RunconfdRevision) before = runconfd_revision_ref (self->current);

  runconfd_configuration_set_current (self, job->commit->revision);
  runconfd_configuration_publish (self, before, job->commit->revision, job->origin, NULL, NULL);
  runconfd_configuration_tell_warning (self, job->commit);
  runconfd_queue_rebase (self->queue, self->current);
}

static void
refuse_ground (RunconfdConfiguration *self, const GError *error)
{
  g_autofree char *message = g_strdup_printf (
      "%s: %s", runconfd_sources_get_defaults_path (self->sources), error->message);

  g_clear_error (&self->problem);
  self->problem = g_error_new_literal (error->domain, error->code, message);
  runconfd_configuration_set_health (self, RUNCONFD_AILMENT_DEFAULTS, message);
}

/* Returns: whether a commit was started */
gboolean
runconfd_configuration_take_ground (RunconfdConfiguration *self, RunconfdLoad *load,
                                    RunconfdGround *ground)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfdRevision) revision = runconfd_revision_move (self->current, ground, &error);
  RunconfdJob *job;

  if (revision == NULL)
    {
      refuse_ground (self, error);
      return FALSE;
    }

  runconfd_sources_take (self->sources, load);
  if (load->sides[RUNCONFD_SIDE_DEFAULTS].is_changed)
    runconfd_configuration_set_health (self, RUNCONFD_AILMENT_DEFAULTS, NULL);

  if (revision->version == self->current->version)
    {
      runconfd_configuration_set_current (self, revision);
      runconfd_queue_rebase (self->queue, revision);
      return FALSE;
    }

  job = runconfd_job_new (self, revision, finish_ground);
  job->origin = load->sides[RUNCONFD_SIDE_DEFAULTS].is_changed ? "defaults" : "rules";
  job->commit->keeps_text = TRUE;
  if (self->document != NULL)
    job->commit->document = runconf_document_ref (self->document);
  self->is_stale = TRUE;
  runconfd_job_start (self, job);

  return TRUE;
}
