/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"

#include "fleet/etcd/json.h"

/* A grant that is made twice leaves a lease that ends by itself, or finds the first one by its number, so
 * that all three are harmless.
 */

static char *
describe (gint64 lease)
{
  return g_strdup_printf ("lease %" G_GINT64_FORMAT, lease);
}

/* Returns: what the gateway put around the only message of a stream, or @root itself */
static gboolean
find_result (JsonNode *root, JsonObject **result, GError **error)
{
  JsonObject *object = json_node_get_object (root);

  if (!runconf_etcd_json_get_object (object, "result", result, error))
    return FALSE;
  if (*result == NULL)
    *result = object;

  return TRUE;
}

/* Returns the number of a reply from the task, or its error. @error: (transfer full) (nullable) */
static void
return_number (GTask *task, GAsyncResult *result, JsonNode *root, gint64 number, GError *error)
{
  if (root != NULL && error != NULL)
    runconf_etcd_call_prefix (result, &error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, g_memdup2 (&number, sizeof number), g_free);
}

static void
on_granted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (JsonNode) root
      = runconf_etcd_call_finish (RUNCONF_ETCD (source), result, NULL, &error);
  gint64 lease = 0;

  if (g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_CONFLICT))
    {
      /* the lease that was asked for exists: a first attempt may have granted it unheard */
      g_clear_error (&error);
      lease = *(const gint64 *) g_task_get_task_data (task);
    }
  else if (root != NULL
           && runconf_etcd_json_get_int64 (json_node_get_object (root), "ID", &lease, &error)
           && lease == 0)
    g_set_error_literal (&error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL,
                         "etcd granted a lease without a number");

  return_number (task, result, root, lease, error);
}

/**
 * runconf_etcd_grant_async:
 * @lease: the number of the lease, 0 for one that etcd chooses; if there is such a lease already, it
 *   counts as granted, and keeps its time to live
 * @seconds: the time to live; etcd makes it longer if its election timeout needs that
 */
void
runconf_etcd_grant_async (RunconfEtcd *self, gint64 lease, guint seconds, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GString *body = g_string_new ("{");

  g_task_set_task_data (task, g_memdup2 (&lease, sizeof lease), g_free);
  runconf_etcd_json_append_int64 (body, "TTL", seconds);
  if (lease != 0)
    runconf_etcd_json_append_int64 (body, "ID", lease);
  g_string_append_c (body, '}');
  runconf_etcd_call_async (self, "/v3/lease/grant", body, NULL, RUNCONF_ETCD_CALL_HARMLESS,
                           cancellable, on_granted, task);
}

static gint64
take_number (GAsyncResult *result, GError **error)
{
  g_autofree gint64 *number = g_task_propagate_pointer (G_TASK (result), error);

  return number == NULL ? 0 : *number;
}

/**
 * runconf_etcd_grant_finish:
 *
 * Returns: the lease, or 0
 */
gint64
runconf_etcd_grant_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return take_number (result, error);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (JsonNode) root
      = runconf_etcd_call_finish (RUNCONF_ETCD (source), result, NULL, &error);
  JsonObject *object;
  gint64 seconds = 0;

  if (root != NULL && find_result (root, &object, &error)
      && runconf_etcd_json_get_int64 (object, "TTL", &seconds, &error) && seconds <= 0)
    g_set_error_literal (&error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_NOT_FOUND,
                         "the lease has ended");

  return_number (task, result, root, seconds, error);
}

static void
call_lease (RunconfEtcd *self, const char *path, gint64 lease, GCancellable *cancellable,
            GAsyncReadyCallback callback, GTask *task)
{
  g_autofree char *name = describe (lease);
  GString *body = g_string_new ("{");

  runconf_etcd_json_append_int64 (body, "ID", lease);
  g_string_append_c (body, '}');
  runconf_etcd_call_async (self, path, body, name, RUNCONF_ETCD_CALL_HARMLESS, cancellable,
                           callback, task);
}

void
runconf_etcd_keep_alive_async (RunconfEtcd *self, gint64 lease, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  call_lease (self, "/v3/lease/keepalive", lease, cancellable, on_kept,
              g_task_new (self, cancellable, callback, user_data));
}

/**
 * runconf_etcd_keep_alive_finish:
 *
 * Returns: the seconds that the lease lives from now, or 0
 */
gint64
runconf_etcd_keep_alive_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return take_number (result, error);
}

static void
on_revoked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (JsonNode) root
      = runconf_etcd_call_finish (RUNCONF_ETCD (source), result, NULL, &error);

  if (root == NULL && !g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_NOT_FOUND))
    {
      g_task_return_error (task, error);
      return;
    }

  g_clear_error (&error);
  g_task_return_boolean (task, TRUE);
}

/**
 * runconf_etcd_revoke_async:
 *
 * Ends a lease, with its keys. A lease that is gone is no error.
 */
void
runconf_etcd_revoke_async (RunconfEtcd *self, gint64 lease, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  call_lease (self, "/v3/lease/revoke", lease, cancellable, on_revoked,
              g_task_new (self, cancellable, callback, user_data));
}

gboolean
runconf_etcd_revoke_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
