/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/diff.h"
#include "core/error.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "service/base/log.h"
#include "service/configuration/hand-edit.h"
#include "store/file/quarantine.h"

static void
report_recovery (RunconfdConfiguration *self, RunconfdJob *job)
{
  const char *left = "the last good values are in force";
  g_autofree char *message = NULL;

  if (job->commit->replace)
    left = "the defaults are in force";
  else if (job->commit->document == NULL)
    left = "there are no last good values, and the defaults are in force";

  message = g_strdup_printf ("%s; the text is kept as %s; %s", job->reason->message,
                             job->commit->kept, left);

  runconfd_configuration_set_ailment (self, job->text, RUNCONFD_AILMENT_RECOVERED, message);
}

/* A change that was found is in force even where it can't be written, since the files contain it. */
void
runconfd_configuration_finish_found (RunconfdJob *job, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;
  const GError *error = job->failure;
  RunconfRevision *revision = job->commit->revision;
  g_autoptr (RunconfRevision) before = runconf_revision_ref (get_current (self));

  if (g_error_matches (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT)
      && runconfd_loader_retry_conflict (self->loader))
    return;

  runconfd_loader_forget_conflicts (self->loader);
  if (error == NULL || !job->commit->replace)
    runconfd_configuration_take_commit (self, job);
  else
    runconfd_stored_take_failed (job->text->stored, job->commit);

  runconfd_stored_take_found (job->text->stored, job->commit->replace ? NULL : job->reason,
                              error != NULL && job->commit->kept == NULL ? job->commit->broken
                                                                         : NULL);

  if (error != NULL)
    {
      g_autofree char *message = job->reason != NULL
                                     ? g_strdup_printf ("%s; it can't be repaired: %s",
                                                        job->reason->message, error->message)
                                     : g_strdup (error->message);

      runconfd_configuration_set_ailment (self, job->text, RUNCONFD_AILMENT_UNWRITABLE, message);
    }
  else if (job->reason != NULL)
    {
      report_recovery (self, job);
    }
  else
    {
      runconfd_configuration_set_ailment (self, job->text, RUNCONFD_AILMENT_RECOVERED, NULL);
    }

  runconfd_configuration_set_ailment (self, job->text, RUNCONFD_AILMENT_UNREADABLE, NULL);
  runconfd_configuration_put_in_force (self, revision);
  if (before != revision)
    g_ptr_array_unref (
        runconfd_in_force_announce (self->in_force, before, revision, job->origin, NULL));

  runconfd_queue_rebase (self->queue, get_current (self));
}

/* A commit of a text that is in the store already: the stamp and the text are those of the load. */
static RunconfdJob *
make_found_job (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load,
                RunconfRevision *revision, const char *origin)
{
  RunconfdJob *job
      = runconfd_configuration_new_job (self, text, revision, runconfd_configuration_finish_found);

  g_clear_pointer (&job->commit->stamp, g_bytes_unref);
  job->commit->stamp = g_bytes_ref (load->stamp);
  if (load->document != NULL)
    job->commit->document = runconf_document_ref (load->document);
  job->origin = origin;

  return job;
}

/* A text that is still broken at its second read is kept aside, and the configuration continues. */
static void
recover (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load)
{
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (RunconfRevision) revision
      = self->settings.keep_last_good
            ? runconf_revision_ref (get_current (self))
            : runconf_revision_next_in (get_current (self), text->layer, nothing, NULL);
  g_autoptr (RunconfdJob) job = make_found_job (self, text, load, revision, "recovery");

  job->reason = g_error_copy (load->error);
  job->commit->broken = g_bytes_ref (load->text);
  job->commit->replace = !self->settings.keep_last_good;
  g_clear_pointer (&job->commit->document, runconf_document_unref);
  if (self->settings.keep_last_good)
    job->commit->document = runconfd_stored_ref_document (text->stored);

  runconfd_configuration_start_job (self, g_steal_pointer (&job));
}

static void
suspect (RunconfdConfiguration *self, RunconfdText *text)
{
  text->is_suspect = TRUE;
  runconfd_loader_suspect (self->loader);
}

/* Returns: whether a commit was started */
static gboolean
take_broken (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load,
             gboolean was_suspect)
{
  runconfd_health_note_problem (self->health, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                                load->error->message);

  if (was_suspect)
    {
      recover (self, text, load);
      return TRUE;
    }

  suspect (self, text);

  return FALSE;
}

/* The values in force stay. */
static gboolean
take_unreadable (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load)
{
  runconfd_health_note_problem (self->health, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED,
                                load->error->message);
  runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_UNREADABLE,
                                      load->error->message);

  /* each write would meet this text again, so the next conflict is final */
  runconfd_loader_give_up (self->loader);

  return FALSE;
}

/* Returns: the revision with these overrides; the current one if it has the same */
static RunconfRevision *
make_found_revision (RunconfdConfiguration *self, RunconfdText *text, const RunconfNode *overrides,
                     GError **error)
{
  if (!runconfd_stored_is_astray (text->stored)
      && runconf_node_equal (overrides,
                             runconf_revision_get_tree (get_current (self), text->layer)))
    return runconf_revision_ref (get_current (self));

  return runconf_revision_next_in (get_current (self), text->layer, overrides, error);
}

/* In folders, the service creates the file at the first write, so a missing file is no change. */
static void
take_nothing (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load)
{
  runconfd_stored_take_stamp (text->stored, load->stamp);
  runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_UNREADABLE, NULL);
  runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_RECOVERED, NULL);
}

/* Some editors remove the file before they write it again. So a file that is missing now, and was there
 * before, is read again later, like a broken one.
 */
static gboolean
take_missing (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load,
              gboolean was_suspect)
{
  g_autoptr (RunconfNode) nothing = NULL;
  g_autoptr (RunconfRevision) revision = NULL;
  g_autoptr (RunconfdJob) job = NULL;

  if (!was_suspect && runconfd_stored_get_document (text->stored) != NULL)
    {
      suspect (self, text);
      return FALSE;
    }

  nothing = runconf_mapping_new_empty ();
  revision = make_found_revision (self, text, nothing, NULL);
  if (self->settings.folders != NULL && runconfd_stored_get_document (text->stored) == NULL
      && revision == get_current (self))
    {
      take_nothing (self, text, load);
      return FALSE;
    }

  job = make_found_job (self, text, load, revision, "file");
  job->commit->replace = TRUE;
  runconfd_configuration_start_job (self, g_steal_pointer (&job));

  return TRUE;
}

/* The text of the overrides for this boot is missing: after a reboot, or because it was removed. It is
 * written again only with the next override for this boot.
 *
 * Returns: whether a commit was started
 */
static gboolean
take_ended (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load,
            gboolean was_suspect)
{
  gboolean was_there = runconfd_stored_get_document (text->stored) != NULL;
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (RunconfRevision) revision = NULL;
  RunconfdJob *job;

  if (was_there && !was_suspect)
    {
      suspect (self, text);
      return FALSE;
    }

  runconfd_stored_take_gone (text->stored, load->stamp);
  runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_UNREADABLE, NULL);
  runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_UNWRITABLE, NULL);
  runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_RECOVERED, NULL);
  revision = make_found_revision (self, text, nothing, NULL);
  if (revision == NULL || revision == get_current (self))
    return FALSE;

  job = runconfd_configuration_new_job (self, text, revision, runconfd_configuration_finish_ground);
  job->origin = was_there ? "file" : "boot";
  job->commit->keeps_text = TRUE;
  runconfd_configuration_start_job (self, job);

  return TRUE;
}

/* If the base of a merge was guessed, the merge may remove values from the text that was saved. Then the
 * text is kept aside, so that its author can find them.
 */
static void
keep_cut_lines (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load,
                const RunconfNode *saved, const RunconfNode *overrides)
{
  g_autoptr (GPtrArray) deltas = runconf_diff (saved, overrides);
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = NULL;
  guint n_cut = 0;

  for (guint i = 0; i < deltas->len; i++)
    n_cut += ((RunconfDelta *) deltas->pdata[i])->old_value != NULL;
  if (n_cut == 0)
    return;

  copy = runconf_quarantine_keep (text->path, RUNCONF_QUARANTINE_LOST, load->text, &error);
  runconfd_log (LOG_NOTICE, self->settings.name, get_current (self)->version, NULL,
                "the base version of a saved text is uncertain, so %u of its values were replaced "
                "by the values in force; the text is kept as %s",
                n_cut, copy != NULL ? copy : error->message);
}

static gboolean
take_document (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load,
               gboolean was_suspect)
{
  RunconfDocument *replaced = runconfd_stored_get_document (text->stored);
  g_autoptr (RunconfNode) saved
      = runconf_metadata_strip (runconf_document_get_root (load->document));
  RunconfdHandEdit edit = {
    .layer = text->layer,
    .saved = load->document,
    .stamp = load->stamp,
    .replaced = replaced,
    .current = get_current (self),
    .is_astray = runconfd_stored_is_astray (text->stored),
    .recent = runconfd_stored_get_recent (text->stored),
    .archive = self->archive,
  };
  g_autoptr (RunconfNode) overrides = runconfd_hand_edit_read (&edit);
  g_autoptr (RunconfRevision) revision = NULL;
  g_autoptr (RunconfdJob) job = NULL;
  g_autoptr (GError) error = NULL;

  revision = make_found_revision (self, text, overrides, &error);
  if (revision == NULL)
    {
      g_prefix_error (&error, "%s: ", text->path);
      load->error = g_steal_pointer (&error);
      return take_broken (self, text, load, was_suspect);
    }

  job = make_found_job (self, text, load, revision, "file");
  if (edit.is_guess)
    keep_cut_lines (self, text, load, saved, overrides);
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
take_text (RunconfdConfiguration *self, RunconfdText *text, RunconfdTextLoad *load)
{
  gboolean was_suspect = runconfd_text_take_suspicion (text);
  const GError *broken = runconfd_stored_get_broken (text->stored);

  if (load->error != NULL && load->text == NULL)
    return take_unreadable (self, text, load);
  if (load->store == NULL)
    return take_ended (self, text, load, was_suspect);

  if (!load->is_changed)
    {
      if (broken != NULL)
        runconfd_health_note_problem (self->health, broken->domain, broken->code, broken->message);
      runconfd_configuration_set_ailment (self, text, RUNCONFD_AILMENT_UNREADABLE, NULL);
      return FALSE;
    }

  if (load->error != NULL)
    return take_broken (self, text, load, was_suspect);
  if (load->text == NULL)
    return text == &self->boot ? take_ended (self, text, load, was_suspect)
                               : take_missing (self, text, load, was_suspect);

  return take_document (self, text, load, was_suspect);
}

/* Returns: whether the text of the overrides for this boot isn't the known one */
static gboolean
has_boot_news (RunconfdConfiguration *self, const RunconfdTextLoad *load)
{
  return load->is_changed
         || (load->store == NULL && runconf_node_get_length (get_current (self)->boot) > 0);
}

/* A text that is being written by another process counts as the known one. If the overrides changed, those
 * for this boot are looked at in the next load.
 *
 * Returns: whether a commit was started
 */
gboolean
runconfd_configuration_take_texts (RunconfdConfiguration *self, RunconfdLoad *load)
{
  runconfd_loader_take_suspicion (self->loader);
  if (!runconfd_text_load_is_held (&load->overrides)
      && take_text (self, &self->overrides, &load->overrides))
    {
      if (has_boot_news (self, &load->boot))
        runconfd_loader_mark_stale (self->loader);
      return TRUE;
    }

  return !runconfd_text_load_is_held (&load->boot) && take_text (self, &self->boot, &load->boot);
}
