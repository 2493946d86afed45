/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/text.h"

#include <glib/gi18n.h>

#include "core/mapping.h"

/* Reads documents from the store. */

void
fleet_text_clear (FleetText *self)
{
  g_clear_pointer (&self->bytes, g_bytes_unref);
  g_clear_pointer (&self->document, runconf_document_unref);
}

/**
 * fleet_text_parse:
 *
 * Returns: (transfer full): the document, or %NULL with an error that names place, line and column
 */
RunconfDocument *
fleet_text_parse (const FleetPlace *place, GBytes *text, GError **error)
{
  return runconf_document_new (text, place->name, error);
}

/* @item: (nullable): the key of the text, if there is one */
static void
take (FleetText *self, const FleetPlace *place, const RunconfEtcdItem *item)
{
  self->revision = item != NULL ? item->mod_revision : 0;
  self->bytes = item != NULL ? g_bytes_ref (item->value) : g_bytes_new (NULL, 0);
  self->document = fleet_text_parse (place, self->bytes, NULL);
}

/**
 * fleet_text_fetch:
 *
 * Gets a text, without an error if it isn't a valid document.
 *
 * Returns: %FALSE with an error
 */
gboolean
fleet_text_fetch (FleetText *self, FleetStore *store, const FleetPlace *place, GError **error)
{
  g_autoptr (RunconfEtcdItem) item = fleet_store_get (store, place->key, 0, error);

  if (item == NULL)
    return FALSE;

  take (self, place, item);

  return TRUE;
}

/**
 * fleet_text_fetch_with_schema:
 * @schema: (out) (nullable) (transfer full): the schema, %NULL if the fleet has none
 *
 * Gets a text as fleet_text_fetch() does, and the schema of its configuration, in one request.
 *
 * Returns: %FALSE with an error, also if the schema isn't valid
 */
gboolean
fleet_text_fetch_with_schema (FleetText *self, RunconfSchema **schema, FleetStore *store,
                              const FleetPlace *place, GError **error)
{
  g_autoptr (FleetPlace) schema_place
      = fleet_place_new (store, RUNCONF_FLEET_KEY_SCHEMA, place->configuration, NULL);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (RunconfEtcdOutcome) outcome = NULL;
  const RunconfEtcdItem *item;

  *schema = NULL;
  runconf_etcd_txn_get (txn, place->key, NULL, NULL);
  runconf_etcd_txn_get (txn, schema_place->key, NULL, NULL);
  outcome = fleet_store_commit (store, txn, error);
  if (outcome == NULL)
    return FALSE;

  take (self, place, runconf_etcd_outcome_get (outcome, 0));
  item = runconf_etcd_outcome_get (outcome, 1);
  if (item != NULL)
    *schema = fleet_schema_parse (item->value, schema_place, error);

  return item == NULL || *schema != NULL;
}

/**
 * fleet_text_check:
 *
 * Returns: %FALSE with an error if the text isn't valid
 */
gboolean
fleet_text_check (const FleetText *self, const FleetPlace *place, GError **error)
{
  g_autofree char *option = fleet_place_get_option (place);
  g_autofree char *hint = NULL;
  GError *failure = NULL;

  if (self->document != NULL)
    return TRUE;

  fleet_text_parse (place, self->bytes, &failure);
  hint
      = g_strdup_printf (_ ("hosts keep the text before it; replace it with “runconf fleet load %s "
                            "FILE”"),
                         option);
  fleet_failure_add_hint (failure, hint);
  g_propagate_error (error, failure);

  return FALSE;
}

/**
 * fleet_text_read:
 *
 * Reads a document.
 *
 * Returns: %FALSE with an error, also if it isn't valid
 */
gboolean
fleet_text_read (FleetText *self, FleetStore *store, const FleetPlace *place, GError **error)
{
  return fleet_text_fetch (self, store, place, error) && fleet_text_check (self, place, error);
}

/**
 * fleet_text_get_root:
 *
 * Returns: (transfer full): the values, none if the text isn't valid
 */
RunconfNode *
fleet_text_get_root (const FleetText *self)
{
  return self->document != NULL ? runconf_node_ref (runconf_document_get_root (self->document))
                                : runconf_mapping_new_empty ();
}
