/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/daemon/catalogue.h"

#include <string.h>

#include "layers/files.h"
#include "service/base/log.h"
#include "service/daemon/member.h"
#include "store/watch/watcher.h"

/* A scan of the folders finds the configurations: at the start, after a change of a folder, and on
 * request. A newly found configuration gets a member; a member whose name isn't found any more
 * leaves. Its files are released after the reply to its last call. Until then nothing else may open
 * them, not even a member of the same name. A scan therefore makes no member whose name is in the
 * list of the leaving ones.
 */
struct _RunconfdCatalogue
{
  const RunconfdSettings *settings;
  const RunconfFolders *folders; /* NULL for one named configuration */
  GDBusObjectManagerServer *manager;
  RunconfdAuthority *authority;

  GHashTable *members; /* RunconfdMember by name */
  GHashTable *leaving; /* names by configuration, which isn't owned */
  GHashTable *logged;  /* the complaints of the last scan */
  GPtrArray *watchers; /* of the folders of all members' folders */
  guint looking;       /* the source of a later scan, or 0 */
  gboolean is_draining;

  guint n_awaited; /* configurations to be opened or to be drained */
  RunconfdCatalogueFunc func;
  gpointer user_data;
};

static void look (RunconfdCatalogue *self);

/**
 * runconfd_catalogue_new:
 * @settings: of the configuration; with folders, of each one except for its name and paths
 * @folders: (nullable): the folders with configurations
 * @manager: the manager that exports them
 *
 * The arguments have to outlive the catalogue.
 *
 * Returns: (transfer full): an empty catalogue
 */
RunconfdCatalogue *
runconfd_catalogue_new (const RunconfdSettings *settings, const RunconfFolders *folders,
                        GDBusObjectManagerServer *manager, RunconfdAuthority *authority)
{
  RunconfdCatalogue *self = g_new0 (RunconfdCatalogue, 1);

  self->settings = settings;
  self->folders = folders;
  self->manager = manager;
  self->authority = authority;
  self->members = g_hash_table_new_full (g_str_hash, g_str_equal, NULL,
                                         (GDestroyNotify) runconfd_member_free);
  self->leaving = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->logged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->watchers = g_ptr_array_new_with_free_func (g_object_unref);

  return self;
}

static void
on_look_later (gpointer data)
{
  RunconfdCatalogue *self = data;

  self->looking = 0;
  look (self);
}

static void
look_later (RunconfdCatalogue *self)
{
  if (self->looking == 0 && !self->is_draining)
    self->looking = g_timeout_add_once (0, on_look_later, self);
}

static void
on_gone (gpointer data, GObject *configuration)
{
  RunconfdCatalogue *self = data;

  g_hash_table_remove (self->leaving, configuration);
  look_later (self);
}

void
runconfd_catalogue_free (RunconfdCatalogue *self)
{
  GHashTableIter iter;
  gpointer configuration;

  g_hash_table_iter_init (&iter, self->leaving);
  while (g_hash_table_iter_next (&iter, &configuration, NULL))
    g_object_weak_unref (configuration, on_gone, self);

  g_clear_handle_id (&self->looking, g_source_remove);
  g_ptr_array_unref (self->watchers);
  g_hash_table_unref (self->members);
  g_hash_table_unref (self->leaving);
  g_hash_table_unref (self->logged);
  g_free (self);
}

/* One configuration less has to be awaited. */
static void
end_wait (RunconfdCatalogue *self)
{
  RunconfdCatalogueFunc func = self->func;

  if (--self->n_awaited > 0 || func == NULL)
    return;

  self->func = NULL;
  func (self, self->user_data);
}

static void
on_loaded (GObject *object, GAsyncResult *result, gpointer user_data)
{
  runconfd_configuration_reload_finish (RUNCONFD_CONFIGURATION (object), result, NULL, NULL);
  end_wait (user_data);
}

static void
load (RunconfdCatalogue *self, RunconfdMember *member)
{
  RunconfdConfiguration *configuration = runconfd_member_get_configuration (member);

  if (configuration == NULL)
    return;

  self->n_awaited++;
  runconfd_configuration_reload_async (configuration, on_loaded, self);
}

static void
add (RunconfdCatalogue *self, const RunconfdSettings *settings)
{
  RunconfdMember *member = runconfd_member_new (settings, self->manager, self->authority);

  g_hash_table_replace (self->members, (char *) runconfd_member_get_name (member), member);
  load (self, member);
}

static void
add_found (RunconfdCatalogue *self, const char *name, GPtrArray *folders)
{
  g_autofree char *runtime = runconf_folders_get_runtime_path (self->folders, name);
  g_autofree char *boot = runconf_folders_get_boot_path (self->folders, name);
  const RunconfLayerPath *first = folders->pdata[0];
  g_autofree char *defaults = g_build_filename (first->path, RUNCONF_DEFAULTS_FILE, NULL);
  RunconfdSettings settings = *self->settings;

  settings.name = (char *) name;
  settings.folders = folders;
  settings.defaults_path = defaults;
  settings.runtime_path = runtime;
  settings.boot_path = boot;
  add (self, &settings);
}

static void
on_drained (GObject *object, GAsyncResult *result, gpointer user_data)
{
  runconfd_configuration_drain_finish (RUNCONFD_CONFIGURATION (object), result);
  end_wait (user_data);
}

static void
drain (RunconfdCatalogue *self, RunconfdConfiguration *configuration)
{
  if (configuration == NULL || runconfd_configuration_get_revision (configuration) == NULL)
    return;

  self->n_awaited++;
  runconfd_configuration_drain_async (configuration, on_drained, self);
}

static void
let_go (RunconfdCatalogue *self, RunconfdMember *member)
{
  RunconfdConfiguration *configuration = runconfd_member_get_configuration (member);

  if (configuration == NULL)
    return;

  g_hash_table_insert (self->leaving, configuration, g_strdup (runconfd_member_get_name (member)));
  g_object_weak_ref (G_OBJECT (configuration), on_gone, self);
  drain (self, configuration);
}

static gboolean
is_leaving (RunconfdCatalogue *self, const char *name)
{
  GHashTableIter iter;
  gpointer other;

  g_hash_table_iter_init (&iter, self->leaving);
  while (g_hash_table_iter_next (&iter, NULL, &other))
    {
      if (strcmp (name, other) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Each scan makes a new member for one that couldn't open its files. */
static gboolean
is_kept (const RunconfdMember *member, GHashTable *found)
{
  GPtrArray *folders = g_hash_table_lookup (found, runconfd_member_get_name (member));

  return folders != NULL && runconfd_member_get_configuration (member) != NULL
         && runconfd_member_is_in (member, folders);
}

static void
remove_lost (RunconfdCatalogue *self, GHashTable *found)
{
  GHashTableIter iter;
  gpointer member;

  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    {
      if (is_kept (member, found))
        continue;

      let_go (self, member);
      g_hash_table_iter_remove (&iter);
    }
}

static void
add_new (RunconfdCatalogue *self, GHashTable *found)
{
  GHashTableIter iter;
  gpointer name, folders;

  g_hash_table_iter_init (&iter, found);
  while (g_hash_table_iter_next (&iter, &name, &folders))
    {
      if (!g_hash_table_contains (self->members, name) && !is_leaving (self, name))
        add_found (self, name, folders);
    }
}

/* Logs problems that the scan before didn't have. */
static void
log_complaints (RunconfdCatalogue *self, GPtrArray *complaints)
{
  g_autoptr (GHashTable) before = g_steal_pointer (&self->logged);

  self->logged = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < complaints->len; i++)
    {
      if (g_hash_table_add (self->logged, g_strdup (complaints->pdata[i]))
          && !g_hash_table_contains (before, complaints->pdata[i]))
        runconfd_log (LOG_WARNING, NULL, 0, NULL, "%s", (char *) complaints->pdata[i]);
    }
}

static void
look (RunconfdCatalogue *self)
{
  g_autoptr (GPtrArray) complaints = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) found = NULL;

  if (self->is_draining || self->folders == NULL)
    return;

  for (guint i = 0; i < self->watchers->len; i++)
    runconf_watcher_look (self->watchers->pdata[i]);
  found = runconf_folders_scan (self->folders, complaints);
  log_complaints (self, complaints);
  remove_lost (self, found);
  add_new (self, found);
}

static void
watch (RunconfdCatalogue *self)
{
  GPtrArray *parents = runconf_folders_get_defaults (self->folders);

  for (guint i = 0; i < parents->len; i++)
    {
      const RunconfLayerPath *parent = parents->pdata[i];
      RunconfWatcher *watcher = runconf_watcher_new_folder (parent->path, self->settings->watch);

      g_signal_connect_swapped (watcher, "changed", G_CALLBACK (look), self);
      g_ptr_array_add (self->watchers, watcher);
    }
}

/* Calls @func once nothing is awaited any more, possibly at once. */
static void
await (RunconfdCatalogue *self, RunconfdCatalogueFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
  end_wait (self);
}

/**
 * runconfd_catalogue_open:
 * @func: called once each configuration is served or is known to have failed
 */
void
runconfd_catalogue_open (RunconfdCatalogue *self, RunconfdCatalogueFunc func, gpointer user_data)
{
  self->n_awaited++;
  if (self->folders == NULL)
    {
      add (self, self->settings);
    }
  else
    {
      watch (self);
      look (self);
    }

  await (self, func, user_data);
}

/**
 * runconfd_catalogue_reload:
 *
 * Scans the folders and reads all files now.
 */
void
runconfd_catalogue_reload (RunconfdCatalogue *self)
{
  GHashTableIter iter;
  gpointer member;

  if (self->is_draining)
    return;

  look (self);
  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    load (self, member);
}

/**
 * runconfd_catalogue_drain:
 * @func: called once all accepted changes are on the disk
 */
void
runconfd_catalogue_drain (RunconfdCatalogue *self, RunconfdCatalogueFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer member;

  g_return_if_fail (!self->is_draining);

  self->is_draining = TRUE;
  self->n_awaited++;
  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    drain (self, runconfd_member_get_configuration (member));

  await (self, func, user_data);
}

guint
runconfd_catalogue_get_n_served (RunconfdCatalogue *self)
{
  GHashTableIter iter;
  gpointer member;
  guint n = 0;

  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    n += runconfd_member_is_served (member) ? 1 : 0;

  return n;
}

/**
 * runconfd_catalogue_get_complaint:
 *
 * Returns: (transfer none) (nullable): why a configuration isn't served, as logged
 */
const char *
runconfd_catalogue_get_complaint (RunconfdCatalogue *self)
{
  GHashTableIter iter;
  gpointer member;

  g_hash_table_iter_init (&iter, self->members);
  while (g_hash_table_iter_next (&iter, NULL, &member))
    {
      const char *complaint = runconfd_member_get_complaint (member);

      if (complaint != NULL)
        return complaint;
    }

  return NULL;
}
