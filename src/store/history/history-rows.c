/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/limits.h"
#include "store/history/history-deltas.h"
#include "store/history/history-private.h"

/* Adds rows to a history, and removes them. */

/* The overhead of a row and of an entry of the index, and of SQLite's pages that aren't full. The
 * estimate is rather too high than too low, so that the file stays below the limit.
 */
#define ROW_BYTES 56
#define ENTRY_BYTES 14
#define PAGE_BYTES 4096
#define MAX_INLINE_BYTES 2048

static void
bind_text (sqlite3_stmt *statement, int position, const char *text)
{
  sqlite3_bind_text (statement, position, text, -1, SQLITE_STATIC);
}

static void
bind_bytes (sqlite3_stmt *statement, int position, GBytes *bytes)
{
  gsize size;
  gconstpointer data;

  if (bytes == NULL)
    return;

  data = g_bytes_get_data (bytes, &size);
  if (size == 0)
    sqlite3_bind_zeroblob (statement, position, 0);
  else
    sqlite3_bind_blob64 (statement, position, data, size, SQLITE_STATIC);
}

static gsize
get_length (const char *text)
{
  return text != NULL ? strlen (text) : 0;
}

/**
 * runconf_history_write_meta:
 *
 * Writes the versions; call it within a transaction.
 */
gboolean
runconf_history_write_meta (RunconfHistory *self, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_SET_META, error);

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, self->newest);
  sqlite3_bind_int64 (statement, 2, self->pending_from);
  sqlite3_bind_int64 (statement, 3, self->pending_to);
  bind_bytes (statement, 4, self->pending_digest);

  return runconf_history_finish (self, statement, error);
}

gboolean
runconf_history_read_meta (RunconfHistory *self, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_META, error);
  gboolean has_row;

  if (statement == NULL || !runconf_history_step (self, statement, &has_row, error))
    return FALSE;

  if (!has_row)
    {
      self->is_broken = TRUE;
      runconf_history_fail_with (self, error, "it is damaged");
      return FALSE;
    }

  self->newest = MAX (sqlite3_column_int64 (statement, 0), 0);
  self->pending_from = MAX (sqlite3_column_int64 (statement, 1), 0);
  self->pending_to = MAX (sqlite3_column_int64 (statement, 2), 0);
  g_clear_pointer (&self->pending_digest, g_bytes_unref);
  if (sqlite3_column_type (statement, 3) != SQLITE_NULL)
    self->pending_digest
        = g_bytes_new (sqlite3_column_blob (statement, 3), sqlite3_column_bytes (statement, 3));
  sqlite3_reset (statement);

  return TRUE;
}

/* The index has the paths of both layers, without the prefix of the overrides for this boot.
 *
 * @paths: (transfer full)
 */
static GPtrArray *
show_paths (GPtrArray *paths)
{
  for (guint i = 0; i < paths->len; i++)
    {
      g_autofree char *path = paths->pdata[i];

      paths->pdata[i] = g_strdup (runconf_history_get_shown (path));
    }

  return paths;
}

/* Returns: (element-type utf8): the paths in the index of a row */
static GPtrArray *
get_paths (GPtrArray *deltas)
{
  GPtrArray *paths;

  if (deltas != NULL)
    return show_paths (runconf_diff_get_paths (deltas, RUNCONF_MAX_CHANGED_PATHS));

  /* an unknown change may have touched any path */
  paths = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (paths, g_strdup (""));
  return paths;
}

static gboolean
run_with_path (RunconfHistory *self, Statement id, const char *path, guint64 version,
               GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);

  if (statement == NULL)
    return FALSE;

  bind_text (statement, 1, path);
  sqlite3_bind_int64 (statement, 2, version);
  return runconf_history_finish (self, statement, error);
}

static gboolean
run_with_version (RunconfHistory *self, Statement id, guint64 version, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, version);
  return runconf_history_finish (self, statement, error);
}

static guint64
estimate (const RunconfHistoryRecord *record, GBytes *packed, GPtrArray *paths)
{
  guint64 row = ROW_BYTES + get_length (record->origin) + get_length (record->caller)
                + get_length (record->message);
  guint64 index = 0;

  if (packed != NULL)
    row += g_bytes_get_size (packed);
  if (row > MAX_INLINE_BYTES)
    row = (row + PAGE_BYTES) / PAGE_BYTES * PAGE_BYTES;
  for (guint i = 0; i < paths->len; i++)
    index += ENTRY_BYTES + strlen (paths->pdata[i]);

  return row * 9 / 8 + index * 7 / 4;
}

static gboolean
add_row (RunconfHistory *self, const RunconfHistoryRecord *record, GPtrArray *deltas, guint64 since,
         GBytes *packed, guint64 *bytes, GError **error)
{
  g_autoptr (GPtrArray) paths = get_paths (deltas);
  g_autofree char *origin
      = record->layer != NULL
            ? g_strdup_printf ("%s" RUNCONF_HISTORY_LAYER_MARK "%s", record->origin, record->layer)
            : NULL;
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_ADD_CHANGE, error);

  if (statement == NULL)
    return FALSE;

  *bytes = estimate (record, packed, paths);
  sqlite3_bind_int64 (statement, 1, record->version);
  sqlite3_bind_int64 (statement, 2, since);
  sqlite3_bind_int64 (statement, 3, *bytes);
  sqlite3_bind_int64 (statement, 4, record->time);
  sqlite3_bind_int64 (statement, 5, record->uid);
  bind_text (statement, 6, origin != NULL ? origin : record->origin);
  bind_text (statement, 7, record->caller);
  bind_text (statement, 8, record->message);
  bind_bytes (statement, 9, packed);
  if (!runconf_history_finish (self, statement, error))
    return FALSE;

  for (guint i = 0; i < paths->len; i++)
    if (!run_with_path (self, STATEMENT_ADD_TOUCHED, paths->pdata[i], record->version, error))
      return FALSE;

  return TRUE;
}

static gboolean
add_waiting (RunconfHistory *self, const RunconfHistoryRecord *record, GBytes *packed,
             GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_ADD_WAITING, error);

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, record->version);
  sqlite3_bind_int64 (statement, 2, record->time);
  sqlite3_bind_int64 (statement, 3, record->uid);
  bind_text (statement, 4, record->origin);
  bind_text (statement, 5, record->caller);
  bind_text (statement, 6, record->message);
  bind_bytes (statement, 7, packed);
  sqlite3_bind_int64 (statement, 8, record->deadline);
  sqlite3_bind_int64 (statement, 9, record->timeout);
  return runconf_history_finish (self, statement, error);
}

/* A change that would fill more than half of all the room is kept without its deltas. */
static gboolean
is_too_large (RunconfHistory *self, GBytes *packed)
{
  return packed != NULL && self->limits.max_bytes != 0
         && g_bytes_get_size (packed) > self->limits.max_bytes / 2;
}

/**
 * runconf_history_add_change:
 * @last_version: (inout): the version before the change
 *
 * Adds a change, and its waiting record if it needs a confirmation; call it within a transaction.
 */
gboolean
runconf_history_add_change (RunconfHistory *self, const RunconfHistoryRecord *record,
                            guint64 *last_version, GError **error)
{
  g_autoptr (GPtrArray) moved = record->deltas != NULL && record->is_boot
                                    ? runconf_history_deltas_move (record->deltas)
                                    : NULL;
  GPtrArray *deltas = moved != NULL ? moved : record->deltas;
  g_autoptr (GBytes) packed = deltas != NULL ? runconf_history_deltas_pack (deltas) : NULL;
  GBytes *kept = is_too_large (self, packed) ? NULL : packed;
  guint64 bytes;

  if (!add_row (self, record, deltas, record->version - 1, kept, &bytes, error))
    return FALSE;

  runconf_history_count (self, record->uid, bytes, TRUE);
  self->oldest = MIN (self->oldest, record->version);
  self->has_break = self->has_break || kept == NULL || record->version - 1 != *last_version;
  *last_version = record->version;

  return record->deadline == 0 || add_waiting (self, record, packed, error);
}

/**
 * runconf_history_add_sum:
 * @version: the version that the last of the changes made
 * @since: the version before the first of them
 * @time: the time of the last one
 * @deltas: (element-type RunconfDelta): their combined deltas
 */
gboolean
runconf_history_add_sum (RunconfHistory *self, guint64 version, guint64 since, gint64 time,
                         GPtrArray *deltas, GError **error)
{
  const RunconfHistoryRecord record = {
    .version = version,
    .time = time,
    .uid = RUNCONF_HISTORY_NO_UID,
  };
  g_autoptr (GBytes) packed = runconf_history_deltas_pack (deltas);
  guint64 bytes;

  return add_row (self, &record, deltas, since, packed, &bytes, error);
}

/**
 * runconf_history_remove_row:
 * @deltas: (nullable) (element-type RunconfDelta): the deltas of the row, if they are known
 */
gboolean
runconf_history_remove_row (RunconfHistory *self, guint64 version, GPtrArray *deltas,
                            GError **error)
{
  g_autoptr (GPtrArray) paths = NULL;

  if (!run_with_version (self, STATEMENT_DROP_CHANGE, version, error))
    return FALSE;
  if (deltas == NULL)
    return run_with_version (self, STATEMENT_DROP_TOUCHED_AT, version, error);

  paths = get_paths (deltas);
  for (guint i = 0; i < paths->len; i++)
    if (!run_with_path (self, STATEMENT_DROP_TOUCHED, paths->pdata[i], version, error))
      return FALSE;

  return TRUE;
}

/**
 * runconf_history_drop_from:
 *
 * Removes all data of @version and later ones.
 */
gboolean
runconf_history_drop_from (RunconfHistory *self, guint64 version, GError **error)
{
  if (!run_with_version (self, STATEMENT_DROP_CHANGES_FROM, version, error))
    return FALSE;
  if (sqlite3_changes (self->db) == 0)
    return TRUE;

  return run_with_version (self, STATEMENT_DROP_TOUCHED_FROM, version, error)
         && run_with_version (self, STATEMENT_DROP_TEXTS_FROM, version, error)
         && run_with_version (self, STATEMENT_DROP_BOOTS_FROM, version, error)
         && run_with_version (self, STATEMENT_DROP_DIGESTS_FROM, version, error)
         && run_with_version (self, STATEMENT_DROP_WAITING_FROM, version, error)
         && runconf_history_measure (self, error);
}
