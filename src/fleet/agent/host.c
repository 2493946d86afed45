/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/connect.h"
#include "fleet/agent/host-private.h"

/* The files are what etcd had when the agent last wrote them. A start without etcd changes nothing:
 * the load is tried again until it succeeds.
 */

static char *
get_host_name (void)
{
  return g_strdup (g_get_host_name ());
}

static void
on_events (RunconfEtcdWatch *watch, GPtrArray *events, gint64 revision, gpointer user_data)
{
  runconf_fleetd_host_take_events (user_data, events);
}

static void
on_reload (RunconfEtcdWatch *watch, const char *reason, gpointer user_data)
{
  RunconfFleetdHost *self = user_data;

  g_message ("%s: all is loaded again: %s", self->name, reason);
  runconf_fleetd_host_load (self);
}

static void
on_state (RunconfEtcdWatch *watch, gboolean is_connected, const char *message, gpointer user_data)
{
  RunconfFleetdHost *self = user_data;

  if (is_connected)
    g_message ("%s: etcd is followed", self->name);
  else if (self->is_followed)
    g_message ("%s: etcd isn't followed: %s", self->name, message);
  else
    g_debug ("%s: etcd isn't followed: %s", self->name, message);
  self->is_followed = is_connected;
}

static void
make_watch (RunconfFleetdHost *self)
{
  self->watch = runconf_etcd_watch_new (self->etcd);
  g_signal_connect (self->watch, "events", G_CALLBACK (on_events), self);
  g_signal_connect (self->watch, "reload", G_CALLBACK (on_reload), self);
  g_signal_connect (self->watch, "state", G_CALLBACK (on_state), self);
}

static void
candidate_free (RunconfFleetdCandidate *self)
{
  g_free (self->key);
  g_free (self->name);
  g_free (self->id);
  g_free (self);
}

static void
make_tables (RunconfFleetdHost *self)
{
  g_queue_init (&self->jobs);
  self->crowds = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->candidates
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) candidate_free);
  runconf_fleetd_host_drop_staged (self);
  self->refusals = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->checked = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->reached = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->reporting = g_cancellable_new ();
}

static gboolean
open_folder (RunconfFleetdHost *self, const RunconfFleetSettings *settings, const char *root,
             GError **error)
{
  self->layer = g_build_filename (root, settings->folder, NULL);
  self->folder = runconf_fleetd_folder_new (self->layer, error);

  return self->folder != NULL;
}

/* Returns: whether the host has a name that can be part of a key */
static gboolean
take_name (RunconfFleetdHost *self, const RunconfFleetSettings *settings, GError **error)
{
  self->name = settings->host != NULL ? g_strdup (settings->host) : get_host_name ();
  if (runconf_fleet_check_name (RUNCONF_FLEET_NAME_HOST, self->name, error))
    return TRUE;

  g_prefix_error (error, "set “host” in fleetd.yaml: ");
  return FALSE;
}

static void
make_parts (RunconfFleetdHost *self, const RunconfFleetSettings *settings, const char *root)
{
  const char *machine = runconf_fleetd_folder_get_machine (self->folder);
  g_autofree char *key = runconf_fleet_key_for_status (self->prefix, self->name);
  g_autofree char *seen = runconf_fleet_key_for_seen (self->prefix, self->name);

  self->membership
      = runconf_fleet_membership_new (self->name, (const char *const *) settings->groups);
  self->status = runconf_fleet_status_new (self->name, machine, RUNCONF_VERSION, NULL);
  self->claim = runconf_fleetd_claim_new (self->etcd, key, machine);
  self->seen = runconf_fleetd_seen_new (self->etcd, seen);
  if (settings->rollouts != RUNCONF_FLEET_ROLLOUTS_LEAVE)
    self->keeper
        = runconf_fleetd_keeper_new (self->etcd, self->prefix, self->name, settings->rollouts);
  self->folders = settings->bus == RUNCONF_FLEET_BUS_SESSION
                      ? runconf_folders_new_session (NULL)
                      : runconf_folders_new_system (root, NULL);
  self->states = runconf_fleetd_states_new (settings->bus, self->folders,
                                            runconf_fleetd_host_take_state, self);
  make_watch (self);
}

/**
 * runconf_fleetd_host_new:
 * @root: the folder below which the folders of the system are: `/`
 *
 * Returns: (transfer full) (nullable): a host, or %NULL with an error
 */
RunconfFleetdHost *
runconf_fleetd_host_new (const RunconfFleetSettings *settings, const char *root, GError **error)
{
  g_autoptr (RunconfFleetdHost) self = g_new0 (RunconfFleetdHost, 1);

  make_tables (self);
  self->prefix = g_strdup (settings->prefix);
  self->health = g_strdup (settings->health);
  if (!take_name (self, settings, error) || !open_folder (self, settings, root, error))
    return NULL;

  self->etcd = runconf_fleetd_connect (settings, error);
  if (self->etcd == NULL)
    return NULL;

  make_parts (self, settings, root);

  return g_steal_pointer (&self);
}

/**
 * runconf_fleetd_host_start:
 *
 * Begins to follow etcd.
 */
void
runconf_fleetd_host_start (RunconfFleetdHost *self)
{
  runconf_fleetd_host_publish (self);
  runconf_fleetd_host_load (self);
}

static void
stop (RunconfFleetdHost *self)
{
  g_cancellable_cancel (self->reporting);
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  if (self->sync != NULL)
    g_source_destroy (self->sync);
  if (self->checks != NULL)
    g_source_destroy (self->checks);
  if (self->watch != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->watch, self);
      runconf_etcd_watch_stop (self->watch);
    }
}

/**
 * runconf_fleetd_host_free:
 *
 * The files stay as they are.
 */
void
runconf_fleetd_host_free (RunconfFleetdHost *self)
{
  stop (self);
  runconf_fleetd_host_drop_jobs (self);
  g_clear_pointer (&self->retry, g_source_unref);
  g_clear_pointer (&self->sync, g_source_unref);
  g_clear_pointer (&self->checks, g_source_unref);
  g_clear_object (&self->loading);
  g_clear_object (&self->reporting);
  g_clear_object (&self->watch);
  g_clear_pointer (&self->keeper, runconf_fleetd_keeper_free);
  g_clear_pointer (&self->states, runconf_fleetd_states_free);
  g_clear_pointer (&self->folders, runconf_folders_free);
  g_clear_pointer (&self->seen, runconf_fleetd_seen_free);
  g_clear_pointer (&self->claim, runconf_fleetd_claim_free);
  g_clear_pointer (&self->status, runconf_fleet_status_free);
  g_clear_pointer (&self->membership, runconf_fleet_membership_free);
  g_clear_pointer (&self->folder, runconf_fleetd_folder_free);
  g_clear_object (&self->etcd);
  g_hash_table_unref (self->refusals);
  g_hash_table_unref (self->touched);
  g_hash_table_unref (self->reached);
  g_hash_table_unref (self->checked);
  g_hash_table_unref (self->candidates);
  g_hash_table_unref (self->crowds);
  g_hash_table_unref (self->staged);
  g_free (self->layer);
  g_free (self->problem);
  g_free (self->name);
  g_free (self->prefix);
  g_free (self->health);
  g_free (self);
}
