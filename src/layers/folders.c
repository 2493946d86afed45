/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "layers/folders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/escape.h"
#include "core/object-path.h"
#include "layers/files.h"

#define MASK "/dev/null"

/* The name of a configuration is the name of a folder. Only valid names become paths, and a
 * symbolic link that leads out of its parent folder isn't followed: the service reads, and above
 * all writes, only below the folders that are named here.
 */
struct _RunconfdFolders
{
  GPtrArray *defaults; /* the folders of RunconfLayerPath, the most important one last */
  char *state;
  char *boot; /* NULL without a folder that ends with the boot */
  char *only; /* the name of the only configuration to look for, or NULL */
};

/* Two layers may name the same folder. Its files count once, in the stronger layer. */
static void
remove_double (GPtrArray *places, const char *path)
{
  for (guint i = 0; i < places->len; i++)
    {
      const RunconfLayerPath *place = places->pdata[i];
      g_autofree char *real = realpath (place->path, NULL);

      if (strcmp (place->path, path) == 0 || g_strcmp0 (real, path) == 0)
        g_ptr_array_remove_index (places, i--);
    }
}

static void
add_parents (RunconfFolders *self, RunconfLayer layer, GPtrArray *parents)
{
  for (guint i = 0; i < parents->len; i++)
    {
      g_autofree char *path = g_canonicalize_filename (parents->pdata[i], "/");
      g_autofree char *real = realpath (path, NULL);

      remove_double (self->defaults, real != NULL ? real : path);
      g_ptr_array_add (self->defaults, runconf_layer_path_new (layer, path));
    }
}

static RunconfFolders *
folders_new (const char *root, const char *only)
{
  RunconfFolders *self = g_new0 (RunconfFolders, 1);

  self->only = g_strdup (only);
  self->defaults = runconf_layer_paths_new ();
  for (RunconfLayer layer = RUNCONF_LAYER_VENDOR; layer < RUNCONF_N_LAYERS; layer++)
    {
      g_autoptr (GPtrArray) parents = root != NULL ? runconf_layer_list_system (layer, root)
                                                   : runconf_layer_list_session (layer);

      if (layer < RUNCONF_LAYER_OVERRIDE)
        add_parents (self, layer, parents);
      else if (layer == RUNCONF_LAYER_OVERRIDE)
        self->state = g_strdup (parents->pdata[0]);
      else if (parents->len > 0)
        self->boot = g_strdup (parents->pdata[0]);
    }

  return self;
}

/**
 * runconf_folders_new_system:
 * @root: their common parent: `/`, except for tests and images of other systems
 * @only: (nullable): the name of the only configuration to look for
 *
 * Returns: (transfer full): the folders of the system
 */
RunconfFolders *
runconf_folders_new_system (const char *root, const char *only)
{
  return folders_new (root, only);
}

/**
 * runconf_folders_new_session:
 * @only: (nullable): the name of the only configuration to look for
 *
 * Returns: (transfer full): the folders of a user, from the environment
 */
RunconfFolders *
runconf_folders_new_session (const char *only)
{
  return folders_new (NULL, only);
}

void
runconf_folders_free (RunconfFolders *self)
{
  g_ptr_array_unref (self->defaults);
  g_free (self->state);
  g_free (self->boot);
  g_free (self->only);
  g_free (self);
}

/**
 * runconf_folders_get_only:
 *
 * Returns: (transfer none) (nullable): the name of the only configuration to look for
 */
const char *
runconf_folders_get_only (const RunconfFolders *self)
{
  return self->only;
}

/**
 * runconf_folders_get_defaults:
 *
 * Returns: (transfer none) (element-type RunconfLayerPath): the folders of defaults, the most important
 *   one last
 */
GPtrArray *
runconf_folders_get_defaults (const RunconfFolders *self)
{
  return self->defaults;
}

/**
 * runconf_folders_describe:
 *
 * Returns: (transfer full): the folders of defaults, for a message
 */
char *
runconf_folders_describe (const RunconfFolders *self)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < self->defaults->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " or " : "",
                            ((RunconfLayerPath *) self->defaults->pdata[i])->path);

  return g_string_free (text, FALSE);
}

/**
 * runconf_folders_get_runtime_path:
 * @name: of a configuration
 *
 * Returns: (transfer full): the file of its overrides
 */
char *
runconf_folders_get_runtime_path (const RunconfFolders *self, const char *name)
{
  return g_build_filename (self->state, name, RUNCONF_OVERRIDES_FILE, NULL);
}

/**
 * runconf_folders_get_boot_path:
 * @name: of a configuration
 *
 * Returns: (transfer full) (nullable): the file of its overrides for this boot
 */
char *
runconf_folders_get_boot_path (const RunconfFolders *self, const char *name)
{
  return self->boot != NULL ? g_build_filename (self->boot, name, RUNCONF_OVERRIDES_FILE, NULL)
                            : NULL;
}

typedef enum
{
  ENTRY_NOTHING,
  ENTRY_FOLDER,
  ENTRY_MASK,
  ENTRY_FOREIGN,
} Entry;

static gboolean
is_inside (const char *folder, const char *path)
{
  g_autofree char *real_folder = realpath (folder, NULL);
  g_autofree char *real_path = realpath (path, NULL);
  gsize length = real_folder != NULL ? strlen (real_folder) : 0;

  return real_path != NULL && length > 0 && strncmp (real_path, real_folder, length) == 0
         && real_path[length] == G_DIR_SEPARATOR;
}

static Entry
look_at (const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *target = NULL;
  struct stat status;

  if (lstat (path, &status) < 0)
    return ENTRY_NOTHING;
  if (S_ISDIR (status.st_mode))
    return ENTRY_FOLDER;
  if (!S_ISLNK (status.st_mode))
    return ENTRY_NOTHING;

  target = realpath (path, NULL);
  if (target == NULL)
    return ENTRY_NOTHING;
  if (strcmp (target, MASK) == 0)
    return ENTRY_MASK;
  if (!g_file_test (target, G_FILE_TEST_IS_DIR))
    return ENTRY_NOTHING;

  return is_inside (folder, path) ? ENTRY_FOLDER : ENTRY_FOREIGN;
}

static void
complain (GPtrArray *complaints, const char *folder, const char *name, const char *what)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autofree char *display = g_filename_display_name (path);
  g_autofree char *shown = runconf_escape (display, -1);

  g_ptr_array_add (complaints, g_strdup_printf ("%s: %s", shown, what));
}

/* Most machines belong to no fleet. Watching three missing folders for each configuration would take
 * 3 KiB; when an agent creates its folder, the catalogue scans again.
 */
static gboolean
is_unused (const RunconfLayerPath *parent)
{
  return parent->layer == RUNCONF_LAYER_FLEET && !g_file_test (parent->path, G_FILE_TEST_IS_DIR);
}

/* Returns: whether the folder of a file that the service writes is a link out of its parent */
static gboolean
is_led_out (const char *parent, const char *name, GPtrArray *complaints)
{
  if (parent == NULL || look_at (parent, name) != ENTRY_FOREIGN)
    return FALSE;

  complain (complaints, parent, name, "it leads out of its folder: the configuration isn't served");

  return TRUE;
}

/* Returns: (transfer full) (nullable): the folders of a configuration; %NULL if it isn't to be
 * served. A missing folder is among them, since it may be created later.
 */
static GPtrArray *
gather_folders (const RunconfFolders *self, const char *name, GPtrArray *complaints)
{
  g_autoptr (GPtrArray) folders = runconf_layer_paths_new ();
  gboolean has_some = FALSE;

  for (guint i = 0; i < self->defaults->len; i++)
    {
      const RunconfLayerPath *parent = self->defaults->pdata[i];
      Entry entry = look_at (parent->path, name);
      g_autofree char *path = NULL;

      if (entry == ENTRY_FOREIGN)
        {
          complain (complaints, parent->path, name, "it leads out of its folder, and is ignored");
          continue;
        }
      if (entry == ENTRY_MASK)
        {
          g_ptr_array_set_size (folders, 0);
          has_some = FALSE;
          continue;
        }
      if (is_unused (parent))
        continue;
      has_some = has_some || entry == ENTRY_FOLDER;
      path = g_build_filename (parent->path, name, NULL);
      g_ptr_array_add (folders, runconf_layer_path_new (parent->layer, path));
    }

  if (has_some
      && (is_led_out (self->state, name, complaints) || is_led_out (self->boot, name, complaints)))
    return NULL;

  return has_some ? g_steal_pointer (&folders) : NULL;
}

static void
add_names (const RunconfFolders *self, const char *folder, GHashTable *found, GPtrArray *complaints)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = g_dir_open (folder, 0, &error);
  const char *name;

  if (directory == NULL)
    {
      if (!g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
        g_ptr_array_add (complaints, g_strdup (error->message));
      return;
    }

  while ((name = g_dir_read_name (directory)) != NULL)
    {
      GPtrArray *folders;

      if (self->only != NULL && strcmp (name, self->only) != 0)
        continue;

      if (*name == '.' || g_hash_table_contains (found, name)
          || look_at (folder, name) == ENTRY_NOTHING)
        continue;

      if (!runconf_object_path_is_name (name))
        {
          complain (complaints, folder, name,
                    "this can't be the name of a configuration: a name has to begin with a letter "
                    "or a digit and to hold at most 64 letters, digits, “_”, “.” and “-”");
          continue;
        }

      folders = gather_folders (self, name, complaints);
      if (folders != NULL)
        g_hash_table_insert (found, g_strdup (name), folders);
    }
}

/**
 * runconf_folders_scan:
 * @complaints: (element-type utf8): problems are added to it
 *
 * Finds all configurations. It blocks.
 *
 * Returns: (transfer full) (element-type utf8 GPtrArray): the folders of the defaults of each, by
 *   name, as #RunconfLayerPath
 */
GHashTable *
runconf_folders_scan (const RunconfFolders *self, GPtrArray *complaints)
{
  GHashTable *found
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);

  for (guint i = 0; i < self->defaults->len; i++)
    add_names (self, ((RunconfLayerPath *) self->defaults->pdata[i])->path, found, complaints);

  return found;
}
