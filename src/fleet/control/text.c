/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/text.h"

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

  self->revision = item->mod_revision;
  self->bytes = g_bytes_ref (item->value);
  self->document = fleet_text_parse (place, item->value, NULL);

  return TRUE;
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
  g_autofree char *option = fleet_place_get_option (place);
  g_autofree char *hint = NULL;
  GError *failure = NULL;

  if (!fleet_text_fetch (self, store, place, error))
    return FALSE;
  if (self->document != NULL)
    return TRUE;

  fleet_text_parse (place, self->bytes, &failure);
  hint = g_strdup_printf ("hosts keep the text before it; replace it with “runconf fleet load %s "
                          "FILE”",
                          option);
  fleet_failure_add_hint (failure, hint);
  g_propagate_error (error, failure);

  return FALSE;
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
