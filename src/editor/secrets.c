/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/secrets.h"

#include <string.h>

#include "editor/path.h"

/* The shared memory has no secrets. Only the service knows where they are, and looks through all values for
 * that; so it is asked again only if something points to a secret that has come or gone.
 */
struct _EditorSecrets
{
  GObject parent_instance;

  RunconfConfiguration *configuration; /* (nullable) */
  GCancellable *cancellable;           /* (nullable): of the call */
  GPtrArray *paths;                    /* in the order of the configuration */
  GHashTable *set;                     /* the same paths */
  GHashTable *above;                   /* the paths above them */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (EditorSecrets, editor_secrets, G_TYPE_OBJECT)

static void
add_path (EditorSecrets *self, const char *path)
{
  g_autofree char *above = g_strdup (path);

  g_ptr_array_add (self->paths, g_strdup (path));
  g_hash_table_add (self->set, self->paths->pdata[self->paths->len - 1]);
  for (char *slash = strrchr (above, '/'); slash != NULL; slash = strrchr (above, '/'))
    {
      *slash = '\0';
      g_hash_table_add (self->above, g_strdup (above));
    }
}

static gboolean
is_same (EditorSecrets *self, const char *const *paths)
{
  guint i = 0;

  while (i < self->paths->len && g_strcmp0 (self->paths->pdata[i], paths[i]) == 0)
    i++;

  return i == self->paths->len && paths[i] == NULL;
}

static void
take_paths (EditorSecrets *self, const char *const *paths)
{
  if (is_same (self, paths))
    return;

  g_hash_table_remove_all (self->set);
  g_hash_table_remove_all (self->above);
  g_ptr_array_set_size (self->paths, 0);
  for (; *paths != NULL; paths++)
    add_path (self, *paths);
  g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
}

static void
on_explained (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorSecrets) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (RunconfDescription) secrets
      = runconf_configuration_explain_finish (RUNCONF_CONFIGURATION (object), result, &error);
  g_autoptr (GPtrArray) paths = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  g_clear_object (&self->cancellable);
  /* too many secrets for one reply, or no service: the last known ones stay */
  if (error != NULL)
    return;

  paths = g_ptr_array_new ();
  for (GList *secret = secrets; secret != NULL; secret = secret->next)
    g_ptr_array_add (paths, (gpointer) runconf_description_get_path (secret->data));
  g_ptr_array_add (paths, NULL);
  take_paths (self, (const char *const *) paths->pdata);
}

static void
ask (EditorSecrets *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  runconf_configuration_explain (self->configuration, "", RUNCONF_EXPLAIN_SECRETS,
                                 self->cancellable, on_explained, g_object_ref (self));
}

void
editor_secrets_follow (EditorSecrets *self, RunconfConfiguration *configuration)
{
  g_set_object (&self->configuration, configuration);
  ask (self);
}

/* Returns: whether a path of the change is none of a value: something was removed, or is a secret */
static gboolean
has_unknown (EditorSecrets *self, RunconfChange *change)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (self->configuration);
  const char *const *path;

  for (path = runconf_change_get_paths (change); *path != NULL; path++)
    if (!runconf_snapshot_has (snapshot, *path) && !editor_secrets_has (self, *path))
      return TRUE;

  return FALSE;
}

/* @change: (nullable): %NULL if everything may be different */
void
editor_secrets_take_change (EditorSecrets *self, RunconfChange *change)
{
  if (change == NULL || has_unknown (self, change))
    ask (self);
}

gboolean
editor_secrets_is_empty (EditorSecrets *self)
{
  return self->paths->len == 0;
}

/* Returns: whether there is a secret at a path */
gboolean
editor_secrets_has (EditorSecrets *self, const char *path)
{
  return g_hash_table_contains (self->set, path);
}

/* Returns: whether there is a secret below a path */
gboolean
editor_secrets_has_below (EditorSecrets *self, const char *path)
{
  return g_hash_table_contains (self->above, path);
}

/* Returns: (transfer full) (nullable): the key of a path directly below another one */
static char *
find_key (const char *path, const char *parent)
{
  g_auto (GStrv) keys = NULL;
  g_auto (GStrv) above = runconf_path_split (parent, NULL);

  if (strcmp (path, parent) == 0 || !editor_path_is_below (path, parent))
    return NULL;

  keys = runconf_path_split (path, NULL);

  return g_strdup (keys[g_strv_length (above)]);
}

static gboolean
is_equal (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (a, b) == 0;
}

/* Takes ownership of @keys.
 *
 * Returns: (transfer full): the keys below a path, and those that are secrets or have only secrets
 */
char **
editor_secrets_add_keys (EditorSecrets *self, const char *path, char **keys)
{
  g_autofree char **owned = keys;
  GPtrArray *all;

  if (!editor_secrets_has_below (self, path))
    return g_steal_pointer (&owned);

  all = g_ptr_array_new ();
  for (; *keys != NULL; keys++)
    g_ptr_array_add (all, *keys);
  for (guint i = 0; i < self->paths->len; i++)
    {
      g_autofree char *key = find_key (self->paths->pdata[i], path);

      if (key != NULL && !g_ptr_array_find_with_equal_func (all, key, is_equal, NULL))
        g_ptr_array_add (all, g_steal_pointer (&key));
    }
  g_ptr_array_add (all, NULL);

  return (char **) g_ptr_array_free (all, FALSE);
}

static void
editor_secrets_dispose (GObject *object)
{
  EditorSecrets *self = EDITOR_SECRETS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->configuration);

  G_OBJECT_CLASS (editor_secrets_parent_class)->dispose (object);
}

static void
editor_secrets_finalize (GObject *object)
{
  EditorSecrets *self = EDITOR_SECRETS (object);

  g_hash_table_unref (self->set);
  g_hash_table_unref (self->above);
  g_ptr_array_unref (self->paths);

  G_OBJECT_CLASS (editor_secrets_parent_class)->finalize (object);
}

static void
editor_secrets_class_init (EditorSecretsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = editor_secrets_dispose;
  G_OBJECT_CLASS (klass)->finalize = editor_secrets_finalize;

  signals[SIGNAL_CHANGED] = g_signal_new ("changed", EDITOR_TYPE_SECRETS, G_SIGNAL_RUN_LAST, 0,
                                          NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
editor_secrets_init (EditorSecrets *self)
{
  self->paths = g_ptr_array_new_with_free_func (g_free);
  self->set = g_hash_table_new (g_str_hash, g_str_equal);
  self->above = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

EditorSecrets *
editor_secrets_new (void)
{
  return g_object_new (EDITOR_TYPE_SECRETS, NULL);
}
