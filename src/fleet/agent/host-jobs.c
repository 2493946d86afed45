/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/agent/host-private.h"
#include "fleet/model/layer.h"
#include "fleet/model/record.h"
#include "fleet/model/rollout.h"

/* The texts of the files are collected one after the other, in the order of the changes. The author
 * of a document is in its history: the entry that the same transaction created.
 *
 * While a rollout reaches the host, its text is in the place of the document. When it ends, the
 * document is fetched.
 */

static void
job_free (RunconfFleetdJob *self)
{
  g_free (self->text);
  g_clear_pointer (&self->key, runconf_fleet_key_free);
  g_clear_pointer (&self->value, g_bytes_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RunconfFleetdJob, job_free)

static char *
make_id (const char *configuration, const char *path)
{
  return g_build_filename (configuration, path, NULL);
}

static void
note_wanted (RunconfFleetdHost *self, const RunconfFleetKey *key, gboolean is_wanted)
{
  g_autofree char *path = runconf_fleet_layer_get_path (key);
  g_autofree char *id = path != NULL ? make_id (key->name, path) : NULL;

  if (self->wanted == NULL || id == NULL)
    return;

  if (is_wanted)
    g_hash_table_add (self->wanted, g_steal_pointer (&id));
  else
    g_hash_table_remove (self->wanted, id);
}

static gboolean
has_job (const RunconfFleetKey *key)
{
  g_autofree char *path = runconf_fleet_layer_get_path (key);

  return path != NULL || key->type == RUNCONF_FLEET_KEY_ROLLOUT;
}

/**
 * runconf_fleetd_host_add_job:
 * @text: (nullable): a key as in etcd
 * @value: (nullable): its value
 *
 * Has the file of a key brought up to date, if the key has a file and is for this host.
 */
void
runconf_fleetd_host_add_job (RunconfFleetdHost *self, RunconfFleetdJobKind kind, const char *text,
                             GBytes *value, gint64 revision)
{
  g_autoptr (RunconfFleetdJob) job = g_new0 (RunconfFleetdJob, 1);

  job->host = self;
  job->kind = kind;
  job->text = g_strdup (text);
  job->value = value != NULL ? g_bytes_ref (value) : NULL;
  job->revision = revision;
  if (text != NULL)
    {
      job->key = runconf_fleet_key_parse (self->prefix, text);
      if (job->key == NULL || !has_job (job->key)
          || !runconf_fleet_membership_reaches (self->membership, job->key))
        return;
      note_wanted (self, job->key, kind != RUNCONF_FLEETD_JOB_DELETE);
    }

  g_queue_push_tail (&self->jobs, g_steal_pointer (&job));
}

/**
 * runconf_fleetd_host_retry_refused:
 * @name: a configuration that changes
 * @except: the key that changes, as in etcd
 *
 * Tries the other refused documents of a configuration again: they may be valid now.
 */
void
runconf_fleetd_host_retry_refused (RunconfFleetdHost *self, const char *name, const char *except)
{
  GHashTableIter iter;
  gpointer text;

  g_hash_table_iter_init (&iter, self->refusals);
  while (g_hash_table_iter_next (&iter, &text, NULL))
    {
      g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (self->prefix, text);

      if (key != NULL && strcmp (key->name, name) == 0 && strcmp (text, except) != 0)
        runconf_fleetd_host_add_job (self, RUNCONF_FLEETD_JOB_FETCH, text, NULL, 0);
    }
}

/**
 * runconf_fleetd_host_drop_jobs:
 *
 * Forgets all jobs. The one that is under way has to be cancelled.
 */
void
runconf_fleetd_host_drop_jobs (RunconfFleetdHost *self)
{
  g_queue_clear_full (&self->jobs, (GDestroyNotify) job_free);
  g_clear_pointer (&self->wanted, g_hash_table_unref);
  runconf_fleetd_host_drop_staged (self);
  self->is_working = FALSE;
}

static void
stage_text (RunconfFleetdHost *self, const RunconfFleetdJob *job, const char *author)
{
  const char *shown = job->text + strlen (self->prefix);
  g_autofree char *path = runconf_fleet_layer_get_path (job->key);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = runconf_fleet_layer_make_text (job->key->type, shown, job->value,
                                                           job->revision, author, &error);

  if (text == NULL)
    {
      runconf_fleetd_host_refuse (self, job->text, error->message);
      runconf_fleetd_host_touch (self, job->key->name, job->revision);
      return;
    }

  runconf_fleetd_host_stage (self, job->text, job->key->name, path, text, job->revision);
}

static void
stage_removal (RunconfFleetdHost *self, const RunconfFleetdJob *job)
{
  g_autofree char *path = runconf_fleet_layer_get_path (job->key);

  runconf_fleetd_host_stage (self, job->text, job->key->name, path, NULL, job->revision);
}

/* The text of a rollout has the position of the document, so its mistakes are those of the
 * document.
 */
static void
stage_candidate (RunconfFleetdHost *self, const RunconfFleetdJob *job,
                 const RunconfFleetRollout *rollout, RunconfFleetKey *document)
{
  g_autofree char *path = runconf_fleet_layer_get_path (document);
  const char *shown = job->text + strlen (self->prefix);
  g_autoptr (GBytes) value = g_bytes_new (rollout->text, strlen (rollout->text));
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = runconf_fleet_layer_make_text (RUNCONF_FLEET_KEY_CONFIG, shown, value,
                                                           job->revision, rollout->author, &error);

  if (text == NULL)
    {
      runconf_fleetd_host_refuse (self, job->text, error->message);
      runconf_fleetd_host_touch (self, document->name, job->revision);
      return;
    }

  note_wanted (self, document, TRUE);
  runconf_fleetd_host_stage (self, job->text, document->name, path, text, job->revision);
}

static void
note_candidate (RunconfFleetdHost *self, const char *text, const char *name, const char *id)
{
  RunconfFleetdCandidate *candidate = g_new0 (RunconfFleetdCandidate, 1);

  candidate->name = g_strdup (name);
  candidate->id = g_strdup (id);
  g_hash_table_replace (self->candidates, g_strdup (text), candidate);
}

/* A rollout that can't be read changes nothing. */
static void
take_rollout (RunconfFleetdHost *self, const RunconfFleetdJob *job)
{
  g_autofree char *text = runconf_fleet_key_for_scope (self->prefix, RUNCONF_FLEET_KEY_CONFIG,
                                                       job->key->name, job->key->scope);
  g_autoptr (RunconfFleetKey) document = runconf_fleet_key_parse (self->prefix, text);
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfFleetRollout) rollout
      = job->value != NULL
            ? runconf_fleet_rollout_read (job->value, job->text + strlen (self->prefix), &error)
            : NULL;

  if (error != NULL)
    {
      runconf_fleetd_host_refuse (self, job->text, error->message);
      return;
    }

  runconf_fleetd_host_accept (self, job->text);
  if (rollout != NULL && runconf_fleet_rollout_reaches (rollout, self->name))
    {
      note_candidate (self, text, job->key->name, rollout->id);
      stage_candidate (self, job, rollout, document);
    }
  else if (g_hash_table_remove (self->candidates, text))
    runconf_fleetd_host_add_job (self, RUNCONF_FLEETD_JOB_FETCH, text, NULL, 0);
}

static void
resume (RunconfFleetdHost *self)
{
  self->is_working = FALSE;
  runconf_fleetd_host_work (self);
}

/* An author that can't be found is no problem: the history may be pruned, or closed to the agent.
 */
static void
on_author (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfFleetdJob) job = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdRange) range
      = runconf_etcd_range_finish (RUNCONF_ETCD (source), result, &error);
  const RunconfEtcdItem *item = NULL;
  g_autoptr (RunconfNode) record = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (range != NULL && range->items->len > 0)
    item = range->items->pdata[0];
  if (item != NULL && item->create_revision == job->revision)
    record = runconf_fleet_record_read (item->value, item->key, NULL);

  stage_text (job->host, job,
              record != NULL ? runconf_fleet_record_get_text (record, "author") : NULL);
  resume (job->host);
}

static void
find_author (RunconfFleetdHost *self, RunconfFleetdJob *job)
{
  g_autofree char *prefix = runconf_fleet_key_prefix (self->prefix, RUNCONF_FLEET_KEY_HISTORY,
                                                      job->key->name, job->key->scope);
  g_autofree char *end = runconf_etcd_get_prefix_end (prefix);
  RunconfEtcdRangeOptions options = { .limit = 1, .newest_first = TRUE };

  runconf_etcd_range_async (self->etcd, prefix, end, &options, self->loading, on_author, job);
}

/* Returns: whether the job is done, and not under way */
static gboolean
put (RunconfFleetdHost *self, RunconfFleetdJob *job)
{
  if (job->key->type == RUNCONF_FLEET_KEY_CONFIG)
    {
      find_author (self, job);
      return FALSE;
    }

  if (job->key->type == RUNCONF_FLEET_KEY_ROLLOUT)
    take_rollout (self, job);
  else
    stage_text (self, job, NULL);
  job_free (job);

  return TRUE;
}

/* The key is gone. */
static void
drop (RunconfFleetdHost *self, RunconfFleetdJob *job)
{
  if (job->key->type == RUNCONF_FLEET_KEY_ROLLOUT)
    {
      g_clear_pointer (&job->value, g_bytes_unref);
      take_rollout (self, job);
      return;
    }

  note_wanted (self, job->key, FALSE);
  stage_removal (self, job);
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfFleetdJob) job = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdRange) range
      = runconf_etcd_range_finish (RUNCONF_ETCD (source), result, &error);
  RunconfFleetdHost *self = job->host;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (range == NULL)
    {
      runconf_fleetd_host_load_later (self, error->message);
      return;
    }
  if (range->items->len == 0)
    {
      job->revision = range->revision;
      drop (self, job);
      resume (self);
      return;
    }

  job->value = g_bytes_ref (((RunconfEtcdItem *) range->items->pdata[0])->value);
  job->revision = ((RunconfEtcdItem *) range->items->pdata[0])->mod_revision;
  if (put (self, g_steal_pointer (&job)))
    resume (self);
}

static void
fetch (RunconfFleetdHost *self, RunconfFleetdJob *job)
{
  RunconfEtcdRangeOptions options = { .revision = job->revision };

  runconf_etcd_range_async (self->etcd, job->text, NULL, &options, self->loading, on_fetched, job);
}

static void
remove_unwanted (RunconfFleetdHost *self, gint64 revision)
{
  g_autoptr (GPtrArray) files = runconf_fleetd_folder_list (self->folder);

  for (guint i = 0; i < files->len; i++)
    {
      const RunconfFleetdFile *file = files->pdata[i];
      g_autofree char *id = make_id (file->configuration, file->path);

      if (!g_hash_table_contains (self->wanted, id))
        runconf_fleetd_host_stage (self, NULL, file->configuration, file->path, NULL, revision);
    }
}

/* All configurations have the revision of the load when its files are written. */
static void
end_load (RunconfFleetdHost *self, gint64 revision)
{
  GHashTableIter iter;
  gpointer id;

  remove_unwanted (self, revision);
  g_hash_table_iter_init (&iter, self->wanted);
  while (g_hash_table_iter_next (&iter, &id, NULL))
    {
      g_autofree char *name = g_strndup (id, strcspn (id, G_DIR_SEPARATOR_S));

      runconf_fleetd_host_touch (self, name, revision);
    }
  g_clear_pointer (&self->wanted, g_hash_table_unref);
}

/* Returns: whether the job is done, and not under way */
static gboolean
run (RunconfFleetdHost *self, RunconfFleetdJob *job)
{
  if (job->text != NULL && g_hash_table_contains (self->candidates, job->text))
    {
      job_free (job);
      return TRUE;
    }
  if (job->kind == RUNCONF_FLEETD_JOB_FETCH)
    {
      fetch (self, job);
      return FALSE;
    }
  if (job->kind == RUNCONF_FLEETD_JOB_PUT)
    return put (self, job);

  if (job->kind == RUNCONF_FLEETD_JOB_DELETE)
    drop (self, job);
  else
    end_load (self, job->revision);
  job_free (job);

  return TRUE;
}

/**
 * runconf_fleetd_host_work:
 *
 * Does the jobs, and reports when all are done.
 */
void
runconf_fleetd_host_work (RunconfFleetdHost *self)
{
  if (self->is_working)
    return;

  while (!g_queue_is_empty (&self->jobs))
    {
      self->is_working = TRUE;
      if (!run (self, g_queue_pop_head (&self->jobs)))
        return;
      self->is_working = FALSE;
    }

  if (runconf_fleetd_host_apply (self))
    runconf_fleetd_host_report_batch (self);
  else
    runconf_fleetd_host_publish (self);
}
