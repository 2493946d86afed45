/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/seen.h"

#include "fleet/agent/leased.h"

/* etcd forgets a host that was gone for a month: the key has a lease. Each name has one lease, whose
 * number comes from the key, so that restarts of the agent leave no leases behind.
 */

#define LIFETIME_SECONDS (30 * 24 * 60 * 60)

/* how exact the time is; and how often a failed attempt is repeated */
#define PUT_SECONDS 300
#define TICK_SECONDS 30

struct _RunconfFleetdSeen
{
  RunconfFleetdLeased leased;
  RunconfFleetStatus *status; /* without configurations; NULL before the first */
  gint64 due;                 /* the time of the next put, of the monotonic clock */
};

static void step (RunconfFleetdSeen *self);

/* The next tick tries again. */
static void
fail (RunconfFleetdSeen *self, const GError *error)
{
  g_debug ("%s: %s", self->leased.key, error->message);
  self->leased.is_busy = FALSE;
  self->due = 0;
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdSeen *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdOutcome) outcome
      = runconf_etcd_commit_finish (RUNCONF_ETCD (source), result, &error);

  if (runconf_fleetd_leased_is_over (error))
    return;
  if (error != NULL)
    {
      fail (self, error);
      return;
    }

  /* the groups may have changed meanwhile */
  self->leased.is_busy = FALSE;
  step (self);
}

/* The time of the next put is partly random, so that those of many hosts don't meet. */
static void
put (RunconfFleetdSeen *self)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) value = NULL;

  self->due = g_get_monotonic_time ()
              + g_random_int_range (PUT_SECONDS * 3 / 4, PUT_SECONDS) * G_USEC_PER_SEC;
  self->status->time = g_get_real_time ();
  value = runconf_fleet_status_write (self->status);
  runconf_etcd_txn_put (txn, self->leased.key, value, self->leased.lease);
  runconf_fleetd_leased_commit (&self->leased, txn, on_put, self);
}

static void
on_granted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdSeen *self = user_data;
  g_autoptr (GError) error = NULL;

  runconf_etcd_grant_finish (RUNCONF_ETCD (source), result, &error);
  if (runconf_fleetd_leased_is_over (error))
    return;
  if (error != NULL)
    fail (self, error);
  else
    put (self);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdSeen *self = user_data;
  g_autoptr (GError) error = NULL;

  runconf_etcd_keep_alive_finish (RUNCONF_ETCD (source), result, &error);
  if (runconf_fleetd_leased_is_over (error))
    return;
  if (g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_NOT_FOUND))
    runconf_fleetd_leased_grant (&self->leased, LIFETIME_SECONDS, on_granted, self);
  else if (error != NULL)
    fail (self, error);
  else
    put (self);
}

static void
step (RunconfFleetdSeen *self)
{
  if (self->leased.is_busy || self->status == NULL || g_get_monotonic_time () < self->due)
    return;

  runconf_fleetd_leased_renew (&self->leased, on_kept, self);
}

static gboolean
on_tick (gpointer user_data)
{
  step (user_data);

  return G_SOURCE_CONTINUE;
}

/* Returns: a number above 0 that few other keys have */
static gint64
make_lease (const char *key)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, key, -1);

  hash[15] = '\0';

  return MAX (1, g_ascii_strtoll (hash, NULL, 16));
}

/**
 * runconf_fleetd_seen_new:
 *
 * Returns: (transfer full): a key that isn't put yet
 */
RunconfFleetdSeen *
runconf_fleetd_seen_new (RunconfEtcd *etcd, const char *key)
{
  RunconfFleetdSeen *self = g_new0 (RunconfFleetdSeen, 1);

  runconf_fleetd_leased_begin (&self->leased, etcd, key, TICK_SECONDS, on_tick, self);
  self->leased.lease = make_lease (key);

  return self;
}

void
runconf_fleetd_seen_free (RunconfFleetdSeen *self)
{
  runconf_fleetd_leased_end (&self->leased);
  g_clear_pointer (&self->status, runconf_fleet_status_free);
  g_free (self);
}

static gboolean
has_groups (const RunconfFleetStatus *self, const RunconfFleetStatus *other)
{
  return g_strv_equal ((const char *const *) self->groups, (const char *const *) other->groups);
}

/**
 * runconf_fleetd_seen_set:
 * @status: the report of the host
 *
 * Puts the key, if the host has other groups than the key, and again each few minutes.
 */
void
runconf_fleetd_seen_set (RunconfFleetdSeen *self, const RunconfFleetStatus *status)
{
  if (self->status != NULL && has_groups (self->status, status))
    return;

  g_clear_pointer (&self->status, runconf_fleet_status_free);
  self->status = runconf_fleet_status_new (status->host, status->machine, status->agent,
                                           (const char *const *) status->groups);
  self->due = 0;
  step (self);
}
