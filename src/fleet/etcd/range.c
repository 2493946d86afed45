/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"

#include <string.h>

#include "fleet/etcd/json.h"

void
runconf_etcd_range_free (RunconfEtcdRange *self)
{
  g_ptr_array_unref (self->items);
  g_clear_pointer (&self->last, g_bytes_unref);
  g_free (self);
}

/**
 * runconf_etcd_get_prefix_end:
 * @prefix: a prefix of keys, whose last byte isn't 0xff
 *
 * Returns: (transfer full): the first key behind all keys that begin with @prefix
 */
char *
runconf_etcd_get_prefix_end (const char *prefix)
{
  char *end = g_strdup (prefix);
  gsize length = strlen (end);

  g_return_val_if_fail (length > 0 && (guchar) end[length - 1] != 0xff, end);

  end[length - 1]++;
  return end;
}

/* Reads the last key, unless the range is complete. */
static gboolean
read_last (JsonObject *object, RunconfEtcdRange *range, GError **error)
{
  JsonObject *element;
  JsonArray *array;
  guint length;

  if (!runconf_etcd_json_get_array (object, "kvs", &array, error))
    return FALSE;

  length = array != NULL ? json_array_get_length (array) : 0;
  if (length == 0 || length >= range->count)
    return TRUE;

  element = runconf_etcd_json_get_element (array, length - 1, error);

  return element != NULL && runconf_etcd_json_get_bytes (element, "key", &range->last, error);
}

/**
 * runconf_etcd_range_read:
 * @object: the outcome of a read, in JSON
 *
 * Returns: (transfer full): the outcome without its revision, or %NULL with an error
 */
RunconfEtcdRange *
runconf_etcd_range_read (JsonObject *object, GError **error)
{
  g_autoptr (RunconfEtcdRange) range = g_new0 (RunconfEtcdRange, 1);

  range->items = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_etcd_item_free);
  if (!runconf_etcd_json_get_int64 (object, "count", &range->count, error)
      || !runconf_etcd_json_add_items (object, range->items, error)
      || !read_last (object, range, error))
    return NULL;

  return g_steal_pointer (&range);
}

static RunconfEtcdRange *
read_response (JsonNode *root, GError **error)
{
  JsonObject *object = json_node_get_object (root);
  g_autoptr (RunconfEtcdRange) range = runconf_etcd_range_read (object, error);

  if (range == NULL || !runconf_etcd_json_get_revision (object, &range->revision, error))
    return NULL;

  return g_steal_pointer (&range);
}

static void
on_response (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  g_autoptr (JsonNode) root
      = runconf_etcd_call_finish (RUNCONF_ETCD (source), result, NULL, &error);
  RunconfEtcdRange *range = root == NULL ? NULL : read_response (root, &error);

  if (root != NULL && range == NULL)
    runconf_etcd_call_prefix (result, &error);
  if (range == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_pointer (task, range, (GDestroyNotify) runconf_etcd_range_free);
}

static void
append_options (GString *body, const RunconfEtcdRangeOptions *options)
{
  if (options->revision != 0)
    runconf_etcd_json_append_int64 (body, "revision", options->revision);
  if (options->limit != 0)
    runconf_etcd_json_append_int64 (body, "limit", options->limit);
  if (options->keys_only)
    g_string_append (body, ",\"keys_only\":true");
  if (options->serializable)
    g_string_append (body, ",\"serializable\":true");
  if (options->newest_first)
    g_string_append (body, ",\"sort_order\":\"DESCEND\",\"sort_target\":\"CREATE\"");
}

/**
 * runconf_etcd_range_append:
 * @key: the first key, of any bytes
 * @range_end: (nullable): the first key behind the range, or %NULL for the one @key
 * @options: (nullable): how to read
 *
 * Appends the request for a read.
 */
void
runconf_etcd_range_append (GString *body, GBytes *key, const char *range_end,
                           const RunconfEtcdRangeOptions *options)
{
  g_string_append_c (body, '{');
  runconf_etcd_json_append_bytes (body, "key", g_bytes_get_data (key, NULL),
                                  g_bytes_get_size (key));
  if (range_end != NULL)
    runconf_etcd_json_append_key (body, "range_end", range_end);
  if (options != NULL)
    append_options (body, options);
  g_string_append_c (body, '}');
}

/**
 * runconf_etcd_range_send:
 * @key: the first key, of any bytes
 * @shown: the key that messages name
 *
 * Reads a range, for runconf_etcd_range_finish().
 */
void
runconf_etcd_range_send (RunconfEtcd *self, GBytes *key, const char *range_end, const char *shown,
                         const RunconfEtcdRangeOptions *options, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  GString *body = g_string_new (NULL);

  runconf_etcd_range_append (body, key, range_end, options);
  runconf_etcd_call_async (self, "/v3/kv/range", body, shown, RUNCONF_ETCD_CALL_HARMLESS,
                           cancellable, on_response, task);
}

/**
 * runconf_etcd_range_async:
 * @options: (nullable): how to read
 */
void
runconf_etcd_range_async (RunconfEtcd *self, const char *key, const char *range_end,
                          const RunconfEtcdRangeOptions *options, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (key, strlen (key));

  runconf_etcd_range_send (self, bytes, range_end, key, options, cancellable, callback, user_data);
}

RunconfEtcdRange *
runconf_etcd_range_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
