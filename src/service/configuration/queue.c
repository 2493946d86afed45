/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/queue.h"

/* of staged changes; twice as much with those that are being written */
#define MAX_STAGED_BYTES (64 * 1024 * 1024)

struct _RunconfdQueue
{
  GQueue staged;  /* of RunconfdStaged */
  GQueue waiting; /* of RunconfdStaged, not staged yet, behind all that are */
  gsize n_bytes;  /* of those that are staged */
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
  g_queue_init (&self->waiting);

  return self;
}

void
runconfd_queue_free (RunconfdQueue *self)
{
  g_queue_clear_full (&self->staged, (GDestroyNotify) staged_free);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) staged_free);
  g_clear_pointer (&self->tip, runconfd_revision_unref);
  g_free (self);
}

guint
runconfd_queue_get_length (RunconfdQueue *self)
{
  return self->staged.length + self->waiting.length;
}

/**
 * runconfd_queue_get_tip:
 *
 * Returns: (transfer none): what the configuration will be once all that is staged is on the disk
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

/* Returns: whether the change is staged; if not, its task has the error */
static gboolean
stage (RunconfdQueue *self, RunconfdStaged *staged)
{
  g_autoptr (GError) error = NULL;

  staged->before = runconfd_revision_ref (self->tip);
  staged->after = runconfd_request_apply (staged->request, self->tip, &error);
  if (staged->after == NULL)
    {
      g_task_return_error (staged->task, g_steal_pointer (&error));
      return FALSE;
    }

  staged->n_bytes = runconfd_revision_measure (staged->after, staged->before);
  set_tip (self, staged->after);

  return TRUE;
}

static void
unstage (RunconfdStaged *staged)
{
  g_clear_pointer (&staged->before, runconfd_revision_unref);
  g_clear_pointer (&staged->after, runconfd_revision_unref);
  staged->n_bytes = 0;
}

/* Stages those that wait, as far as the budget goes, and at least one. */
static void
stage_waiting (RunconfdQueue *self)
{
  while (!g_queue_is_empty (&self->waiting)
         && (g_queue_is_empty (&self->staged) || self->n_bytes < MAX_STAGED_BYTES))
    {
      RunconfdStaged *staged = g_queue_pop_head (&self->waiting);

      if (!stage (self, staged))
        {
          staged_free (staged);
          continue;
        }

      self->n_bytes += staged->n_bytes;
      g_queue_push_tail (&self->staged, staged);
    }
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
  g_queue_push_tail (&self->waiting, staged);
  stage_waiting (self);
}

/**
 * runconfd_queue_take:
 * @max_changes: how many at most
 *
 * Takes the changes that go to the disk next. What is staged from now on stands on them.
 *
 * Returns: (transfer full) (element-type RunconfdStaged): the batch; empty if all that waited were
 *   refused
 */
GPtrArray *
runconfd_queue_take (RunconfdQueue *self, guint max_changes)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func ((GDestroyNotify) staged_free);

  stage_waiting (self);
  while (batch->len < max_changes && !g_queue_is_empty (&self->staged))
    {
      RunconfdStaged *staged = g_queue_pop_head (&self->staged);

      self->n_bytes -= staged->n_bytes;
      g_ptr_array_add (batch, staged);
    }

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
    {
      RunconfdStaged *staged = batch->pdata[i - 1];

      self->n_bytes += staged->n_bytes;
      g_queue_push_head (&self->staged, staged);
    }

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
  RunconfdStaged *staged;

  set_tip (self, current);
  while ((staged = g_queue_pop_tail (&self->staged)) != NULL)
    {
      unstage (staged);
      g_queue_push_head (&self->waiting, staged);
    }
  self->n_bytes = 0;
  stage_waiting (self);
}
