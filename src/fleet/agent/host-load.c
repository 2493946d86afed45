/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "fleet/agent/host-private.h"
#include "fleet/model/author.h"
#include "fleet/model/group.h"
#include "fleet/model/layer.h"

/* A load reads at one revision which keys there are, and fetches those that are for this host. The
 * watch goes on from the next revision. If the host joins or leaves a group, all is loaded again.
 */

#define FIRST_RETRY_MS 500
#define LAST_RETRY_MS 4000

/* the keys in one answer: many of them may be for other hosts */
#define PAGE_ITEMS 200

static void read_step (RunconfFleetdHost *self);

static const char *
show (RunconfFleetdHost *self, const char *text)
{
  return text + strlen (self->prefix);
}

/* Returns: whether the host had documents of the group when the agent last wrote the files */
static gboolean
has_files_of_group (RunconfFleetdHost *self, const char *group)
{
  g_autoptr (GPtrArray) files = runconf_fleetd_folder_list (self->folder);

  for (guint i = 0; i < files->len; i++)
    {
      const RunconfFleetdFile *file = files->pdata[i];

      if (runconf_fleet_layer_is_of_group (file->path, group))
        return TRUE;
    }

  return FALSE;
}

/* A group that can't be read changes nothing: the host stays in it or out of it.
 *
 * Returns: whether the host joins or leaves the group
 */
static gboolean
take_group (RunconfFleetdHost *self, const char *text, const char *group, GBytes *value)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) patterns = NULL;

  if (value != NULL)
    {
      patterns = runconf_fleet_group_parse (value, show (self, text), &error);
      if (patterns == NULL)
        {
          runconf_fleetd_host_refuse (self, text, error->message);
          return FALSE;
        }
    }

  runconf_fleetd_host_accept (self, text);

  return runconf_fleet_membership_set (
      self->membership, group,
      patterns != NULL && runconf_fleet_group_has ((const char *const *) patterns, self->name));
}

static void
load_group (RunconfFleetdHost *self, const RunconfEtcdItem *item, const char *group)
{
  take_group (self, item->key, group, item->value);
  if (g_hash_table_contains (self->refusals, item->key) && has_files_of_group (self, group))
    runconf_fleet_membership_set (self->membership, group, TRUE);
}

static void
take_controller (RunconfFleetdHost *self, const RunconfFleetKey *key, gboolean exists)
{
  if (self->keeper != NULL && runconf_fleet_membership_reaches (self->membership, key))
    runconf_fleetd_keeper_take_controller (self->keeper, key, exists);
}

static void
load_item (RunconfFleetdHost *self, const RunconfEtcdItem *item)
{
  g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (self->prefix, item->key);

  if (key == NULL || key->type == RUNCONF_FLEET_KEY_AUTHOR)
    return;

  self->n_keys++;
  runconf_fleetd_host_note_other (self, key);
  if (key->type == RUNCONF_FLEET_KEY_GROUP)
    load_group (self, item, key->name);
  else if (key->type == RUNCONF_FLEET_KEY_CONTROLLER)
    take_controller (self, key, TRUE);
  else
    runconf_fleetd_host_add_job (self, RUNCONF_FLEETD_JOB_FETCH, item->key, NULL, NULL,
                                 self->load_revision);
}

static void
note_problem (RunconfFleetdHost *self, const char *problem)
{
  if (problem != NULL && g_strcmp0 (problem, self->problem) != 0)
    g_warning ("%s: %s; the files stay as they are", self->name, problem);
  if (problem == NULL && self->problem != NULL)
    g_message ("%s: the problem is over", self->name);
  g_free (self->problem);
  self->problem = g_strdup (problem);
}

/**
 * runconf_fleetd_host_note_success:
 *
 * Notes that all files are up to date.
 */
void
runconf_fleetd_host_note_success (RunconfFleetdHost *self)
{
  self->n_failures = 0;
  note_problem (self, NULL);
}

/* An etcd without a single key is rather one that lost its data, or another one, than a fleet without
 * documents. Its agents would remove the files of all hosts.
 */
static gboolean
is_lost (RunconfFleetdHost *self)
{
  g_autoptr (GPtrArray) files = NULL;

  if (self->n_keys > 0)
    return FALSE;

  files = runconf_fleetd_folder_list (self->folder);

  return files->len > 0;
}

static void
end_load (RunconfFleetdHost *self)
{
  if (is_lost (self))
    {
      runconf_fleetd_host_load_later (
          self,
          "etcd has no document of any host: check the prefix, and whether etcd lost its data");
      return;
    }

  runconf_fleetd_host_add_job (self, RUNCONF_FLEETD_JOB_END, NULL, NULL, NULL, self->load_revision);
  runconf_fleetd_host_watch (self, self->load_revision + 1);
  runconf_fleetd_host_work (self);
}

static void
on_list (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfFleetdHost *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdRange) range
      = runconf_etcd_list_finish (RUNCONF_ETCD (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (range == NULL)
    {
      runconf_fleetd_host_load_later (self, error->message);
      return;
    }

  if (self->step == 0)
    {
      self->load_revision = range->revision;
      runconf_fleetd_host_forget_revisions (self, range->revision);
    }
  for (guint i = 0; i < range->items->len; i++)
    load_item (self, range->items->pdata[i]);

  self->step += 1;
  if (self->step < RUNCONF_FLEETD_N_TYPES)
    read_step (self);
  else
    end_load (self);
}

static void
read_step (RunconfFleetdHost *self)
{
  RunconfFleetKeyType type = runconf_fleetd_host_types[self->step];
  g_autofree char *prefix = runconf_fleet_key_prefix (self->prefix, type, NULL, NULL);
  RunconfEtcdRangeOptions options = {
    .revision = self->load_revision,
    .limit = PAGE_ITEMS,
    .keys_only = type != RUNCONF_FLEET_KEY_GROUP,
  };

  runconf_etcd_list_async (self->etcd, prefix, &options, runconf_fleetd_host_skip_others,
                           self->loading, on_list, self);
}

static void
stop_retry (RunconfFleetdHost *self)
{
  if (self->retry == NULL)
    return;

  g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

/* Without a watch, no later change is taken for the whole that a host has. */
static void
stop (RunconfFleetdHost *self)
{
  if (self->loading != NULL)
    g_cancellable_cancel (self->loading);
  g_clear_object (&self->loading);
  runconf_fleetd_host_drop_jobs (self);
  runconf_etcd_watch_stop (self->watch);
}

static void
begin (RunconfFleetdHost *self)
{
  stop (self);
  stop_retry (self);
  self->loading = g_cancellable_new ();
  g_hash_table_remove_all (self->refusals);
  g_hash_table_remove_all (self->candidates);
  if (self->keeper != NULL)
    runconf_fleetd_keeper_clear (self->keeper);
  runconf_fleetd_host_forget_others (self);
}

/**
 * runconf_fleetd_host_load:
 *
 * Loads all keys that are for the host, and brings all files up to date.
 */
void
runconf_fleetd_host_load (RunconfFleetdHost *self)
{
  begin (self);
  self->step = 0;
  self->n_keys = 0;
  self->load_revision = 0;
  self->wanted = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  runconf_fleet_membership_clear (self->membership);
  read_step (self);
}

static gboolean
on_retry (gpointer user_data)
{
  RunconfFleetdHost *self = user_data;

  g_clear_pointer (&self->retry, g_source_unref);
  runconf_fleetd_host_load (self);

  return G_SOURCE_REMOVE;
}

/**
 * runconf_fleetd_host_load_later:
 * @problem: the reason why not all files are up to date
 *
 * Stops all that is under way, and loads all keys again after a while, which is longer after each
 * failure. Hosts that failed together load at different times.
 */
void
runconf_fleetd_host_load_later (RunconfFleetdHost *self, const char *problem)
{
  guint delay = MIN (FIRST_RETRY_MS << MIN (self->n_failures, 16), LAST_RETRY_MS);

  note_problem (self, problem);
  stop (self);
  if (self->retry != NULL)
    return;

  self->n_failures += 1;
  self->retry = g_timeout_source_new (delay / 2 + g_random_int_range (0, delay));
  g_source_set_callback (self->retry, on_retry, self, NULL);
  g_source_attach (self->retry, g_main_context_get_thread_default ());
}

static const RunconfEtcdItem *
get_item (GPtrArray *events, guint index)
{
  return ((const RunconfEtcdEvent *) events->pdata[index])->item;
}

/* The author of a document is in the same transaction: its event has the same revision, and all
 * events of a revision arrive together.
 *
 * Returns: (transfer full) (nullable): the author of the document that an event has
 */
static char *
find_author (RunconfFleetdHost *self, GPtrArray *events, guint index, const RunconfFleetKey *key)
{
  gint64 revision = get_item (events, index)->mod_revision;
  g_autofree char *text
      = runconf_fleet_key_for_scope (self->prefix, RUNCONF_FLEET_KEY_AUTHOR, key->name, key->scope);

  while (index > 0 && get_item (events, index - 1)->mod_revision == revision)
    index--;
  for (; index < events->len && get_item (events, index)->mod_revision == revision; index++)
    {
      if (strcmp (get_item (events, index)->key, text) == 0)
        return runconf_fleet_author_read (get_item (events, index)->value);
    }

  return NULL;
}

/* Returns: whether all has to be loaded again */
static gboolean
take_event (RunconfFleetdHost *self, GPtrArray *events, guint index)
{
  const RunconfEtcdEvent *event = events->pdata[index];
  const RunconfEtcdItem *item = event->item;
  g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (self->prefix, item->key);
  g_autofree char *author = NULL;
  GBytes *value = event->is_delete ? NULL : item->value;

  if (key == NULL || key->type == RUNCONF_FLEET_KEY_AUTHOR)
    return FALSE;
  if (key->type == RUNCONF_FLEET_KEY_GROUP)
    return take_group (self, item->key, key->name, value);
  if (key->type == RUNCONF_FLEET_KEY_CONTROLLER)
    {
      take_controller (self, key, value != NULL);
      return FALSE;
    }
  if (value != NULL && item->create_revision == item->mod_revision
      && runconf_fleetd_host_note_other (self, key))
    return TRUE;

  if (runconf_fleet_membership_reaches (self->membership, key))
    runconf_fleetd_host_retry_refused (self, key->name, item->key, item->mod_revision);
  if (key->type == RUNCONF_FLEET_KEY_CONFIG)
    author = find_author (self, events, index, key);
  runconf_fleetd_host_add_job (self,
                               value != NULL ? RUNCONF_FLEETD_JOB_PUT : RUNCONF_FLEETD_JOB_DELETE,
                               item->key, value, author, item->mod_revision);

  return FALSE;
}

/**
 * runconf_fleetd_host_take_events:
 * @events: (element-type RunconfEtcdEvent): changes of keys, in their order
 */
void
runconf_fleetd_host_take_events (RunconfFleetdHost *self, GPtrArray *events)
{
  for (guint i = 0; i < events->len; i++)
    {
      if (take_event (self, events, i))
        {
          runconf_fleetd_host_load (self);
          return;
        }
    }

  runconf_fleetd_host_work (self);
}
