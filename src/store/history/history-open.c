/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "store/failure.h"
#include "store/history/history-private.h"

/* Opens a history, or begins a new one if the file is missing or can't be used. */

/**
 * runconf_history_begin_log:
 * @is_durable: whether to wait for the disk in any case
 *
 * Commits without a change. SQLite syncs when it begins the log, or first uses an existing one:
 * these syncs are done here, so that the next commit has only its own.
 */
gboolean
runconf_history_begin_log (RunconfHistory *self, gboolean is_durable, GError **error)
{
  return runconf_history_begin (self, is_durable, error)
         && runconf_history_end (self, runconf_history_write_meta (self, error), error);
}

static gboolean
open_database (RunconfHistory *self, gboolean *is_bad, GError **error)
{
  g_autoptr (GError) full = NULL;

  if (!runconf_history_database_open (self, is_bad, error))
    return FALSE;
  if (runconf_history_read_meta (self, error) && runconf_history_read_mark (self, error)
      && runconf_history_measure (self, error))
    {
      /* if the disk is full, the history can still be read */
      if (!runconf_history_begin_log (self, TRUE, &full))
        g_debug ("%s", full->message);
      return TRUE;
    }

  *is_bad = self->is_broken;
  runconf_history_database_close (self);
  return FALSE;
}

static gboolean
begin_anew (RunconfHistory *self, const char *flaw, char **trouble, GError **error)
{
  g_autofree char *aside = runconf_history_put_aside (self->path, error);
  g_autofree char *shown = NULL;
  gboolean is_bad;

  if (aside == NULL || !runconf_history_create (self->path, error)
      || !open_database (self, &is_bad, error))
    return FALSE;

  if (flaw == NULL)
    return TRUE;

  shown = g_filename_display_name (aside);
  *trouble = g_strdup_printf ("the history was put aside as %s and started anew: %s", shown, flaw);
  return TRUE;
}

static gboolean
open_or_begin (RunconfHistory *self, char **trouble, GError **error)
{
  g_autoptr (GError) problem = NULL;
  g_autofree char *flaw = NULL;
  gboolean is_there, is_bad;

  if (!runconf_history_look (self->path, &is_there, &flaw, error))
    return FALSE;
  if (!is_there || flaw != NULL)
    return begin_anew (self, flaw, trouble, error);

  if (open_database (self, &is_bad, &problem))
    return TRUE;
  if (is_bad)
    return begin_anew (self, problem->message, trouble, error);

  g_propagate_error (error, g_steal_pointer (&problem));
  return FALSE;
}

/* With SQLITE_OPEN_NOFOLLOW, SQLite also refuses symbolic links in the directories of the path. */
static char *
resolve_directory (const char *path, GError **error)
{
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *name = g_path_get_basename (path);
  char *real = realpath (directory, NULL);
  char *resolved;

  if (real == NULL)
    {
      runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, path, errno,
                           "can't open the directory of the history");
      return NULL;
    }

  resolved = g_build_filename (real, name, NULL);
  free (real);
  return resolved;
}

static void
note_identity (RunconfHistory *self)
{
  struct stat status;

  if (lstat (self->path, &status) < 0)
    return;

  self->device = status.st_dev;
  self->inode = status.st_ino;
}

/**
 * runconf_history_open:
 * @path: the file; it is created if it is missing
 * @limits: how much is kept
 * @trouble: (out) (transfer full): why an existing file can't be used, and its new path; %NULL if
 *   there was no such file
 * @error: return location
 *
 * Opens the history. A file that is damaged, not regular, of another version or of another user is
 * renamed to `PATH.corrupt-TIME`, of which the newest three are kept, and a new history is begun.
 *
 * Returns: (transfer full) (nullable): the history; %NULL with %RUNCONF_STORE_ERROR_FAILED or
 *   %RUNCONF_STORE_ERROR_IN_USE if there can be none, for example because nothing can be written
 */
RunconfHistory *
runconf_history_open (const char *path, const RunconfHistoryLimits *limits, char **trouble,
                      GError **error)
{
  g_autoptr (RunconfHistory) self = g_new0 (RunconfHistory, 1);

  *trouble = NULL;
  self->limits = *limits;
  self->bytes_by_uid = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  self->path = resolve_directory (path, error);
  if (self->path == NULL || !open_or_begin (self, trouble, error))
    return NULL;

  note_identity (self);
  return g_steal_pointer (&self);
}

void
runconf_history_free (RunconfHistory *self)
{
  g_autofree char *aside = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_open = self->db != NULL;

  runconf_history_database_close (self);
  if (is_open && self->is_broken)
    {
      aside = runconf_history_put_aside (self->path, &error);
      if (aside == NULL)
        g_warning ("%s", error->message);
    }

  g_clear_pointer (&self->pending_digest, g_bytes_unref);
  g_hash_table_unref (self->bytes_by_uid);
  g_free (self->mark_boot_id);
  g_free (self->path);
  g_free (self);
}

/**
 * runconf_history_is_broken:
 *
 * Returns: whether a call failed because the file is damaged. Then runconf_history_free() renames
 *   it, and a new history can be opened.
 */
gboolean
runconf_history_is_broken (RunconfHistory *self)
{
  return self->is_broken;
}

/**
 * runconf_history_has_name:
 *
 * Returns: whether the open file is still the one at its path. If its folder was replaced or
 *   covered by a mount, a later start would find none of the new changes.
 */
gboolean
runconf_history_has_name (RunconfHistory *self)
{
  struct stat status;

  return lstat (self->path, &status) == 0 && status.st_dev == self->device
         && status.st_ino == self->inode;
}

/**
 * runconf_history_check_writable:
 *
 * Commits without a change, and waits for the disk.
 */
gboolean
runconf_history_check_writable (RunconfHistory *self, GError **error)
{
  return runconf_history_begin_log (self, TRUE, error);
}
