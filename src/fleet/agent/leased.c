/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/leased.h"

/**
 * runconf_fleetd_leased_begin:
 * @tick_seconds: the time between two ticks
 * @on_tick: is called with @owner at each tick, in the context of this thread
 */
void
runconf_fleetd_leased_begin (RunconfFleetdLeased *self, RunconfEtcd *etcd, const char *key,
                             guint tick_seconds, GSourceFunc on_tick, gpointer owner)
{
  self->etcd = g_object_ref (etcd);
  self->cancellable = g_cancellable_new ();
  self->key = g_strdup (key);
  self->ticks = g_timeout_source_new_seconds (tick_seconds);
  g_source_set_callback (self->ticks, on_tick, owner, NULL);
  g_source_attach (self->ticks, g_main_context_get_thread_default ());
}

/**
 * runconf_fleetd_leased_end:
 *
 * Ends the ticks and the requests, whose callbacks may come after the owner is freed. The key stays
 * until its lease ends.
 */
void
runconf_fleetd_leased_end (RunconfFleetdLeased *self)
{
  g_cancellable_cancel (self->cancellable);
  g_object_unref (self->cancellable);
  g_source_destroy (self->ticks);
  g_source_unref (self->ticks);
  g_object_unref (self->etcd);
  g_free (self->key);
}

/**
 * runconf_fleetd_leased_grant:
 *
 * Asks for the lease of this number, or any if it is 0.
 */
void
runconf_fleetd_leased_grant (RunconfFleetdLeased *self, guint seconds, GAsyncReadyCallback callback,
                             gpointer owner)
{
  runconf_etcd_grant_async (self->etcd, self->lease, seconds, self->cancellable, callback, owner);
}

void
runconf_fleetd_leased_renew (RunconfFleetdLeased *self, GAsyncReadyCallback callback,
                             gpointer owner)
{
  self->is_busy = TRUE;
  runconf_etcd_keep_alive_async (self->etcd, self->lease, self->cancellable, callback, owner);
}

void
runconf_fleetd_leased_commit (RunconfFleetdLeased *self, RunconfEtcdTxn *txn,
                              GAsyncReadyCallback callback, gpointer owner)
{
  runconf_etcd_commit_async (self->etcd, txn, self->cancellable, callback, owner);
}

/**
 * runconf_fleetd_leased_is_over:
 * @error: (nullable): the error of a request
 *
 * Returns: whether the owner is freed, so that the callback must leave it alone
 */
gboolean
runconf_fleetd_leased_is_over (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}
