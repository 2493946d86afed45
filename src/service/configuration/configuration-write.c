/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/diff.h"
#include "core/error.h"
#include "core/limits.h"

/* The result of a write. */
typedef struct
{
  guint64 version;
  GPtrArray *paths;
} Written;

static void
written_free (Written *self)
{
  g_clear_pointer (&self->paths, g_ptr_array_unref);
  g_free (self);
}

static void
answer (RunconfdConfiguration *self, RunconfdStaged *staged)
{
  Written *written = g_new0 (Written, 1);

  if (staged->after != staged->before)
    written->paths = runconfd_in_force_announce (self->in_force, staged->before, staged->after,
                                                 staged->request->origin, staged->request);

  written->version = staged->after->version;
  g_task_return_pointer (staged->task, written, (GDestroyNotify) written_free);
}

static void
answer_dry_run (RunconfdConfiguration *self, const RunconfdRequest *request, GTask *task)
{
  RunconfRevision *tip = runconfd_queue_get_tip (self->queue);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfRevision) after = runconfd_request_apply (request, tip, &error);
  g_autoptr (GPtrArray) deltas = NULL;
  Written *written;

  if (after == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  deltas = runconf_diff (tip->visible, after->visible);
  written = g_new0 (Written, 1);
  written->version = tip->version;
  written->paths = runconf_diff_get_paths (deltas, RUNCONF_MAX_CHANGED_PATHS);
  g_task_return_pointer (task, written, (GDestroyNotify) written_free);
}

/* Errors of a store become RUNCONF_ERROR_STORAGE_FAILED. */
static GError *
make_storage_error (const GError *error)
{
  if (error->domain == RUNCONF_ERROR)
    return g_error_copy (error);

  return g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED, error->message);
}

/* A write in conflict with a text that can't be read fails for the reason why the text can't be read. */
static void
fail_batch (RunconfdConfiguration *self, const RunconfdText *text, GPtrArray *batch,
            const GError *error)
{
  const char *unreadable
      = g_error_matches (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT)
            ? runconfd_health_get (self->health,
                                   runconfd_ailment_in (text->layer, RUNCONFD_AILMENT_UNREADABLE))
            : NULL;
  g_autoptr (GError) failure
      = unreadable != NULL
            ? g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED, unreadable)
            : make_storage_error (error);

  for (guint i = 0; i < batch->len; i++)
    g_task_return_error (((RunconfdStaged *) batch->pdata[i])->task, g_error_copy (failure));

  if (unreadable == NULL && g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED))
    runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_UNWRITABLE, failure->message);
}

/* @records are those of changes that wait for a confirmation. */
static void
await_confirmations (RunconfdConfiguration *self, GPtrArray *records)
{
  gint64 now = g_get_monotonic_time ();

  while (records->len > 0)
    {
      RunconfHistoryRecord *record = g_ptr_array_steal_index (records, 0);

      runconfd_confirmations_add (self->confirmations, record, record->timeout, now);
    }
}

static void
answer_batch (RunconfdConfiguration *self, const RunconfdText *text, GPtrArray *batch,
              GPtrArray *records)
{
  RunconfdStaged *last = batch->pdata[batch->len - 1];

  runconfd_batching_note_written (self->batching, batch->len,
                                  runconfd_queue_get_length (self->queue));
  runconfd_configuration_put_in_force (self, last->after);
  await_confirmations (self, records);
  for (guint i = 0; i < batch->len; i++)
    {
      RunconfdStaged *staged = batch->pdata[i];

      answer (self, staged);
    }

  runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_RECOVERED, NULL);
}

static void
finish_batch (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;
  const GError *error = job->failure;

  if (error == NULL)
    {
      runconfd_loader_forget_conflicts (self->loader);
      runconfd_configuration_take_commit (self, job);
      runconfd_stored_take_written (job->text->stored);
      answer_batch (self, job->text, job->batch, job->commit->records);
    }
  else if (g_error_matches (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT)
           && runconfd_loader_retry_conflict (self->loader))
    {
      runconfd_queue_return (self->queue, g_steal_pointer (&job->batch));
    }
  else if (job->batch->len > 1 && g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
    {
      runconfd_batching_note_too_large (self->batching);
      runconfd_queue_return (self->queue, g_steal_pointer (&job->batch));
      runconfd_queue_rebase (self->queue, get_current (self));
    }
  else
    {
      runconfd_loader_forget_conflicts (self->loader);
      fail_batch (self, job->text, job->batch, error);
      runconfd_queue_rebase (self->queue, get_current (self));
    }
}

/* Returns: whether to wait a little for further changes */
gboolean
runconfd_configuration_gather (RunconfdConfiguration *self)
{
  if (self->draining == NULL)
    return runconfd_batching_wait (self->batching, runconfd_queue_get_length (self->queue));

  runconfd_batching_end_wait (self->batching);

  return FALSE;
}

/* Returns: whether the text was read, so that it can be written; if not, the batch was returned to the queue
 *   to wait for that, or failed
 */
static gboolean
check_was_read (RunconfdConfiguration *self, RunconfdText *text, GPtrArray **batch)
{
  g_autoptr (GError) error = NULL;
  const GError *problem;

  if (runconfd_text_open (text, &error) && runconfd_stored_was_read (text->stored))
    return TRUE;

  if (error == NULL && runconfd_loader_ask_again (self->loader))
    {
      runconfd_queue_return (self->queue, g_steal_pointer (batch));
      return FALSE;
    }

  problem = error != NULL ? error : runconfd_health_get_problem (self->health);
  fail_batch (self, text, *batch, problem);
  runconfd_queue_rebase (self->queue, get_current (self));

  return FALSE;
}

/* Gives the changes of a batch their time.
 *
 * Returns: (transfer full) (nullable): the text that they change
 */
static RunconfDocument *
find_base (const RunconfdText *text, GPtrArray *batch)
{
  RunconfDocument *base = runconfd_stored_get_document (text->stored);

  for (guint i = 0; i < batch->len; i++)
    {
      RunconfdStaged *staged = batch->pdata[i];

      if (staged->after != staged->before)
        staged->after->time = g_get_real_time ();
      if (staged->request->document != NULL)
        base = staged->request->document;
    }

  return base != NULL ? runconf_document_ref (base) : NULL;
}

void
runconfd_configuration_start_batch (RunconfdConfiguration *self)
{
  g_autoptr (GPtrArray) batch
      = runconfd_queue_take (self->queue, runconfd_batching_get_limit (self->batching));
  g_autoptr (RunconfDocument) base = NULL;
  g_autoptr (RunconfdJob) job = NULL;
  RunconfdStaged *last;
  RunconfdText *text;

  if (batch->len == 0)
    return;

  last = batch->pdata[batch->len - 1];
  text = get_text (self, last->request->layer);
  base = find_base (text, batch);
  if (!check_was_read (self, text, &batch))
    return;

  if (last->after == get_current (self))
    {
      for (guint i = 0; i < batch->len; i++)
        answer (self, batch->pdata[i]);
      return;
    }

  job = runconfd_configuration_new_job (self, text, last->after, finish_batch);
  job->commit->replace = TRUE;
  job->commit->base = g_steal_pointer (&base);
  job->commit->broken = runconfd_stored_ref_unkept (text->stored);
  job->batch = g_steal_pointer (&batch);
  runconfd_configuration_start_job (self, g_steal_pointer (&job));
}

/* A change of both layers: that of the overrides for this boot follows the other one. */
typedef struct
{
  RunconfdRequest *boot;
  GTask *task;
  GPtrArray *paths; /* that the first change changed */
} Split;

static void
split_free (Split *self)
{
  g_clear_pointer (&self->boot, runconfd_request_free);
  g_object_unref (self->task);
  g_clear_pointer (&self->paths, g_ptr_array_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Split, split_free)

static void
add_missing (GPtrArray *paths, const GPtrArray *others)
{
  for (guint i = 0; others != NULL && i < others->len; i++)
    {
      if (paths->len < RUNCONF_MAX_CHANGED_PATHS
          && !g_ptr_array_find_with_equal_func (paths, others->pdata[i], g_str_equal, NULL))
        g_ptr_array_add (paths, g_strdup (others->pdata[i]));
    }
}

static void
on_both_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Split) split = user_data;
  g_autoptr (GPtrArray) paths = NULL;
  GError *error = NULL;
  Written *written;
  guint64 version;

  if (!runconfd_configuration_write_finish (RUNCONFD_CONFIGURATION (object), result, &version,
                                            &paths, &error))
    {
      g_task_return_error (split->task, error);
      return;
    }

  written = g_new0 (Written, 1);
  written->version = version;
  written->paths = split->paths != NULL ? g_steal_pointer (&split->paths) : NULL;
  if (written->paths == NULL)
    written->paths = g_steal_pointer (&paths);
  else
    add_missing (written->paths, paths);
  g_task_return_pointer (split->task, written, (GDestroyNotify) written_free);
}

static void
on_first_written (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Split) split = user_data;
  RunconfdRequest *boot;
  GError *error = NULL;
  guint64 version;

  if (!runconfd_configuration_write_finish (RUNCONFD_CONFIGURATION (object), result, &version,
                                            &split->paths, &error))
    {
      g_task_return_error (split->task, error);
      return;
    }

  boot = g_steal_pointer (&split->boot);
  runconfd_configuration_write_async (RUNCONFD_CONFIGURATION (object), boot, on_both_written,
                                      g_steal_pointer (&split));
}

/* Returns: (nullable): an error if a request can't be carried out, at whatever version */
static GError *
find_obstacle (RunconfdConfiguration *self, const RunconfdRequest *request)
{
  if (self->draining != NULL)
    return g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                                "the service is ending: try again when it is back");
  if (request->confirm_timeout > 0 && runconfd_archive_is_off (self->archive))
    return g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                                "“confirm-timeout” needs a history, and the service keeps none: it "
                                "was started so");
  if (request->layer == RUNCONF_LAYER_BOOT && self->boot.path == NULL)
    return g_error_new_literal (RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                                "this configuration can't have overrides for this boot alone: they "
                                "need a service with folders and, in a session, XDG_RUNTIME_DIR");

  return NULL;
}

static gboolean
changes_layer (RunconfdConfiguration *self, const RunconfdRequest *request, RunconfLayer layer)
{
  const RunconfRevision *tip = runconfd_configuration_get_tip (self);
  const RunconfNode *tree = runconf_revision_get_tree (tip, layer);
  g_autoptr (RunconfNode) visible = runconf_rules_strip (tip->ground->rules, tree);

  return !runconf_node_equal (visible,
                              layer == RUNCONF_LAYER_BOOT ? request->wanted_boot : request->wanted);
}

/* Stages a change back to an older version, which may change both layers. */
static void
write_both (RunconfdConfiguration *self, RunconfdRequest *request, GTask *task)
{
  g_autoptr (RunconfdRequest) boot = runconfd_request_split (request);
  Split *split;

  if (!changes_layer (self, request, RUNCONF_LAYER_BOOT))
    {
      runconfd_queue_push (self->queue, request, g_object_ref (task));
      runconfd_configuration_advance (self);
      return;
    }
  if (!changes_layer (self, request, RUNCONF_LAYER_OVERRIDE))
    {
      boot->has_if_version = request->has_if_version;
      boot->if_version = request->if_version;
      runconfd_request_free (request);
      runconfd_queue_push (self->queue, g_steal_pointer (&boot), g_object_ref (task));
      runconfd_configuration_advance (self);
      return;
    }
  if (request->confirm_timeout > 0)
    {
      runconfd_request_free (request);
      g_task_return_new_error (task, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                               "the overrides and those for this boot both changed since that "
                               "version, so going back takes two changes, which can't wait for one "
                               "confirmation: revert without “confirm-timeout”");
      return;
    }

  split = g_new0 (Split, 1);
  split->boot = g_steal_pointer (&boot);
  split->task = g_object_ref (task);
  runconfd_configuration_write_async (self, request, on_first_written, split);
}

/**
 * runconfd_configuration_write_async:
 * @request: (transfer full): the change
 *
 * Stages a change. The callback is called when the change is on the disk, or at once if it is refused.
 */
void
runconfd_configuration_write_async (RunconfdConfiguration *self, RunconfdRequest *request,
                                    GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (RunconfdRequest) wanted = request;
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  GError *obstacle;

  if (wanted->document != NULL && runconfd_stored_says (self->overrides.stored, wanted->document))
    wanted->same_as = runconf_revision_ref (get_current (self));
  obstacle = find_obstacle (self, wanted);
  if (obstacle != NULL)
    {
      g_task_return_error (task, obstacle);
      return;
    }

  if (request->dry_run)
    {
      answer_dry_run (self, request, task);
      return;
    }

  if (wanted->wanted_boot != NULL && !wanted->is_split)
    {
      write_both (self, g_steal_pointer (&wanted), task);
      return;
    }

  runconfd_queue_push (self->queue, g_steal_pointer (&wanted), g_steal_pointer (&task));
  runconfd_configuration_advance (self);
}

/**
 * runconfd_configuration_write_finish:
 * @version: (out): the version at which the change is there
 * @changed: (out) (transfer full) (nullable) (element-type utf8): the effective paths that it changed;
 *   %NULL if a write that isn't a dry run made no version
 *
 * Returns: %FALSE with the error that refused the change
 */
gboolean
runconfd_configuration_write_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                     guint64 *version, GPtrArray **changed, GError **error)
{
  Written *written = g_task_propagate_pointer (G_TASK (result), error);

  if (written == NULL)
    return FALSE;

  *version = written->version;
  *changed = g_steal_pointer (&written->paths);
  written_free (written);

  return TRUE;
}
