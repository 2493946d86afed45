/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/sources/layers.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "store/failure.h"

/* The files of a configuration are in several folders in the order of their importance: those of a
 * package, and above them those of the administrator. A file in a more important folder replaces
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

RunconfdPart *
runconfd_part_new (const char *path, GBytes *text)
{
  RunconfdPart *self = g_new0 (RunconfdPart, 1);

  self->path = g_strdup (path);
  self->text = g_bytes_ref (text);

  return self;
}

void
runconfd_part_free (RunconfdPart *self)
{
  g_free (self->path);
  g_bytes_unref (self->text);
  g_free (self);
}

static void
set_unreadable (GError **error, const char *path, const char *message)
{
  g_autofree char *shown = g_filename_display_name (path);

  g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_UNREADABLE, "%s: %s", shown,
               message);
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
 * runconfd_layers_find:
 * @folders: (array zero-terminated=1): the most important one is the last
 * @name: of a file in them, which may include folders
 * @path: (out) (nullable): the file of the most important folder that has one; %NULL if there is
 *   none, or it is masked
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_UNREADABLE if a folder can't be examined, or a symbolic
 *   link isn't followed
 */
gboolean
runconfd_layers_find (const char *const *folders, const char *name, char **path, GError **error)
{
  *path = NULL;
  for (guint i = g_strv_length ((char **) folders); i > 0; i--)
    {
      g_autofree char *candidate = g_build_filename (folders[i - 1], name, NULL);
      gboolean is_there, is_masked;

      if (!look (candidate, &is_there, &is_masked, error))
        return FALSE;
      if (!is_there)
        continue;
      if (!is_masked)
        *path = g_steal_pointer (&candidate);
      return TRUE;
    }

  return TRUE;
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

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
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
  g_ptr_array_sort (sorted, compare_names);

  return sorted;
}

/**
 * runconfd_layers_find_all:
 * @name: of a folder in @folders
 * @suffix: the end of the names of files in it
 *
 * Finds the files in a subfolder of all folders; of several with the same name, the one in the most
 * important folder. Hidden files are left out.
 *
 * Returns: (transfer full) (nullable) (element-type filename): their paths, sorted by file name
 *   regardless of the folder; %NULL with an error as of runconfd_layers_find()
 */
GPtrArray *
runconfd_layers_find_all (const char *const *folders, const char *name, const char *suffix,
                          GError **error)
{
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) sorted = NULL;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; folders[i] != NULL; i++)
    {
      g_autofree char *folder = g_build_filename (folders[i], name, NULL);

      if (!add_names (names, folder, suffix, error))
        return NULL;
    }

  sorted = sort_names (names);
  for (guint i = 0; i < sorted->len; i++)
    {
      g_autofree char *file = g_build_filename (name, sorted->pdata[i], NULL);
      g_autofree char *path = NULL;

      if (!runconfd_layers_find (folders, file, &path, error))
        return NULL;
      if (path != NULL)
        g_ptr_array_add (paths, g_steal_pointer (&path));
    }

  return g_steal_pointer (&paths);
}
