/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/error.h"
#include "service/base/work.h"

/* What a caller of reload_async() waits for; its task data. */
typedef struct
{
  RunconfdRevision *before;
  gboolean only_refresh; /* doesn't wait for a broken file to be mended */
} RunconfdWait;

static void
wait_free (RunconfdWait *self)
{
  g_clear_pointer (&self->before, runconfd_revision_unref);
  g_free (self);
}

static void
answer_wait (RunconfdConfiguration *self, GTask *task)
{
  RunconfdWait *wait = g_task_get_task_data (task);

  const GError *problem = runconfd_health_get_problem (self->health);

  if (problem != NULL && !wait->only_refresh)
    g_task_return_error (task, g_error_copy (problem));
  else
    g_task_return_boolean (task,
                           wait->before != NULL
                               && !runconfd_revision_looks_like (wait->before, get_current (self)));
}

/* Answers who waited for a load, unless there is more to load. Who only wants to read doesn't wait
 * for a broken file to be mended.
 */
void
runconfd_configuration_end_load (RunconfdConfiguration *self)
{
  g_autoptr (GPtrArray) waits = g_steal_pointer (&self->loading);

  self->is_loading = FALSE;
  if (!self->is_stale)
    runconfd_configuration_tell_loaded (self);

  self->loading = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waits->len; i++)
    {
      GTask *task = waits->pdata[i];
      RunconfdWait *wait = g_task_get_task_data (task);

      gboolean is_unsure
          = self->is_suspect
            || ((self->is_held || self->has_held_side) && get_current (self) != NULL);

      if ((self->is_stale || self->is_suspect) && !(is_unsure && wait->only_refresh))
        g_ptr_array_add (self->reloading, g_object_ref (task));
      else
        answer_wait (self, task);
    }
}

typedef struct
{
  RunconfdConfiguration *configuration;
  RunconfdLoad *load;
} Loading;

static void
run_load (gpointer data)
{
  runconfd_load_run (((Loading *) data)->load);
}

static void
finish_load (gpointer data)
{
  g_autofree Loading *loading = data;
  g_autoptr (RunconfdConfiguration) self = loading->configuration;
  g_autoptr (RunconfdLoad) load = loading->load;

  self->is_working = FALSE;
  runconfd_configuration_take_load (self, load);
  runconfd_configuration_advance (self);
}

void
runconfd_configuration_start_load (RunconfdConfiguration *self)
{
  RunconfdLoad *load = g_new0 (RunconfdLoad, 1);
  const Loading loading = { g_object_ref (self), load };

  runconfd_sources_prepare_load (self->sources, load);
  load->store = g_object_ref (self->store);
  load->runtime_path = g_strdup (self->settings.runtime_path);
  load->known_stamp = runconfd_stored_ref_stamp (self->stored);

  g_ptr_array_extend_and_steal (self->loading, g_steal_pointer (&self->reloading));
  self->reloading = g_ptr_array_new_with_free_func (g_object_unref);

  self->is_working = TRUE;
  self->is_loading = TRUE;
  self->is_stale = FALSE;
  runconfd_work_start (run_load, finish_load, g_memdup2 (&loading, sizeof loading));
}

/* Who only wants to read doesn't wait for somebody who is still writing. */
static void
answer_readers (RunconfdConfiguration *self)
{
  g_autoptr (GPtrArray) waits = g_steal_pointer (&self->reloading);

  self->reloading = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < waits->len; i++)
    answer_wait (self, waits->pdata[i]);
}

static void
on_held_looked_at (gpointer data)
{
  RunconfdConfiguration *self = data;

  self->looking = 0;
  self->is_stale = TRUE;
  runconfd_configuration_advance (self);
}

static char *
make_held_message (RunconfdLoad *load)
{
  const RunconfdSideFile *held = NULL;
  g_autofree char *name = NULL;

  if (g_error_matches (load->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_BUSY))
    return g_strdup (load->error->message);

  for (guint i = 0; held == NULL && i < RUNCONFD_N_SIDES; i++)
    held = load->sides[i].is_held ? &load->sides[i] : NULL;
  name = g_filename_display_name (held->path);

  return g_strdup_printf ("%s: it is being written by another process, which has it open: it is "
                          "read when that process closes it",
                          name);
}

/**
 * runconfd_configuration_wait_for_writer:
 *
 * Ends a load that found a file which another process is writing: it is read again in a moment.
 * Writes wait, too, at first: most programs are done at once. Later on they are made on what is in
 * force, and State says what is waited for.
 */
void
runconfd_configuration_wait_for_writer (RunconfdConfiguration *self, RunconfdLoad *load)
{
  g_autofree char *message = make_held_message (load);
  gint64 now = g_get_monotonic_time ();

  if (self->held_since == 0)
    self->held_since = now;
  if (now - self->held_since
      < (get_current (self) == NULL ? RUNCONF_TIMING_MAX_START_US : RUNCONF_TIMING_MAX_BUSY_US))
    {
      self->is_stale = TRUE;
      runconfd_configuration_end_load (self);
      runconfd_configuration_pause (self, RUNCONF_TIMING_BUSY_POLL_MS);
      return;
    }

  if (now - self->held_since >= RUNCONF_TIMING_REPORT_HELD_US)
    runconfd_health_set (self->health, RUNCONFD_AILMENT_HELD, message);
  runconfd_health_note_problem (self->health, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, message);
  if (self->looking == 0)
    self->looking = g_timeout_add_once (RUNCONF_TIMING_HELD_POLL_MS, on_held_looked_at, self);
  runconfd_configuration_end_load (self);
}

static gboolean
is_reload_wanted (RunconfdConfiguration *self)
{
  for (guint i = 0; i < self->reloading->len; i++)
    {
      if (!((RunconfdWait *) g_task_get_task_data (self->reloading->pdata[i]))->only_refresh)
        return TRUE;
    }

  return FALSE;
}

/* Whether to wait for somebody who is writing; not for ever, and not where a Reload says now. Who
 * was seen writing a while ago and is seen again has begun anew.
 */
gboolean
runconfd_configuration_wait_while_busy (RunconfdConfiguration *self)
{
  gint64 now = g_get_monotonic_time ();

  if (is_reload_wanted (self) || runconfd_configuration_check_files (self) != RUNCONF_BUSY)
    {
      self->busy_since = 0;
      return FALSE;
    }

  if (self->busy_since == 0 || now - self->busy_seen > RUNCONF_TIMING_MAX_BUSY_US)
    self->busy_since = now;
  self->busy_seen = now;
  if (now - self->busy_since >= RUNCONF_TIMING_MAX_BUSY_US)
    return FALSE;

  answer_readers (self);
  runconfd_configuration_pause (self, RUNCONF_TIMING_BUSY_POLL_MS);

  return TRUE;
}

static void
request_load (RunconfdConfiguration *self, gboolean only_refresh, GAsyncReadyCallback callback,
              gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  RunconfdWait *wait = g_new0 (RunconfdWait, 1);

  wait->before = get_current (self) != NULL ? runconfd_revision_ref (get_current (self)) : NULL;
  wait->only_refresh = only_refresh;
  g_task_set_task_data (task, wait, (GDestroyNotify) wait_free);
  g_ptr_array_add (self->reloading, task);

  self->is_stale = TRUE;
  runconfd_configuration_advance (self);
}

/**
 * runconfd_configuration_reload_async:
 *
 * Reads the files now. The first time this opens the configuration.
 */
void
runconfd_configuration_reload_async (RunconfdConfiguration *self, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  runconfd_retry_hurry (self->retry);
  request_load (self, FALSE, callback, user_data);
}

/**
 * runconfd_configuration_reload_finish:
 * @changed: (out) (optional): whether an effective value changed
 *
 * Returns: %FALSE with the error of a broken file, after the recovery; the first time, without a
 *   revision, if the defaults are broken
 */
gboolean
runconfd_configuration_reload_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                      gboolean *changed, GError **error)
{
  g_autoptr (GError) failure = NULL;
  gboolean has_changed = g_task_propagate_boolean (G_TASK (result), &failure);

  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  runconfd_health_set (self->health, RUNCONFD_AILMENT_RECOVERED, NULL);
  if (changed != NULL)
    *changed = has_changed;

  return TRUE;
}

/**
 * runconfd_configuration_is_fresh:
 *
 * Returns: whether what is in force is what the files say, or somebody is still writing one
 */
gboolean
runconfd_configuration_is_fresh (RunconfdConfiguration *self)
{
  RunconfFreshness freshness = runconfd_configuration_check_files (self);

  if (self->is_suspect || self->is_held || self->has_held_side || freshness == RUNCONF_BUSY)
    return TRUE;

  return freshness == RUNCONF_FRESH && !self->is_stale && !self->is_loading;
}

/**
 * runconfd_configuration_refresh_async:
 *
 * Reads the files if they changed and are quiet.
 */
void
runconfd_configuration_refresh_async (RunconfdConfiguration *self, GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  request_load (self, TRUE, callback, user_data);
}

void
runconfd_configuration_refresh_finish (RunconfdConfiguration *self, GAsyncResult *result)
{
  g_task_propagate_boolean (G_TASK (result), NULL);
}
