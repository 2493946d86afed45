/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define G_SETTINGS_ENABLE_BACKEND

#include "gsettings/backend/backend.h"

#include <gio/gsettingsbackend.h>
#include <string.h>

#include "gsettings/backend/folders.h"
#include "gsettings/backend/guard.h"
#include "gsettings/backend/locks.h"
#include "gsettings/backend/opening.h"
#include "gsettings/backend/value.h"
#include "gsettings/backend/writes.h"
#include "gsettings/form/form.h"

typedef struct
{
  GSettingsBackend parent_instance;

  RunconfBackendOpening *opening;
  RunconfBackendWrites *writes;
  RunconfBackendFolders *folders;
  RunconfBackendLocks *locks;
  GHashTable *warned; /* the keys with a value that doesn't fit; protected by the guard */
} RunconfSettingsBackend;

typedef struct
{
  GSettingsBackendClass parent_class;
} RunconfSettingsBackendClass;

G_DEFINE_TYPE (RunconfSettingsBackend, runconf_settings_backend, G_TYPE_SETTINGS_BACKEND)

#define SELF(backend) ((RunconfSettingsBackend *) (backend))

/* Nothing that the worker thread holds keeps the backend alive. */
static GWeakRef *
make_weak_ref (RunconfSettingsBackend *self)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);

  g_weak_ref_init (weak, self);

  return weak;
}

static void
free_weak_ref (gpointer data)
{
  GWeakRef *weak = data;

  g_weak_ref_clear (weak);
  g_free (weak);
}

/* The program has its own values from the time before, or from a write that failed. */
static void
on_written_otherwise (const char *const *keys, gpointer weak)
{
  g_autoptr (GSettingsBackend) self = g_weak_ref_get (weak);

  for (guint i = 0; self != NULL && keys[i] != NULL; i++)
    g_settings_backend_changed (self, keys[i], NULL);
}

/* GSettings aborts the program if it is told of more keys of an object at once. */
#define MAX_TOLD_KEYS 255

static void
tell_keys (GSettingsBackend *self, const char *folder, const char *const *keys, gpointer origin_tag)
{
  const char *some[MAX_TOLD_KEYS + 1];
  guint n = 0;

  for (guint i = 0; keys[i] != NULL; i++)
    {
      some[n++] = keys[i];
      if (n < MAX_TOLD_KEYS && keys[i + 1] != NULL)
        continue;
      some[n] = NULL;
      g_settings_backend_keys_changed (self, folder, some, origin_tag);
      n = 0;
    }
}

static void
tell_tree (GSettingsBackend *self, GTree *tree, gpointer origin_tag)
{
  g_autofree char *folder = NULL;
  g_autofree const char **keys = NULL;

  g_settings_backend_flatten_tree (tree, &folder, &keys, NULL);
  tell_keys (self, folder, keys, origin_tag);
}

/* Returns: (transfer container): the keys that the program doesn't know of */
static GPtrArray *
find_news (RunconfSettingsBackend *self, const char *folder, const char *const *keys,
           guint64 version)
{
  GPtrArray *news = g_ptr_array_new ();
  g_autoptr (GString) key = g_string_new (folder);
  gsize length = key->len;

  for (guint i = 0; keys[i] != NULL; i++)
    {
      g_string_truncate (key, length);
      g_string_append (key, keys[i]);
      if (!runconf_backend_writes_explain (self->writes, key->str, version))
        g_ptr_array_add (news, (gpointer) keys[i]);
    }

  return news;
}

static void
on_folder_changed (const char *folder, const char *const *keys, guint64 version, gpointer weak)
{
  g_autoptr (GSettingsBackend) self = g_weak_ref_get (weak);
  g_autoptr (GPtrArray) news = NULL;

  if (self == NULL)
    return;

  if (keys == NULL)
    {
      g_settings_backend_path_changed (self, folder, NULL);
      return;
    }

  news = find_news (SELF (self), folder, keys, version);
  g_ptr_array_add (news, NULL);
  tell_keys (self, folder, (const char *const *) news->pdata, NULL);
}

/* A lock is that of a key, of a folder, or of a part of the mapping of a key: the paths above may
 * be a key, too.
 */
static void
tell_lock (GSettingsBackend *self, const char *path)
{
  g_autofree char *key = runconf_gsettings_key (path);
  g_autofree char *folder = g_strconcat (key, "/", NULL);

  g_settings_backend_path_writable_changed (self, folder);
  for (char *end = key + strlen (key); end != NULL && end > key; end = strrchr (key, '/'))
    {
      *end = '\0';
      g_settings_backend_writable_changed (self, key);
    }
}

static void
on_locks (RunconfConfiguration *configuration, GParamSpec *pspec, gpointer weak)
{
  g_autoptr (GSettingsBackend) self = g_weak_ref_get (weak);
  g_autoptr (GPtrArray) changed = NULL;

  if (self == NULL)
    return;

  changed = runconf_backend_locks_take (SELF (self)->locks,
                                        runconf_configuration_dup_locks (configuration));
  for (guint i = 0; i < changed->len; i++)
    tell_lock (self, changed->pdata[i]);
}

static void
on_open (RunconfConfiguration *configuration, gpointer weak)
{
  g_autoptr (GObject) self = g_weak_ref_get (weak);

  if (self == NULL)
    return;

  g_signal_connect_data (configuration, "notify::locks", G_CALLBACK (on_locks),
                         make_weak_ref (SELF (self)),
                         (GClosureNotify) (void (*) (void)) free_weak_ref, 0);
  on_locks (configuration, NULL, weak);
}

static void
warn_once (RunconfSettingsBackend *self, const char *key, const GError *error)
{
  gboolean is_first;

  runconf_backend_guard_lock ();
  is_first = g_hash_table_add (self->warned, g_strdup (key));
  runconf_backend_guard_unlock ();

  if (is_first)
    g_warning ("%s: the value in the configuration doesn't fit the key, and isn't used: %s", key,
               error->message);
}

/* What is read: two functions that do the same. */
typedef struct
{
  GVariant *(*from_configuration) (RunconfConfiguration *, const char *);
  GVariant *(*from_snapshot) (RunconfSnapshot *, const char *);
} Reader;

static const Reader value_reader = { runconf_configuration_get_value, runconf_snapshot_get_value };
static const Reader default_reader
    = { runconf_configuration_get_default_value, runconf_snapshot_get_default_value };
static const Reader user_reader
    = { runconf_configuration_get_user_value, runconf_snapshot_get_user_value };

static GVariant *
get_form (RunconfSettingsBackend *self, const char *path, const Reader *reader)
{
  g_autoptr (RunconfSnapshot) early = runconf_backend_opening_get_early (self->opening);
  RunconfConfiguration *configuration;

  if (early != NULL)
    return reader->from_snapshot (early, path);

  configuration = runconf_backend_opening_get (self->opening);

  return configuration != NULL ? reader->from_configuration (configuration, path) : NULL;
}

/* The shared memory lacks the defaults of keys that the value of the user doesn't have. If it may
 * lack some of a mapping, the default of the schema is used.
 */
static gboolean
is_incomplete (RunconfSettingsBackend *self, const char *path, GVariant *form, const Reader *reader)
{
  g_autoptr (GVariant) user = NULL;

  if (reader == &default_reader && g_variant_is_of_type (form, G_VARIANT_TYPE_VARDICT))
    user = get_form (self, path, &user_reader);

  return user != NULL;
}

/* Returns: (nullable): the value, which may be floating */
static GVariant *
read_with (RunconfSettingsBackend *self, const char *key, const GVariantType *type,
           const Reader *reader)
{
  g_autofree char *escaped = strchr (key, '~') != NULL ? runconf_gsettings_path (key) : NULL;
  const char *path = escaped != NULL ? escaped : key;
  g_autoptr (GVariant) form = get_form (self, path, reader);
  g_autoptr (GError) error = NULL;
  GVariant *value;

  if (form == NULL || is_incomplete (self, path, form, reader))
    return NULL;

  value = runconf_backend_value_new (form, type, &error);
  if (value == NULL)
    warn_once (self, key, error);

  return value;
}

static GVariant *
runconf_settings_backend_read (GSettingsBackend *backend, const char *key, const GVariantType *type,
                               gboolean default_value)
{
  RunconfSettingsBackend *self = SELF (backend);
  GVariant *value = NULL;

  if (!default_value && runconf_backend_writes_find (self->writes, key, &value))
    {
      if (value != NULL)
        return value;
      default_value = TRUE;
    }

  return read_with (self, key, type, default_value ? &default_reader : &value_reader);
}

static GVariant *
runconf_settings_backend_read_user_value (GSettingsBackend *backend, const char *key,
                                          const GVariantType *type)
{
  RunconfSettingsBackend *self = SELF (backend);
  GVariant *value = NULL;

  if (runconf_backend_writes_find (self->writes, key, &value))
    return value;

  return read_with (self, key, type, &user_reader);
}

/* The locks are known as soon as the configuration is open: a program whose first action is a write
 * waits for them as for its first read.
 */
static gboolean
is_locked (RunconfSettingsBackend *self, const char *key)
{
  runconf_backend_opening_get (self->opening);

  return runconf_backend_guard_is_child () || runconf_backend_locks_has (self->locks, key);
}

static gboolean
runconf_settings_backend_get_writable (GSettingsBackend *backend, const char *key)
{
  return !is_locked (SELF (backend), key);
}

static gboolean
runconf_settings_backend_write (GSettingsBackend *backend, const char *key, GVariant *value,
                                gpointer origin_tag)
{
  RunconfSettingsBackend *self = SELF (backend);
  g_autoptr (GVariant) sunk = value != NULL ? g_variant_ref_sink (value) : NULL;
  g_autoptr (GTree) change = NULL;

  if (is_locked (self, key))
    return FALSE;

  change = runconf_backend_change_new ();
  runconf_backend_change_add (change, key, sunk);
  runconf_backend_writes_add (self->writes, change);
  g_settings_backend_changed (backend, key, origin_tag);

  return TRUE;
}

typedef struct
{
  RunconfSettingsBackend *backend;
  gboolean is_locked;
} LockSearch;

static gboolean
find_locked (gpointer key, gpointer value, gpointer data)
{
  LockSearch *search = data;

  search->is_locked = is_locked (search->backend, key);

  return search->is_locked;
}

static gboolean
runconf_settings_backend_write_tree (GSettingsBackend *backend, GTree *tree, gpointer origin_tag)
{
  RunconfSettingsBackend *self = SELF (backend);
  LockSearch search = { self, FALSE };
  g_autoptr (GTree) change = NULL;

  if (g_tree_nnodes (tree) == 0)
    return TRUE;

  g_tree_foreach (tree, find_locked, &search);
  if (search.is_locked)
    return FALSE;

  change = runconf_backend_change_new ();
  runconf_backend_change_add_all (change, tree);
  runconf_backend_writes_add (self->writes, change);
  tell_tree (backend, tree, origin_tag);

  return TRUE;
}

static void
runconf_settings_backend_reset (GSettingsBackend *backend, const char *key, gpointer origin_tag)
{
  runconf_settings_backend_write (backend, key, NULL, origin_tag);
}

static void
runconf_settings_backend_subscribe (GSettingsBackend *backend, const char *name)
{
  runconf_backend_folders_add (SELF (backend)->folders, name);
}

static void
runconf_settings_backend_unsubscribe (GSettingsBackend *backend, const char *name)
{
  runconf_backend_folders_remove (SELF (backend)->folders, name);
}

static void
runconf_settings_backend_sync (GSettingsBackend *backend)
{
  runconf_backend_writes_sync (SELF (backend)->writes);
}

static void
runconf_settings_backend_finalize (GObject *object)
{
  RunconfSettingsBackend *self = SELF (object);

  runconf_backend_folders_free (self->folders);
  runconf_backend_writes_unref (self->writes);
  runconf_backend_locks_free (self->locks);
  g_hash_table_unref (self->warned);
  runconf_backend_opening_unref (self->opening);

  G_OBJECT_CLASS (runconf_settings_backend_parent_class)->finalize (object);
}

static void
runconf_settings_backend_init (RunconfSettingsBackend *self)
{
  self->opening = runconf_backend_opening_new ();
  self->writes = runconf_backend_writes_new (self->opening, on_written_otherwise,
                                             make_weak_ref (self), free_weak_ref);
  self->folders = runconf_backend_folders_new (self->opening, on_folder_changed,
                                               make_weak_ref (self), free_weak_ref);
  self->locks = runconf_backend_locks_new ();
  self->warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  runconf_backend_opening_start (self->opening, on_open, make_weak_ref (self), free_weak_ref);
}

static void
runconf_settings_backend_class_init (RunconfSettingsBackendClass *klass)
{
  GSettingsBackendClass *backend_class = G_SETTINGS_BACKEND_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = runconf_settings_backend_finalize;
  backend_class->read = runconf_settings_backend_read;
  backend_class->read_user_value = runconf_settings_backend_read_user_value;
  backend_class->get_writable = runconf_settings_backend_get_writable;
  backend_class->write = runconf_settings_backend_write;
  backend_class->write_tree = runconf_settings_backend_write_tree;
  backend_class->reset = runconf_settings_backend_reset;
  backend_class->subscribe = runconf_settings_backend_subscribe;
  backend_class->unsubscribe = runconf_settings_backend_unsubscribe;
  backend_class->sync = runconf_settings_backend_sync;
}
