/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "service/base/log.h"
#include "store/file/file-store.h"

/* A configuration does one thing at a time with its files, in a thread: it loads them or it commits
 * a revision. Everything else happens on the main loop, in between, where advance() decides what is
 * next. So whatever is read here is what the thread was given and nothing is locked:
 *
 *   loading    the files are read, because they changed or somebody wants it. What is found becomes
 *              a revision of its own: an edit by hand, other defaults, or a recovery. It is committed
 *              before anything that waits.
 *   committing a batch of staged changes, or such a revision, goes to the disk. Changes that come
 *              meanwhile gather in the queue and are the next batch.
 *
 * A revision is in force when its commit is done, never before: what anybody can read is on the disk.
 * A commit that finds another text on the disk than it began from has changed nothing. Then that
 * text is loaded, and the batch is staged again on what it says.
 */

enum
{
  SIGNAL_CHANGED,
  SIGNAL_STATE_CHANGED,
  SIGNAL_SNAPSHOT_REPLACED,
  SIGNAL_LOADED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (RunconfdConfiguration, runconfd_configuration, G_TYPE_OBJECT)

static void
on_health_changed (RunconfdAilment ailment, const char *message, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  /* before the first load the member that tried to open it logs the error */
  if (message != NULL && get_current (self) != NULL)
    runconfd_log (ailment == RUNCONFD_AILMENT_RECOVERED ? LOG_ERR : LOG_WARNING,
                  self->settings.name, get_current (self)->version, NULL, "%s", message);
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
  runconfd_configuration_plan_retry (self);
}

static void
on_changed (const RunconfdChange *change, gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_CHANGED], 0, change);
}

static void
on_snapshot_replaced (gpointer user_data)
{
  g_signal_emit (user_data, signals[SIGNAL_SNAPSHOT_REPLACED], 0);
}

/* Puts a revision in force: processes that have the shared memory mapped see it from now on. */
void
runconfd_configuration_put_in_force (RunconfdConfiguration *self, RunconfdRevision *revision)
{
  RunconfdRevision *current = get_current (self);
  g_autoptr (RunconfdRevision) before = current != NULL ? runconfd_revision_ref (current) : NULL;
  const RunconfdIgnoredReport report = {
    .settings = &self->settings,
    .document = runconfd_stored_get_document (self->stored),
    .before = before,
    .current = revision,
  };

  runconfd_in_force_set (self->in_force, revision);
  runconfd_ignored_report_send (&report, self->health);
  runconfd_in_force_publish (self->in_force);
}

/**
 * runconfd_configuration_open_snapshot:
 *
 * Returns: a file descriptor of the shared memory with the revision in force, or -1 with an error
 */
int
runconfd_configuration_open_snapshot (RunconfdConfiguration *self, GError **error)
{
  return runconfd_in_force_open_snapshot (self->in_force, error);
}

static void
on_pause_over (gpointer data)
{
  RunconfdConfiguration *self = data;

  self->pause = 0;
  runconfd_configuration_advance (self);
}

void
runconfd_configuration_pause (RunconfdConfiguration *self, guint milliseconds)
{
  self->pause = g_timeout_add_once (milliseconds, on_pause_over, self);
}

/* Looks at all files, for whoever is about to read or to write. */
RunconfFreshness
runconfd_configuration_check_files (RunconfdConfiguration *self)
{
  RunconfFreshness stored = runconf_store_check (self->store);
  RunconfFreshness sources = runconfd_sources_check (self->sources);

  return MAX (stored, sources);
}

void
runconfd_configuration_tell_loaded (RunconfdConfiguration *self)
{
  g_signal_emit (self, signals[SIGNAL_LOADED], 0, runconfd_health_get_problem (self->health));
}

/* Does what is next, if there is something to do and nothing is being done. */
void
runconfd_configuration_advance (RunconfdConfiguration *self)
{
  if (self->is_working || self->pause != 0)
    return;

  /* a file that is being written is looked at from time to time, and nothing waits for that */
  if (!self->is_stale && self->looking == 0 && runconfd_queue_get_length (self->queue) > 0
      && runconfd_configuration_check_files (self) != RUNCONF_FRESH)
    self->is_stale = TRUE;

  if (self->is_stale)
    {
      if (!runconfd_configuration_wait_while_busy (self))
        runconfd_configuration_start_load (self);
    }
  else if (!runconfd_late_is_empty (self->late) && get_current (self) != NULL)
    {
      if (!runconfd_configuration_start_late (self))
        runconfd_configuration_advance (self);
    }
  else if (runconfd_queue_get_length (self->queue) > 0)
    {
      if (!runconfd_configuration_gather (self))
        {
          runconfd_configuration_start_batch (self);
          runconfd_configuration_advance (self);
        }
    }
  else if (self->draining != NULL)
    {
      g_autoptr (GTask) task = g_steal_pointer (&self->draining);

      g_task_return_boolean (task, TRUE);
    }
  else if (runconfd_retry_is_due (self->retry))
    {
      runconfd_configuration_start_retry (self);
    }
}

static void
on_file_changed (RunconfdConfiguration *self)
{
  self->is_stale = TRUE;
  runconfd_configuration_advance (self);
}

static void
on_late (RunconfdConfiguration *self, GBytes *text, GBytes *base)
{
  runconfd_late_add (self->late, text, base);
  runconfd_configuration_advance (self);
}

/**
 * runconfd_configuration_drain_async:
 *
 * Takes no change any more, and waits until those that were taken are on the disk.
 */
void
runconfd_configuration_drain_async (RunconfdConfiguration *self, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (self->draining == NULL);

  self->draining = g_task_new (self, NULL, callback, user_data);
  runconfd_configuration_advance (self);
}

void
runconfd_configuration_drain_finish (RunconfdConfiguration *self, GAsyncResult *result)
{
  runconf_file_store_end (RUNCONF_FILE_STORE (self->store));
  g_task_propagate_boolean (G_TASK (result), NULL);
}

const RunconfdSettings *
runconfd_configuration_get_settings (RunconfdConfiguration *self)
{
  return &self->settings;
}

/**
 * runconfd_configuration_get_defaults_path:
 *
 * Returns: (transfer none): the path of the file of the defaults that counts
 */
const char *
runconfd_configuration_get_defaults_path (RunconfdConfiguration *self)
{
  return runconfd_sources_get_defaults_path (self->sources);
}

/**
 * runconfd_configuration_get_revision:
 *
 * Returns: (transfer none) (nullable): what is in force; %NULL until it was opened
 */
const RunconfdRevision *
runconfd_configuration_get_revision (RunconfdConfiguration *self)
{
  return get_current (self);
}

/**
 * runconfd_configuration_get_tip:
 *
 * Returns: (transfer none): what a write meets that comes now: what is in force, and on it what goes
 *   to the disk
 */
RunconfdRevision *
runconfd_configuration_get_tip (RunconfdConfiguration *self)
{
  RunconfdRevision *tip = runconfd_queue_get_tip (self->queue);

  return tip != NULL ? tip : get_current (self);
}

/**
 * runconfd_configuration_get_document:
 *
 * Returns: (transfer none) (nullable): the text of the overrides in force
 */
RunconfDocument *
runconfd_configuration_get_document (RunconfdConfiguration *self)
{
  return runconfd_stored_get_document (self->stored);
}

/**
 * runconfd_configuration_get_defaults:
 *
 * Returns: (transfer none): the defaults in force
 */
RunconfdDefaults *
runconfd_configuration_get_defaults (RunconfdConfiguration *self)
{
  return runconfd_sources_get_defaults (self->sources);
}

/**
 * runconfd_configuration_get_archive:
 *
 * Returns: (transfer none): the history, which any thread may use
 */
RunconfdArchive *
runconfd_configuration_get_archive (RunconfdConfiguration *self)
{
  return self->archive;
}

/**
 * runconfd_configuration_is_vacant:
 *
 * Returns: whether there are no defaults, for they were taken away: then it isn't to be served
 */
gboolean
runconfd_configuration_is_vacant (RunconfdConfiguration *self)
{
  return self->is_vacant;
}

const char *
runconfd_configuration_get_state (RunconfdConfiguration *self)
{
  return runconfd_health_get_state (self->health);
}

/**
 * runconfd_configuration_get_state_message:
 *
 * Returns: (transfer full): what is wrong; empty if nothing is
 */
char *
runconfd_configuration_get_state_message (RunconfdConfiguration *self)
{
  return runconfd_health_get_message (self->health);
}

static char *
make_sibling (const char *path, const char *suffix)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *sibling = g_strdup_printf (".%s.%s", name, suffix);

  return g_build_filename (folder, sibling, NULL);
}

static void
open_archive (RunconfdConfiguration *self)
{
  g_autofree char *path = make_sibling (self->settings.runtime_path, "history");

  self->archive = self->settings.has_history ? runconfd_archive_new (path, &self->settings.history,
                                                                     self->settings.folders != NULL)
                                             : runconfd_archive_new_off ();
}

/**
 * runconfd_configuration_new:
 * @settings: they are copied
 *
 * Takes hold of the files of a configuration. It is opened by the first
 * runconfd_configuration_reload_async().
 *
 * Returns: (transfer full) (nullable): the configuration, or %NULL with an error if another process
 *   serves the file, or there is no folder for it
 */
RunconfdConfiguration *
runconfd_configuration_new (const RunconfdSettings *settings, GError **error)
{
  g_autoptr (RunconfdConfiguration) self = g_object_new (RUNCONFD_TYPE_CONFIGURATION, NULL);
  const RunconfdInForceHooks hooks = { on_changed, on_snapshot_replaced, self };
  g_autofree char *state_path = make_sibling (settings->runtime_path, "state");

  runconfd_settings_copy (&self->settings, settings);
  self->in_force = runconfd_in_force_new (settings->name, &hooks);

  self->store = runconf_file_store_new (settings->runtime_path, settings->watch, error);
  if (self->store == NULL)
    return NULL;

  self->state = runconf_state_open (state_path, error);
  if (self->state == NULL)
    return NULL;

  runconf_file_store_tidy (RUNCONF_FILE_STORE (self->store), self->state);
  open_archive (self);
  runconfd_configuration_init_confirmations (self);
  self->sources = runconfd_sources_new (settings, (RunconfdSourcesFunc) on_file_changed, self);
  g_signal_connect_object (self->store, "changed", G_CALLBACK (on_file_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->store, "late", G_CALLBACK (on_late), self, G_CONNECT_SWAPPED);

  return g_steal_pointer (&self);
}

static void
runconfd_configuration_finalize (GObject *object)
{
  RunconfdConfiguration *self = RUNCONFD_CONFIGURATION (object);

  g_clear_handle_id (&self->pause, g_source_remove);
  g_clear_handle_id (&self->looking, g_source_remove);
  runconfd_settings_clear (&self->settings);
  g_clear_object (&self->store);
  g_clear_pointer (&self->state, runconf_state_free);
  g_clear_pointer (&self->confirmations, runconfd_confirmations_free);
  g_clear_pointer (&self->archive, runconfd_archive_free);
  g_clear_pointer (&self->sources, runconfd_sources_free);
  g_clear_pointer (&self->stored, runconfd_stored_free);
  g_clear_pointer (&self->in_force, runconfd_in_force_free);
  g_clear_pointer (&self->queue, runconfd_queue_free);
  g_clear_pointer (&self->batching, runconfd_batching_free);
  g_clear_pointer (&self->health, runconfd_health_free);
  g_clear_pointer (&self->reloading, g_ptr_array_unref);
  g_clear_pointer (&self->loading, g_ptr_array_unref);
  g_clear_pointer (&self->late, runconfd_late_free);
  g_clear_pointer (&self->retry, runconfd_retry_free);
  g_clear_object (&self->draining);

  G_OBJECT_CLASS (runconfd_configuration_parent_class)->finalize (object);
}

static void
runconfd_configuration_class_init (RunconfdConfigurationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = runconfd_configuration_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", RUNCONFD_TYPE_CONFIGURATION, G_SIGNAL_RUN_LAST,
                                          0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[SIGNAL_STATE_CHANGED]
      = g_signal_new ("state-changed", RUNCONFD_TYPE_CONFIGURATION, G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_SNAPSHOT_REPLACED]
      = g_signal_new ("snapshot-replaced", RUNCONFD_TYPE_CONFIGURATION, G_SIGNAL_RUN_LAST, 0, NULL,
                      NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_LOADED] = g_signal_new ("loaded", RUNCONFD_TYPE_CONFIGURATION, G_SIGNAL_RUN_LAST,
                                         0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

static void
runconfd_configuration_init (RunconfdConfiguration *self)
{
  self->health = runconfd_health_new (on_health_changed, self);
  self->queue = runconfd_queue_new ();
  self->batching
      = runconfd_batching_new ((RunconfdBatchingFunc) runconfd_configuration_advance, self);
  self->stored = runconfd_stored_new ();
  self->late = runconfd_late_new ();
  self->retry = runconfd_retry_new ((RunconfdRetryFunc) runconfd_configuration_advance, self);
  self->reloading = g_ptr_array_new_with_free_func (g_object_unref);
  self->loading = g_ptr_array_new_with_free_func (g_object_unref);
}
