/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/control/controller.h"

#include <string.h>

#include <glib/gi18n.h>

#include "core/compare.h"
#include "core/error.h"
#include "fleet/control/lookout.h"
#include "fleet/control/text.h"
#include "fleet/model/entry.h"

/* Each change of the state compares two revisions: that of the rollout, so that no change is made
 * twice, and that of the controller's key, so that a controller that was thought gone does nothing
 * more.
 */

#define INTERVAL_MS 250

/* the lease is renewed this often in its time */
#define N_RENEWALS 4

/* the hash above all others */
#define ALL_HOSTS "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

struct _FleetController
{
  FleetStore *store;
  const FleetPlace *place;
  char *rollout_key;
  char *key; /* of the controller */
  gint64 lease;
  gint64 created; /* the revision of @key */
  GSource *renewals;
  GCancellable *renewing;
  gboolean is_lost; /* whether the lease is gone */
  RunconfFleetRollout *rollout;
  gint64 revision; /* of the rollout */
};

static FleetController *
controller_new (FleetStore *store, const FleetPlace *place)
{
  const char *prefix = fleet_store_get_prefix (store);
  FleetController *self = g_new0 (FleetController, 1);

  self->store = store;
  self->place = place;
  self->rollout_key = runconf_fleet_key_for_scope (prefix, RUNCONF_FLEET_KEY_ROLLOUT,
                                                   place->configuration, place->scope);
  self->key = runconf_fleet_key_for_scope (prefix, RUNCONF_FLEET_KEY_CONTROLLER,
                                           place->configuration, place->scope);

  return self;
}

static void
on_renewed (GObject *source, GAsyncResult *result, gpointer data)
{
  FleetController *self = data;
  g_autoptr (GError) error = NULL;

  runconf_etcd_keep_alive_finish (RUNCONF_ETCD (source), result, &error);
  if (g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_NOT_FOUND))
    self->is_lost = TRUE;
}

static gboolean
on_renewal (gpointer data)
{
  FleetController *self = data;

  runconf_etcd_keep_alive_async (fleet_store_get_etcd (self->store), self->lease, self->renewing,
                                 on_renewed, self);

  return G_SOURCE_CONTINUE;
}

/* A look at many hosts may take longer than the lease, so a timer renews it meanwhile. */
static void
start_renewals (FleetController *self)
{
  self->renewing = g_cancellable_new ();
  self->renewals = g_timeout_source_new (1000 * FLEET_CONTROLLER_LEASE / N_RENEWALS);
  g_source_set_callback (self->renewals, on_renewal, self, NULL);
  g_source_attach (self->renewals, g_main_context_get_thread_default ());
}

static void
stop_renewals (FleetController *self)
{
  if (self->renewals == NULL)
    return;

  g_source_destroy (self->renewals);
  g_source_unref (self->renewals);
  g_cancellable_cancel (self->renewing);
  g_object_unref (self->renewing);
}

void
fleet_controller_free (FleetController *self)
{
  stop_renewals (self);
  g_clear_pointer (&self->rollout, runconf_fleet_rollout_free);
  g_free (self->rollout_key);
  g_free (self->key);
  g_free (self);
}

const RunconfFleetRollout *
fleet_controller_get_rollout (const FleetController *self)
{
  return self->rollout;
}

/**
 * fleet_controller_get_revision:
 *
 * Returns: the revision of the last change of the state, which is that of the document if the rollout
 *   is finished
 */
gint64
fleet_controller_get_revision (const FleetController *self)
{
  return self->revision;
}

/* Reads the state. Returns: %FALSE with an error; without a rollout, there is none */
static gboolean
read_rollout (FleetController *self, GError **error)
{
  g_autoptr (RunconfEtcdItem) item = fleet_store_get (self->store, self->rollout_key, 0, error);

  if (item == NULL)
    return FALSE;

  g_clear_pointer (&self->rollout, runconf_fleet_rollout_free);
  self->revision = item->mod_revision;
  if (item->mod_revision == 0)
    return TRUE;

  self->rollout = runconf_fleet_rollout_read (
      item->value, fleet_store_shorten (self->store, self->rollout_key), error);

  return self->rollout != NULL;
}

static gboolean
is_running (const FleetController *self)
{
  return self->rollout != NULL && self->rollout->phase == RUNCONF_FLEET_RUNNING;
}

/* Adds the key of the controller to the transaction. Returns: %FALSE with an error */
static gboolean
claim (FleetController *self, RunconfEtcdTxn *txn, GError **error)
{
  const char *user = runconf_etcd_get_settings (fleet_store_get_etcd (self->store))->user;
  g_autofree char *leader
      = g_strdup_printf ("%s@%s", user != NULL ? user : g_get_user_name (), g_get_host_name ());
  g_autoptr (GBytes) value = g_bytes_new (leader, strlen (leader));

  self->lease = fleet_store_grant (self->store, FLEET_CONTROLLER_LEASE, error);
  if (self->lease == 0)
    return FALSE;

  start_renewals (self);
  runconf_etcd_txn_compare_create (txn, self->key, 0);
  runconf_etcd_txn_put (txn, self->key, value, self->lease);

  return TRUE;
}

static void
refuse_second (const FleetController *self, const RunconfFleetRollout *rollout, GError **error)
{
  g_autofree char *option = fleet_place_get_option (self->place);

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH,
               _ ("%s: a rollout of %s runs, at step %u of %u: wait for its end, or call “runconf "
                  "fleet rollout %s --resume” or “--undo”"),
               self->place->name, rollout->author != NULL ? rollout->author : _ ("another user"),
               (guint) rollout->step + 1, g_strv_length (rollout->steps), option);
}

static GBytes *
write_state (const FleetController *self)
{
  return runconf_fleet_rollout_write (self->rollout);
}

#define OVERTAKEN _ ("another controller has taken the rollout")

/* Returns: %FALSE */
static gboolean
fail (const FleetController *self, const char *problem, GError **error)
{
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH, "%s: %s", self->place->name,
               problem);

  return FALSE;
}

/* Commits a transaction that nothing else may have overtaken.
 * Returns: %FALSE with an error
 */
static gboolean
commit (FleetController *self, RunconfEtcdTxn *txn, const char *problem, GError **error)
{
  g_autoptr (RunconfEtcdOutcome) outcome = fleet_store_commit (self->store, txn, error);

  if (outcome == NULL)
    return FALSE;
  if (!outcome->succeeded)
    return fail (self, problem, error);

  self->revision = outcome->revision;

  return TRUE;
}

/**
 * fleet_controller_begin:
 * @place: the document; it is borrowed
 * @rollout: (transfer full): the rollout, which has reached no host
 *
 * Begins a rollout.
 *
 * Returns: (transfer full): its controller, or %NULL with an error
 */
FleetController *
fleet_controller_begin (FleetStore *store, const FleetPlace *place, RunconfFleetRollout *rollout,
                        GError **error)
{
  g_autoptr (FleetController) self = controller_new (store, place);
  g_autoptr (RunconfFleetRollout) owned = rollout;
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  g_autoptr (GBytes) state = NULL;

  if (!read_rollout (self, error))
    return NULL;
  if (is_running (self))
    {
      refuse_second (self, self->rollout, error);
      return NULL;
    }

  g_clear_pointer (&self->rollout, runconf_fleet_rollout_free);
  self->rollout = g_steal_pointer (&owned);
  state = write_state (self);
  if (!fleet_text_check_size (place, g_bytes_get_size (state), error) || !claim (self, txn, error))
    return NULL;

  runconf_etcd_txn_compare_mod (txn, place->key, self->rollout->before);
  runconf_etcd_txn_compare_mod (txn, self->rollout_key, self->revision);
  runconf_etcd_txn_put (txn, self->rollout_key, state, 0);
  if (!commit (self, txn, _ ("the document or its rollout was changed meanwhile: try again"),
               error))
    return NULL;

  self->created = self->revision;

  return g_steal_pointer (&self);
}

/**
 * fleet_controller_take:
 * @place: the document; it is borrowed
 *
 * Takes up a rollout whose controller is gone.
 *
 * Returns: (transfer full): its controller, or %NULL with an error
 */
FleetController *
fleet_controller_take (FleetStore *store, const FleetPlace *place, GError **error)
{
  g_autoptr (FleetController) self = controller_new (store, place);
  g_autoptr (RunconfEtcdTxn) txn = runconf_etcd_txn_new ();
  gint64 revision;

  if (!read_rollout (self, error))
    return NULL;
  if (!is_running (self))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND, _ ("%s: no rollout runs"),
                   place->name);
      return NULL;
    }
  if (!claim (self, txn, error))
    return NULL;

  revision = self->revision;
  runconf_etcd_txn_compare_mod (txn, self->rollout_key, revision);
  if (!commit (self, txn, _ ("another command or agent controls the rollout"), error))
    return NULL;

  self->created = self->revision;
  self->revision = revision;

  return g_steal_pointer (&self);
}

/* Makes a transaction that only this controller can make. */
static RunconfEtcdTxn *
begin_change (FleetController *self)
{
  RunconfEtcdTxn *txn = runconf_etcd_txn_new ();

  runconf_etcd_txn_compare_create (txn, self->key, self->created);
  runconf_etcd_txn_compare_mod (txn, self->rollout_key, self->revision);

  return txn;
}

/* Stores the state. Returns: %FALSE with an error */
static gboolean
save (FleetController *self, GError **error)
{
  g_autoptr (RunconfEtcdTxn) txn = begin_change (self);
  g_autoptr (GBytes) state = write_state (self);

  runconf_etcd_txn_put (txn, self->rollout_key, state, 0);

  return commit (self, txn, OVERTAKEN, error);
}

/* Ends the rollout: the text isn't needed any more. */
static void
add_end (FleetController *self, RunconfEtcdTxn *txn, RunconfFleetPhase phase)
{
  g_autoptr (GBytes) state = NULL;

  self->rollout->phase = phase;
  g_free (self->rollout->text);
  self->rollout->text = g_strdup ("");
  state = write_state (self);
  runconf_etcd_txn_put (txn, self->rollout_key, state, 0);
  runconf_etcd_txn_delete (txn, self->key);
}

/**
 * fleet_controller_undo:
 * @host: (nullable): the host that gave the reason
 * @reason: the reason
 *
 * Ends the rollout: all hosts get the old text again.
 *
 * Returns: %FALSE with an error
 */
gboolean
fleet_controller_undo (FleetController *self, const char *host, const char *reason, GError **error)
{
  g_autoptr (RunconfEtcdTxn) txn = begin_change (self);

  g_free (self->rollout->host);
  g_free (self->rollout->reason);
  self->rollout->host = g_strdup (host);
  self->rollout->reason = g_strdup (reason);
  add_end (self, txn, RUNCONF_FLEET_UNDONE);

  return commit (self, txn, OVERTAKEN, error);
}

/* Chooses the threshold below which the hosts of the step are. It never falls.
 * Returns: whether there are hosts
 */
static gboolean
choose_threshold (FleetController *self, const FleetSurvey *survey)
{
  g_autoptr (GPtrArray) hashes = g_ptr_array_new_with_free_func (g_free);
  const char *step = self->rollout->steps[self->rollout->step];
  const char *threshold = ALL_HOSTS;
  guint n_wanted;

  for (guint i = 0; i < survey->hosts->len; i++)
    {
      const FleetHost *host = survey->hosts->pdata[i];

      if (fleet_look_concerns (self->place, host))
        g_ptr_array_add (hashes, runconf_fleet_rollout_hash (self->rollout, host->name));
    }
  if (hashes->len == 0)
    return FALSE;

  self->rollout->n_hosts = hashes->len;
  g_ptr_array_sort (hashes, runconf_compare_texts);
  n_wanted = fleet_steps_count (step, hashes->len);
  if (n_wanted < hashes->len)
    threshold = hashes->pdata[n_wanted - 1];

  if (self->rollout->threshold == NULL || strcmp (threshold, self->rollout->threshold) > 0)
    {
      g_free (self->rollout->threshold);
      self->rollout->threshold = g_strdup (threshold);
    }

  return TRUE;
}

/* Returns: (nullable): the reason to go back that isn't a problem of a host */
static const char *
find_reason (FleetController *self, gboolean is_late, gboolean is_wanted, GError **error)
{
  gint64 revision;

  if (!is_wanted)
    return "it was interrupted";
  if (is_late)
    return "the host didn't take the text in time";

  revision = fleet_store_get_revision (self->store, self->place->key, error);
  if (revision >= 0 && revision != self->rollout->before)
    return "another writer changed the document";

  return NULL;
}

/* Undoes the rollout if there is a reason to. Returns: %FALSE with an error */
static gboolean
react (FleetController *self, const FleetLook *look, gboolean is_wanted, GError **error)
{
  gboolean is_late = is_wanted && fleet_look_is_late (look);
  GError *failure = NULL;
  const char *reason;

  if (look->host != NULL)
    return fleet_controller_undo (self, look->host, look->problem, error);

  reason = find_reason (self, is_late, is_wanted, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, failure);
      return FALSE;
    }

  return reason == NULL
         || fleet_controller_undo (self, is_late ? look->missing : NULL, reason, error);
}

/* Returns: (transfer none): the survey, as of fleet_lookout_look() */
static const FleetSurvey *
look_at (FleetController *self, FleetLookout *lookout, FleetLook *look, GError **error)
{
  const FleetSurvey *survey = fleet_lookout_look (lookout, error);

  if (survey != NULL)
    fleet_look_take (look, survey, self->place, self->rollout);

  return survey;
}

/* Whether the hosts of a step were looked at, and since when all of them have the text. */
typedef struct
{
  gboolean has_looked;
  gint64 soak_start; /* 0 if a host lacks the text */
} Times;

static gboolean
is_soaked (const FleetController *self, const Times *times)
{
  return times->soak_start != 0
         && g_get_monotonic_time () - times->soak_start >= self->rollout->soak * G_USEC_PER_SEC;
}

/* Looks at the hosts, tells how far they are, and undoes the rollout if there is a reason to.
 * Returns: %FALSE with an error
 */
static gboolean
check_step (FleetController *self, FleetLookout *lookout, FleetLook *look, Times *times,
            FleetReachFunc tell, gpointer data, GError **error)
{
  gint64 now;
  gboolean is_wanted;

  if (self->is_lost)
    return fail (self, OVERTAKEN, error);
  if ((!times->has_looked || fleet_lookout_has_news (lookout))
      && look_at (self, lookout, look, error) == NULL)
    return FALSE;

  times->has_looked = TRUE;
  now = g_get_monotonic_time ();
  if (look->missing != NULL)
    times->soak_start = 0;
  else if (times->soak_start == 0)
    times->soak_start = now;
  look->reach.is_soaking = times->soak_start != 0;
  is_wanted = tell == NULL || tell (self->rollout, &look->reach, data);

  return react (self, look, is_wanted, error);
}

/* Watches a step until its hosts have had the text for the time of the soak, or the rollout is undone.
 * At the end all is read once more: a watch may be late.
 * Returns: %FALSE with an error
 */
static gboolean
watch_step (FleetController *self, FleetLookout *lookout, FleetLook *look, FleetReachFunc tell,
            gpointer data, GError **error)
{
  Times times = { 0 };
  gboolean is_confirmed = FALSE;

  while (is_running (self) && !(is_confirmed && is_soaked (self, &times)))
    {
      is_confirmed = is_soaked (self, &times);
      if (is_confirmed)
        fleet_lookout_forget (lookout);
      if (!check_step (self, lookout, look, &times, tell, data, error))
        return FALSE;
      if (!is_soaked (self, &times))
        fleet_store_pause (self->store, INTERVAL_MS);
    }

  return TRUE;
}

/* A host of the former step that isn't well, or that reports no more, undoes the rollout before the step
 * reaches others.
 */
static gboolean
enter_step (FleetController *self, FleetLookout *lookout, FleetLook *look, GError **error)
{
  const FleetSurvey *survey = look_at (self, lookout, look, error);

  if (survey == NULL)
    return FALSE;
  if (look->host != NULL)
    return fleet_controller_undo (self, look->host, look->problem, error);

  return choose_threshold (self, survey)
             ? save (self, error)
             : fleet_controller_undo (self, NULL, "no host of the document reports", error);
}

/* Puts the text in the place of the document, for hosts that come later too. */
static gboolean
finish (FleetController *self, GError **error)
{
  g_auto (FleetText) base = { 0 };
  g_autoptr (RunconfSchema) schema = NULL;
  g_autoptr (GBytes) text = g_bytes_new (self->rollout->text, strlen (self->rollout->text));
  g_autoptr (GError) mistake = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (RunconfDocument) next = fleet_text_parse (self->place, text, &mistake);
  g_autoptr (RunconfFleetEntry) entry = runconf_fleet_entry_new (
      "rollout", self->rollout->author, self->rollout->message, g_get_real_time ());
  g_autoptr (RunconfEtcdTxn) txn = begin_change (self);

  if (next == NULL)
    return fleet_controller_undo (self, NULL, mistake->message, error);
  if (!fleet_text_fetch_with_schema (&base, &schema, self->store, self->place, error))
    return FALSE;
  if (base.revision != self->rollout->before)
    return fleet_controller_undo (self, NULL, "another writer changed the document", error);

  fleet_text_write (&base, self->store, self->place, next, schema, entry, txn);
  add_end (self, txn, RUNCONF_FLEET_FINISHED);

  if (commit (self, txn, _ ("the document or its rollout was changed meanwhile"), &failure))
    return TRUE;
  if (g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH))
    return fleet_controller_undo (self, NULL, "another writer changed the document", error);
  /* else the hosts would keep a text that isn't the document's */
  if (g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_ACCESS_DENIED))
    return fleet_controller_undo (
        self, NULL, "its etcd user has no right to write the document and its history", error);

  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/**
 * fleet_controller_run:
 * @tell: (nullable): is told how far the rollout is
 *
 * Leads the rollout to its end: finished or undone, as its phase tells.
 *
 * Returns: %FALSE with an error; then the rollout still runs, and may be taken up
 */
gboolean
fleet_controller_run (FleetController *self, FleetReachFunc tell, gpointer data, GError **error)
{
  gint64 n_steps = g_strv_length (self->rollout->steps);
  g_autoptr (FleetLookout) lookout = fleet_lookout_new (self->store);
  g_auto (FleetLook) look = { 0 };

  if (!fleet_look_recall (&look, self->store, self->revision, self->place, self->rollout, error))
    return FALSE;

  while (is_running (self) && self->rollout->step < n_steps)
    {
      if (!enter_step (self, lookout, &look, error)
          || !watch_step (self, lookout, &look, tell, data, error))
        return FALSE;
      if (is_running (self))
        self->rollout->step++;
    }

  return !is_running (self) || finish (self, error);
}
