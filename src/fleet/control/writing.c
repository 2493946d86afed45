/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "core/error.h"
#include "fleet/control/text.h"
#include "fleet/model/author.h"

/* Writes documents: the text, its author and the entry of its history in one transaction. */

/* for keys, the comparisons and the framing of a transaction */
#define OVERHEAD_BYTES 4096

/**
 * fleet_text_check_size:
 *
 * Returns: %FALSE with an error if a text of @size bytes has no room in a transaction
 */
gboolean
fleet_text_check_size (const FleetPlace *place, gsize size, GError **error)
{
  if (size + OVERHEAD_BYTES <= RUNCONF_ETCD_MAX_REQUEST_BYTES)
    return TRUE;

  g_set_error (
      error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
      _ ("%s: the text has %zu bytes, and etcd takes %d in a request: put parts of it into "
         "the documents of groups or hosts"),
      place->name, size, RUNCONF_ETCD_MAX_REQUEST_BYTES - OVERHEAD_BYTES);

  return FALSE;
}

/* Secrets stay out of the history, and so does a text that has one, or that is broken and may have one. */
static void
describe (RunconfFleetEntry *entry, const FleetText *base, const RunconfNode *before,
          const RunconfNode *after, RunconfSchema *schema)
{
  gboolean has_secrets = schema != NULL && runconf_schema_has_secrets (schema);
  g_autoptr (RunconfNode) shown_before
      = has_secrets ? runconf_schema_strip_secrets (schema, before) : runconf_node_ref (before);
  g_autoptr (RunconfNode) shown_after
      = has_secrets ? runconf_schema_strip_secrets (schema, after) : runconf_node_ref (after);
  gboolean is_broken = base->document == NULL;
  gboolean is_hidden = (has_secrets && is_broken) || !runconf_node_equal (shown_before, before)
                       || !runconf_node_equal (shown_after, after);

  runconf_fleet_entry_set_change (entry, base->revision, is_hidden ? NULL : base->bytes,
                                  shown_before, shown_after);
  if (is_hidden || is_broken)
    entry->is_whole = FALSE;
}

/* Returns: (transfer full): the entry of the history, without what has no room in the transaction */
static GBytes *
make_entry (const FleetText *base, RunconfDocument *next, RunconfSchema *schema,
            RunconfFleetEntry *entry)
{
  gsize room = RUNCONF_ETCD_MAX_REQUEST_BYTES - OVERHEAD_BYTES
               - g_bytes_get_size (runconf_document_get_text (next));
  g_autoptr (RunconfNode) before = fleet_text_get_root (base);
  GBytes *text;

  describe (entry, base, before, runconf_document_get_root (next), schema);
  text = runconf_fleet_entry_write (entry);
  if (g_bytes_get_size (text) <= room)
    return text;

  g_bytes_unref (text);
  runconf_fleet_entry_cut (entry);

  return runconf_fleet_entry_write (entry);
}

/* Has the hosts learn the author of a text with the text. */
static void
put_author (FleetStore *store, const FleetPlace *place, const char *author, RunconfEtcdTxn *txn)
{
  g_autofree char *key = runconf_fleet_key_for_scope (
      fleet_store_get_prefix (store), RUNCONF_FLEET_KEY_AUTHOR, place->configuration, place->scope);
  g_autoptr (GBytes) value = runconf_fleet_author_write (author);

  runconf_etcd_txn_put (txn, key, value, 0);
}

/**
 * fleet_text_write:
 * @next: the next text
 * @schema: (nullable): the schema of the fleet, which says what is secret
 * @entry: an entry without a change
 *
 * Adds to a transaction that @next takes the place of this text, if that is still in the store, with
 * its author and the entry of the history.
 */
void
fleet_text_write (const FleetText *self, FleetStore *store, const FleetPlace *place,
                  RunconfDocument *next, RunconfSchema *schema, RunconfFleetEntry *entry,
                  RunconfEtcdTxn *txn)
{
  g_autofree char *id = g_uuid_string_random ();
  g_autofree char *key = runconf_fleet_key_for_change (fleet_store_get_prefix (store),
                                                       place->configuration, place->scope, id);
  g_autoptr (GBytes) text = make_entry (self, next, schema, entry);

  runconf_etcd_txn_compare_mod (txn, place->key, self->revision);
  runconf_etcd_txn_put (txn, place->key, runconf_document_get_text (next), 0);
  put_author (store, place, entry->author, txn);
  runconf_etcd_txn_put (txn, key, text, 0);
  runconf_etcd_txn_set_proof (txn, key);
}
