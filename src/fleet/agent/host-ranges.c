/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/compare.h"
#include "fleet/agent/host-private.h"

/* A folder `config/NAME/hosts/` may have a document for each host of a large fleet, of which this
 * host needs one. So a load leaves the rest of the folder out, and the watch has the ranges between
 * such folders, and the host's own keys in them. A configuration that comes later is in one of the
 * ranges between.
 *
 * A folder with a few documents is watched as a whole: one range costs etcd less than three. When
 * others add documents to it, the host loads again to leave the folder out. The number is another
 * one for each host, so that not all of them load at one moment.
 */

#define MIN_CROWD 16
#define MAX_CROWD 128

/* Each takes two ranges of the watch. */
#define MAX_CROWDS 24

/* The groups decide which keys are for the host. Rollouts come before documents, in whose place they
 * are.
 */
const RunconfFleetKeyType runconf_fleetd_host_types[RUNCONF_FLEETD_N_TYPES] = {
  RUNCONF_FLEET_KEY_GROUP, RUNCONF_FLEET_KEY_ROLLOUT, RUNCONF_FLEET_KEY_CONFIG,
  RUNCONF_FLEET_KEY_LOCKS, RUNCONF_FLEET_KEY_SCHEMA,
};

/* Returns: (transfer full) (nullable): the folder of a key that is for a single host, with a slash
 *   at its end
 */
static char *
find_folder (RunconfFleetdHost *self, const RunconfFleetKey *key)
{
  RunconfFleetKeyType type
      = key->type == RUNCONF_FLEET_KEY_AUTHOR ? RUNCONF_FLEET_KEY_CONFIG : key->type;
  g_autofree char *text = NULL;

  if ((type != RUNCONF_FLEET_KEY_CONFIG && type != RUNCONF_FLEET_KEY_LOCKS)
      || key->scope->type != RUNCONF_FLEET_HOST)
    return NULL;

  text = runconf_fleet_key_for_scope (self->prefix, type, key->name, key->scope);

  return g_strndup (text, strlen (text) - strlen (key->scope->name));
}

/**
 * runconf_fleetd_host_forget_others:
 *
 * Forgets which folders have documents for many hosts, before a load.
 */
void
runconf_fleetd_host_forget_others (RunconfFleetdHost *self)
{
  g_hash_table_remove_all (self->crowds);
  self->crowd_size = (guint) g_random_int_range (MIN_CROWD, MAX_CROWD);
  self->n_crowds = 0;
}

/* Returns: whether the folder has documents for so many hosts that it isn't watched from now on */
static gboolean
add_others (RunconfFleetdHost *self, const char *folder, guint number)
{
  guint before = GPOINTER_TO_UINT (g_hash_table_lookup (self->crowds, folder));

  if (before >= self->crowd_size || self->n_crowds == MAX_CROWDS)
    return FALSE;

  g_hash_table_replace (self->crowds, g_strdup (folder), GUINT_TO_POINTER (before + number));
  if (before + number < self->crowd_size)
    return FALSE;

  self->n_crowds++;

  return TRUE;
}

/**
 * runconf_fleetd_host_note_other:
 * @key: a key in etcd that wasn't counted before
 *
 * Counts the documents for other hosts.
 *
 * Returns: whether a load is needed to be rid of them
 */
gboolean
runconf_fleetd_host_note_other (RunconfFleetdHost *self, const RunconfFleetKey *key)
{
  g_autofree char *folder = find_folder (self, key);

  return folder != NULL && key->type != RUNCONF_FLEET_KEY_AUTHOR
         && strcmp (key->scope->name, self->name) != 0 && add_others (self, folder, 1);
}

/**
 * runconf_fleetd_host_skip_others:
 * @last: the last key of a page of a list
 * @user_data: the host
 *
 * Returns: (transfer full) (nullable): the key from which the list goes on, if keys of other hosts
 *   are to be left out
 */
char *
runconf_fleetd_host_skip_others (const char *last, gpointer user_data)
{
  RunconfFleetdHost *self = user_data;
  g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (self->prefix, last);
  g_autofree char *folder = key != NULL ? find_folder (self, key) : NULL;
  g_autofree char *own = folder != NULL ? g_strconcat (folder, self->name, NULL) : NULL;
  g_autofree char *end = NULL;

  if (own == NULL)
    return NULL;

  add_others (self, folder, self->crowd_size);
  if (strcmp (last, own) < 0)
    return g_steal_pointer (&own);

  end = g_strconcat (own, "/", NULL);

  return strcmp (last, end) > 0 ? runconf_etcd_get_prefix_end (folder) : NULL;
}

/* A document and its author are in one range, since they have to arrive together. Hosts whose names
 * go on behind that of this host are in it, too.
 */
static void
add_own (RunconfFleetdHost *self, const char *folder)
{
  g_autofree char *own = g_strconcat (folder, self->name, NULL);
  g_autofree char *below = g_strconcat (own, "/", NULL);
  g_autofree char *end = runconf_etcd_get_prefix_end (below);

  runconf_etcd_watch_add (self->watch, own, end);
}

static void
add_type (RunconfFleetdHost *self, RunconfFleetKeyType type, GPtrArray *folders)
{
  g_autofree char *prefix = runconf_fleet_key_prefix (self->prefix, type, NULL, NULL);
  g_autofree char *end = runconf_etcd_get_prefix_end (prefix);
  g_autofree char *start = g_strdup (prefix);

  for (guint i = 0; i < folders->len; i++)
    {
      const char *folder = folders->pdata[i];

      if (!g_str_has_prefix (folder, prefix))
        continue;
      runconf_etcd_watch_add (self->watch, start, folder);
      add_own (self, folder);
      g_free (start);
      start = runconf_etcd_get_prefix_end (folder);
    }

  runconf_etcd_watch_add (self->watch, start, end);
}

/* Returns: (transfer container): the folders that aren't watched, in their order */
static GPtrArray *
list_crowds (RunconfFleetdHost *self)
{
  GPtrArray *folders = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer folder, number;

  g_hash_table_iter_init (&iter, self->crowds);
  while (g_hash_table_iter_next (&iter, &folder, &number))
    {
      if (GPOINTER_TO_UINT (number) >= self->crowd_size)
        g_ptr_array_add (folders, folder);
    }
  g_ptr_array_sort (folders, runconf_compare_texts);

  return folders;
}

/**
 * runconf_fleetd_host_watch:
 * @revision: the first revision whose changes are wanted
 *
 * Watches all keys that are or may be for the host.
 */
void
runconf_fleetd_host_watch (RunconfFleetdHost *self, gint64 revision)
{
  g_autoptr (GPtrArray) folders = list_crowds (self);

  runconf_etcd_watch_stop (self->watch);
  runconf_etcd_watch_clear (self->watch);
  for (guint i = 0; i < RUNCONF_FLEETD_N_TYPES; i++)
    add_type (self, runconf_fleetd_host_types[i], folders);
  runconf_etcd_watch_start (self->watch, revision);
}
