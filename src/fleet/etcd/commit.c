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
  g_ptr_array_unref (self->items);
  g_free (self);
}

static gboolean
read_responses (JsonObject *root, GPtrArray *items, GPtrArray *proofs, GError **error)
{
  JsonArray *responses;

  if (!runconf_etcd_json_get_array (root, "responses", &responses, error))
    return FALSE;

  for (guint i = 0; responses != NULL && i < json_array_get_length (responses); i++)
    {
      JsonObject *response = runconf_etcd_json_get_element (responses, i, error);
      JsonObject *range;

      if (response == NULL
          || !runconf_etcd_json_get_object (response, "response_range", &range, error)
          || (range != NULL
              && !runconf_etcd_json_add_items (range, i == 0 && proofs != NULL ? proofs : items,
                                               error)))
        return FALSE;
    }

  return TRUE;
}

/* Reads the response into @outcome. A proof that is there was put by an earlier copy of the
 * request.
 */
static gboolean
read_outcome (JsonNode *root, gboolean has_proof, RunconfEtcdOutcome *outcome, GError **error)
{
  JsonObject *object = json_node_get_object (root);
  g_autoptr (GPtrArray) proofs
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_etcd_item_free);

  if (!runconf_etcd_json_get_revision (object, &outcome->revision, error)
      || !runconf_etcd_json_get_boolean (object, "succeeded", &outcome->succeeded, error)
      || (!outcome->succeeded
          && !read_responses (object, outcome->items, has_proof ? proofs : NULL, error)))
    return FALSE;

  if (proofs->len > 0)
    {
      const RunconfEtcdItem *proof = proofs->pdata[0];

      outcome->succeeded = TRUE;
      outcome->revision = proof->create_revision;
      g_ptr_array_set_size (outcome->items, 0);
    }

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

  outcome->items = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_etcd_item_free);
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
  if (txn->n_operations <= RUNCONF_ETCD_MAX_OPERATIONS)
    return TRUE;

  g_task_return_new_error (task, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE,
                           "%s: a transaction has at most %d operations, and this one has %u",
                           txn->key, RUNCONF_ETCD_MAX_OPERATIONS, txn->n_operations);
  return FALSE;
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
                             commit->is_repeatable ? RUNCONF_ETCD_CALL_REPEATABLE
                                                   : RUNCONF_ETCD_CALL_DEFAULT,
                             cancellable, on_response, g_object_ref (task));
}

RunconfEtcdOutcome *
runconf_etcd_commit_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
