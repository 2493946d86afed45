/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/agent/health.h"
#include "core/compare.h"
#include "fleet/agent/host-private.h"

/* A revision is reported when its files are on the disk, the service has read them, and the health
 * command has run: so whoever waits for the revision knows what it led to. The service reads the
 * files while their folders are synced.
 */

#define CHECK_SECONDS 5

/**
 * runconf_fleetd_host_refuse:
 * @text: a key as in etcd
 * @message: the reason why its value isn't used
 *
 * Remembers that the last good file of a key stays.
 */
void
runconf_fleetd_host_refuse (RunconfFleetdHost *self, const char *text, const char *message)
{
  if (g_strcmp0 (g_hash_table_lookup (self->refusals, text), message) != 0)
    g_warning ("%s: the last good file stays: %s", self->name, message);
  g_hash_table_replace (self->refusals, g_strdup (text), g_strdup (message));
}

void
runconf_fleetd_host_accept (RunconfFleetdHost *self, const char *text)
{
  g_hash_table_remove (self->refusals, text);
}

static void
raise_revision (GHashTable *revisions, const char *name, gint64 revision)
{
  gint64 *known = g_hash_table_lookup (revisions, name);

  if (known == NULL)
    {
      known = g_new0 (gint64, 1);
      g_hash_table_insert (revisions, g_strdup (name), known);
    }
  *known = MAX (*known, revision);
}

/**
 * runconf_fleetd_host_touch:
 * @name: a configuration
 * @revision: the revision that its files have now
 */
void
runconf_fleetd_host_touch (RunconfFleetdHost *self, const char *name, gint64 revision)
{
  raise_revision (self->touched, name, revision);
}

static gboolean
is_later (gpointer name, gpointer revision, gpointer newest)
{
  return *(gint64 *) revision > *(gint64 *) newest;
}

/**
 * runconf_fleetd_host_forget_revisions:
 * @newest: the newest revision of etcd
 *
 * Forgets later revisions: etcd was restored, and will give their numbers to other changes.
 */
void
runconf_fleetd_host_forget_revisions (RunconfFleetdHost *self, gint64 newest)
{
  gboolean is_restored = FALSE;

  for (guint i = 0; i < self->status->reports->len; i++)
    {
      RunconfFleetReport *report = self->status->reports->pdata[i];

      if (report->revision <= newest)
        continue;
      report->revision = 0;
      is_restored = TRUE;
    }
  g_hash_table_foreach_remove (self->touched, is_later, &newest);
  g_hash_table_foreach_remove (self->reached, is_later, &newest);
  g_hash_table_foreach_remove (self->checked, is_later, &newest);
  if (is_restored)
    runconf_fleetd_host_publish (self);
}

/* Returns: whether a message about a key concerns the configuration; a group concerns all */
static gboolean
concerns (RunconfFleetdHost *self, const char *text, const char *name)
{
  g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (self->prefix, text);

  return key != NULL && (key->type == RUNCONF_FLEET_KEY_GROUP || strcmp (key->name, name) == 0);
}

static void
list_refusals (RunconfFleetdHost *self, RunconfFleetReport *report)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer text, message;

  g_hash_table_iter_init (&iter, self->refusals);
  while (g_hash_table_iter_next (&iter, &text, &message))
    {
      if (concerns (self, text, report->name))
        g_ptr_array_add (messages, message);
    }
  g_ptr_array_sort (messages, runconf_compare_texts);
  g_ptr_array_add (messages, NULL);

  g_strfreev (report->refused);
  report->refused = g_strdupv ((char **) messages->pdata);
}

/* A rollout counts as soon as its revision is reported, since the state and the health are those of its
 * text then; or as soon as the text is refused. Documents for several hosts may each have a rollout.
 *
 * Returns: (transfer full) (nullable): the ids of the rollouts whose texts the host has
 */
static char *
list_rollouts (RunconfFleetdHost *self, const RunconfFleetReport *report)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->candidates);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const RunconfFleetdCandidate *candidate = value;

      if (strcmp (candidate->name, report->name) == 0
          && (candidate->revision <= report->revision
              || g_hash_table_contains (self->refusals, candidate->key)))
        g_ptr_array_add (ids, candidate->id);
    }
  if (ids->len == 0)
    return NULL;

  g_ptr_array_sort (ids, runconf_compare_texts);
  g_ptr_array_add (ids, NULL);

  return g_strjoinv (" ", (char **) ids->pdata);
}

static void
complete (RunconfFleetdHost *self, RunconfFleetReport *report)
{
  list_refusals (self, report);
  g_free (report->rollout);
  report->rollout = list_rollouts (self, report);
}

/**
 * runconf_fleetd_host_publish:
 *
 * Brings the report to etcd.
 */
void
runconf_fleetd_host_publish (RunconfFleetdHost *self)
{
  g_autoptr (GBytes) text = NULL;

  for (guint i = 0; i < self->status->reports->len; i++)
    complete (self, self->status->reports->pdata[i]);
  g_strfreev (self->status->groups);
  self->status->groups = runconf_fleet_membership_list (self->membership);

  text = runconf_fleet_status_write (self->status);
  runconf_fleetd_claim_set (self->claim, text);
  runconf_fleetd_seen_set (self->seen, self->status);
}

/* Reports the revisions that the health is of. */
static void
settle (RunconfFleetdHost *self)
{
  GHashTableIter iter;
  gpointer name, revision;

  g_hash_table_iter_init (&iter, self->checked);
  while (g_hash_table_iter_next (&iter, &name, &revision))
    {
      RunconfFleetReport *report = runconf_fleet_status_add (self->status, name);

      report->revision = MAX (report->revision, *(gint64 *) revision);
      g_hash_table_iter_remove (&iter);
    }

  runconf_fleetd_host_publish (self);
}

static void
set_health (RunconfFleetdHost *self, const char *health)
{
  for (guint i = 0; i < self->status->reports->len; i++)
    {
      RunconfFleetReport *report = self->status->reports->pdata[i];

      g_free (report->health);
      report->health = g_strdup (health);
    }
}

static void check_health (RunconfFleetdHost *self);

static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *health = runconf_fleetd_health_finish (result, &error);
  RunconfFleetdHost *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self = user_data;
  self->is_checking = FALSE;
  set_health (self, health != NULL ? health : error->message);
  settle (self);
  if (self->has_news)
    check_health (self);
}

/* Nothing is reported that may not be on the disk. */
static void
take_reached (RunconfFleetdHost *self)
{
  GHashTableIter iter;
  gpointer name, revision;

  if (self->is_unsynced)
    return;

  g_hash_table_iter_init (&iter, self->reached);
  while (g_hash_table_iter_next (&iter, &name, &revision))
    {
      raise_revision (self->checked, name, *(gint64 *) revision);
      g_hash_table_iter_remove (&iter);
    }
}

/* Files that changed during a check are checked by a second one, and reported after that. */
static void
check_health (RunconfFleetdHost *self)
{
  self->has_news = self->is_checking;
  if (self->is_checking)
    return;

  take_reached (self);
  if (self->health == NULL)
    {
      settle (self);
      return;
    }

  self->is_checking = TRUE;
  runconf_fleetd_health_async (self->health, self->reporting, on_checked, self);
}

static void
end_batch (RunconfFleetdHost *self)
{
  if (self->n_waiting == 0 && !self->is_unsynced)
    check_health (self);
}

static void
set_state (RunconfFleetReport *report, const char *state, const char *message)
{
  g_free (report->state);
  g_free (report->message);
  report->state = g_strdup (state);
  report->message = g_strdup (message);
}

/**
 * runconf_fleetd_host_take_state:
 * @revision: the revision whose files the service has read; 0 if the state changed by itself
 *
 * A #RunconfFleetdStateFunc, with the host as user data.
 */
void
runconf_fleetd_host_take_state (const char *name, gint64 revision, const char *state,
                                const char *message, gpointer user_data)
{
  RunconfFleetdHost *self = user_data;

  set_state (runconf_fleet_status_add (self->status, name), state, message);
  if (revision == 0)
    {
      runconf_fleetd_host_publish (self);
      return;
    }

  raise_revision (self->reached, name, revision);
  self->n_waiting -= 1;
  end_batch (self);
}

/* A check may take longer than the time between two. */
static gboolean
on_check_due (gpointer user_data)
{
  RunconfFleetdHost *self = user_data;

  if (!self->is_checking)
    check_health (self);

  return G_SOURCE_CONTINUE;
}

/* During a rollout, the health is checked again and again, not only when files change. */
static void
watch_health (RunconfFleetdHost *self)
{
  gboolean is_due = self->health != NULL && g_hash_table_size (self->candidates) > 0;

  if (is_due && self->checks == NULL)
    {
      self->checks = g_timeout_source_new_seconds (CHECK_SECONDS);
      g_source_set_callback (self->checks, on_check_due, self, NULL);
      g_source_attach (self->checks, g_main_context_get_thread_default ());
    }
  else if (!is_due && self->checks != NULL)
    {
      g_source_destroy (self->checks);
      g_clear_pointer (&self->checks, g_source_unref);
    }
}

/* Nothing is reported before a later load could sync the folders. */
static gboolean
on_sync_due (gpointer user_data)
{
  RunconfFleetdHost *self = user_data;
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&self->sync, g_source_unref);
  if (!runconf_fleetd_folder_sync (self->folder, &error))
    {
      runconf_fleetd_host_load_later (self, error->message);
      return G_SOURCE_REMOVE;
    }

  self->is_unsynced = FALSE;
  end_batch (self);

  return G_SOURCE_REMOVE;
}

/* The folders are synced when there is nothing else to do: the changes of other hosts in the same
 * process need not wait for it, and are often on the disk with it.
 */
static void
sync_later (RunconfFleetdHost *self)
{
  self->is_unsynced = TRUE;
  if (self->sync != NULL)
    return;

  self->sync = g_idle_source_new ();
  g_source_set_callback (self->sync, on_sync_due, self, NULL);
  g_source_attach (self->sync, g_main_context_get_thread_default ());
}

/**
 * runconf_fleetd_host_report_batch:
 *
 * Has the service read the files that were changed, brings them to the disk, and reports.
 */
void
runconf_fleetd_host_report_batch (RunconfFleetdHost *self)
{
  g_autoptr (GHashTable) touched = NULL;
  GHashTableIter iter;
  gpointer name, revision;

  watch_health (self);
  if (g_hash_table_size (self->touched) == 0)
    {
      if (self->is_unsynced)
        sync_later (self);
      runconf_fleetd_host_publish (self);
      return;
    }

  sync_later (self);
  touched = g_steal_pointer (&self->touched);
  self->touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->n_waiting += g_hash_table_size (touched);
  g_hash_table_iter_init (&iter, touched);
  while (g_hash_table_iter_next (&iter, &name, &revision))
    runconf_fleetd_states_reload (self->states, name, *(gint64 *) revision);
}
