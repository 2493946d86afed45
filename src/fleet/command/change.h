/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "cli/change/made.h"
#include "core/operation.h"
#include "fleet/command/session.h"
#include "fleet/control/text.h"

G_BEGIN_DECLS

/**
 * FleetEdit:
 * @base: the document in the store
 *
 * Makes the next text of a document. It is called again if another writer was faster.
 *
 * Returns: (transfer full): the next text, or %NULL with an error
 */
typedef RunconfDocument *(*FleetEdit) (const FleetText *base, const FleetPlace *place,
                                       gpointer data, GError **error);

/**
 * FleetChange:
 * @store: the store
 * @place: the document
 * @kind: the verb, for the history
 * @edit: makes the next text
 * @data: for @edit
 * @accepts_broken: whether the text before may be invalid, since @edit doesn't use it
 * @is_final: whether another writer's change is an error, %RUNCONF_ERROR_VERSION_MISMATCH
 *
 * A change of a document.
 */
typedef struct
{
  FleetStore *store;
  const FleetPlace *place;
  const char *kind;
  FleetEdit edit;
  gpointer data;
  gboolean accepts_broken;
  gboolean is_final;
} FleetChange;

/**
 * FleetPrepared:
 * @base: the document in the store
 * @next: its next text
 * @schema: (nullable): the schema of the fleet
 *
 * A change that isn't made yet. The members are owned.
 */
typedef struct
{
  FleetText base;
  RunconfDocument *next;
  RunconfSchema *schema;
} FleetPrepared;

void fleet_prepared_clear (FleetPrepared *self);

gboolean fleet_change_prepare (const FleetChange *self, FleetPrepared *prepared, CliMade *made,
                               GError **error);
gboolean fleet_change_make (const FleetChange *self, CliMade *made, GError **error);
gboolean fleet_change_put (FleetStore *store, const FleetPlace *place, GBytes *text, CliMade *made,
                           GError **error);

CliExit fleet_change_wait (FleetSession *session, const FleetPlace *place, const CliMade *made,
                           CliExit status, GError **error);
CliExit fleet_change_finish (FleetSession *session, const FleetPlace *place, const CliMade *made,
                             GError **error);
CliExit fleet_change_apply (FleetSession *session, FleetChange *self, GError **error);
CliExit fleet_change_apply_operations (FleetSession *session, const char *kind,
                                       GPtrArray *operations, GError **error);

RunconfDocument *fleet_change_edit (const FleetText *base, const FleetPlace *place, gpointer data,
                                    GError **error);
GPtrArray *fleet_change_read_pairs (RunconfVerb verb, char **arguments, gboolean is_literal,
                                    GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (FleetPrepared, fleet_prepared_clear)

G_END_DECLS
