/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/keeper.h"

#include "core/error.h"
#include "fleet/control/controller.h"

/* A rollout that runs, and whose controller has no key, is taken up by the first host that etcd lets
 * do so. The hosts try one after the other, so that etcd gets two tries a second, however many hosts
 * there are. Those that the rollout reaches last are the first: they still have the old text. A host
 * to which etcd denied it doesn't try again before the next load.
 *
 * The controller blocks, so it has a thread. A host leads one rollout at a time.
 */

/* between two hosts */
#define TURN_MS 500
#define MAX_TURNS (G_MAXINT / 2 / TURN_MS)

/* The hosts whose settings ask for it come first, in any order. */
#define FIRST_MS 2000

/* before another try of the same host */
#define RETRY_MS 5000

typedef struct
{
  RunconfFleetdKeeper *keeper;
  char *text; /* the key of the rollout, as in etcd */
  gboolean is_running;
  gboolean has_controller;
  guint rank;
  GSource *turn; /* (nullable) */
} Rollout;

/* The data of a thread, besides those members of the keeper that don't change. */
typedef struct
{
  RunconfFleetdKeeper *keeper;
  RunconfFleetKey *key; /* of the rollout */
  RunconfEtcdSettings *settings;
  GSource *over; /* the thread attaches it at its end */
  GError *error; /* (nullable): the outcome */
} Lead;

struct _RunconfFleetdKeeper
{
  RunconfEtcd *etcd;
  char *prefix;
  char *host;
  RunconfFleetRollouts way;
  GMainContext *context;
  GCancellable *cancellable;
  GHashTable *rollouts; /* (element-type utf8 Rollout): by the key as in etcd */
  GThread *thread;      /* (nullable): that leads a rollout */
  Lead *lead;           /* (nullable): of the thread */
  gboolean is_denied;
  guint pause_ms; /* before the next try, after a failure */
};

static gboolean on_turn (gpointer user_data);
static gboolean on_over (gpointer user_data);

static void
rollout_stop (Rollout *self)
{
  if (self->turn != NULL)
    g_source_destroy (self->turn);
  g_clear_pointer (&self->turn, g_source_unref);
}

static void
rollout_free (Rollout *self)
{
  rollout_stop (self);
  g_free (self->text);
  g_free (self);
}

static void
lead_free (Lead *self)
{
  runconf_fleet_key_free (self->key);
  runconf_etcd_settings_free (self->settings);
  g_source_destroy (self->over);
  g_source_unref (self->over);
  g_clear_error (&self->error);
  g_free (self);
}

/**
 * runconf_fleetd_keeper_new:
 * @prefix: the prefix of all keys
 * @host: the name of the host
 *
 * Returns: (transfer full): a keeper that knows no rollout
 */
RunconfFleetdKeeper *
runconf_fleetd_keeper_new (RunconfEtcd *etcd, const char *prefix, const char *host,
                           RunconfFleetRollouts way)
{
  RunconfFleetdKeeper *self = g_new0 (RunconfFleetdKeeper, 1);

  self->etcd = g_object_ref (etcd);
  self->prefix = g_strdup (prefix);
  self->host = g_strdup (host);
  self->way = way;
  self->context = g_main_context_ref_thread_default ();
  self->cancellable = g_cancellable_new ();
  self->rollouts
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) rollout_free);

  return self;
}

/**
 * runconf_fleetd_keeper_free:
 *
 * Stops leading. Another host takes the rollout up when the lease is over.
 */
void
runconf_fleetd_keeper_free (RunconfFleetdKeeper *self)
{
  g_cancellable_cancel (self->cancellable);
  if (self->thread != NULL)
    g_thread_join (self->thread);
  g_clear_pointer (&self->lead, lead_free);
  g_hash_table_unref (self->rollouts);
  g_main_context_unref (self->context);
  g_object_unref (self->cancellable);
  g_object_unref (self->etcd);
  g_free (self->prefix);
  g_free (self->host);
  g_free (self);
}

static guint
choose_pause (const RunconfFleetdKeeper *self, const Rollout *rollout)
{
  guint turn = self->way == RUNCONF_FLEET_ROLLOUTS_SHARED
                   ? FIRST_MS + MIN (rollout->rank, MAX_TURNS) * TURN_MS
                   : 0;

  return self->pause_ms + turn + (guint) g_random_int_range (0, FIRST_MS);
}

/* Waits for the turn of this host, if the rollout is to be taken up. */
static void
consider (RunconfFleetdKeeper *self, Rollout *rollout)
{
  gboolean is_wanted
      = rollout->is_running && !rollout->has_controller && !self->is_denied && self->thread == NULL;

  if (!is_wanted)
    rollout_stop (rollout);
  else if (rollout->turn == NULL)
    {
      rollout->turn = g_timeout_source_new (choose_pause (self, rollout));
      g_source_set_callback (rollout->turn, on_turn, rollout, NULL);
      g_source_attach (rollout->turn, self->context);
    }
}

static void
consider_all (RunconfFleetdKeeper *self)
{
  GHashTableIter iter;
  gpointer rollout;

  g_hash_table_iter_init (&iter, self->rollouts);
  while (g_hash_table_iter_next (&iter, NULL, &rollout))
    consider (self, rollout);
}

/* in the thread */
static void
tell (const FleetPlace *place, const char *text, gpointer data)
{
  const Lead *lead = data;

  g_message ("%s: the rollout of %s: %s", lead->keeper->host, place->name, text);
}

static gpointer
run (gpointer data)
{
  Lead *lead = data;
  const RunconfFleetdKeeper *self = lead->keeper;
  gboolean is_undone = self->way == RUNCONF_FLEET_ROLLOUTS_UNDO;
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GMainContextPusher) pusher = g_main_context_pusher_new (context);
  g_autoptr (FleetStore) store = fleet_store_new (lead->settings, self->prefix, &lead->error);

  if (store != NULL)
    {
      fleet_store_set_cancellable (store, self->cancellable);
      fleet_rollout_keep (store, lead->key, is_undone, tell, lead, &lead->error);
    }
  /* before the main loop joins the thread, since the end of the store may take a second */
  g_clear_pointer (&store, fleet_store_free);
  g_source_attach (lead->over, self->context);

  return NULL;
}

static gboolean
on_turn (gpointer user_data)
{
  const Rollout *rollout = user_data;
  RunconfFleetdKeeper *self = rollout->keeper;
  Lead *lead = g_new0 (Lead, 1);

  lead->keeper = self;
  lead->key = runconf_fleet_key_parse (self->prefix, rollout->text);
  lead->settings = runconf_etcd_settings_copy (runconf_etcd_get_settings (self->etcd));
  lead->over = g_idle_source_new ();
  g_source_set_callback (lead->over, on_over, self, NULL);
  self->lead = lead;
  self->thread = g_thread_new ("rollout", run, lead);
  consider_all (self);

  return G_SOURCE_REMOVE;
}

static void
note_failure (RunconfFleetdKeeper *self, const GError *error)
{
  self->pause_ms = RETRY_MS;
  if (!g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED))
    {
      g_message ("%s: a rollout whose command is gone: %s", self->host, error->message);
      return;
    }

  self->is_denied = TRUE;
  g_message ("%s: etcd doesn't let this host lead a rollout whose command is gone: %s", self->host,
             error->message);
}

static gboolean
on_over (gpointer user_data)
{
  RunconfFleetdKeeper *self = user_data;

  g_thread_join (g_steal_pointer (&self->thread));
  self->pause_ms = 0;
  if (self->lead->error != NULL)
    note_failure (self, self->lead->error);
  g_clear_pointer (&self->lead, lead_free);
  consider_all (self);

  return G_SOURCE_REMOVE;
}

static Rollout *
ensure (RunconfFleetdKeeper *self, const RunconfFleetKey *key)
{
  g_autofree char *text = runconf_fleet_key_for_scope (self->prefix, RUNCONF_FLEET_KEY_ROLLOUT,
                                                       key->name, key->scope);
  Rollout *rollout = g_hash_table_lookup (self->rollouts, text);

  if (rollout != NULL)
    return rollout;

  rollout = g_new0 (Rollout, 1);
  rollout->keeper = self;
  rollout->text = g_steal_pointer (&text);
  g_hash_table_insert (self->rollouts, rollout->text, rollout);

  return rollout;
}

/* Forgets a rollout about which there is nothing to know. */
static void
settle (RunconfFleetdKeeper *self, Rollout *rollout)
{
  if (!rollout->is_running && !rollout->has_controller)
    g_hash_table_remove (self->rollouts, rollout->text);
  else
    consider (self, rollout);
}

/**
 * runconf_fleetd_keeper_clear:
 *
 * Forgets all rollouts: they are loaded again.
 */
void
runconf_fleetd_keeper_clear (RunconfFleetdKeeper *self)
{
  g_hash_table_remove_all (self->rollouts);
  self->is_denied = FALSE;
}

/**
 * runconf_fleetd_keeper_take_rollout:
 * @key: a key of a rollout
 * @rollout: (nullable): its value
 *
 * Takes the present state of a rollout.
 */
void
runconf_fleetd_keeper_take_rollout (RunconfFleetdKeeper *self, const RunconfFleetKey *key,
                                    const RunconfFleetRollout *rollout)
{
  Rollout *known = ensure (self, key);

  known->is_running = rollout != NULL && rollout->phase == RUNCONF_FLEET_RUNNING;
  known->rank = rollout != NULL ? runconf_fleet_rollout_rank (rollout, self->host) : 0;
  settle (self, known);
}

/**
 * runconf_fleetd_keeper_take_controller:
 * @key: a key of a controller
 * @exists: whether etcd has it
 *
 * Takes the present state of the controller of a rollout.
 */
void
runconf_fleetd_keeper_take_controller (RunconfFleetdKeeper *self, const RunconfFleetKey *key,
                                       gboolean exists)
{
  Rollout *known = ensure (self, key);

  known->has_controller = exists;
  settle (self, known);
}
