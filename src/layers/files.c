/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "layers/files.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "core/compare.h"

/* The files of a configuration are in the folders of its layers. A file in a stronger layer replaces
 * the whole file of the same name; a symbolic link to /dev/null in its place masks it.
 *
 * Several users may have write access to the folders. A symbolic link may lead to a file that its
 * owner can't read, so the service follows only links owned by root or by its own user.
 */

/* more files than this are an accident and no layout */
#define MAX_DROP_INS 1000

/* the device numbers of /dev/null */
#define NULL_MAJOR 1
#define NULL_MINOR 3

static void
set_unreadable (GError **error, const char *path, const char *message)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ACCES, "%s: %s", shown, message);
}

static gboolean
is_null_device (const struct stat *status)
{
  return S_ISCHR (status->st_mode) && status->st_rdev == makedev (NULL_MAJOR, NULL_MINOR);
}

static gboolean
is_nothing (int number)
{
  return number == ENOENT || number == ENOTDIR;
}

/* Examines @path. @is_there is set if it exists, a mask included. */
static gboolean
look (const char *path, gboolean *is_there, gboolean *is_masked, GError **error)
{
  struct stat link, status;

  *is_masked = FALSE;
  *is_there = lstat (path, &link) == 0;
  if (!*is_there)
    {
      if (is_nothing (errno))
        return TRUE;
      set_unreadable (error, path, g_strerror (errno));
      return FALSE;
    }

  if (!S_ISLNK (link.st_mode))
    return TRUE;

  if (link.st_uid != 0 && link.st_uid != geteuid ())
    {
      set_unreadable (error, path,
                      "it is a symbolic link of another user, which isn't followed: root or the "
                      "user that the service runs as has to own it");
      return FALSE;
    }
  if (stat (path, &status) < 0)
    {
      set_unreadable (error, path,
                      is_nothing (errno) ? "it is a symbolic link to a file that doesn't exist"
                                         : g_strerror (errno));
      return FALSE;
    }
  *is_masked = is_null_device (&status);

  return TRUE;
}

/**
 * runconf_files_find:
 * @folders: (element-type RunconfLayerPath): the most important one is the last
 * @name: of a file in them, which may include folders
 * @place: (out) (nullable): the file of the most important folder that has one; %NULL if there is
 *   none, or it is masked
 *
 * Returns: %FALSE with %G_FILE_ERROR if a folder can't be examined, or a symbolic link isn't followed
 */
gboolean
runconf_files_find (GPtrArray *folders, const char *name, RunconfLayerPath **place, GError **error)
{
  gboolean is_there = FALSE, is_masked;

  *place = NULL;
  for (guint i = folders->len; i > 0 && !is_there; i--)
    {
      const RunconfLayerPath *folder = folders->pdata[i - 1];
      g_autofree char *path = g_build_filename (folder->path, name, NULL);

      if (!look (path, &is_there, &is_masked, error))
        return FALSE;
      if (is_there && !is_masked)
        *place = runconf_layer_path_new (folder->layer, path);
    }

  return TRUE;
}

/* Adds all files of one name, the most important one last. Each is replaced by the next one, or by a
 * mask; @has_mask is set if the last one is a mask.
 */
static gboolean
add_versions (GPtrArray *files, GPtrArray *folders, const char *name, gboolean *has_mask,
              GError **error)
{
  RunconfLayerPath *before = NULL;

  *has_mask = FALSE;
  for (guint i = 0; i < folders->len; i++)
    {
      const RunconfLayerPath *folder = folders->pdata[i];
      g_autofree char *path = g_build_filename (folder->path, name, NULL);
      gboolean is_there, is_masked;

      if (!look (path, &is_there, &is_masked, error))
        return FALSE;
      if (!is_there)
        continue;

      if (before != NULL)
        before->replaced_by = folder->layer;
      before = is_masked ? NULL : runconf_layer_path_new (folder->layer, path);
      if (before != NULL)
        g_ptr_array_add (files, before);
      *has_mask = is_masked;
    }

  return TRUE;
}

/**
 * runconf_files_find_bases:
 *
 * Returns: (transfer full) (nullable) (element-type RunconfLayerPath): all files of that name, the
 *   most important one last, those that others replace included; empty if the last one is a mask;
 *   %NULL with an error as of runconf_files_find()
 */
GPtrArray *
runconf_files_find_bases (GPtrArray *folders, const char *name, GError **error)
{
  g_autoptr (GPtrArray) files = runconf_layer_paths_new ();
  gboolean has_mask;

  if (!add_versions (files, folders, name, &has_mask, error))
    return NULL;
  if (has_mask)
    g_ptr_array_set_size (files, 0);

  return g_steal_pointer (&files);
}

static gboolean
add_names (GHashTable *names, const char *path, const char *suffix, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (GDir) folder = g_dir_open (path, 0, &failure);
  const char *name;

  if (folder == NULL)
    {
      if (g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOENT)
          || g_error_matches (failure, G_FILE_ERROR, G_FILE_ERROR_NOTDIR))
        return TRUE;
      set_unreadable (error, path, failure->message);
      return FALSE;
    }

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      if (*name != '.' && g_str_has_suffix (name, suffix) && g_utf8_validate (name, -1, NULL))
        g_hash_table_add (names, g_strdup (name));
      if (g_hash_table_size (names) <= MAX_DROP_INS)
        continue;
      set_unreadable (error, path,
                      "there are more than " G_STRINGIFY (MAX_DROP_INS) " files in it");
      return FALSE;
    }

  return TRUE;
}

static GPtrArray *
sort_names (GHashTable *names)
{
  GPtrArray *sorted = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, names);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    g_ptr_array_add (sorted, name);
  g_ptr_array_sort (sorted, runconf_compare_texts);

  return sorted;
}

/**
 * runconf_files_find_drop_ins:
 * @name: of a folder in @folders
 * @suffix: the end of the names of files in it
 *
 * Finds the files in a subfolder of all folders, those that others replace included. Hidden files are
 * left out.
 *
 * Returns: (transfer full) (nullable) (element-type RunconfLayerPath): the files, sorted by name; of
 *   several with the same name, the one in the most important folder last; %NULL with an error as of
 *   runconf_files_find()
 */
GPtrArray *
runconf_files_find_drop_ins (GPtrArray *folders, const char *name, const char *suffix,
                             GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) sorted = NULL;
  g_autoptr (GPtrArray) files = runconf_layer_paths_new ();

  for (guint i = 0; i < folders->len; i++)
    {
      const RunconfLayerPath *folder = folders->pdata[i];
      g_autofree char *path = g_build_filename (folder->path, name, NULL);

      if (!add_names (names, path, suffix, error))
        return NULL;
    }

  sorted = sort_names (names);
  for (guint i = 0; i < sorted->len; i++)
    {
      g_autofree char *file = g_build_filename (name, sorted->pdata[i], NULL);
      gboolean has_mask;

      if (!add_versions (files, folders, file, &has_mask, error))
        return NULL;
    }

  return g_steal_pointer (&files);
}

/* Copies that editors and package managers leave beside a file would otherwise count. */
static gboolean
is_copy (const char *name)
{
  return g_str_has_suffix (name, "~") || strstr (name, ".dpkg-") != NULL;
}

static gboolean
add_file (GPtrArray *files, RunconfLayer layer, const char *path, GError **error)
{
  gboolean is_there, is_masked;

  if (!look (path, &is_there, &is_masked, error))
    return FALSE;
  if (is_there && !is_masked)
    g_ptr_array_add (files, runconf_layer_path_new (layer, path));

  return TRUE;
}

static gboolean
add_files_of (GPtrArray *files, const RunconfLayerPath *folder, const char *drop_ins,
              GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *path = g_build_filename (folder->path, drop_ins, NULL);
  g_autoptr (GPtrArray) sorted = NULL;

  if (!add_names (names, path, "", error))
    return FALSE;

  sorted = sort_names (names);
  for (guint i = 0; i < sorted->len; i++)
    {
      g_autofree char *file = g_build_filename (path, sorted->pdata[i], NULL);

      if (!is_copy (sorted->pdata[i]) && !add_file (files, folder->layer, file, error))
        return FALSE;
    }

  return TRUE;
}

/**
 * runconf_files_find_each:
 * @drop_ins: the name of a subfolder with further files
 *
 * Finds all files that add up: in each folder the file @name, and the files in the subfolder in the
 * order of their names. No file replaces or masks that of another folder. Hidden files, and names
 * that end with `~` or contain `.dpkg-`, are left out.
 *
 * Returns: (transfer full) (nullable) (element-type RunconfLayerPath): the files, those of the most
 *   important folder last; %NULL with an error as of runconf_files_find()
 */
GPtrArray *
runconf_files_find_each (GPtrArray *folders, const char *name, const char *drop_ins, GError **error)
{
  g_autoptr (GPtrArray) files = runconf_layer_paths_new ();

  for (guint i = 0; i < folders->len; i++)
    {
      const RunconfLayerPath *folder = folders->pdata[i];
      g_autofree char *path = g_build_filename (folder->path, name, NULL);

      if (!add_file (files, folder->layer, path, error)
          || !add_files_of (files, folder, drop_ins, error))
        return NULL;
    }

  return g_steal_pointer (&files);
}
