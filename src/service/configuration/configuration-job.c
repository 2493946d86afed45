/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "service/base/log.h"

void
runconfd_job_free (RunconfdJob *self)
{
  g_clear_object (&self->configuration);
  runconfd_commit_free (self->commit);
  g_clear_pointer (&self->batch, g_ptr_array_unref);
  g_clear_error (&self->reason);
  g_clear_error (&self->failure);
  g_clear_error (&self->unsettled);
  g_free (self);
}

/* What can't be kept is no reason to stop, but it is told. */
void
runconfd_configuration_tell_archive (RunconfdConfiguration *self)
{
  g_autofree char *trouble = runconfd_archive_dup_trouble (self->archive);

  if (runconfd_health_set (self->health, RUNCONFD_AILMENT_HISTORY, trouble) && trouble == NULL)
    runconfd_configuration_recall_waiting (self);
}

void
runconfd_configuration_tell_warning (RunconfdConfiguration *self, RunconfdCommit *commit)
{
  if (commit->warning != NULL)
    runconfd_log (LOG_WARNING, self->settings.name, commit->revision->version, NULL, "%s",
                  commit->warning->message);
}

void
runconfd_configuration_take_commit (RunconfdConfiguration *self, RunconfdCommit *commit)
{
  runconfd_stored_take_commit (self->stored, get_current (self), commit);

  if (commit->rewritten != NULL)
    runconfd_log (LOG_WARNING, self->settings.name, commit->revision->version, NULL,
                  "the text of the overrides could not be changed in place, so it was laid out "
                  "anew; what it was before is kept as %s",
                  commit->rewritten);
  if (commit->replace)
    runconfd_health_set (self->health, RUNCONFD_AILMENT_UNWRITABLE, NULL);
  runconfd_configuration_tell_warning (self, commit);
}

static void
end_step (RunconfdJob *job)
{
  g_autoptr (RunconfdConfiguration) self = NULL;

  if (--job->n_steps > 0)
    return;

  self = g_object_ref (job->configuration);
  if (job->unsettled != NULL)
    runconfd_in_force_log (self->in_force, LOG_WARNING, job->unsettled->message);
  runconfd_job_free (job);
  self->is_working = FALSE;
  runconfd_configuration_advance (self);
}

/* The history has the records, and a change of all values makes one large. Only those of changes that
 * wait for a confirmation are needed any longer.
 */
static void
drop_records (GPtrArray *records)
{
  for (guint i = records->len; i-- > 0;)
    {
      if (((RunconfHistoryRecord *) records->pdata[i])->timeout == 0)
        g_ptr_array_remove_index (records, i);
    }
}

static gboolean
on_committed (gpointer data)
{
  RunconfdJob *job = data;
  RunconfdConfiguration *self = job->configuration;

  drop_records (job->commit->records);
  runconfd_configuration_tell_archive (self);
  job->finish (self, job, job->failure);
  runconfd_configuration_end_load (self);
  end_step (job);

  return G_SOURCE_REMOVE;
}

/* Whoever waits is answered before it is settled. */
static void
run_commit (gpointer data)
{
  RunconfdJob *job = data;
  gboolean is_done = runconfd_commit_run (job->commit, &job->failure);

  g_idle_add_full (G_PRIORITY_DEFAULT, on_committed, job, NULL);
  if (is_done)
    runconfd_commit_settle (job->commit, &job->unsettled);
}

/* What the history will know of it. */
static void
add_records (RunconfdConfiguration *self, RunconfdJob *job)
{
  GPtrArray *records = job->commit->records;

  if (runconfd_archive_is_off (self->archive))
    return;

  if (job->batch == NULL && job->commit->revision != get_current (self))
    g_ptr_array_add (
        records,
        runconfd_record_new (runconfd_stored_is_astray (self->stored) ? NULL : get_current (self),
                             job->commit->revision, job->origin, NULL));

  for (guint i = 0; job->batch != NULL && i < job->batch->len; i++)
    {
      const RunconfdStaged *staged = job->batch->pdata[i];

      if (staged->after != staged->before)
        g_ptr_array_add (records, runconfd_record_new (staged->before, staged->after,
                                                       staged->request->origin, staged->request));
    }
}

/* Takes over the job. */
void
runconfd_job_start (RunconfdConfiguration *self, RunconfdJob *job)
{
  if (job->commit->revision != get_current (self))
    job->commit->revision->time = g_get_real_time ();
  add_records (self, job);
  job->n_steps = 2;
  self->is_working = TRUE;
  job->configuration = g_object_ref (self);
  runconfd_work_start (run_commit, (RunconfdWorkFunc) end_step, job);
}

RunconfdJob *
runconfd_job_new (RunconfdConfiguration *self, RunconfdRevision *revision, RunconfdJobFunc finish)
{
  RunconfdJob *job = g_new0 (RunconfdJob, 1);

  job->finish = finish;
  job->commit = g_new0 (RunconfdCommit, 1);
  job->commit->store = g_object_ref (self->store);
  job->commit->state = self->state;
  job->commit->archive = self->archive;
  job->commit->keep_last_good = self->settings.keep_last_good;
  job->commit->records
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_history_record_free);
  job->commit->runtime_path = g_strdup (self->settings.runtime_path);
  job->commit->makes_folder = self->settings.folders != NULL;
  job->commit->default_path = g_strdup (runconfd_sources_get_defaults_path (self->sources));
  job->commit->stamp = runconfd_stored_ref_stamp (self->stored);
  job->commit->revision = runconfd_revision_ref (revision);

  return job;
}
