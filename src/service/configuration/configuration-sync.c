/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/metadata.h"
#include "service/base/thread-task.h"
#include "store/file/journal.h"

/* The journal of the overrides: a text in it is synced a moment later, and at the end. */

/* how long a text may be in the journal only, unless changes are made all the time: then until it is filling */
#define DEFERRAL_MS 500

static void
on_timer (gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  self->sync_timer = 0;
  self->is_sync_due = TRUE;
  runconfd_configuration_advance (self);
}

static void
end_deferral (RunconfdConfiguration *self)
{
  self->is_deferred = self->is_sync_due = FALSE;
  g_clear_handle_id (&self->sync_timer, g_source_remove);
}

/* To be called after each commit. */
void
runconfd_configuration_plan_sync (RunconfdConfiguration *self, const RunconfdCommit *commit)
{
  if (!commit->is_written)
    return;

  self->is_deferred = commit->is_deferred;
  if (!self->is_deferred)
    end_deferral (self);
  else if (self->sync_timer == 0)
    self->sync_timer = g_timeout_add_once (DEFERRAL_MS, on_timer, self);
}

gboolean
runconfd_configuration_is_sync_due (const RunconfdConfiguration *self)
{
  return self->is_deferred && (self->is_sync_due || self->draining != NULL);
}

typedef struct
{
  RunconfdConfiguration *configuration;
  RunconfStore *store;
  GError *failure;
} Sync;

static void
run (gpointer data)
{
  Sync *self = data;

  runconfd_commit_sync (self->store, self->configuration->state, self->configuration->archive,
                        &self->failure);
}

/* The text is written again after an error: it is in the journal only. */
static void
finish (gpointer data)
{
  g_autofree Sync *sync = data;
  g_autoptr (RunconfdConfiguration) self = sync->configuration;
  g_autoptr (RunconfStore) store = sync->store;
  g_autoptr (GError) failure = sync->failure;

  self->is_working = FALSE;
  if (failure != NULL)
    runconfd_configuration_set_ailment (self, &self->overrides, RUNCONFD_AILMENT_UNWRITABLE,
                                        failure->message);
  runconfd_configuration_report_archive (self);
  runconfd_configuration_plan_retry (self);
  runconfd_configuration_advance (self);
}

/* Nothing else may be running. */
void
runconfd_configuration_start_sync (RunconfdConfiguration *self)
{
  Sync *sync = g_new0 (Sync, 1);

  self->is_working = TRUE;
  end_deferral (self);
  sync->configuration = g_object_ref (self);
  sync->store = g_object_ref (self->overrides.store);
  runconfd_thread_task_start (run, finish, sync);
}

static guint64
read_version (GBytes *text, const char *path)
{
  g_autoptr (RunconfDocument) document = runconf_document_new (text, path, NULL);
  guint64 version = 0;

  if (document != NULL)
    runconf_metadata_get_version (runconf_document_get_root (document), &version);

  return version;
}

/* The state learns the versions that are only in the journal. To be called at the start, before the state is
 * asked.
 */
void
runconfd_configuration_catch_up (RunconfdConfiguration *self, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfJournalEntry *entry = entries->pdata[i];

      runconf_state_catch_up (self->state, read_version (entry->text, self->overrides.path),
                              entry->text);
    }
}

/* Adds the changes to the history that an earlier process left in the journal. To be called at the start. */
void
runconfd_configuration_recover (RunconfdConfiguration *self, GPtrArray *entries)
{
  for (guint i = 0; i < entries->len; i++)
    {
      const RunconfJournalEntry *entry = entries->pdata[i];
      RunconfHistoryBatch *batch = runconf_history_batch_unpack (entry->attachment, entry->text);

      if (batch != NULL)
        runconfd_archive_owe (self->archive, batch);
    }

  if (entries->len > 0)
    runconfd_archive_sync (self->archive);
  runconf_store_clear_journal (self->overrides.store);
}
