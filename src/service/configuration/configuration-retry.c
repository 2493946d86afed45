/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

/* A disk that was full, a file system that was read-only and a folder that was closed are mended
 * without an event that could be watched. So as long as State says that something can't be written,
 * the same is tried again from time to time: the text in force is written once more, or the broken
 * text kept aside that couldn't be. The pauses get longer, for a cause can stay for weeks.
 */

#define FIRST_RETRY_MS 1000
#define MAX_RETRY_MS (30 * 1000)

static gboolean
is_ailing (RunconfdConfiguration *self)
{
  return runconfd_health_get (self->health, RUNCONFD_AILMENT_UNWRITABLE) != NULL
         || runconfd_health_get (self->health, RUNCONFD_AILMENT_HISTORY) != NULL;
}

static void
on_retry (gpointer data)
{
  RunconfdConfiguration *self = data;

  self->retry = 0;
  self->is_retry_due = TRUE;
  runconfd_configuration_advance (self);
}

/**
 * runconfd_configuration_plan_retry:
 *
 * Sees to it that what couldn't be written is tried again, if there is such a thing.
 */
void
runconfd_configuration_plan_retry (RunconfdConfiguration *self)
{
  if (!is_ailing (self) || get_current (self) == NULL || self->draining != NULL)
    {
      g_clear_handle_id (&self->retry, g_source_remove);
      self->is_retry_due = FALSE;
      self->retry_ms = 0;
      return;
    }
  if (self->retry != 0)
    return;

  self->retry_ms = self->retry_ms == 0 ? FIRST_RETRY_MS : MIN (2 * self->retry_ms, MAX_RETRY_MS);
  self->retry = g_timeout_add_once (self->retry_ms, on_retry, self);
}

static void
take_written (RunconfdConfiguration *self, RunconfdJob *job)
{
  g_autofree char *message = NULL;

  runconfd_configuration_take_commit (self, job->commit);
  runconfd_health_set (self->health, RUNCONFD_AILMENT_UNWRITABLE, NULL);
  if (job->commit->kept == NULL)
    return;

  runconfd_stored_take_kept (self->stored);
  message
      = g_strdup_printf ("the text of the overrides was broken and is kept as %s; the values in "
                         "force stay",
                         job->commit->kept);
  runconfd_health_set (self->health, RUNCONFD_AILMENT_RECOVERED, message);
}

static void
finish_retry (RunconfdConfiguration *self, RunconfdJob *job, const GError *error)
{
  if (error == NULL)
    take_written (self, job);
  else if (g_error_matches (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT))
    self->is_stale = TRUE;

  runconfd_configuration_plan_retry (self);
}

static void
write_again (RunconfdConfiguration *self)
{
  RunconfdJob *job = runconfd_job_new (self, get_current (self), finish_retry);

  job->commit->tries_history = TRUE;
  job->commit->base = runconfd_stored_ref_document (self->stored);
  job->commit->document = runconfd_stored_ref_document (self->stored);
  job->commit->broken = runconfd_stored_ref_unkept (self->stored);
  job->commit->replace = job->commit->broken == NULL || !self->settings.keep_last_good;

  runconfd_job_start (self, job);
}

static void
run_history (gpointer data)
{
  runconfd_archive_retry (((RunconfdConfiguration *) data)->archive);
}

static void
finish_history (gpointer data)
{
  g_autoptr (RunconfdConfiguration) self = data;

  self->is_working = FALSE;
  runconfd_configuration_tell_archive (self);
  runconfd_configuration_plan_retry (self);
  runconfd_configuration_advance (self);
}

/**
 * runconfd_configuration_start_retry:
 *
 * Tries again to write what couldn't be written. Nothing else may be under way.
 */
void
runconfd_configuration_start_retry (RunconfdConfiguration *self)
{
  gboolean is_unwritable = runconfd_health_get (self->health, RUNCONFD_AILMENT_UNWRITABLE) != NULL;

  self->is_retry_due = FALSE;
  g_clear_handle_id (&self->retry, g_source_remove);
  if (is_unwritable && runconfd_stored_was_read (self->stored))
    {
      write_again (self);
      return;
    }

  self->is_working = TRUE;
  runconfd_work_start (run_history, finish_history, g_object_ref (self));
}
