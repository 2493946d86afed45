/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"
#include "fleet/etcd/txn-private.h"

#include "fleet/etcd/json.h"

typedef struct
{
  gboolean has_proof;
  gboolean is_repeatable;
  char *key; /* (nullable) */
} Commit;

static void
free_commit (Commit *self)
{
  g_free (self->key);
  g_free (self);
}

void
runconf_etcd_outcome_free (RunconfEtcdOutcome *self)
{
  g_ptr_array_unref (self->ranges);
  g_free (self);
}

static const RunconfEtcdRange *
get_range (const RunconfEtcdOutcome *self, guint read)
{
  return read < self->ranges->len ? self->ranges->pdata[read] : NULL;
}

/**
 * runconf_etcd_outcome_get:
 * @read: the number of a read, from 0
 *
 * Returns: (nullable): the first item that the read found
 */
const RunconfEtcdItem *
runconf_etcd_outcome_get (const RunconfEtcdOutcome *self, guint read)
{
  const RunconfEtcdRange *range = get_range (self, read);

  return range != NULL && range->items->len > 0 ? range->items->pdata[0] : NULL;
}

/**
 * runconf_etcd_outcome_count:
 * @read: the number of a read, from 0
 *
 * Returns: how many items its range has
 */
gint64
runconf_etcd_outcome_count (const RunconfEtcdOutcome *self, guint read)
{
  const RunconfEtcdRange *range = get_range (self, read);

  return range != NULL ? range->count : 0;
}

/* Adds the outcome of a read; the response to a write is none. */
static gboolean
add_range (JsonObject *response, RunconfEtcdOutcome *outcome, GError **error)
{
  JsonObject *object;
  RunconfEtcdRange *range;

  if (!runconf_etcd_json_get_object (response, "response_range", &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;

  range = runconf_etcd_range_read (object, error);
  if (range == NULL)
    return FALSE;

  range->revision = outcome->revision;
  g_ptr_array_add (outcome->ranges, range);

  return TRUE;
}

static gboolean
read_responses (JsonObject *root, RunconfEtcdOutcome *outcome, GError **error)
{
  JsonArray *responses;

  if (!runconf_etcd_json_get_array (root, "responses", &responses, error))
    return FALSE;

  for (guint i = 0; responses != NULL && i < json_array_get_length (responses); i++)
    {
      JsonObject *response = runconf_etcd_json_get_element (responses, i, error);

      if (response == NULL || !add_range (response, outcome, error))
        return FALSE;
    }

  return TRUE;
}

/* A transaction with a proof that didn't succeed has read the proof first. A proof that is there was
 * put by an earlier copy of the request.
 */
static void
take_proof (RunconfEtcdOutcome *outcome)
{
  const RunconfEtcdItem *proof = runconf_etcd_outcome_get (outcome, 0);

  if (proof != NULL)
    {
      outcome->succeeded = TRUE;
      outcome->revision = proof->create_revision;
      g_ptr_array_set_size (outcome->ranges, 0);
    }
  else if (outcome->ranges->len > 0)
    g_ptr_array_remove_index (outcome->ranges, 0);
}

static gboolean
read_outcome (JsonNode *root, gboolean has_proof, RunconfEtcdOutcome *outcome, GError **error)
{
  JsonObject *object = json_node_get_object (root);

  if (!runconf_etcd_json_get_revision (object, &outcome->revision, error)
      || !runconf_etcd_json_get_boolean (object, "succeeded", &outcome->succeeded, error)
      || !read_responses (object, outcome, error))
    return FALSE;

  if (has_proof && !outcome->succeeded)
    take_proof (outcome);

  return TRUE;
}

/* Without a proof, a request that was sent twice may have been refused for its own effect. */
static gboolean
is_ambiguous (const Commit *self, const RunconfEtcdOutcome *outcome, gboolean was_repeated)
{
  return was_repeated && !outcome->succeeded && !self->is_repeatable;
}

static void
on_response (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Commit *self = g_task_get_task_data (task);
  gboolean was_repeated;
  GError *error = NULL;
  g_autoptr (JsonNode) root
      = runconf_etcd_call_finish (RUNCONF_ETCD (source), result, &was_repeated, &error);
  g_autoptr (RunconfEtcdOutcome) outcome = g_new0 (RunconfEtcdOutcome, 1);

  outcome->ranges = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_etcd_range_free);
  if (root != NULL && !read_outcome (root, self->has_proof, outcome, &error))
    runconf_etcd_call_prefix (result, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else if (is_ambiguous (self, outcome, was_repeated))
    g_task_return_new_error (task, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME,
                             "%s: the write may or may not have happened: its connection ended",
                             self->key);
  else
    g_task_return_pointer (task, g_steal_pointer (&outcome),
                           (GDestroyNotify) runconf_etcd_outcome_free);
}

/* Returns: whether the request is within etcd's usual limits of operations */
static gboolean
check_size (RunconfEtcdTxn *txn, GTask *task)
{
  guint n_operations = txn->n_operations + txn->n_reads;

  if (n_operations <= RUNCONF_ETCD_MAX_OPERATIONS)
    return TRUE;

  g_task_return_new_error (task, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE,
                           "%s: a transaction has at most %d operations, and this one has %u",
                           txn->key, RUNCONF_ETCD_MAX_OPERATIONS, n_operations);
  return FALSE;
}

static RunconfEtcdCallFlags
get_flags (const RunconfEtcdTxn *txn, const Commit *commit)
{
  if (txn->n_operations == 0)
    return RUNCONF_ETCD_CALL_HARMLESS;

  return commit->is_repeatable ? RUNCONF_ETCD_CALL_REPEATABLE : RUNCONF_ETCD_CALL_DEFAULT;
}

/**
 * runconf_etcd_commit_async:
 * @txn: the transaction, which may be freed before the answer
 *
 * A transaction with a proof, one without comparisons, or a repeatable one is sent again until it is
 * answered. If another one has no answer, its outcome is unknown.
 *
 * A copy of a request that a member holds back may be made late, behind a later write. Comparisons
 * with a revision prevent that, and so does a proof; without either the older value may come back.
 */
void
runconf_etcd_commit_async (RunconfEtcd *self, RunconfEtcdTxn *txn, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Commit *commit = g_new0 (Commit, 1);

  commit->has_proof = txn->proof != NULL;
  commit->is_repeatable = txn->is_repeatable || txn->n_compares == 0;
  commit->key = g_strdup (txn->key);
  g_task_set_task_data (task, commit, (GDestroyNotify) free_commit);

  if (check_size (txn, task))
    runconf_etcd_call_async (self, "/v3/kv/txn", runconf_etcd_txn_to_json (txn), txn->key,
                             get_flags (txn, commit), cancellable, on_response,
                             g_object_ref (task));
}

RunconfEtcdOutcome *
runconf_etcd_commit_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
