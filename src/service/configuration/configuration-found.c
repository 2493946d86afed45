/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/diff.h"
#include "core/error.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "service/configuration/hand-edit.h"
#include "service/base/log.h"
#include "service/configuration/recall.h"
#include "service/base/room.h"
#include "store/file/quarantine.h"

static void
tell_recovery (RunconfdConfiguration *self, RunconfdJob *job)
{
  const char *left = "the last good values are in force";
  g_autofree char *message = NULL;

  if (job->commit->replace)
    left = "the defaults are in force";
  else if (job->commit->document == NULL)
    left = "there are no last good values, and the defaults are in force";

  message = g_strdup_printf ("%s; the text is kept as %s; %s", job->reason->message,
                             job->commit->kept, left);

  runconfd_health_set (self->health, RUNCONFD_AILMENT_RECOVERED, message);
}

/* What wasn't asked for is in force even where it can't be written: it is what the files say. */
void
runconfd_configuration_finish_found (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;
  const GError *error = job->failure;
  RunconfdRevision *revision = job->commit->revision;
  g_autoptr (RunconfdRevision) before = runconfd_revision_ref (get_current (self));

  if (g_error_matches (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT)
      && self->n_conflicts++ < RUNCONFD_MAX_CONFLICTS)
    {
      self->is_stale = TRUE;
      return;
    }

  self->n_conflicts = 0;
  if (error == NULL || !job->commit->replace)
    runconfd_configuration_take_commit (self, job->commit);
  else
    runconfd_stored_take_failed (self->stored, job->commit);

  runconfd_stored_take_found (self->stored, job->commit->replace ? NULL : job->reason,
                              error != NULL && job->commit->kept == NULL ? job->commit->broken
                                                                         : NULL);

  if (error != NULL)
    {
      g_autofree char *message = job->reason != NULL
                                     ? g_strdup_printf ("%s; it can't be mended: %s",
                                                        job->reason->message, error->message)
                                     : g_strdup (error->message);

      runconfd_health_set (self->health, RUNCONFD_AILMENT_UNWRITABLE, message);
    }
  else if (job->reason != NULL)
    {
      tell_recovery (self, job);
    }
  else
    {
      runconfd_health_set (self->health, RUNCONFD_AILMENT_RECOVERED, NULL);
    }

  runconfd_health_set (self->health, RUNCONFD_AILMENT_UNREADABLE, NULL);
  runconfd_configuration_put_in_force (self, revision);
  if (before != revision)
    g_ptr_array_unref (
        runconfd_in_force_announce (self->in_force, before, revision, job->origin, NULL));

  runconfd_queue_rebase (self->queue, get_current (self));
}

/* What is found on the disk rather than asked for: the stamp and the text are those of the load. */
static RunconfdJob *
make_found_job (RunconfdConfiguration *self, RunconfdLoad *load, RunconfdRevision *revision,
                const char *origin)
{
  RunconfdJob *job
      = runconfd_configuration_new_job (self, revision, runconfd_configuration_finish_found);

  g_clear_pointer (&job->commit->stamp, g_bytes_unref);
  job->commit->stamp = g_bytes_ref (load->stamp);
  if (load->document != NULL)
    job->commit->document = runconf_document_ref (load->document);
  job->origin = origin;

  return job;
}

/* Returns: (nullable): the text that was in force before, if it is known */
static RunconfDocument *
find_known (RunconfdConfiguration *self, RunconfdLoad *load, guint64 version, gboolean is_known)
{
  g_autoptr (GBytes) text = NULL;
  guint64 kept_version;

  if (is_known && load->error == NULL)
    return load->document != NULL ? runconf_document_ref (load->document) : NULL;

  text = runconfd_archive_get_text (self->archive, &kept_version);
  if (text == NULL
      || (load->error != NULL && !self->is_held ? !self->settings.keep_last_good
                                                : kept_version != version))
    return NULL;

  return runconfd_room_read (text, self->settings.runtime_path, NULL);
}

/* What was in force before the text that is found first: the text itself if it is the one that was
 * written or read last, or the one that the history has.
 */
static void
begin (RunconfdConfiguration *self, RunconfdLoad *load, RunconfdGround *ground)
{
  g_autoptr (RunconfNode) overrides = runconf_mapping_new_empty ();
  g_autoptr (RunconfdRevision) revision = NULL;
  g_autoptr (RunconfDocument) known = NULL;
  gboolean is_known = FALSE;
  guint64 version = runconfd_recall_version (self->state, self->archive, load, &is_known);
  gint64 time = runconfd_recall_time (load, version);

  known = find_known (self, load, version, is_known);
  if (known != NULL)
    {
      g_autoptr (RunconfNode) found = runconf_metadata_strip (runconf_document_get_root (known));

      revision = runconfd_revision_new (version, time, ground, found, NULL);
    }

  if (revision == NULL)
    revision = runconfd_revision_new (version, time, ground, overrides, NULL);

  runconfd_stored_begin (self->stored, known, !is_known && known == NULL);
  runconfd_configuration_put_in_force (self, revision);
  runconfd_queue_rebase (self->queue, revision);
  runconfd_configuration_report_archive (self);
  runconfd_configuration_recall_waiting (self);
}

/* A file that is broken for the second time is kept aside, and the configuration goes on. */
static void
recover (RunconfdConfiguration *self, RunconfdLoad *load)
{
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (RunconfdRevision) revision
      = self->settings.keep_last_good ? runconfd_revision_ref (get_current (self))
                                      : runconfd_revision_next (get_current (self), nothing, NULL);
  g_autoptr (RunconfdJob) job = make_found_job (self, load, revision, "recovery");

  job->reason = g_error_copy (load->error);
  job->commit->broken = g_bytes_ref (load->text);
  job->commit->replace = !self->settings.keep_last_good;
  g_clear_pointer (&job->commit->document, runconf_document_unref);
  if (self->settings.keep_last_good)
    job->commit->document = runconfd_stored_ref_document (self->stored);

  runconfd_configuration_start_job (self, g_steal_pointer (&job));
}

/* Returns: whether a commit was started */
static gboolean
take_broken (RunconfdConfiguration *self, RunconfdLoad *load, gboolean was_suspect)
{
  runconfd_health_note_problem (self->health, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                                load->error->message);

  if (was_suspect)
    {
      recover (self, load);
      return TRUE;
    }

  self->is_suspect = TRUE;
  self->is_stale = TRUE;
  runconfd_configuration_pause (self, RUNCONF_TIMING_BROKEN_GRACE_MS);

  return FALSE;
}

/* The values in force stay. */
static gboolean
take_unreadable (RunconfdConfiguration *self, RunconfdLoad *load)
{
  runconfd_health_note_problem (self->health, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED,
                                load->error->message);
  runconfd_health_set (self->health, RUNCONFD_AILMENT_UNREADABLE, load->error->message);

  /* a write meets this text again and again: it is tried once more, and no longer */
  self->n_conflicts = RUNCONFD_MAX_CONFLICTS;

  return FALSE;
}

/* Returns: the revision that the overrides make, the current one if they are what it has already */
static RunconfdRevision *
make_found_revision (RunconfdConfiguration *self, const RunconfNode *overrides, GError **error)
{
  if (!runconfd_stored_is_astray (self->stored)
      && runconf_node_equal (overrides, get_current (self)->overrides))
    return runconfd_revision_ref (get_current (self));

  return runconfd_revision_next (get_current (self), overrides, error);
}

/* In a folder of its own the file is made when there is something to write. */
static void
take_nothing (RunconfdConfiguration *self, RunconfdLoad *load)
{
  runconfd_stored_take_stamp (self->stored, load->stamp);
  runconfd_health_set (self->health, RUNCONFD_AILMENT_UNREADABLE, NULL);
  runconfd_health_set (self->health, RUNCONFD_AILMENT_RECOVERED, NULL);
}

/* Some editors take the file away before they write it anew. One that is seen missing is given the
 * same moment as one that is seen broken, where there was one before.
 */
static gboolean
take_missing (RunconfdConfiguration *self, RunconfdLoad *load, gboolean was_suspect)
{
  g_autoptr (RunconfNode) nothing = NULL;
  g_autoptr (RunconfdRevision) revision = NULL;
  g_autoptr (RunconfdJob) job = NULL;

  if (!was_suspect && runconfd_stored_get_document (self->stored) != NULL)
    {
      self->is_suspect = TRUE;
      self->is_stale = TRUE;
      runconfd_configuration_pause (self, RUNCONF_TIMING_BROKEN_GRACE_MS);
      return FALSE;
    }

  nothing = runconf_mapping_new_empty ();
  revision = make_found_revision (self, nothing, NULL);
  if (self->settings.folders != NULL && runconfd_stored_get_document (self->stored) == NULL
      && revision == get_current (self))
    {
      take_nothing (self, load);
      return FALSE;
    }

  job = make_found_job (self, load, revision, "file");
  job->commit->replace = TRUE;
  runconfd_configuration_start_job (self, g_steal_pointer (&job));

  return TRUE;
}

/* A merge whose base was guessed may take values out of the text that was saved. The text is kept
 * aside then, so that its author can find them.
 */
static void
keep_cut_lines (RunconfdConfiguration *self, RunconfdLoad *load, const RunconfNode *saved,
                const RunconfNode *overrides)
{
  g_autoptr (GPtrArray) deltas = runconf_diff (saved, overrides);
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = NULL;
  guint n_cut = 0;

  for (guint i = 0; i < deltas->len; i++)
    n_cut += ((RunconfDelta *) deltas->pdata[i])->old_value != NULL;
  if (n_cut == 0)
    return;

  copy = runconf_quarantine_keep (self->settings.runtime_path, RUNCONF_QUARANTINE_LOST, load->text,
                                  &error);
  runconfd_log (LOG_NOTICE, self->settings.name, get_current (self)->version, NULL,
                "a text was saved whose version isn't known for certain, and %u of its values gave "
                "way to those that are in force; the text is kept as %s",
                n_cut, copy != NULL ? copy : error->message);
}

static gboolean
take_document (RunconfdConfiguration *self, RunconfdLoad *load, gboolean was_suspect)
{
  RunconfDocument *replaced = runconfd_stored_get_document (self->stored);
  g_autoptr (RunconfNode) saved
      = runconf_metadata_strip (runconf_document_get_root (load->document));
  RunconfdHandEdit edit = {
    .saved = load->document,
    .stamp = load->stamp,
    .replaced = replaced,
    .current = get_current (self),
    .is_astray = runconfd_stored_is_astray (self->stored),
    .recent = runconfd_stored_get_recent (self->stored),
    .archive = self->archive,
  };
  g_autoptr (RunconfNode) overrides = runconfd_hand_edit_read (&edit);
  g_autoptr (RunconfdRevision) revision = NULL;
  g_autoptr (RunconfdJob) job = NULL;
  g_autoptr (GError) error = NULL;

  revision = make_found_revision (self, overrides, &error);
  if (revision == NULL)
    {
      load->error = g_error_new (error->domain, error->code, "%s: %s", self->settings.runtime_path,
                                 error->message);
      return take_broken (self, load, was_suspect);
    }

  job = make_found_job (self, load, revision, "file");
  if (edit.is_guess)
    keep_cut_lines (self, load, saved, overrides);
  job->commit->replace = !runconf_node_equal (saved, overrides);
  job->commit->base = runconf_document_ref (load->document);
  if (runconf_document_is_empty (load->document) && replaced != NULL
      && !runconf_document_is_empty (replaced))
    job->commit->broken = g_bytes_ref (runconf_document_get_text (replaced));

  runconfd_configuration_start_job (self, g_steal_pointer (&job));

  return TRUE;
}

/* Returns: whether a commit was started */
static gboolean
take_runtime (RunconfdConfiguration *self, RunconfdLoad *load)
{
  gboolean was_suspect = self->is_suspect;
  const GError *broken = runconfd_stored_get_broken (self->stored);

  self->is_suspect = FALSE;
  if (load->error != NULL && load->text == NULL)
    return take_unreadable (self, load);

  if (!load->runtime_changed)
    {
      if (broken != NULL)
        runconfd_health_note_problem (self->health, broken->domain, broken->code, broken->message);
      runconfd_health_set (self->health, RUNCONFD_AILMENT_UNREADABLE, NULL);
      return FALSE;
    }

  if (load->error != NULL)
    return take_broken (self, load, was_suspect);
  if (load->text == NULL)
    return take_missing (self, load, was_suspect);

  return take_document (self, load, was_suspect);
}

/* What is known of the processes that write the files. */
static void
take_writers (RunconfdConfiguration *self, RunconfdLoad *load)
{
  self->is_held = g_error_matches (load->error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_BUSY);
  runconfd_sources_take_patience (self->sources, load);
  self->has_held_side = load->has_held_side;
  if (self->is_held || self->has_held_side)
    return;

  self->held_since = 0;
  runconfd_health_set (self->health, RUNCONFD_AILMENT_HELD, NULL);
}

static gboolean
is_waiting (RunconfdConfiguration *self)
{
  return self->is_held || self->has_held_side;
}

/* A start doesn't wait for ever: it goes on with what the history knows of the overrides. */
static gboolean
is_start_late (RunconfdConfiguration *self)
{
  return self->held_since != 0
         && g_get_monotonic_time () - self->held_since >= RUNCONF_TIMING_MAX_START_US;
}

static void
end_load (RunconfdConfiguration *self, RunconfdLoad *load)
{
  if (is_waiting (self))
    runconfd_configuration_wait_for_writer (self, load);
  else
    runconfd_configuration_end_load (self);
}

void
runconfd_configuration_take_load (RunconfdConfiguration *self, RunconfdLoad *load)
{
  g_autoptr (RunconfdGround) ground = NULL;

  take_writers (self, load);
  if (is_waiting (self) && get_current (self) == NULL && !is_start_late (self))
    {
      runconfd_configuration_wait_for_writer (self, load);
      return;
    }

  self->is_vacant = load->is_vacant;
  runconfd_health_clear_problem (self->health);
  runconfd_source_report_defaults (load, self->health);
  ground = runconfd_sources_make_ground (
      self->sources, load, get_current (self) != NULL ? get_current (self)->ground : NULL);
  if (ground == NULL)
    {
      end_load (self, load);
      return;
    }

  if (get_current (self) == NULL)
    {
      runconfd_sources_take (self->sources, load);
      begin (self, load, ground);
      runconfd_health_set (self->health, RUNCONFD_AILMENT_DEFAULTS, NULL);
    }

  runconfd_source_report_rules (load, ground, self->health);
  if (ground != get_current (self)->ground
      && runconfd_configuration_take_ground (self, load, ground))
    return;

  if (self->is_held || !take_runtime (self, load))
    end_load (self, load);
}
