/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/queue.h"

/* of all staged changes; with a batch that is being written, twice as much is used */
#define MAX_STAGED_BYTES (64 * 1024 * 1024)

struct _RunconfdQueue
{
  GQueue staged;  /* of RunconfdStaged */
  GQueue waiting; /* of RunconfdStaged, after those, and not staged yet */
  gsize n_bytes;  /* of the staged changes */
  RunconfRevision *tip;
};

static void
staged_free (RunconfdStaged *self)
{
  runconfd_request_free (self->request);
  g_object_unref (self->task);
  g_clear_pointer (&self->before, runconf_revision_unref);
  g_clear_pointer (&self->after, runconf_revision_unref);
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
  g_clear_pointer (&self->tip, runconf_revision_unref);
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
 * Returns: (transfer none): the revision after all staged changes
 */
RunconfRevision *
runconfd_queue_get_tip (RunconfdQueue *self)
{
  return self->tip;
}

static void
set_tip (RunconfdQueue *self, RunconfRevision *tip)
{
  g_clear_pointer (&self->tip, runconf_revision_unref);
  self->tip = runconf_revision_ref (tip);
}

/* Returns: whether the change is staged; if not, its task has the error */
static gboolean
stage (RunconfdQueue *self, RunconfdStaged *staged)
{
  g_autoptr (GError) error = NULL;

  staged->before = runconf_revision_ref (self->tip);
  staged->after = runconfd_request_apply (staged->request, self->tip, &error);
  if (staged->after == NULL)
    {
      g_task_return_error (staged->task, g_steal_pointer (&error));
      return FALSE;
    }

  staged->n_bytes = runconf_revision_measure (staged->after, staged->before);
  set_tip (self, staged->after);

  return TRUE;
}

static void
unstage (RunconfdStaged *staged)
{
  g_clear_pointer (&staged->before, runconf_revision_unref);
  g_clear_pointer (&staged->after, runconf_revision_unref);
  staged->n_bytes = 0;
}

/* Stages the changes that wait, within the budget, but at least one. */
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
 * @request: (transfer full): the change
 * @task: (transfer full): returns when the change is on the disk
 *
 * Stages a change after the others, or returns from the task with the error that refuses it.
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

/* The text of each layer is in a file of its own.
 *
 * Returns: whether all changes of the batch are in the layer of @staged
 */
static gboolean
has_layer (GPtrArray *batch, const RunconfdStaged *staged)
{
  const RunconfdStaged *first = batch->len > 0 ? batch->pdata[0] : NULL;

  return first == NULL || first->request->layer == staged->request->layer;
}

/**
 * runconfd_queue_take:
 * @max_changes: the number of changes at most
 *
 * Takes the changes that are written next: they are of one layer. Later changes are staged on them.
 *
 * Returns: (transfer full) (element-type RunconfdStaged): the batch; empty if all that waited were
 *   refused
 */
GPtrArray *
runconfd_queue_take (RunconfdQueue *self, guint max_changes)
{
  GPtrArray *batch = g_ptr_array_new_with_free_func ((GDestroyNotify) staged_free);

  stage_waiting (self);
  while (batch->len < max_changes && !g_queue_is_empty (&self->staged)
         && has_layer (batch, g_queue_peek_head (&self->staged)))
    {
      RunconfdStaged *staged = g_queue_pop_head (&self->staged);

      self->n_bytes -= staged->n_bytes;
      g_ptr_array_add (batch, staged);
    }

  return batch;
}

/**
 * runconfd_queue_return:
 * @batch: (transfer full) (element-type RunconfdStaged): the changes that were taken
 *
 * Puts a batch back to the front of the queue: it wasn't written, and has to be staged again.
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
 * Stages all changes again, in their order, on @current. The tasks of those that can't be applied to it
 * return the error.
 */
void
runconfd_queue_rebase (RunconfdQueue *self, RunconfRevision *current)
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
