/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/claim.h"

#include "fleet/agent/leased.h"
#include "fleet/model/status.h"

/* The key is put only over a value of this machine, or where there is none: each put compares the
 * revision that is known, and reads the key if that is wrong.
 */

/* A host counts as gone after LEASE, which is less than the usual soak of a rollout. The lease is
 * renewed at each second tick: renewals are the larger part of what an idle host costs etcd. A
 * renewal that failed, and a report that isn't in etcd, are tried again at the next tick.
 */
#define LEASE_SECONDS 15
#define TICK_SECONDS 3
#define RENEWAL_SECONDS 5

#define ID_LENGTH 8

struct _RunconfFleetdClaim
{
  RunconfFleetdLeased leased;
  char *double_key; /* for the report while another host has the key */
  char *machine;
  gint64 revision;   /* of the key, if it is this host's; 0 if there is none */
  GBytes *report;    /* NULL before the first */
  GBytes *put;       /* the report that etcd has, or NULL */
  GBytes *in_flight; /* the report that is being put, or NULL */
  gint64 renewed;    /* when the lease was last granted or renewed */
  gboolean is_double;
  gboolean is_told; /* whether the log has the other host */
  gint64 double_since;
  char *problem; /* the last one, which is logged once */
};

static void step (RunconfFleetdClaim *self);

static void
note_problem (RunconfFleetdClaim *self, const char *problem)
{
  if (problem != NULL && g_strcmp0 (problem, self->problem) != 0)
    g_message ("%s: the report of the host isn't in etcd: %s", self->leased.key, problem);
  g_free (self->problem);
  self->problem = g_strdup (problem);
}

/* Without its lease, etcd has removed the key. */
static void
drop_lease (RunconfFleetdClaim *self)
{
  self->leased.lease = 0;
  self->revision = 0;
  g_clear_pointer (&self->put, g_bytes_unref);
}

/* The next tick tries again. */
static void
fail (RunconfFleetdClaim *self, const GError *error)
{
  self->leased.is_busy = FALSE;
  g_clear_pointer (&self->in_flight, g_bytes_unref);
  if (g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_NOT_FOUND))
    drop_lease (self);
  else
    note_problem (self, error->message);
}

static void
succeed (RunconfFleetdClaim *self)
{
  self->leased.is_busy = FALSE;
  g_clear_pointer (&self->put, g_bytes_unref);
  self->put = g_steal_pointer (&self->in_flight);
  note_problem (self, NULL);
  step (self);
}

static void
on_granted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdClaim *self = user_data;
  g_autoptr (GError) error = NULL;
  gint64 lease = runconf_etcd_grant_finish (RUNCONF_ETCD (source), result, &error);

  if (runconf_fleetd_leased_is_over (error))
    return;
  if (error != NULL)
    {
      fail (self, error);
      return;
    }

  self->leased.is_busy = FALSE;
  self->leased.lease = lease;
  self->renewed = g_get_monotonic_time ();
  step (self);
}

static void
on_double_put (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdClaim *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdOutcome) outcome
      = runconf_etcd_commit_finish (RUNCONF_ETCD (source), result, &error);

  if (runconf_fleetd_leased_is_over (error))
    return;
  if (error != NULL)
    fail (self, error);
  else
    succeed (self);
}

/* The key of this host from before a reboot lives as long as its lease. Another host's lives
 * longer.
 */
static void
note_other (RunconfFleetdClaim *self, const char *machine)
{
  gint64 now = g_get_monotonic_time ();

  if (!self->is_double)
    self->double_since = now;
  self->is_double = TRUE;
  if (self->is_told || now - self->double_since < LEASE_SECONDS * G_USEC_PER_SEC)
    return;

  self->is_told = TRUE;
  g_warning ("%s: another machine (%s) has the name of this host: give one of the two another "
             "“host” in fleetd.yaml",
             self->leased.key, machine);
}

static void
put_double (RunconfFleetdClaim *self, const RunconfFleetStatus *other)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();

  note_other (self, other->machine);
  self->revision = 0;
  runconf_etcd_txn_put (txn, self->double_key, self->in_flight, self->leased.lease);
  runconf_fleetd_leased_commit (&self->leased, txn, on_double_put, self);
}

static void put (RunconfFleetdClaim *self);

/* A report that can't be read is no claim of another host. */
static void
meet (RunconfFleetdClaim *self, const RunconfEtcdItem *item)
{
  g_autoptr (RunconfFleetStatus) other
      = item != NULL ? runconf_fleet_status_read (item->value, item->key, NULL) : NULL;

  if (other != NULL && other->machine != NULL && !g_str_equal (other->machine, self->machine))
    {
      put_double (self, other);
      return;
    }

  self->revision = item != NULL ? item->mod_revision : 0;
  put (self);
}

static void
on_put (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdClaim *self = user_data;
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
  if (!outcome->succeeded)
    {
      meet (self, runconf_etcd_outcome_get (outcome, 0));
      return;
    }

  self->revision = outcome->revision;
  self->is_double = FALSE;
  self->is_told = FALSE;
  succeed (self);
}

static void
put (RunconfFleetdClaim *self)
{
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();

  runconf_etcd_txn_compare_mod (txn, self->leased.key, self->revision);
  runconf_etcd_txn_put (txn, self->leased.key, self->in_flight, self->leased.lease);
  if (self->is_double)
    runconf_etcd_txn_delete (txn, self->double_key);
  runconf_etcd_txn_else_get (txn, self->leased.key);
  runconf_fleetd_leased_commit (&self->leased, txn, on_put, self);
}

static void
step (RunconfFleetdClaim *self)
{
  if (self->leased.is_busy || self->report == NULL || self->report == self->put)
    return;

  self->leased.is_busy = TRUE;
  if (self->leased.lease == 0)
    {
      runconf_fleetd_leased_grant (&self->leased, LEASE_SECONDS, on_granted, self);
      return;
    }

  self->in_flight = g_bytes_ref (self->report);
  put (self);
}

static void
on_kept (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdClaim *self = user_data;
  g_autoptr (GError) error = NULL;

  runconf_etcd_keep_alive_finish (RUNCONF_ETCD (source), result, &error);
  if (runconf_fleetd_leased_is_over (error))
    return;

  if (error != NULL)
    fail (self, error);
  else
    self->renewed = g_get_monotonic_time ();
  self->leased.is_busy = FALSE;
  step (self);
}

/* Returns: whether the lease is to be renewed, or etcd lacks the report */
static gboolean
is_due (const RunconfFleetdClaim *self)
{
  return self->put != self->report
         || g_get_monotonic_time () - self->renewed >= RENEWAL_SECONDS * G_USEC_PER_SEC;
}

/* A second host of the name asks for the key at each tick. */
static gboolean
on_tick (gpointer user_data)
{
  RunconfFleetdClaim *self = user_data;

  if (self->leased.is_busy)
    return G_SOURCE_CONTINUE;

  if (self->is_double)
    g_clear_pointer (&self->put, g_bytes_unref);
  if (self->leased.lease == 0)
    {
      step (self);
      return G_SOURCE_CONTINUE;
    }
  if (!is_due (self))
    return G_SOURCE_CONTINUE;

  runconf_fleetd_leased_renew (&self->leased, on_kept, self);

  return G_SOURCE_CONTINUE;
}

/**
 * runconf_fleetd_claim_new:
 * @key: the key of the host's report
 * @machine: the random id of this host, which its reports have
 *
 * Returns: (transfer full): a claim without a report yet
 */
RunconfFleetdClaim *
runconf_fleetd_claim_new (RunconfEtcd *etcd, const char *key, const char *machine)
{
  RunconfFleetdClaim *self = g_new0 (RunconfFleetdClaim, 1);

  runconf_fleetd_leased_begin (&self->leased, etcd, key, TICK_SECONDS, on_tick, self);
  self->double_key = g_strdup_printf ("%s" RUNCONF_FLEET_DOUBLE "%.*s", key, ID_LENGTH, machine);
  self->machine = g_strdup (machine);

  return self;
}

/**
 * runconf_fleetd_claim_free:
 *
 * The key stays until its lease ends, so that a restart of the agent isn't a host that is gone.
 */
void
runconf_fleetd_claim_free (RunconfFleetdClaim *self)
{
  runconf_fleetd_leased_end (&self->leased);
  g_free (self->double_key);
  g_free (self->machine);
  g_clear_pointer (&self->report, g_bytes_unref);
  g_clear_pointer (&self->put, g_bytes_unref);
  g_clear_pointer (&self->in_flight, g_bytes_unref);
  g_free (self->problem);
  g_free (self);
}

/**
 * runconf_fleetd_claim_set:
 *
 * Puts a new report, unless it is the one that etcd has.
 */
void
runconf_fleetd_claim_set (RunconfFleetdClaim *self, GBytes *report)
{
  if (self->report != NULL && g_bytes_equal (self->report, report))
    return;

  g_clear_pointer (&self->report, g_bytes_unref);
  self->report = g_bytes_ref (report);
  step (self);
}
