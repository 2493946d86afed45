/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "service/configuration/hand-edit.h"
#include "service/base/log.h"
#include "service/base/room.h"
#include "store/file/quarantine.h"

/* A text that somebody wrote where another one had stood until it was replaced. */
typedef struct
{
  GBytes *text;
  GBytes *base;
} Late;

static void
late_free (Late *self)
{
  g_bytes_unref (self->text);
  g_bytes_unref (self->base);
  g_free (self);
}

GPtrArray *
runconfd_configuration_late_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) late_free);
}

/* Where somebody saved again in between, it is merged once more with what they saved. */
static void
finish_late (RunconfdConfiguration *self, RunconfdJob *job, const GError *error)
{
  gboolean is_conflict = g_error_matches (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_CONFLICT);

  if (!is_conflict || self->n_conflicts >= RUNCONFD_MAX_CONFLICTS)
    g_ptr_array_remove_index (self->late, 0);

  runconfd_configuration_finish_found (self, job, error);
}

/* What means nothing can't be merged, but it isn't lost. */
static void
keep_broken (RunconfdConfiguration *self, const Late *late, const GError *reason)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *copy = runconf_quarantine_keep (self->settings.runtime_path,
                                                   RUNCONF_QUARANTINE_CORRUPT, late->text, &error);

  runconfd_log (LOG_WARNING, self->settings.name, get_current (self)->version, NULL,
                "a text was written after another had taken its place, and can't be merged: %s; %s",
                reason->message, copy != NULL ? copy : error->message);
}

/* Returns: (transfer full) (nullable): the commit that merges it, if there is something to merge */
static RunconfdJob *
make_job (RunconfdConfiguration *self, const Late *late, GError **error)
{
  g_autoptr (RunconfDocument) document
      = runconfd_room_read (late->text, self->settings.runtime_path, error);
  g_autoptr (RunconfDocument) base = NULL;
  g_autoptr (RunconfNode) overrides = NULL;
  g_autoptr (RunconfdRevision) revision = NULL;
  RunconfdHandEdit edit;
  RunconfdJob *job;

  if (document == NULL || runconf_document_is_empty (document))
    return NULL;
  base = runconfd_room_read (late->base, self->settings.runtime_path, error);
  if (base == NULL)
    return NULL;

  edit = (RunconfdHandEdit){
    .saved = document,
    .replaced = base,
    .current = get_current (self),
    .recent = runconfd_stored_get_recent (self->stored),
    .archive = self->archive,
  };
  overrides = runconfd_hand_edit_read_late (&edit);
  if (runconf_node_equal (overrides, get_current (self)->overrides))
    return NULL;
  revision = runconfd_revision_next (get_current (self), overrides, error);
  if (revision == NULL)
    return NULL;

  job = runconfd_job_new (self, revision, finish_late);
  job->commit->replace = TRUE;
  job->commit->base = g_steal_pointer (&document);
  job->commit->document = runconfd_stored_ref_document (self->stored);
  job->origin = "file";

  return job;
}

/**
 * runconfd_configuration_start_late:
 *
 * Merges the next text that was written late.
 *
 * Returns: whether a commit was started
 */
gboolean
runconfd_configuration_start_late (RunconfdConfiguration *self)
{
  const Late *late = self->late->pdata[0];
  g_autoptr (GError) error = NULL;
  RunconfdJob *job = make_job (self, late, &error);

  if (job == NULL)
    {
      if (error != NULL)
        keep_broken (self, late, error);
      g_ptr_array_remove_index (self->late, 0);
      return FALSE;
    }

  runconfd_job_start (self, job);

  return TRUE;
}

/**
 * runconfd_configuration_add_late:
 * @text: what was written
 * @base: what stood there before
 */
void
runconfd_configuration_add_late (RunconfdConfiguration *self, GBytes *text, GBytes *base)
{
  Late *late = g_new (Late, 1);

  *late = (Late){ g_bytes_ref (text), g_bytes_ref (base) };
  g_ptr_array_add (self->late, late);
  runconfd_configuration_advance (self);
}
