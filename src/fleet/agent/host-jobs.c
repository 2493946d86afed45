/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/agent/host-private.h"
#include "fleet/model/author.h"
#include "fleet/model/layer.h"
#include "fleet/model/rollout.h"

/* The texts of the files are collected one after the other, in the order of the changes. The author
 * of a document is in a key beside it, which the same transaction wrote; a document that was written
 * without that key has no author.
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
  g_free (self->author);
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
 * @author: (nullable): the author of the value
 *
 * Has the file of a key brought up to date, if the key has a file and is for this host.
 */
void
runconf_fleetd_host_add_job (RunconfFleetdHost *self, RunconfFleetdJobKind kind, const char *text,
                             GBytes *value, const char *author, gint64 revision)
{
  g_autoptr (RunconfFleetdJob) job = g_new0 (RunconfFleetdJob, 1);

  job->host = self;
  job->kind = kind;
  job->text = g_strdup (text);
  job->value = value != NULL ? g_bytes_ref (value) : NULL;
  job->author = g_strdup (author);
  job->revision = revision;
  job->change = revision;
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
 * @revision: the revision of the change
 *
 * Tries the other refused documents of a configuration again: they may be valid now.
 */
void
runconf_fleetd_host_retry_refused (RunconfFleetdHost *self, const char *name, const char *except,
                                   gint64 revision)
{
  GHashTableIter iter;
  gpointer text;

  g_hash_table_iter_init (&iter, self->refusals);
  while (g_hash_table_iter_next (&iter, &text, NULL))
    {
      g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (self->prefix, text);

      if (key != NULL && strcmp (key->name, name) == 0 && strcmp (text, except) != 0)
        runconf_fleetd_host_add_job (self, RUNCONF_FLEETD_JOB_RENEW, text, NULL, NULL, revision);
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

/* A value that was read because of a change may be newer, and other changes before it may still be
 * on their way.
 *
 * Returns: the revision that the files of the configuration have with the value
 */
static gint64
get_reached (const RunconfFleetdJob *job)
{
  return job->kind == RUNCONF_FLEETD_JOB_RENEW ? MIN (job->revision, job->change) : job->revision;
}

static void
stage_text (RunconfFleetdHost *self, const RunconfFleetdJob *job)
{
  const char *shown = job->text + strlen (self->prefix);
  g_autofree char *path = runconf_fleet_layer_get_path (job->key);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = runconf_fleet_layer_make_text (job->key->type, shown, job->value,
                                                           job->revision, job->author, &error);

  if (text == NULL)
    {
      runconf_fleetd_host_refuse (self, job->text, error->message);
      runconf_fleetd_host_touch (self, job->key->name, get_reached (job));
      return;
    }

  runconf_fleetd_host_stage (self, job->text, job->key->name, path, text, get_reached (job));
}

static void
stage_removal (RunconfFleetdHost *self, const RunconfFleetdJob *job)
{
  g_autofree char *path = runconf_fleet_layer_get_path (job->key);

  runconf_fleetd_host_stage (self, job->text, job->key->name, path, NULL, get_reached (job));
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
      runconf_fleetd_host_touch (self, document->name, get_reached (job));
      return;
    }

  note_wanted (self, document, TRUE);
  runconf_fleetd_host_stage (self, job->text, document->name, path, text, get_reached (job));
}

/* A later step of a rollout brings the same text again. The revision that is reported for the text is
 * that of the load, or of the event.
 */
static void
note_candidate (RunconfFleetdHost *self, const RunconfFleetdJob *job, const char *text,
                const char *id)
{
  const RunconfFleetdCandidate *known = g_hash_table_lookup (self->candidates, text);
  RunconfFleetdCandidate *candidate;

  if (known != NULL && strcmp (known->id, id) == 0)
    return;

  candidate = g_new0 (RunconfFleetdCandidate, 1);
  candidate->key = g_strdup (job->text);
  candidate->name = g_strdup (job->key->name);
  candidate->id = g_strdup (id);
  candidate->revision = MAX (job->revision, job->change);
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
  if (self->keeper != NULL)
    runconf_fleetd_keeper_take_rollout (self->keeper, job->key, rollout);
  if (rollout != NULL && runconf_fleet_rollout_reaches (rollout, self->name))
    {
      note_candidate (self, job, text, rollout->id);
      stage_candidate (self, job, rollout, document);
    }
  else if (g_hash_table_remove (self->candidates, text))
    runconf_fleetd_host_add_job (self, RUNCONF_FLEETD_JOB_RENEW, text, NULL, NULL, job->change);
}

static void
resume (RunconfFleetdHost *self)
{
  self->is_working = FALSE;
  runconf_fleetd_host_work (self);
}

static void
put (RunconfFleetdHost *self, RunconfFleetdJob *job)
{
  if (job->key->type == RUNCONF_FLEET_KEY_ROLLOUT)
    take_rollout (self, job);
  else
    stage_text (self, job);
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

/* Returns: (transfer full) (nullable): the author of the document that was fetched with it */
static char *
get_author (const RunconfEtcdOutcome *outcome, const RunconfEtcdItem *document)
{
  const RunconfEtcdItem *item = runconf_etcd_outcome_get (outcome, 1);

  return item != NULL && item->mod_revision == document->mod_revision
             ? runconf_fleet_author_read (item->value)
             : NULL;
}

static void
take_fetched (RunconfFleetdHost *self, RunconfFleetdJob *job, const RunconfEtcdOutcome *outcome)
{
  const RunconfEtcdItem *item = runconf_etcd_outcome_get (outcome, 0);

  job->revision = outcome->revision;
  if (item == NULL)
    {
      drop (self, job);
      return;
    }

  job->value = g_bytes_ref (item->value);
  job->revision = item->mod_revision;
  job->author = get_author (outcome, item);
  put (self, job);
}

static void
on_fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfFleetdJob) job = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdOutcome) outcome
      = runconf_etcd_commit_finish (RUNCONF_ETCD (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (outcome == NULL)
    {
      runconf_fleetd_host_load_later (job->host, error->message);
      return;
    }

  take_fetched (job->host, job, outcome);
  resume (job->host);
}

/* Reads the value, and the author of a document, at one revision. */
static void
fetch (RunconfFleetdHost *self, RunconfFleetdJob *job)
{
  const RunconfEtcdRangeOptions options
      = { .revision = job->kind == RUNCONF_FLEETD_JOB_FETCH ? job->revision : 0 };
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();

  runconf_etcd_txn_get (txn, job->text, NULL, &options);
  if (job->key->type == RUNCONF_FLEET_KEY_CONFIG)
    {
      g_autofree char *author = runconf_fleet_key_for_scope (self->prefix, RUNCONF_FLEET_KEY_AUTHOR,
                                                             job->key->name, job->key->scope);

      runconf_etcd_txn_get (txn, author, NULL, &options);
    }

  runconf_etcd_commit_async (self->etcd, txn, self->loading, on_fetched, job);
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
  if (job->kind == RUNCONF_FLEETD_JOB_FETCH || job->kind == RUNCONF_FLEETD_JOB_RENEW)
    {
      fetch (self, job);
      return FALSE;
    }

  if (job->kind == RUNCONF_FLEETD_JOB_PUT)
    put (self, job);
  else if (job->kind == RUNCONF_FLEETD_JOB_DELETE)
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

  runconf_fleetd_host_apply (self);
  runconf_fleetd_host_report_batch (self);
}
