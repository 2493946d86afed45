/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/queue.h"

struct _RunconfdQueue
{
  GQueue staged; /* of RunconfdStaged */
  RunconfdRevision *tip;
};

static void
staged_free (RunconfdStaged *self)
{
  runconfd_request_free (self->request);
  g_object_unref (self->task);
  g_clear_pointer (&self->before, runconfd_revision_unref);
  g_clear_pointer (&self->after, runconfd_revision_unref);
  g_free (self);
}

RunconfdQueue *
runconfd_queue_new (void)
{
  RunconfdQueue *self = g_new0 (RunconfdQueue, 1);

  g_queue_init (&self->staged);

  return self;
}

void
runconfd_queue_free (RunconfdQueue *self)
{
  g_queue_clear_full (&self->staged, (GDestroyNotify) staged_free);
  g_clear_pointer (&self->tip, runconfd_revision_unref);
  g_free (self);
}

guint
runconfd_queue_get_length (RunconfdQueue *self)
{
  return self->staged.length;
}

/**
 * runconfd_queue_get_tip:
 *
 * Returns: (transfer none): what the configuration will be once everything is on the disk
 */
RunconfdRevision *
runconfd_queue_get_tip (RunconfdQueue *self)
{
  return self->tip;
}

static void
set_tip (RunconfdQueue *self, RunconfdRevision *tip)
{
  g_clear_pointer (&self->tip, runconfd_revision_unref);
  self->tip = runconfd_revision_ref (tip);
}

static gboolean
stage (RunconfdQueue *self, RunconfdStaged *staged)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&staged->before, runconfd_revision_unref);
  g_clear_pointer (&staged->after, runconfd_revision_unref);

  staged->before = runconfd_revision_ref (self->tip);
  staged->after = runconfd_request_apply (staged->request, self->tip, &error);
  if (staged->after == NULL)
    {
      g_task_return_error (staged->task, g_steal_pointer (&error));
      return FALSE;
    }

  set_tip (self, staged->after);

  return TRUE;
}

/**
 * runconfd_queue_push:
 * @request: (transfer full): what is wanted
 * @task: (transfer full): who waits for it
 *
 * Stages a change behind the others, or answers the task with the error that refuses it.
 */
void
runconfd_queue_push (RunconfdQueue *self, RunconfdRequest *request, GTask *task)
{
  RunconfdStaged *staged = g_new0 (RunconfdStaged, 1);

  staged->request = request;
  staged->task = task;

  if (stage (self, staged))
    g_queue_push_tail (&self->staged, staged);
  else
    staged_free (staged);
}

/**
 * runconfd_queue_take:
 * @max_changes: how many at most
 *
 * Takes the changes that go to the disk next. What is staged from now on stands on them.
 *
 * Returns: (transfer full) (element-type RunconfdStaged): the batch
 */
GPtrArray *
runconfd_queue_take (RunconfdQueue *self, guint max_changes)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func ((GDestroyNotify) staged_free);

  while (batch->len < max_changes && !g_queue_is_empty (&self->staged))
    g_ptr_array_add (batch, g_queue_pop_head (&self->staged));

  return batch;
}

/**
 * runconfd_queue_return:
 * @batch: (transfer full) (element-type RunconfdStaged): what was taken
 *
 * Puts a batch back to the front: it didn't get to the disk, and is to be staged again.
 */
void
runconfd_queue_return (RunconfdQueue *self, GPtrArray *batch)
{
  for (guint i = batch->len; i > 0; i--)
    g_queue_push_head (&self->staged, batch->pdata[i - 1]);

  g_ptr_array_set_free_func (batch, NULL);
  g_ptr_array_unref (batch);
}

/**
 * runconfd_queue_rebase:
 * @current: the revision that is in force
 *
 * Stages everything again, in order, on what is there now. Who asked for what can't be done on it
 * gets the error.
 */
void
runconfd_queue_rebase (RunconfdQueue *self, RunconfdRevision *current)
{
  guint n_staged = self->staged.length;

  set_tip (self, current);
  for (guint i = 0; i < n_staged; i++)
    {
      RunconfdStaged *staged = g_queue_pop_head (&self->staged);

      if (stage (self, staged))
        g_queue_push_tail (&self->staged, staged);
      else
        staged_free (staged);
    }
}
