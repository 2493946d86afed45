/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "fleet/etcd/etcd.h"

G_BEGIN_DECLS

/**
 * RunconfFleetdLeased:
 * @etcd: the client
 * @cancellable: for the requests of the owner
 * @key: the key
 * @ticks: calls the owner at each tick
 * @lease: the lease of the key; 0 without one
 * @is_busy: whether a request is under way: the owner makes one at a time
 *
 * A key that lives as long as its lease, which the owner renews. The owner is a struct that contains
 * this one.
 */
typedef struct
{
  RunconfEtcd *etcd;
  GCancellable *cancellable;
  char *key;
  GSource *ticks;
  gint64 lease;
  gboolean is_busy;
} RunconfFleetdLeased;

void runconf_fleetd_leased_begin (RunconfFleetdLeased *self, RunconfEtcd *etcd, const char *key,
                                  guint tick_seconds, GSourceFunc on_tick, gpointer owner);
void runconf_fleetd_leased_end (RunconfFleetdLeased *self);

void runconf_fleetd_leased_grant (RunconfFleetdLeased *self, guint seconds,
                                  GAsyncReadyCallback callback, gpointer owner);
void runconf_fleetd_leased_renew (RunconfFleetdLeased *self, GAsyncReadyCallback callback,
                                  gpointer owner);
void runconf_fleetd_leased_commit (RunconfFleetdLeased *self, RunconfEtcdTxn *txn,
                                   GAsyncReadyCallback callback, gpointer owner);
gboolean runconf_fleetd_leased_is_over (const GError *error);

G_END_DECLS
