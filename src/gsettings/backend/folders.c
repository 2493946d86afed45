/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/folders.h"

#include <string.h>

#include "gsettings/backend/guard.h"
#include "gsettings/backend/worker.h"
#include "gsettings/form/form.h"

/* How no change is missed
 *
 * A program subscribes to a folder, then reads its keys, and relies on being told of each later
 * change. The worker thread makes the watch a little later, and a watch reports the changes since
 * it was made. So the values at the time of the subscription are compared with those at the time of
 * the watch. If the configuration wasn't open when the program subscribed, its reads have waited
 * for it; if they have given up, or the configuration has changed since it was opened, all keys may have
 * changed.
 */

/* What is called with changes. */
typedef struct
{
  gint ref_count; /* atomic */
  RunconfBackendOpening *opening;
  RunconfBackendFoldersFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Target;

typedef struct
{
  gint ref_count; /* atomic */
  Target *target;
  char *name;            /* ends in a slash */
  char *path;            /* the same as a path of a configuration, without the slash */
  RunconfSnapshot *base; /* the values when it was subscribed to; NULL if there were none yet */
  RunconfWatch *watch;   /* used by the worker thread only */
  guint n_subscriptions; /* protected by the guard */
} Folder;

struct _RunconfBackendFolders
{
  Target *target;
  GHashTable *folders; /* of Folder, by name; protected by the guard */
};

static void
target_unref (Target *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  self->destroy (self->user_data);
  runconf_backend_opening_unref (self->opening);
  g_free (self);
}

static void
folder_unref (gpointer data)
{
  Folder *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  target_unref (self->target);
  g_free (self->name);
  g_free (self->path);
  g_clear_pointer (&self->base, runconf_snapshot_unref);
  g_clear_object (&self->watch);
  g_free (self);
}

static Folder *
folder_ref (Folder *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

/* Returns: (transfer full) (nullable): the values that the program reads now */
static RunconfSnapshot *
get_base (Target *target)
{
  RunconfSnapshot *early = runconf_backend_opening_get_early (target->opening);
  RunconfConfiguration *configuration = runconf_backend_opening_peek (target->opening);

  if (early != NULL || configuration == NULL)
    return early;

  return runconf_configuration_get_snapshot (configuration);
}

static Folder *
folder_new (Target *target, const char *name, RunconfSnapshot *base)
{
  g_autofree char *key = g_strndup (name, strlen (name) - 1);
  Folder *self = g_new0 (Folder, 1);

  self->ref_count = 1;
  g_atomic_int_inc (&target->ref_count);
  self->target = target;
  self->name = g_strdup (name);
  self->path = runconf_gsettings_path (key);
  self->base = base != NULL ? runconf_snapshot_ref (base) : NULL;

  return self;
}

static void
tell (Folder *self, const char *const *keys, guint64 version)
{
  self->target->func (self->name, keys, version, self->target->user_data);
}

/* Returns: the part of @path below the folder, %NULL if it isn't below it */
static const char *
find_below (Folder *self, const char *path)
{
  gsize length = strlen (self->path);

  return strncmp (path, self->path, length) == 0 && path[length] == '/' ? path + length + 1 : NULL;
}

/* A change within a mapping is one of the key that has the mapping, and a change below a subfolder
 * is told by the watch of that folder. The paths are in the order of the tree, so those of a key follow
 * each other. No key has a name that is empty or has a slash in it, as a file may have.
 *
 * @below: a path below the folder
 */
static void
add_key (GPtrArray *keys, const char *below)
{
  g_autofree char *path = g_strndup (below - 1, 1 + strcspn (below, "/"));
  g_autofree char *key = runconf_gsettings_key (path);

  if (key != NULL && (keys->len == 0 || strcmp (keys->pdata[keys->len - 1], key + 1) != 0))
    g_ptr_array_add (keys, g_strdup (key + 1));
}

static void
on_changed (RunconfWatch *watch, RunconfChange *change, gpointer user_data)
{
  Folder *self = user_data;
  const char *const *paths = runconf_change_get_paths (change);
  g_autoptr (GPtrArray) keys = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      const char *below = find_below (self, paths[i]);

      if (below == NULL)
        {
          tell (self, NULL, runconf_change_get_version (change));
          return;
        }
      add_key (keys, below);
    }

  g_ptr_array_add (keys, NULL);
  tell (self, (const char *const *) keys->pdata, runconf_change_get_version (change));
}

/* The program has subscribed before the watch was made. */
static gboolean
has_changed_before (Folder *self, RunconfConfiguration *configuration)
{
  g_autoptr (RunconfSnapshot) now = runconf_configuration_get_snapshot (configuration);
  g_autoptr (GVariant) old_value = NULL;
  g_autoptr (GVariant) new_value = NULL;
  guint64 version = runconf_snapshot_get_version (now);

  if (self->base == NULL)
    return runconf_backend_opening_was_early (self->target->opening, version);
  if (runconf_snapshot_get_version (self->base) == version)
    return FALSE;

  old_value = runconf_snapshot_get_value (self->base, self->path);
  new_value = runconf_snapshot_get_value (now, self->path);

  return old_value != new_value
         && (old_value == NULL || new_value == NULL || !g_variant_equal (old_value, new_value));
}

static void
do_watch (gpointer data)
{
  Folder *self = data;
  RunconfConfiguration *configuration = runconf_backend_opening_peek (self->target->opening);

  self->watch = runconf_configuration_watch (configuration, self->path, NULL);
  if (self->watch == NULL)
    return;

  g_signal_connect_data (self->watch, "changed", G_CALLBACK (on_changed), folder_ref (self),
                         (GClosureNotify) (void (*) (void)) folder_unref, 0);
  if (has_changed_before (self, configuration))
    tell (self, NULL, 0);
  g_clear_pointer (&self->base, runconf_snapshot_unref);
}

/* The handler holds a reference to the folder. */
static void
do_unwatch (gpointer data)
{
  Folder *self = data;

  if (self->watch != NULL)
    {
      runconf_watch_stop (self->watch);
      g_signal_handlers_disconnect_by_data (self->watch, self);
    }
  g_clear_object (&self->watch);
}

/**
 * runconf_backend_folders_new:
 *
 * Returns: (transfer full): no folders
 */
RunconfBackendFolders *
runconf_backend_folders_new (RunconfBackendOpening *opening, RunconfBackendFoldersFunc func,
                             gpointer user_data, GDestroyNotify destroy)
{
  RunconfBackendFolders *self = g_new0 (RunconfBackendFolders, 1);

  self->target = g_new (Target, 1);
  *self->target = (Target){ 1, runconf_backend_opening_ref (opening), func, user_data, destroy };
  self->folders = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, folder_unref);

  return self;
}

static void
post_unwatch (Folder *folder)
{
  runconf_backend_worker_post (do_unwatch, folder_ref (folder), folder_unref);
}

void
runconf_backend_folders_free (RunconfBackendFolders *self)
{
  GHashTableIter iter;
  gpointer folder;

  g_hash_table_iter_init (&iter, self->folders);
  while (g_hash_table_iter_next (&iter, NULL, &folder))
    post_unwatch (folder);
  g_hash_table_unref (self->folders);
  target_unref (self->target);
  g_free (self);
}

/**
 * runconf_backend_folders_add:
 * @name: the name of the folder, with a slash at its end
 *
 * Adds a subscription: changes from now on are told. Never blocks.
 */
void
runconf_backend_folders_add (RunconfBackendFolders *self, const char *name)
{
  g_autoptr (RunconfSnapshot) base = get_base (self->target);
  Folder *fresh = NULL;
  Folder *folder;

  runconf_backend_guard_lock ();
  folder = g_hash_table_lookup (self->folders, name);
  if (folder == NULL)
    {
      folder = fresh = folder_new (self->target, name, base);
      g_hash_table_insert (self->folders, folder->name, folder_ref (folder));
    }
  folder->n_subscriptions++;
  runconf_backend_guard_unlock ();

  if (fresh != NULL)
    runconf_backend_worker_post (do_watch, fresh, folder_unref);
}

/**
 * runconf_backend_folders_remove:
 *
 * Removes a subscription. Never blocks.
 */
void
runconf_backend_folders_remove (RunconfBackendFolders *self, const char *name)
{
  Folder *gone = NULL;
  Folder *folder;

  runconf_backend_guard_lock ();
  folder = g_hash_table_lookup (self->folders, name);
  if (folder != NULL && --folder->n_subscriptions == 0)
    {
      gone = folder;
      g_hash_table_steal (self->folders, name);
    }
  runconf_backend_guard_unlock ();

  if (gone != NULL)
    {
      post_unwatch (gone);
      folder_unref (gone);
    }
}
