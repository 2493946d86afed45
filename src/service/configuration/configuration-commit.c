/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "service/base/log.h"
#include "service/base/thread-task.h"

/* The commits of a configuration: the steps that all of them share, and the commits that come neither from
 * a request nor from a load: the merge of a late text, and a write that is repeated.
 */

/* The service goes on without a history that can't be written, but reports that. */
void
runconfd_configuration_report_archive (RunconfdConfiguration *self)
{
  g_autofree char *trouble = runconfd_archive_dup_trouble (self->archive);

  if (runconfd_health_set (self->health, RUNCONFD_AILMENT_HISTORY, trouble) && trouble == NULL)
    runconfd_configuration_recall_waiting (self);
}

void
runconfd_configuration_report_warning (RunconfdConfiguration *self, const RunconfdCommit *commit)
{
  if (commit->warning != NULL)
    runconfd_log (LOG_WARNING, self->settings.name, commit->revision->version, NULL, "%s",
                  commit->warning->message);
}

/* Reports the trouble of a text, or its end. */
void
runconfd_configuration_set_ailment (RunconfdConfiguration *self, const RunconfdText *text,
                                    RunconfdAilment ailment, const char *message)
{
  runconfd_health_set (self->health, runconfd_ailment_in (text->layer, ailment), message);
}

/* Takes over the text of a commit that succeeded. */
void
runconfd_configuration_take_commit (RunconfdConfiguration *self, const RunconfdJob *job)
{
  const RunconfdCommit *commit = job->commit;
  RunconfdText *other = job->text == &self->boot ? &self->overrides : &self->boot;

  runconfd_stored_take_commit (job->text->stored, get_current (self), commit);
  if (other->store != NULL)
    runconfd_stored_pass (other->stored, get_current (self), commit->revision);

  if (commit->rewritten != NULL)
    runconfd_log (LOG_WARNING, self->settings.name, commit->revision->version, NULL,
                  "the text of the overrides could not be edited in place and was formatted "
                  "anew; the previous text is kept as %s",
                  commit->rewritten);
  if (commit->replace)
    runconfd_configuration_set_ailment (self, job->text, RUNCONFD_AILMENT_UNWRITABLE, NULL);
  runconfd_configuration_report_warning (self, commit);
}

/* The folder of a text that was there may be unmounted: a new one would hide the text. The folder of the
 * overrides for this boot is no mount point.
 */
static gboolean
may_make_folder (RunconfdConfiguration *self, const RunconfdText *text)
{
  return self->settings.folders != NULL
         && (text == &self->boot || runconfd_stored_get_document (text->stored) == NULL);
}

RunconfdJob *
runconfd_configuration_new_job (RunconfdConfiguration *self, RunconfdText *text,
                                RunconfRevision *revision, RunconfdJobFunc finish)
{
  RunconfdJob *job = runconfd_job_new (text, revision, finish);
  RunconfdCommit *commit = job->commit;

  commit->layer = text->layer;
  commit->store = text->store != NULL ? g_object_ref (text->store) : NULL;
  commit->state = self->state;
  commit->archive = self->archive;
  commit->keep_last_good = self->settings.keep_last_good;
  commit->runtime_path = g_strdup (text->path);
  commit->lasting_path = g_strdup (self->overrides.path);
  commit->makes_folder = may_make_folder (self, text);
  commit->makes_lasting_folder = may_make_folder (self, &self->overrides);
  commit->default_path = g_strdup (runconfd_sources_get_defaults_path (self->sources));
  commit->stamp = runconfd_stored_ref_stamp (text->stored);
  if (text == &self->boot)
    commit->lasting = runconfd_stored_ref_document (self->overrides.stored);

  return job;
}

static void
on_committed (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  runconfd_configuration_report_archive (self);
  job->finish (job, self);
  if (runconfd_loader_get_state (self->loader) == RUNCONFD_LOADER_SETTLING)
    runconfd_loader_end (self->loader, get_current (self) != NULL, g_get_monotonic_time ());
}

static void
on_settled (RunconfdJob *job, gpointer user_data)
{
  g_autoptr (RunconfdConfiguration) self = user_data;

  if (job->unsettled != NULL)
    runconfd_in_force_log (self->in_force, LOG_WARNING, job->unsettled->message);
  self->is_working = FALSE;
  runconfd_configuration_plan_sync (self, job->commit);
  runconfd_configuration_advance (self);
}

/* Takes over the job. */
void
runconfd_configuration_start_job (RunconfdConfiguration *self, RunconfdJob *job)
{
  gboolean is_change = job->commit->revision != get_current (self);

  if (is_change)
    job->commit->revision->time = g_get_real_time ();
  if (!runconfd_archive_is_off (self->archive) && (is_change || job->batch != NULL))
    runconfd_job_add_records (
        job, runconfd_stored_is_astray (job->text->stored) ? NULL : get_current (self));
  self->is_working = TRUE;
  runconfd_job_start (job, on_committed, on_settled, g_object_ref (self));
}

/* After a conflict the late text is merged again, with the text that was saved in between. */
static void
finish_late (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;
  gboolean is_conflict
      = g_error_matches (job->failure, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT);

  if (!is_conflict || runconfd_loader_is_outrun (self->loader))
    runconfd_late_drop (job->text->late);

  runconfd_configuration_finish_found (job, self);
}

/* Returns: (transfer full) (nullable): the revision with the next late text, if it changes anything */
static RunconfRevision *
merge_late (RunconfdConfiguration *self, RunconfdText *text, RunconfDocument **document,
            GError **error)
{
  const RunconfdHandEdit context = {
    .layer = text->layer,
    .current = get_current (self),
    .recent = runconfd_stored_get_recent (text->stored),
    .archive = self->archive,
  };
  g_autoptr (RunconfNode) overrides
      = runconfd_late_merge (text->late, &context, text->path, document, error);

  if (overrides == NULL
      || runconf_node_equal (overrides,
                             runconf_revision_get_tree (get_current (self), text->layer)))
    return NULL;

  return runconf_revision_next_in (get_current (self), text->layer, overrides, error);
}

/* A broken text can't be merged, but it isn't lost. */
static void
drop_late (RunconfdConfiguration *self, RunconfdText *text, const GError *reason)
{
  if (reason != NULL)
    {
      g_autofree char *copy = runconfd_late_keep (text->late, text->path);

      runconfd_log (LOG_WARNING, self->settings.name, get_current (self)->version, NULL,
                    "a process wrote to the file of the overrides after the service had replaced "
                    "it, and this text can't be merged: %s; %s",
                    reason->message, copy);
    }

  runconfd_late_drop (text->late);
}

/**
 * runconfd_configuration_start_late:
 *
 * Merges the next text that was written too late.
 *
 * Returns: whether a commit was started
 */
gboolean
runconfd_configuration_start_late (RunconfdConfiguration *self, RunconfdText *text)
{
  g_autoptr (RunconfDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfRevision) revision = merge_late (self, text, &document, &error);
  RunconfdJob *job;

  if (revision == NULL)
    {
      drop_late (self, text, error);
      return FALSE;
    }

  job = runconfd_configuration_new_job (self, text, revision, finish_late);
  job->origin = "file";
  job->commit->replace = TRUE;
  job->commit->base = g_steal_pointer (&document);
  job->commit->document = runconfd_stored_ref_document (text->stored);
  runconfd_configuration_start_job (self, job);

  return TRUE;
}

/* Returns: (nullable): a text whose last write failed */
static RunconfdText *
find_unwritable (RunconfdConfiguration *self)
{
  if (runconfd_health_get (self->health, RUNCONFD_AILMENT_UNWRITABLE) != NULL)
    return &self->overrides;

  return runconfd_health_get (self->health, RUNCONFD_AILMENT_BOOT_UNWRITABLE) != NULL ? &self->boot
                                                                                      : NULL;
}

/* Plans a retry if something couldn't be written. */
void
runconfd_configuration_plan_retry (RunconfdConfiguration *self)
{
  gboolean is_needed = find_unwritable (self) != NULL
                       || runconfd_health_get (self->health, RUNCONFD_AILMENT_HISTORY) != NULL;

  runconfd_retry_plan (self->retry,
                       is_needed && get_current (self) != NULL && self->draining == NULL);
}

static void
take_repeated (RunconfdConfiguration *self, const RunconfdJob *job)
{
  const RunconfdCommit *commit = job->commit;
  g_autofree char *message = NULL;

  runconfd_configuration_take_commit (self, job);
  runconfd_configuration_set_ailment (self, job->text, RUNCONFD_AILMENT_UNWRITABLE, NULL);
  if (commit->kept == NULL)
    return;

  runconfd_stored_take_kept (job->text->stored);
  message = g_strdup_printf ("the text of the overrides was invalid; it is kept as %s, and the "
                             "values in force are unchanged",
                             commit->kept);
  runconfd_configuration_set_ailment (self, job->text, RUNCONFD_AILMENT_RECOVERED, message);
}

static void
finish_repeated (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  if (job->failure == NULL)
    take_repeated (self, job);
  else if (g_error_matches (job->failure, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT))
    runconfd_loader_mark_stale (self->loader);

  runconfd_configuration_plan_retry (self);
}

/* Writes the text in force once more, or keeps the broken text aside that couldn't be kept. */
static void
repeat_write (RunconfdConfiguration *self, RunconfdText *text)
{
  RunconfdJob *job
      = runconfd_configuration_new_job (self, text, get_current (self), finish_repeated);

  job->commit->tries_history = TRUE;
  job->commit->base = runconfd_stored_ref_document (text->stored);
  job->commit->document = runconfd_stored_ref_document (text->stored);
  job->commit->broken = runconfd_stored_ref_unkept (text->stored);
  job->commit->replace = job->commit->broken == NULL || !self->settings.keep_last_good;
  runconfd_configuration_start_job (self, job);
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
  runconfd_configuration_report_archive (self);
  runconfd_configuration_plan_retry (self);
  runconfd_configuration_advance (self);
}

/* Repeats a write that failed. Nothing else may be running. */
void
runconfd_configuration_start_retry (RunconfdConfiguration *self)
{
  RunconfdText *unwritable = find_unwritable (self);

  runconfd_retry_begin (self->retry);
  if (unwritable != NULL && runconfd_stored_was_read (unwritable->stored))
    {
      repeat_write (self, unwritable);
      return;
    }

  self->is_working = TRUE;
  runconfd_thread_task_start (run_history, finish_history, g_object_ref (self));
}
