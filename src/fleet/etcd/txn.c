/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/txn-private.h"

#include <string.h>

#include "fleet/etcd/etcd-private.h"
#include "fleet/etcd/json.h"

RunconfEtcdTxn *
runconf_etcd_txn_new (void)
{
  RunconfEtcdTxn *self = g_new0 (RunconfEtcdTxn, 1);

  self->compares = g_string_new (NULL);
  self->operations = g_string_new (NULL);
  self->reads = g_string_new (NULL);
  return self;
}

void
runconf_etcd_txn_free (RunconfEtcdTxn *self)
{
  g_string_free (self->compares, TRUE);
  g_string_free (self->operations, TRUE);
  g_string_free (self->reads, TRUE);
  g_free (self->proof);
  g_free (self->key);
  g_free (self);
}

/* Begins an object of a list. */
static void
begin (GString *list, const char *text)
{
  if (list->len > 0)
    g_string_append_c (list, ',');
  g_string_append (list, text);
}

static void
append_compare (GString *list, const char *key, const char *target, const char *member,
                gint64 revision)
{
  begin (list, "{");
  runconf_etcd_json_append_key (list, "key", key);
  runconf_etcd_json_append_string (list, "target", target);
  runconf_etcd_json_append_string (list, "result", "EQUAL");
  runconf_etcd_json_append_int64 (list, member, revision);
  g_string_append_c (list, '}');
}

static void
append_read (GString *list, const char *key, const char *range_end,
             const RunconfEtcdRangeOptions *options)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (key, strlen (key));

  begin (list, "{\"request_range\":");
  runconf_etcd_range_append (list, bytes, range_end, options);
  g_string_append_c (list, '}');
}

void
runconf_etcd_txn_compare_mod (RunconfEtcdTxn *self, const char *key, gint64 mod_revision)
{
  append_compare (self->compares, key, "MOD", "mod_revision", mod_revision);
  self->n_compares++;
}

void
runconf_etcd_txn_compare_create (RunconfEtcdTxn *self, const char *key, gint64 create_revision)
{
  append_compare (self->compares, key, "CREATE", "create_revision", create_revision);
  self->n_compares++;
}

static void
note_key (RunconfEtcdTxn *self, const char *key)
{
  if (self->key == NULL)
    self->key = g_strdup (key);
}

static void
note_operation (RunconfEtcdTxn *self, const char *key)
{
  note_key (self, key);
  self->n_operations++;
}

/**
 * runconf_etcd_txn_put:
 * @lease: the lease that the key lives as long as, or 0
 */
void
runconf_etcd_txn_put (RunconfEtcdTxn *self, const char *key, GBytes *value, gint64 lease)
{
  begin (self->operations, "{\"request_put\":{");
  runconf_etcd_json_append_key (self->operations, "key", key);
  runconf_etcd_json_append_bytes (self->operations, "value", g_bytes_get_data (value, NULL),
                                  g_bytes_get_size (value));
  if (lease != 0)
    runconf_etcd_json_append_int64 (self->operations, "lease", lease);
  g_string_append (self->operations, "}}");
  note_operation (self, key);
}

void
runconf_etcd_txn_delete (RunconfEtcdTxn *self, const char *key)
{
  runconf_etcd_txn_delete_range (self, key, NULL);
}

/**
 * runconf_etcd_txn_delete_range:
 * @range_end: (nullable): the first key that stays, or %NULL to delete the one @key
 */
void
runconf_etcd_txn_delete_range (RunconfEtcdTxn *self, const char *key, const char *range_end)
{
  begin (self->operations, "{\"request_delete_range\":{");
  runconf_etcd_json_append_key (self->operations, "key", key);
  if (range_end != NULL)
    runconf_etcd_json_append_key (self->operations, "range_end", range_end);
  g_string_append (self->operations, "}}");
  note_operation (self, key);
}

void
runconf_etcd_txn_get (RunconfEtcdTxn *self, const char *key, const char *range_end,
                      const RunconfEtcdRangeOptions *options)
{
  append_read (self->operations, key, range_end, options);
  note_key (self, key);
  self->n_reads++;
}

void
runconf_etcd_txn_else_get (RunconfEtcdTxn *self, const char *key)
{
  append_read (self->reads, key, NULL, NULL);
}

void
runconf_etcd_txn_set_proof (RunconfEtcdTxn *self, const char *key)
{
  g_return_if_fail (self->proof == NULL);

  self->proof = g_strdup (key);
  self->is_repeatable = TRUE;
}

void
runconf_etcd_txn_set_repeatable (RunconfEtcdTxn *self)
{
  self->is_repeatable = TRUE;
}

guint
runconf_etcd_txn_get_n_operations (RunconfEtcdTxn *self)
{
  return self->n_operations;
}

/**
 * runconf_etcd_txn_to_json:
 *
 * With a proof the transaction is only made while the proof isn't there, and reads the proof
 * otherwise: of several copies of the request one has its effect, and the others find it.
 *
 * Returns: (transfer full): the body of the request
 */
GString *
runconf_etcd_txn_to_json (const RunconfEtcdTxn *self)
{
  g_autoptr (GString) compares = g_string_new (self->compares->str);
  g_autoptr (GString) reads = g_string_new (NULL);
  GString *out = g_string_sized_new (self->operations->len + 1024);

  if (self->proof != NULL)
    {
      append_compare (compares, self->proof, "CREATE", "create_revision", 0);
      append_read (reads, self->proof, NULL, NULL);
    }
  if (self->reads->len > 0)
    begin (reads, self->reads->str);

  g_string_append (out, "{\"compare\":[");
  g_string_append_len (out, compares->str, compares->len);
  g_string_append (out, "],\"success\":[");
  g_string_append_len (out, self->operations->str, self->operations->len);
  g_string_append (out, "],\"failure\":[");
  g_string_append_len (out, reads->str, reads->len);
  g_string_append (out, "]}");

  return out;
}
