/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/object-path.h"
#include "fleet/model/layer.h"
#include "layers/files.h"
#include "store/directory.h"
#include "store/failure.h"
#include "store/fd.h"
#include "store/file/file-lock.h"
#include "store/file/temp-file.h"

/* A new text is written to a temporary file beside the old one, synced, and renamed over it. The
 * folders are synced together, with runconf_fleetd_folder_sync(). Temporary files that a kill left
 * are removed at the start.
 */

#define FOLDER_MODE 0755
#define FILE_MODE 0644
#define MACHINE_FILE "machine"
#define LOCK_NAME "fleetd" /* of the file .fleetd.lock */
#define TEMP_SUFFIX ".tmp"

struct _RunconfFleetdFolder
{
  char *path;
  char *machine;
  RunconfFileLock *lock;
  GHashTable *unsynced; /* paths of folders */
};

static void
fail (GError **error, const char *path, int number, const char *what)
{
  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, number, what);
}

static void
file_free (RunconfFleetdFile *self)
{
  g_free (self->configuration);
  g_free (self->path);
  g_free (self);
}

static int
open_folder (const char *path)
{
  return open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static gboolean
sync_folder (const char *path, GError **error)
{
  autofd int fd = open_folder (path);

  if (fd >= 0 && fsync (fd) == 0)
    return TRUE;

  fail (error, path, errno, "can't sync it");
  return FALSE;
}

static void
mark_unsynced (RunconfFleetdFolder *self, const char *path)
{
  g_hash_table_add (self->unsynced, g_strdup (path));
}

/* Returns: whether there is a folder, with a new name in its parent if it is created */
static gboolean
make_folder (RunconfFleetdFolder *self, const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);

  if (mkdir (path, FOLDER_MODE) == 0)
    {
      mark_unsynced (self, parent);
      return TRUE;
    }
  if (errno == EEXIST)
    return TRUE;

  fail (error, path, errno, "can't create it");
  return FALSE;
}

/* Returns: (transfer full) (nullable): the contents, %NULL if there is no such file */
static GBytes *
read_file (const char *path)
{
  char *text;
  gsize length;

  return g_file_get_contents (path, &text, &length, NULL) ? g_bytes_new_take (text, length) : NULL;
}

static gboolean
write_synced (int fd, GBytes *text)
{
  return runconf_write_all (fd, text) && fsync (fd) == 0;
}

static gboolean
replace_file (int folder, const char *name, const char *path, GBytes *text, GError **error)
{
  g_autofree char *temp_name = NULL;
  autofd int fd = runconf_temp_file_create (folder, name, FILE_MODE, &temp_name);
  int number;

  if (fd >= 0 && write_synced (fd, text) && renameat (folder, temp_name, folder, name) == 0)
    return TRUE;

  number = errno;
  if (temp_name != NULL)
    unlinkat (folder, temp_name, 0);
  fail (error, path, number, "can't write it");
  return FALSE;
}

static gboolean
replace (RunconfFleetdFolder *self, const char *path, GBytes *text, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  autofd int fd = open_folder (parent);

  if (fd < 0)
    {
      fail (error, parent, errno, "can't open it");
      return FALSE;
    }

  mark_unsynced (self, parent);

  return replace_file (fd, name, path, text, error);
}

/* The random id is in the folder of the run time if systemd gives one: it ends with the boot, so
 * two machines that were made from one image have different ids.
 */
static gboolean
take_machine (RunconfFleetdFolder *self, GError **error)
{
  const char *run_time = g_getenv ("RUNTIME_DIRECTORY");
  g_autofree char *path = run_time != NULL && *run_time == '/'
                              ? g_build_filename (run_time, MACHINE_FILE, NULL)
                              : g_build_filename (self->path, "." MACHINE_FILE, NULL);
  g_autoptr (GBytes) known = read_file (path);
  g_autoptr (GBytes) text = NULL;

  if (known != NULL)
    self->machine = g_strndup (g_bytes_get_data (known, NULL), g_bytes_get_size (known));
  if (self->machine != NULL && g_uuid_string_is_valid (self->machine))
    return TRUE;

  g_free (self->machine);
  self->machine = g_uuid_string_random ();
  text = g_bytes_new (self->machine, strlen (self->machine));

  return replace (self, path, text, error);
}

static gboolean
take_lock (RunconfFleetdFolder *self, GError **error)
{
  autofd int fd = open_folder (self->path);

  if (fd < 0)
    {
      fail (error, self->path, errno, "can't open it");
      return FALSE;
    }

  return runconf_file_lock_take (self->lock, fd, LOCK_NAME, self->path, error);
}

static void
remove_temp_files (const char *path)
{
  autofd int fd = open_folder (path);
  g_autoptr (GPtrArray) names = fd >= 0 ? runconf_directory_list (fd) : NULL;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = names->pdata[i];

      if (*name == '.' && g_str_has_suffix (name, TEMP_SUFFIX) && unlinkat (fd, name, 0) < 0)
        g_message ("%s/%s: can't remove it: %s", path, name, g_strerror (errno));
    }
}

static const char *const subfolders[] = { "", RUNCONF_DEFAULTS_FOLDER, RUNCONF_LOCKS_FOLDER };

static GPtrArray *
list_configurations (RunconfFleetdFolder *self)
{
  autofd int fd = open_folder (self->path);
  GPtrArray *names = fd >= 0 ? runconf_directory_list (fd) : g_ptr_array_new ();

  for (guint i = 0; i < names->len; i++)
    {
      if (!runconf_object_path_is_name (names->pdata[i]))
        g_ptr_array_remove_index_fast (names, i--);
    }

  return names;
}

static void
remove_all_temp_files (RunconfFleetdFolder *self)
{
  g_autoptr (GPtrArray) names = list_configurations (self);

  remove_temp_files (self->path);
  for (guint i = 0; i < names->len; i++)
    {
      for (guint k = 0; k < G_N_ELEMENTS (subfolders); k++)
        {
          g_autofree char *path
              = g_build_filename (self->path, names->pdata[i], subfolders[k], NULL);

          remove_temp_files (path);
        }
    }
}

/**
 * runconf_fleetd_folder_new:
 * @path: the parent of the folders of the configurations; it is created if its parent exists
 *
 * Returns: (transfer full) (nullable): the folder, or %NULL with an error if it can't be written,
 *   or another agent has it
 */
RunconfFleetdFolder *
runconf_fleetd_folder_new (const char *path, GError **error)
{
  g_autoptr (RunconfFleetdFolder) self = g_new0 (RunconfFleetdFolder, 1);

  self->path = g_strdup (path);
  self->lock = runconf_file_lock_new ();
  self->unsynced = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  if (!make_folder (self, path, error) || !take_lock (self, error))
    return NULL;

  remove_all_temp_files (self);
  if (!take_machine (self, error) || !runconf_fleetd_folder_sync (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
runconf_fleetd_folder_free (RunconfFleetdFolder *self)
{
  g_free (self->path);
  g_free (self->machine);
  runconf_file_lock_free (self->lock);
  g_hash_table_unref (self->unsynced);
  g_free (self);
}

/**
 * runconf_fleetd_folder_get_machine:
 *
 * Returns: a random id, by which hosts of one name are told apart
 */
const char *
runconf_fleetd_folder_get_machine (const RunconfFleetdFolder *self)
{
  return self->machine;
}

static char *
make_path (RunconfFleetdFolder *self, const char *configuration, const char *path)
{
  return g_build_filename (self->path, configuration, path, NULL);
}

/* A file of that name without the first line of the fleet's files was made by another program. */
static gboolean
is_own (RunconfFleetdFolder *self, const char *configuration, const char *path)
{
  g_autofree char *file = make_path (self, configuration, path);
  g_autoptr (GBytes) text = read_file (file);

  return text != NULL && runconf_fleet_layer_get_revision (text) > 0;
}

static void
list_in (RunconfFleetdFolder *self, const char *configuration, const char *subfolder,
         GPtrArray *files)
{
  g_autofree char *folder = make_path (self, configuration, subfolder);
  autofd int fd = open_folder (folder);
  g_autoptr (GPtrArray) names = fd >= 0 ? runconf_directory_list (fd) : NULL;

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *path = *subfolder != '\0'
                                  ? g_build_filename (subfolder, names->pdata[i], NULL)
                                  : g_strdup (names->pdata[i]);
      RunconfFleetdFile *file;

      if (!runconf_fleet_layer_is_path (path) || !is_own (self, configuration, path))
        continue;

      file = g_new0 (RunconfFleetdFile, 1);
      file->configuration = g_strdup (configuration);
      file->path = g_steal_pointer (&path);
      g_ptr_array_add (files, file);
    }
}

/**
 * runconf_fleetd_folder_list:
 *
 * Returns: (transfer full) (element-type RunconfFleetdFile): all files of the fleet's documents
 */
GPtrArray *
runconf_fleetd_folder_list (RunconfFleetdFolder *self)
{
  GPtrArray *files = g_ptr_array_new_with_free_func ((GDestroyNotify) file_free);
  g_autoptr (GPtrArray) names = list_configurations (self);

  for (guint i = 0; i < names->len; i++)
    {
      for (guint k = 0; k < G_N_ELEMENTS (subfolders); k++)
        list_in (self, names->pdata[i], subfolders[k], files);
    }

  return files;
}

static gboolean
make_parents (RunconfFleetdFolder *self, const char *configuration, const char *path,
              GError **error)
{
  g_autofree char *folder = make_path (self, configuration, "");
  g_autofree char *file = make_path (self, configuration, path);
  g_autofree char *parent = g_path_get_dirname (file);

  return make_folder (self, folder, error) && make_folder (self, parent, error);
}

/**
 * runconf_fleetd_folder_write:
 * @path: below the folder of the configuration
 *
 * Replaces a file, unless it has the text already.
 *
 * Returns: %FALSE with an error; the file is the old one then
 */
gboolean
runconf_fleetd_folder_write (RunconfFleetdFolder *self, const char *configuration, const char *path,
                             GBytes *text, GError **error)
{
  g_autofree char *file = make_path (self, configuration, path);
  g_autoptr (GBytes) old = read_file (file);

  if (old != NULL && g_bytes_equal (old, text))
    return TRUE;

  return make_parents (self, configuration, path, error) && replace (self, file, text, error);
}

/**
 * runconf_fleetd_folder_remove:
 *
 * Removes a file, if there is one.
 *
 * Returns: %FALSE with an error
 */
gboolean
runconf_fleetd_folder_remove (RunconfFleetdFolder *self, const char *configuration,
                              const char *path, GError **error)
{
  g_autofree char *file = make_path (self, configuration, path);
  g_autofree char *parent = g_path_get_dirname (file);

  if (unlink (file) == 0)
    {
      mark_unsynced (self, parent);
      return TRUE;
    }
  if (errno == ENOENT || errno == ENOTDIR)
    return TRUE;

  fail (error, file, errno, "can't remove it");
  return FALSE;
}

/**
 * runconf_fleetd_folder_sync:
 *
 * Brings all changes since the last call to the disk.
 *
 * Returns: %FALSE with an error; the next call tries again
 */
gboolean
runconf_fleetd_folder_sync (RunconfFleetdFolder *self, GError **error)
{
  GHashTableIter iter;
  gpointer path;

  g_hash_table_iter_init (&iter, self->unsynced);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      if (!sync_folder (path, error))
        return FALSE;
      g_hash_table_iter_remove (&iter);
    }

  return TRUE;
}
