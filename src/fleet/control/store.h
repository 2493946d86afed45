/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"

G_BEGIN_DECLS

/**
 * FleetStore:
 *
 * The fleet's etcd, with calls that block. Its errors have the domains of the command, whose exit
 * status they determine.
 */
typedef struct _FleetStore FleetStore;

FleetStore *fleet_store_new (const RunconfEtcdSettings *settings, const char *prefix,
                             GError **error);
void fleet_store_set_cancellable (FleetStore *self, GCancellable *cancellable);
void fleet_store_free (FleetStore *self);

RunconfEtcd *fleet_store_get_etcd (FleetStore *self);
const char *fleet_store_get_prefix (FleetStore *self);
char *fleet_store_get_author (FleetStore *self);
const char *fleet_store_shorten (FleetStore *self, const char *key);

RunconfEtcdItem *fleet_store_get (FleetStore *self, const char *key, gint64 revision,
                                  GError **error);
gint64 fleet_store_get_revision (FleetStore *self, const char *key, GError **error);
RunconfEtcdRange *fleet_store_list (FleetStore *self, const char *prefix,
                                    const RunconfEtcdRangeOptions *options, GError **error);
RunconfEtcdOutcome *fleet_store_commit (FleetStore *self, RunconfEtcdTxn *txn, GError **error);
gint64 fleet_store_grant (FleetStore *self, guint seconds, GError **error);
void fleet_store_pause (FleetStore *self, guint ms);

void fleet_failure_add_hint (GError *error, const char *hint);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (FleetStore, fleet_store_free)

G_END_DECLS
