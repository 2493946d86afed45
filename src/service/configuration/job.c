/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/job.h"

#include "service/base/thread-task.h"
#include "service/configuration/queue.h"
#include "service/configuration/record.h"

/* the steps of a job in the main loop: after the commit, and after its settlement */
#define N_STEPS 2

RunconfdJob *
runconfd_job_new (RunconfdText *text, RunconfRevision *revision, RunconfdJobFunc finish)
{
  RunconfdJob *self = g_new0 (RunconfdJob, 1);

  self->text = text;
  self->finish = finish;
  self->commit = g_new0 (RunconfdCommit, 1);
  self->commit->records = runconf_history_records_new ();
  self->commit->revision = runconf_revision_ref (revision);

  return self;
}

void
runconfd_job_free (RunconfdJob *self)
{
  runconfd_commit_free (self->commit);
  g_clear_pointer (&self->batch, g_ptr_array_unref);
  g_free (self->message);
  g_clear_error (&self->reason);
  g_clear_error (&self->failure);
  g_clear_error (&self->unsettled);
  g_free (self);
}

static RunconfHistoryRecord *
make_record (const RunconfdJob *self, const RunconfRevision *before)
{
  RunconfHistoryRecord *record = runconfd_record_new (self->commit->layer, before,
                                                      self->commit->revision, self->origin, NULL);

  record->layer = g_strdup (self->layer);
  record->message = g_strdup (self->message);

  return record;
}

/**
 * runconfd_job_add_records:
 * @before: (nullable): the revision in force, if its overrides are known
 *
 * Makes the records of the history: one for each request, or one for a change that was not requested.
 */
void
runconfd_job_add_records (RunconfdJob *self, const RunconfRevision *before)
{
  GPtrArray *records = self->commit->records;

  if (self->batch == NULL)
    g_ptr_array_add (records, make_record (self, before));

  for (guint i = 0; self->batch != NULL && i < self->batch->len; i++)
    {
      const RunconfdStaged *staged = self->batch->pdata[i];

      if (staged->after != staged->before)
        g_ptr_array_add (records,
                         runconfd_record_new (self->commit->layer, staged->before, staged->after,
                                              staged->request->origin, staged->request));
    }
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

static void
end_step (RunconfdJob *self)
{
  if (--self->n_steps > 0)
    return;

  self->settled (self, self->user_data);
  runconfd_job_free (self);
}

static gboolean
on_committed (gpointer data)
{
  RunconfdJob *self = data;

  drop_records (self->commit->records);
  self->committed (self, self->user_data);
  end_step (self);

  return G_SOURCE_REMOVE;
}

static void
run (gpointer data)
{
  RunconfdJob *self = data;
  gboolean is_done = runconfd_commit_run (self->commit, &self->failure);

  g_idle_add_full (G_PRIORITY_DEFAULT, on_committed, self, NULL);
  if (is_done)
    runconfd_commit_settle (self->commit, &self->unsettled);
}

/**
 * runconfd_job_start:
 * @self: (transfer full)
 * @committed: called when the commit succeeded or failed
 * @settled: called after that, when the thread has ended
 * @user_data: for both
 */
void
runconfd_job_start (RunconfdJob *self, RunconfdJobFunc committed, RunconfdJobFunc settled,
                    gpointer user_data)
{
  self->committed = committed;
  self->settled = settled;
  self->user_data = user_data;
  self->n_steps = N_STEPS;
  runconfd_thread_task_start (run, (RunconfdThreadTaskFunc) end_step, self);
}
