/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store/failure.h"
#include "core/compare.h"
#include "store/fd.h"
#include "store/file/temp-file.h"
#include "store/history/history-private.h"

/* Creates the file of a history, and renames one that can't be used. */

/* A file that can't be used is renamed to NAME.corrupt-TIME, with the files that SQLite keeps
 * beside it.
 */
#define ASIDE ".corrupt-"
#define MAX_ASIDE 3

static const char *const companions[] = { "-wal", "-shm", "-journal" };

static void
fail (GError **error, const char *path, const char *what)
{
  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno, what);
}

static char *
say_flaw (const struct stat *status, const char *path)
{
  if (!S_ISREG (status->st_mode))
    return g_strdup ("it isn't a regular file");
  if (status->st_uid != geteuid ())
    return g_strdup_printf ("it belongs to uid %u, not to this process", status->st_uid);
  if (access (path, R_OK | W_OK) < 0 && errno == EACCES)
    return g_strdup_printf ("its mode %04o gives this process no access", status->st_mode & 07777);

  return NULL;
}

/**
 * runconf_history_look:
 * @is_there: (out): whether there is a file
 * @flaw: (out): the reason why it can't be used, if there is one that can't
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED if the directory can't be searched
 */
gboolean
runconf_history_look (const char *path, gboolean *is_there, char **flaw, GError **error)
{
  struct stat status;

  *flaw = NULL;
  *is_there = lstat (path, &status) == 0;
  if (*is_there)
    *flaw = say_flaw (&status, path);
  else if (errno != ENOENT)
    {
      fail (error, path, "can't inspect the history");
      return FALSE;
    }

  return TRUE;
}

static gboolean
sync_directory (const char *path)
{
  g_autofree char *name = g_path_get_dirname (path);
  autofd int directory = open (name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  return directory >= 0 && (fsync (directory) == 0 || errno == EINVAL);
}

/**
 * runconf_history_create:
 *
 * Creates an empty file, which is a database without tables for SQLite. It is readable only for its
 * owner, and the files that SQLite keeps beside it get the same mode.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_history_create (const char *path, GError **error)
{
  autofd int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

  if (fd >= 0 && sync_directory (path))
    return TRUE;

  fail (error, path, "can't create a history");
  return FALSE;
}

static gboolean
is_companion (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    if (g_str_has_suffix (name, companions[i]))
      return TRUE;

  return FALSE;
}

static void
remove_aside (const char *directory, const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  /* if it wasn't a regular file, it may be a directory */
  if (remove (path) < 0 && errno != ENOENT)
    g_warning ("The old copy %s can't be removed: %s", path, g_strerror (errno));

  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      g_autofree char *companion = g_strconcat (path, companions[i], NULL);

      unlink (companion);
    }
}

/* The names end in a time, so the first ones are the oldest. */
static void
remove_old_ones (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *prefix = g_strconcat (name, ASIDE, NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (directory, 0, NULL);
  const char *entry;

  while (dir != NULL && (entry = g_dir_read_name (dir)) != NULL)
    if (g_str_has_prefix (entry, prefix) && !is_companion (entry))
      g_ptr_array_add (names, g_strdup (entry));

  g_ptr_array_sort (names, runconf_compare_texts);
  for (guint i = 0; i + MAX_ASIDE < names->len; i++)
    remove_aside (directory, names->pdata[i]);
}

static char *
make_name (const char *path)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%S.%fZ");

  return g_strconcat (path, ASIDE, time, NULL);
}

/**
 * runconf_history_put_aside:
 * @path: a history that can't be used, or one that is missing but may have left files beside it
 *
 * Renames it, with the files that SQLite keeps beside it, and removes the oldest ones that were
 * renamed so. The files beside it are renamed first: if the process is killed in between, no log
 * remains beside a database that it doesn't belong to.
 *
 * Returns: (transfer full) (nullable): the new path; %NULL with %RUNCONF_STORE_ERROR_FAILED
 */
char *
runconf_history_put_aside (const char *path, GError **error)
{
  g_autofree char *aside = make_name (path);

  for (guint i = 0; i < G_N_ELEMENTS (companions); i++)
    {
      g_autofree char *from = g_strconcat (path, companions[i], NULL);
      g_autofree char *to = g_strconcat (aside, companions[i], NULL);

      if (rename (from, to) < 0 && errno != ENOENT)
        {
          fail (error, from, "can't put it aside");
          return NULL;
        }
    }

  if (!runconf_temp_file_move (AT_FDCWD, path, aside) && errno != ENOENT)
    {
      fail (error, path, "can't put it aside");
      return NULL;
    }

  remove_old_ones (path);
  return g_steal_pointer (&aside);
}
