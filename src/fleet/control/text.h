/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/control/place.h"
#include "fleet/model/entry.h"
#include "schema/schema.h"
#include "yaml/document.h"

G_BEGIN_DECLS

/**
 * FleetText:
 * @bytes: the text as it is
 * @document: the document; an empty one if there is none, %NULL if the text isn't valid
 * @revision: the revision of its last change, 0 if there is none
 *
 * A document in the store, at one revision. The members are owned.
 */
typedef struct
{
  GBytes *bytes;
  RunconfDocument *document;
  gint64 revision;
} FleetText;

void fleet_text_clear (FleetText *self);
gboolean fleet_text_fetch (FleetText *self, FleetStore *store, const FleetPlace *place,
                           GError **error);
gboolean fleet_text_fetch_with_schema (FleetText *self, RunconfSchema **schema, FleetStore *store,
                                       const FleetPlace *place, GError **error);
gboolean fleet_text_check (const FleetText *self, const FleetPlace *place, GError **error);
gboolean fleet_text_read (FleetText *self, FleetStore *store, const FleetPlace *place,
                          GError **error);
RunconfNode *fleet_text_get_root (const FleetText *self);
RunconfDocument *fleet_text_parse (const FleetPlace *place, GBytes *text, GError **error);

gboolean fleet_text_check_size (const FleetPlace *place, gsize size, GError **error);
void fleet_text_write (const FleetText *self, FleetStore *store, const FleetPlace *place,
                       RunconfDocument *next, RunconfSchema *schema, RunconfFleetEntry *entry,
                       RunconfEtcdTxn *txn);

RunconfSchema *fleet_schema_parse (GBytes *text, const FleetPlace *place, GError **error);
gboolean fleet_schema_check_text (GBytes *text, const char *name, GError **error);
gboolean fleet_schema_admit (RunconfSchema *schema, const RunconfNode *before,
                             const RunconfNode *after, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FleetText, fleet_text_clear)

G_END_DECLS
