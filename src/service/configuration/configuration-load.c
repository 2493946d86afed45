/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/error.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "service/base/room.h"
#include "service/base/thread-task.h"
#include "service/configuration/start-version.h"

/* A load: the files are read in a thread. Then the sources are taken over, which make the ground of the
 * overrides, and configuration-found.c decides about the text of the overrides.
 */

/* Returns: (nullable): the text that was in force before the service started, if it is known */
static RunconfDocument *
find_known (RunconfdConfiguration *self, RunconfdLoad *load, guint64 version, gboolean is_known)
{
  const RunconfdTextLoad *found = &load->overrides;
  g_autoptr (GBytes) text = NULL;
  guint64 kept_version;

  if (is_known && found->error == NULL)
    return found->document != NULL ? runconf_document_ref (found->document) : NULL;

  text = runconfd_archive_get_text (self->archive, &kept_version);
  if (text == NULL
      || (found->error != NULL && !runconfd_text_load_is_held (found)
              ? !self->settings.keep_last_good
              : kept_version != version))
    return NULL;

  return runconfd_room_read (text, self->settings.runtime_path, NULL);
}

/* The history knows the overrides for this boot, without secrets. If it doesn't differ from the text that
 * is found, nothing changed since. Without a history, the text that is found is taken as it is.
 *
 * Returns: (transfer full) (nullable): the overrides for this boot that were in force before the service
 *   started
 */
static RunconfNode *
find_boot (RunconfdConfiguration *self, const RunconfdTextLoad *load, const RunconfRules *rules)
{
  g_autoptr (GBytes) text = runconfd_archive_get_boot_text (self->archive);
  g_autoptr (RunconfDocument) kept
      = text != NULL ? runconfd_room_read (text, "overrides for this boot", NULL) : NULL;
  g_autoptr (RunconfNode) found = NULL;
  g_autoptr (RunconfNode) visible = NULL;

  if (load->document == NULL)
    return kept != NULL ? runconf_node_ref (runconf_document_get_root (kept)) : NULL;

  found = runconf_metadata_strip (runconf_document_get_root (load->document));
  visible = runconf_rules_strip (rules, found);
  if (!runconfd_archive_is_off (self->archive)
      && (kept == NULL || !runconf_node_equal (visible, runconf_document_get_root (kept))))
    return kept != NULL ? runconf_node_ref (runconf_document_get_root (kept)) : NULL;

  runconfd_stored_begin (self->boot.stored, load->document, FALSE);
  runconfd_stored_take_stamp (self->boot.stored, load->stamp);

  return g_steal_pointer (&found);
}

/* Puts the revision in force that was in force before the service started. Its text is the one that is
 * found if that was written or read last; otherwise it is the one in the history.
 */
static void
begin (RunconfdConfiguration *self, RunconfdLoad *load, RunconfGround *ground)
{
  g_autoptr (RunconfNode) overrides = runconf_mapping_new_empty ();
  g_autoptr (RunconfRevision) revision = NULL;
  g_autoptr (RunconfDocument) known = NULL;
  gboolean is_known = FALSE;
  guint64 version = runconfd_start_version_find (self->state, self->archive, load, &is_known);
  gint64 time = runconfd_start_version_find_time (load, version);
  g_autoptr (RunconfNode) boot = find_boot (self, &load->boot, ground->rules);

  known = find_known (self, load, version, is_known);
  if (known != NULL)
    {
      g_autoptr (RunconfNode) found = runconf_metadata_strip (runconf_document_get_root (known));

      revision = runconf_revision_new (version, time, ground, found, boot, NULL);
    }

  if (revision == NULL)
    revision = runconf_revision_new (version, time, ground, overrides, boot, NULL);
  if (revision == NULL)
    revision = runconf_revision_new (version, time, ground, overrides, NULL, NULL);

  runconfd_stored_begin (self->overrides.stored, known, !is_known && known == NULL);
  runconfd_configuration_put_in_force (self, revision);
  runconfd_queue_rebase (self->queue, revision);
  runconfd_configuration_report_archive (self);
  runconfd_configuration_recall_waiting (self);
}

/* A commit of another ground, or of the end of a boot, leaves the text and its errors as they are. */
void
runconfd_configuration_finish_ground (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;
  g_autoptr (RunconfRevision) before = runconf_revision_ref (get_current (self));

  runconfd_configuration_put_in_force (self, job->commit->revision);
  g_ptr_array_unref (runconfd_in_force_announce (self->in_force, before, job->commit->revision,
                                                 job->origin, NULL));
  runconfd_configuration_report_warning (self, job->commit);
  runconfd_queue_rebase (self->queue, get_current (self));
}

static void
refuse_ground (RunconfdConfiguration *self, const GError *error)
{
  g_autofree char *message = g_strdup_printf (
      "%s: %s", runconfd_sources_get_defaults_path (self->sources), error->message);

  runconfd_health_clear_problem (self->health);
  runconfd_health_note_problem (self->health, error->domain, error->code, message);
  runconfd_health_set (self->health, RUNCONFD_AILMENT_DEFAULTS, message);
}

/* Returns: whether a commit was started */
static gboolean
take_ground (RunconfdConfiguration *self, RunconfdLoad *load, RunconfGround *ground)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfRevision) revision = runconf_revision_move (get_current (self), ground, &error);
  RunconfdJob *job;

  if (revision == NULL)
    {
      refuse_ground (self, error);
      return FALSE;
    }

  runconfd_sources_take (self->sources, load);
  if (load->sources[RUNCONFD_SOURCE_DEFAULTS].is_changed)
    runconfd_health_set (self->health, RUNCONFD_AILMENT_DEFAULTS, NULL);

  if (revision->version == get_current (self)->version)
    {
      runconfd_configuration_put_in_force (self, revision);
      runconfd_queue_rebase (self->queue, revision);
      return FALSE;
    }

  job = runconfd_configuration_new_job (self, &self->overrides, revision,
                                        runconfd_configuration_finish_ground);
  job->origin = runconfd_source_report_cause (load, &job->layer, &job->message);
  job->commit->keeps_text = TRUE;
  job->commit->document = runconfd_stored_ref_document (self->overrides.stored);
  runconfd_loader_mark_stale (self->loader);
  runconfd_configuration_start_job (self, job);

  return TRUE;
}

static char *
make_held_source_message (const RunconfdSourceFile *source)
{
  g_autofree char *name = g_filename_display_name (source->path);

  return g_strdup_printf ("%s: it is being written by another process, which has it open: it is "
                          "read when that process closes it",
                          name);
}

/* Returns: the message about a file that another process is writing; there is one */
static char *
make_held_message (const RunconfdLoad *load)
{
  if (runconfd_text_load_is_held (&load->overrides))
    return g_strdup (load->overrides.error->message);
  if (runconfd_text_load_is_held (&load->boot))
    return g_strdup (load->boot.error->message);

  for (guint i = 0; i < RUNCONFD_N_SOURCES; i++)
    {
      if (load->sources[i].is_held)
        return make_held_source_message (&load->sources[i]);
    }

  g_assert_not_reached ();
}

/* Writes wait at first for a process that has a file open: most programs close it at once. Later on, they
 * use the values in force, and State reports that process.
 */
static void
end_load (RunconfdConfiguration *self, const RunconfdLoad *load)
{
  gint64 now = g_get_monotonic_time ();
  gboolean is_open = get_current (self) != NULL;
  RunconfdLoaderWriter writer = runconfd_loader_get_writer (self->loader, is_open, now);

  if (writer >= RUNCONFD_LOADER_WRITER_SLOW)
    {
      g_autofree char *message = make_held_message (load);

      if (writer == RUNCONFD_LOADER_WRITER_STUCK)
        runconfd_health_set (self->health, RUNCONFD_AILMENT_HELD, message);
      runconfd_health_note_problem (self->health, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                                    message);
    }

  runconfd_loader_end (self->loader, is_open, now);
}

static void
take_writers (RunconfdConfiguration *self, const RunconfdLoad *load)
{
  gboolean has_writer = runconfd_text_load_is_held (&load->overrides)
                        || runconfd_text_load_is_held (&load->boot) || load->has_held_source;

  runconfd_sources_take_patience (self->sources, load);
  runconfd_loader_note_writer (self->loader, has_writer, g_get_monotonic_time ());
  if (!has_writer)
    runconfd_health_set (self->health, RUNCONFD_AILMENT_HELD, NULL);
}

/* A start waits longer for a process that has a file open, but not for ever: it continues with the
 * overrides that the history knows.
 */
static gboolean
has_to_wait (RunconfdConfiguration *self)
{
  return get_current (self) == NULL
         && runconfd_loader_get_writer (self->loader, FALSE, g_get_monotonic_time ())
                == RUNCONFD_LOADER_WRITER_QUICK;
}

/* Returns: whether a commit was started */
static gboolean
take_files (RunconfdConfiguration *self, RunconfdLoad *load)
{
  RunconfRevision *current = get_current (self);
  g_autoptr (RunconfGround) ground = NULL;

  self->is_vacant = load->is_vacant;
  runconfd_health_clear_problem (self->health);
  runconfd_source_report_defaults (load, self->health);
  ground = runconfd_sources_make_ground (self->sources, load,
                                         current != NULL ? current->ground : NULL);
  if (ground == NULL)
    return FALSE;
  if (load->stack != NULL)
    runconfd_source_report_ignored (load, self->settings.name);

  if (current == NULL)
    {
      runconfd_sources_take (self->sources, load);
      begin (self, load, ground);
      runconfd_health_set (self->health, RUNCONFD_AILMENT_DEFAULTS, NULL);
    }

  runconfd_source_report_rules (load, ground, self->health);
  if (ground != get_current (self)->ground && take_ground (self, load, ground))
    return TRUE;

  return runconfd_configuration_take_texts (self, load);
}

static void
take_load (RunconfdConfiguration *self, RunconfdLoad *load)
{
  take_writers (self, load);
  if (!has_to_wait (self) && take_files (self, load))
    runconfd_loader_settle (self->loader);
  else
    end_load (self, load);
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
  take_load (self, load);
  runconfd_configuration_advance (self);
}

void
runconfd_configuration_start_load (RunconfdConfiguration *self)
{
  RunconfdLoad *load = g_new0 (RunconfdLoad, 1);
  const Loading loading = { g_object_ref (self), load };

  runconfd_sources_prepare_load (self->sources, load);
  runconfd_text_prepare_load (&self->overrides, &load->overrides);
  runconfd_text_prepare_load (&self->boot, &load->boot);

  runconfd_loader_begin (self->loader);
  self->is_working = TRUE;
  runconfd_thread_task_start (run_load, finish_load, g_memdup2 (&loading, sizeof loading));
}

/* The task data of a caller that waits for a load is the revision that was in force before, if any. */
void
runconfd_configuration_answer_wait (RunconfdConfiguration *self, GTask *task, gboolean is_refresh)
{
  const RunconfRevision *before = g_task_get_task_data (task);
  const GError *problem = runconfd_health_get_problem (self->health);

  if (problem != NULL && !is_refresh)
    g_task_return_error (task, g_error_copy (problem));
  else
    g_task_return_boolean (task, before != NULL
                                     && !runconf_revision_looks_like (before, get_current (self)));
}

static void
request_load (RunconfdConfiguration *self, gboolean is_refresh, GAsyncReadyCallback callback,
              gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);

  if (get_current (self) != NULL)
    g_task_set_task_data (task, runconf_revision_ref (get_current (self)),
                          (GDestroyNotify) runconf_revision_unref);
  runconfd_loader_add_wait (self->loader, task, is_refresh);
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
 * Returns: %FALSE with the error of a broken file, after the recovery; if the defaults are broken at the
 *   first time, there is no revision
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
  runconfd_health_set (self->health, RUNCONFD_AILMENT_BOOT_RECOVERED, NULL);
  if (changed != NULL)
    *changed = has_changed;

  return TRUE;
}

/**
 * runconfd_configuration_is_fresh:
 *
 * Returns: whether the revision in force is that of the files, or a file is still being saved
 */
gboolean
runconfd_configuration_is_fresh (RunconfdConfiguration *self)
{
  return runconfd_loader_is_fresh (self->loader, runconfd_configuration_check_files (self));
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
