/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/error.h"
#include "service/base/log.h"
#include "store/file/store.h"

/* A configuration does one thing at a time with its files, in a thread: it loads them or it commits a
 * revision. Everything else happens in the main loop, in between, where advance() decides on the next step.
 * So the thread alone uses the data that it was given, and nothing is locked:
 *
 *   a load     reads the files, because they changed or a caller asks for it. The change that is found
 *              becomes a revision of its own: an edit by hand, other defaults, or a recovery. It is
 *              committed before the changes in the queue.
 *   a commit   writes a batch of staged changes, or such a revision, to the disk. Changes that are received
 *              meanwhile are queued, and are the next batch.
 *
 * A revision is put in force when its commit is done, never before: readers see only revisions that are on
 * the disk. A commit that finds another text on the disk than the one that it began with changes nothing.
 * Then that text is loaded, and the batch is staged again on it.
 *
 * The objects in configuration-private.h have one duty each, and know nothing of each other. The files
 * configuration-*.c connect them: configuration.c decides on the next step, configuration-load.c loads,
 * configuration-found.c takes over the text that was found, configuration-write.c commits batches, and
 * configuration-commit.c has what all commits share.
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
runconfd_configuration_put_in_force (RunconfdConfiguration *self, RunconfRevision *revision)
{
  RunconfRevision *current = get_current (self);
  g_autoptr (RunconfRevision) before = current != NULL ? runconf_revision_ref (current) : NULL;
  const RunconfdIgnoredReport report = {
    .settings = &self->settings,
    .document = runconfd_stored_get_document (self->overrides.stored),
    .boot_document = runconfd_stored_get_document (self->boot.stored),
    .before = before,
    .current = revision,
  };

  runconfd_in_force_set (self->in_force, revision);
  runconfd_ignored_report_send (&report, self->health);
  runconfd_in_force_publish (self->in_force);

  if (before == NULL || runconf_rules_equal (before->ground->rules, revision->ground->rules))
    return;

  self->rules_revision++;
  g_signal_emit (self, signals[SIGNAL_STATE_CHANGED], 0);
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

/* Looks at all files, before a read or a write. */
RunconfFreshness
runconfd_configuration_check_files (RunconfdConfiguration *self)
{
  RunconfFreshness overrides = runconfd_text_check (&self->overrides);
  RunconfFreshness boot = runconfd_text_check (&self->boot);
  RunconfFreshness sources = runconfd_sources_check (self->sources);

  return MAX (MAX (overrides, boot), sources);
}

/* A file that a process keeps open is read from time to time, and no write waits for that. The files are
 * looked at once for a batch, not for each change that it gathers.
 */
static void
look_before_write (RunconfdConfiguration *self)
{
  if (!runconfd_loader_is_stale (self->loader)
      && runconfd_loader_get_state (self->loader) != RUNCONFD_LOADER_WATCHING
      && runconfd_configuration_check_files (self) != RUNCONF_FRESH)
    runconfd_loader_mark_stale (self->loader);
}

/* A Reload doesn't wait for a save to end. */
static gboolean
wait_while_busy (RunconfdConfiguration *self)
{
  RunconfFreshness freshness = runconfd_loader_is_reload_wanted (self->loader)
                                   ? RUNCONF_FRESH
                                   : runconfd_configuration_check_files (self);

  return runconfd_loader_wait_while_busy (self->loader, freshness, g_get_monotonic_time ());
}

/* Returns: (nullable): the text that late ones wait for */
static RunconfdText *
find_late (RunconfdConfiguration *self)
{
  if (!runconfd_late_is_empty (self->overrides.late))
    return &self->overrides;

  return !runconfd_late_is_empty (self->boot.late) ? &self->boot : NULL;
}

/* Does the next thing, if there is something to do and nothing is being done. */
void
runconfd_configuration_advance (RunconfdConfiguration *self)
{
  gboolean has_batch;

  if (self->is_working || runconfd_loader_get_state (self->loader) == RUNCONFD_LOADER_PAUSED)
    return;

  has_batch = runconfd_queue_get_length (self->queue) > 0 && !runconfd_configuration_gather (self);
  if (has_batch)
    look_before_write (self);
  if (runconfd_loader_is_stale (self->loader))
    {
      if (!wait_while_busy (self))
        runconfd_configuration_start_load (self);
    }
  else if (find_late (self) != NULL && get_current (self) != NULL)
    {
      if (!runconfd_configuration_start_late (self, find_late (self)))
        runconfd_configuration_advance (self);
    }
  else if (has_batch)
    {
      runconfd_configuration_start_batch (self);
      runconfd_configuration_advance (self);
    }
  else if (runconfd_queue_get_length (self->queue) > 0)
    {
      /* a batch is being gathered */
    }
  else if (runconfd_configuration_is_sync_due (self))
    {
      runconfd_configuration_start_sync (self);
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
on_loaded (gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  g_signal_emit (self, signals[SIGNAL_LOADED], 0, runconfd_health_get_problem (self->health));
}

static void
answer_wait (GTask *task, gboolean is_refresh, gpointer user_data)
{
  runconfd_configuration_answer_wait (user_data, task, is_refresh);
}

static void
on_file_changed (RunconfdConfiguration *self)
{
  runconfd_loader_mark_stale (self->loader);
  runconfd_configuration_advance (self);
}

static void
on_late (RunconfdText *text, GBytes *late, GBytes *base, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  runconfd_late_add (text->late, late, base);
  runconfd_configuration_advance (self);
}

static void
on_reverted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdConfiguration *self = RUNCONFD_CONFIGURATION (object);
  g_autofree guint64 *version = user_data;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  guint64 now;
  gboolean is_written = runconfd_configuration_write_finish (self, result, &now, &paths, &error);

  if (!is_written && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE))
    runconfd_log (LOG_ERR, self->settings.name, get_current (self)->version, NULL,
                  "version %" G_GUINT64_FORMAT " wasn't confirmed, and can't be undone: %s",
                  *version, error->message);

  runconfd_confirmations_finish_revert (self->confirmations, *version, is_written);
}

static void
write_revert (guint64 version, RunconfdRequest *request, gpointer user_data)
{
  runconfd_configuration_write_async (user_data, request, on_reverted,
                                      g_memdup2 (&version, sizeof version));
}

static void
warn (const char *message, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  runconfd_in_force_log (self->in_force, LOG_WARNING, message);
}

static void
init_confirmations (RunconfdConfiguration *self)
{
  const RunconfdConfirmationsHooks hooks = {
    .write = write_revert,
    .warn = warn,
    .owner = G_OBJECT (self),
    .user_data = self,
  };

  self->confirmations = runconfd_confirmations_new (self->archive, &hooks);
}

void
runconfd_configuration_recall_waiting (RunconfdConfiguration *self)
{
  runconfd_confirmations_recall (self->confirmations, g_get_real_time (), g_get_monotonic_time ());
}

/**
 * runconfd_configuration_find_waiting:
 *
 * Returns: (transfer none) (nullable): the change that made a version, if it can still be confirmed
 */
const RunconfHistoryRecord *
runconfd_configuration_find_waiting (RunconfdConfiguration *self, guint64 version)
{
  return runconfd_confirmations_find (self->confirmations, version);
}

/**
 * runconfd_configuration_confirm_async:
 * @version: of the change
 * @uid: of the caller
 *
 * Keeps a change that waits. This is done when the confirmation is on the disk.
 */
void
runconfd_configuration_confirm_async (RunconfdConfiguration *self, guint64 version, guint uid,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  runconfd_confirmations_confirm (self->confirmations, version, uid,
                                  g_task_new (self, NULL, callback, user_data));
}

gboolean
runconfd_configuration_confirm_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                       GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * runconfd_configuration_drain_async:
 *
 * Refuses further changes, and waits until the accepted ones are on the disk.
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
  runconf_store_end (self->overrides.store);
  if (self->boot.store != NULL)
    runconf_store_end (self->boot.store);
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
 * Returns: (transfer none) (nullable): the revision in force; %NULL until the files were read once
 */
RunconfRevision *
runconfd_configuration_get_revision (RunconfdConfiguration *self)
{
  return get_current (self);
}

/**
 * runconfd_configuration_get_tip:
 *
 * Returns: (transfer none): the revision that the next write is applied to: the one in force, with all
 *   staged changes
 */
RunconfRevision *
runconfd_configuration_get_tip (RunconfdConfiguration *self)
{
  RunconfRevision *tip = runconfd_queue_get_tip (self->queue);

  return tip != NULL ? tip : get_current (self);
}

/**
 * runconfd_configuration_get_document:
 * @layer: that of the overrides, or that of the overrides for this boot
 *
 * Returns: (transfer none) (nullable): the text of a layer in force
 */
RunconfDocument *
runconfd_configuration_get_document (RunconfdConfiguration *self, RunconfLayer layer)
{
  return runconfd_stored_get_document (get_text (self, layer)->stored);
}

/**
 * runconfd_configuration_get_rules_revision:
 *
 * Returns: how often the schema or the locks have changed
 */
guint
runconfd_configuration_get_rules_revision (RunconfdConfiguration *self)
{
  return self->rules_revision;
}

/**
 * runconfd_configuration_get_stack:
 *
 * Returns: (transfer none): the defaults in force
 */
RunconfStack *
runconfd_configuration_get_stack (RunconfdConfiguration *self)
{
  return runconfd_sources_get_stack (self->sources);
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
 * Returns: whether the defaults were removed, so that the configuration isn't served any more
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
 * Returns: (transfer full): the descriptions of all ailments; empty if there is none
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
  RunconfState *state = self->settings.folders != NULL ? self->state : NULL;

  self->archive = self->settings.has_history
                      ? runconfd_archive_new (path, &self->settings.history, state)
                      : runconfd_archive_new_off ();
}

static void
init_texts (RunconfdConfiguration *self)
{
  const RunconfdSettings *settings = &self->settings;
  const RunconfdTextHooks hooks = {
    .changed = (void (*) (gpointer)) on_file_changed,
    .late = on_late,
    .user_data = self,
  };

  runconfd_text_init (&self->overrides, RUNCONF_LAYER_OVERRIDE, settings->runtime_path,
                      settings->watch, &hooks);
  runconfd_text_init (&self->boot, RUNCONF_LAYER_BOOT, settings->boot_path, settings->watch,
                      &hooks);
}

/**
 * runconfd_configuration_new:
 * @settings: it is copied
 *
 * Locks the files of a configuration. The first runconfd_configuration_reload_async() opens it.
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
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) failure = NULL;

  runconfd_settings_copy (&self->settings, settings);
  self->in_force = runconfd_in_force_new (settings, &hooks);

  init_texts (self);
  if (!runconfd_text_open (&self->overrides, error))
    return NULL;

  self->state = runconf_state_open (state_path, error);
  if (self->state == NULL)
    return NULL;

  entries = runconf_store_recover (self->overrides.store, &failure);
  if (failure != NULL)
    runconfd_log (LOG_ERR, settings->name, 0, NULL, "%s; until a restart, nothing can be written",
                  failure->message);
  runconfd_configuration_catch_up (self, entries);
  runconf_store_tidy (self->overrides.store, self->state);
  open_archive (self);
  runconfd_configuration_recover (self, entries);
  init_confirmations (self);
  self->sources = runconfd_sources_new (settings, (RunconfdSourcesFunc) on_file_changed, self);

  return g_steal_pointer (&self);
}

static void
runconfd_configuration_finalize (GObject *object)
{
  RunconfdConfiguration *self = RUNCONFD_CONFIGURATION (object);

  g_clear_handle_id (&self->sync_timer, g_source_remove);
  runconfd_settings_clear (&self->settings);
  runconfd_text_clear (&self->overrides);
  runconfd_text_clear (&self->boot);
  g_clear_pointer (&self->confirmations, runconfd_confirmations_free);
  g_clear_pointer (&self->archive, runconfd_archive_free);
  g_clear_pointer (&self->state, runconf_state_free);
  g_clear_pointer (&self->sources, runconfd_sources_free);
  g_clear_pointer (&self->in_force, runconfd_in_force_free);
  g_clear_pointer (&self->queue, runconfd_queue_free);
  g_clear_pointer (&self->batching, runconfd_batching_free);
  g_clear_pointer (&self->health, runconfd_health_free);
  g_clear_pointer (&self->loader, runconfd_loader_free);
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
  const RunconfdLoaderHooks loader_hooks = {
    .advance = (void (*) (gpointer)) runconfd_configuration_advance,
    .loaded = on_loaded,
    .answer = answer_wait,
    .user_data = self,
  };

  self->health = runconfd_health_new (on_health_changed, self);
  self->queue = runconfd_queue_new ();
  self->batching
      = runconfd_batching_new ((RunconfdBatchingFunc) runconfd_configuration_advance, self);
  self->retry = runconfd_retry_new ((RunconfdRetryFunc) runconfd_configuration_advance, self);
  self->loader = runconfd_loader_new (&loader_hooks);
}
