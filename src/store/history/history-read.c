/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/error.h"
#include "core/limits.h"
#include "store/history/history-deltas.h"
#include "store/history/history-private.h"

/* Reads changes from a history, and restores the overrides of older versions. */

static char *
copy_text (sqlite3_stmt *statement, int column)
{
  return g_strdup ((const char *) sqlite3_column_text (statement, column));
}

static RunconfHistoryRecord *
fail_damaged (RunconfHistory *self, GError **error)
{
  self->is_broken = TRUE;
  runconf_history_fail_with (self, error, "it is damaged");
  return NULL;
}

/* Text has to be valid UTF-8, since it is sent on the bus. */
static gboolean
is_text (const char *text)
{
  return text == NULL || g_utf8_validate (text, -1, NULL);
}

/* The column of the origin has the layer too, since only changes that are rare have one. */
static void
split_origin (RunconfHistoryRecord *record)
{
  char *mark = record->origin != NULL ? strstr (record->origin, RUNCONF_HISTORY_LAYER_MARK) : NULL;

  if (mark == NULL)
    return;

  record->layer = g_strdup (mark + strlen (RUNCONF_HISTORY_LAYER_MARK));
  *mark = '\0';
}

/* Reads the columns that are the same for changes and waiting ones. */
static RunconfHistoryRecord *
read_record (RunconfHistory *self, sqlite3_stmt *statement, const char *path, GError **error)
{
  g_autoptr (RunconfHistoryRecord) record = g_new0 (RunconfHistoryRecord, 1);

  record->version = sqlite3_column_int64 (statement, 0);
  record->time = sqlite3_column_int64 (statement, 1);
  record->uid = sqlite3_column_int64 (statement, 2);
  record->origin = copy_text (statement, 3);
  record->caller = copy_text (statement, 4);
  record->message = copy_text (statement, 5);
  if (!is_text (record->origin) || !is_text (record->caller) || !is_text (record->message))
    return fail_damaged (self, error);
  split_origin (record);

  if (sqlite3_column_type (statement, 6) == SQLITE_NULL)
    return g_steal_pointer (&record);

  record->deltas = runconf_history_deltas_unpack (sqlite3_column_blob (statement, 6),
                                                  sqlite3_column_bytes (statement, 6), path);
  if (record->deltas == NULL)
    return fail_damaged (self, error);
  record->is_boot = runconf_history_deltas_move_back (record->deltas);

  return g_steal_pointer (&record);
}

static GPtrArray *
new_records (void)
{
  return runconf_history_records_new ();
}

/* Returns: whether a reply still has room for the present record */
static gboolean
count_record (sqlite3_stmt *statement, gsize *bytes)
{
  *bytes += sqlite3_column_bytes (statement, 6) + sqlite3_column_bytes (statement, 5);

  return *bytes <= RUNCONF_MAX_REPLY_BYTES;
}

static GPtrArray *
list_all (RunconfHistory *self, guint limit, guint64 since_version, GError **error)
{
  g_autoptr (GPtrArray) records = new_records ();
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_CHANGES, error);
  gboolean has_row = TRUE;
  gsize bytes = 0;

  if (statement == NULL)
    return NULL;

  sqlite3_bind_int64 (statement, 1, since_version);
  sqlite3_bind_int64 (statement, 2, self->newest);
  while (records->len < limit)
    {
      RunconfHistoryRecord *record;

      if (!runconf_history_step (self, statement, &has_row, error))
        return NULL;
      if (!has_row || (!count_record (statement, &bytes) && records->len > 0))
        break;

      record = read_record (self, statement, "", error);
      if (record == NULL)
        {
          sqlite3_reset (statement);
          return NULL;
        }
      g_ptr_array_add (records, record);
    }

  sqlite3_reset (statement);
  return g_steal_pointer (&records);
}

static gboolean
add_touched (RunconfHistory *self, GArray *versions, Statement id, const char *path,
             guint64 since_version, gint64 limit, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);
  gboolean has_row;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_text (statement, 1, path, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, since_version);
  sqlite3_bind_int64 (statement, 3, self->newest);
  sqlite3_bind_int64 (statement, 4, limit);
  do
    {
      gint64 version;

      if (!runconf_history_step (self, statement, &has_row, error))
        return FALSE;
      if (!has_row)
        break;

      version = sqlite3_column_int64 (statement, 0);
      g_array_append_val (versions, version);
    }
  while (has_row);

  return TRUE;
}

static int
compare_newest_first (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a;
  const gint64 *y = b;

  return (*x < *y) - (*x > *y);
}

/* A change with an entry for the path itself did touch it, so if only the last one is needed, one
 * such entry is enough.
 *
 * Returns: (element-type gint64): the versions that may have touched the path, newest first, some
 *   of them more than once
 */
static GArray *
find_touched (RunconfHistory *self, const char *path, guint64 since_version, gboolean only_last,
              GError **error)
{
  g_autoptr (GArray) versions = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autofree char *above = g_strdup (path);
  gboolean is_good
      = add_touched (self, versions, STATEMENT_GET_TOUCHED_BELOW, path, since_version, -1, error)
        && add_touched (self, versions, STATEMENT_GET_TOUCHED, path, since_version,
                        only_last ? 1 : -1, error);

  while (is_good && *above != '\0')
    {
      *strrchr (above, '/') = '\0';
      is_good
          = add_touched (self, versions, STATEMENT_GET_TOUCHED, above, since_version, -1, error);
    }
  if (!is_good)
    return NULL;

  g_array_sort (versions, compare_newest_first);
  return g_steal_pointer (&versions);
}

/* Reads one change or sum, with its deltas at @path. The entry may be for a mapping in place of the
 * paths in it, so the change may turn out not to have touched this one.
 */
static gboolean
read_change (RunconfHistory *self, guint64 version, const char *path, RunconfHistoryRecord **record,
             gsize *bytes, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_CHANGE, error);
  gboolean has_row;

  *record = NULL;
  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, version);
  if (!runconf_history_step (self, statement, &has_row, error))
    return FALSE;
  if (!has_row)
    return TRUE;

  count_record (statement, bytes);
  *record = read_record (self, statement, path, error);
  sqlite3_reset (statement);
  if (*record == NULL)
    return FALSE;

  if ((*record)->deltas != NULL && (*record)->deltas->len == 0)
    g_clear_pointer (record, runconf_history_record_free);
  return TRUE;
}

static GPtrArray *
list_touched (RunconfHistory *self, const char *path, guint limit, guint64 since_version,
              GError **error)
{
  g_autoptr (GArray) versions = find_touched (self, path, since_version, FALSE, error);
  g_autoptr (GPtrArray) records = new_records ();
  guint64 last = 0;
  gsize bytes = 0;

  for (guint i = 0; versions != NULL && i < versions->len && records->len < limit; i++)
    {
      g_autoptr (RunconfHistoryRecord) record = NULL;
      guint64 version = g_array_index (versions, gint64, i);

      if (version == last)
        continue;
      last = version;
      if (!read_change (self, version, path, &record, &bytes, error))
        return NULL;
      if (bytes > RUNCONF_MAX_REPLY_BYTES && records->len > 0)
        break;
      if (record != NULL && record->origin != NULL)
        g_ptr_array_add (records, g_steal_pointer (&record));
    }

  return versions != NULL ? g_steal_pointer (&records) : NULL;
}

static gboolean
check_path (const char *path, GError **error)
{
  g_autoptr (RunconfPath) checked = runconf_path_new (path, error);

  return checked != NULL;
}

static gboolean
find_digest (RunconfHistory *self, Statement id, GBytes *digest, gboolean *is_there, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);
  gsize size;
  gconstpointer data = g_bytes_get_data (digest, &size);

  *is_there = FALSE;
  if (statement == NULL)
    return FALSE;

  sqlite3_bind_blob64 (statement, 1, data, size, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 2, self->newest);
  if (!runconf_history_step (self, statement, is_there, error))
    return FALSE;

  sqlite3_reset (statement);
  return TRUE;
}

/**
 * runconf_history_has_digest:
 * @digest: runconf_digest_new() of a text
 * @is_there: (out): whether one of the last %RUNCONF_HISTORY_MAX_DIGESTS versions led to that text
 * @error: return location
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_history_has_digest (RunconfHistory *self, GBytes *digest, gboolean *is_there,
                            GError **error)
{
  return find_digest (self, STATEMENT_GET_DIGEST, digest, is_there, error);
}

/**
 * runconf_history_is_last_digest:
 * @digest: runconf_digest_new() of a text
 * @is_last: (out): whether the last batch that happened and led to a text led to this one
 * @error: return location
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_history_is_last_digest (RunconfHistory *self, GBytes *digest, gboolean *is_last,
                                GError **error)
{
  return find_digest (self, STATEMENT_GET_LAST_DIGEST, digest, is_last, error);
}

/**
 * runconf_history_list:
 * @path: a JSON Pointer
 * @limit: the greatest number of changes; 0 for no limit
 * @since_version: list only later versions
 * @error: return location
 *
 * Lists the changes at, below and above a path, newest first, each with its deltas there. The list
 * ends early if more wouldn't fit into a reply on the bus.
 *
 * Returns: (transfer full) (nullable) (element-type RunconfHistoryRecord): the changes; %NULL with
 *   %RUNCONF_ERROR_INVALID_PATH or %RUNCONF_STORE_ERROR_FAILED
 */
GPtrArray *
runconf_history_list (RunconfHistory *self, const char *path, guint limit, guint64 since_version,
                      GError **error)
{
  if (!check_path (path, error))
    return NULL;

  limit = limit == 0 ? G_MAXUINT : limit;
  since_version = MIN (since_version, RUNCONF_HISTORY_MAX_VERSION);

  return *path == '\0' ? list_all (self, limit, since_version, error)
                       : list_touched (self, path, limit, since_version, error);
}

/**
 * runconf_history_get_last:
 * @path: a JSON Pointer
 * @version: (out): the version of the last change at, below or above it; 0 if it isn't known any
 *   more
 * @time: (out): the time of this change, or 0
 * @error: return location
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_PATH or %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_history_get_last (RunconfHistory *self, const char *path, guint64 *version, gint64 *time,
                          GError **error)
{
  g_autoptr (GArray) versions = NULL;
  gsize bytes = 0;

  *version = 0;
  *time = 0;
  if (!check_path (path, error))
    return FALSE;

  /* a path that changed before the horizon may have changed again in a change that isn't known */
  versions = find_touched (self, path, self->horizon, TRUE, error);
  if (versions == NULL)
    return FALSE;

  for (guint i = 0; i < versions->len; i++)
    {
      g_autoptr (RunconfHistoryRecord) record = NULL;
      guint64 candidate = g_array_index (versions, gint64, i);

      if (!read_change (self, candidate, path, &record, &bytes, error))
        return FALSE;
      if (record == NULL)
        continue;

      /* a sum doesn't record which of its changes touched the path */
      if (record->origin != NULL)
        {
          *version = record->version;
          *time = record->time;
        }
      return TRUE;
    }

  return TRUE;
}

/* The versions on both sides of the requested one that can be restored. */
typedef struct
{
  guint64 below;
  guint64 above;
} Neighbours;

static void
fail_not_found (RunconfHistory *self, guint64 version, const Neighbours *near, GError **error)
{
  if (near->below != 0)
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 "version %" G_GUINT64_FORMAT
                 " isn't kept any more: the nearest versions are %" G_GUINT64_FORMAT
                 " and %" G_GUINT64_FORMAT,
                 version, near->below, near->above);
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                 "version %" G_GUINT64_FORMAT " isn't kept any more: the history goes back to "
                 "version %" G_GUINT64_FORMAT,
                 version, near->above);
}

/* Adds up the changes after @version until @now_version. */
static gboolean
add_steps (RunconfHistory *self, RunconfHistorySum *sum, guint64 version, guint64 now_version,
           GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_STEPS, error);
  Neighbours near = { 0, 0 };
  guint64 at = version;
  gboolean has_row;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, version);
  sqlite3_bind_int64 (statement, 2, now_version);
  while (at != now_version)
    {
      g_autoptr (GPtrArray) deltas = NULL;
      guint64 since;

      if (!runconf_history_step (self, statement, &has_row, error))
        return FALSE;
      since = has_row ? (guint64) sqlite3_column_int64 (statement, 1) : 0;
      if (!has_row || since != at)
        {
          near.below = has_row && since < at ? since : 0;
          near.above = has_row ? (guint64) sqlite3_column_int64 (statement, 0) : self->newest;
          sqlite3_reset (statement);
          fail_not_found (self, version, &near, error);
          return FALSE;
        }

      at = sqlite3_column_int64 (statement, 0);
      deltas = runconf_history_deltas_unpack (sqlite3_column_blob (statement, 2),
                                              sqlite3_column_bytes (statement, 2), "");
      if (deltas == NULL)
        {
          sqlite3_reset (statement);
          fail_damaged (self, error);
          return FALSE;
        }
      runconf_history_sum_add (sum, deltas);
    }

  sqlite3_reset (statement);
  return TRUE;
}

/**
 * runconf_history_get_overrides_at:
 * @now: the overrides at @now_version
 * @now_version: a version that is in force
 * @version: the version that is requested
 * @error: return location
 *
 * Undoes the changes since @version. The cost is the size of these changes, and one pass over the
 * differences.
 *
 * Returns: (transfer full) (nullable): the overrides at @version, without secrets that @now doesn't
 *   have; %NULL with %RUNCONF_ERROR_NOT_FOUND, which lists the versions that can be restored, or
 *   with %RUNCONF_STORE_ERROR_FAILED
 */
RunconfNode *
runconf_history_get_overrides_at (RunconfHistory *self, const RunconfNode *now, guint64 now_version,
                                  guint64 version, GError **error)
{
  g_autoptr (RunconfHistorySum) sum = NULL;
  const Neighbours horizon = { 0, MIN (self->horizon, now_version) };

  if (version == now_version)
    return runconf_node_ref (now);
  if (version > now_version)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                   "there is no version %" G_GUINT64_FORMAT " yet: the newest is "
                   "%" G_GUINT64_FORMAT,
                   version, now_version);
      return NULL;
    }
  if (version < self->horizon || now_version > self->newest)
    {
      fail_not_found (self, version, &horizon, error);
      return NULL;
    }

  sum = runconf_history_sum_new ();
  if (!add_steps (self, sum, version, now_version, error))
    return NULL;

  return runconf_history_sum_take_back (sum, now);
}

/**
 * runconf_history_list_waiting:
 *
 * Returns: (transfer full) (nullable) (element-type RunconfHistoryRecord): the changes that are
 *   reverted at their deadline, oldest first, complete even if the history doesn't keep them any
 *   more; %NULL with %RUNCONF_STORE_ERROR_FAILED
 */
GPtrArray *
runconf_history_list_waiting (RunconfHistory *self, GError **error)
{
  g_autoptr (GPtrArray) records = new_records ();
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_WAITING, error);
  gboolean has_row = TRUE;

  if (statement == NULL)
    return NULL;

  sqlite3_bind_int64 (statement, 1, self->newest);
  while (has_row)
    {
      RunconfHistoryRecord *record;

      if (!runconf_history_step (self, statement, &has_row, error))
        return NULL;
      if (!has_row)
        break;

      record = read_record (self, statement, "", error);
      if (record == NULL)
        {
          sqlite3_reset (statement);
          return NULL;
        }
      record->deadline = sqlite3_column_int64 (statement, 7);
      record->timeout = sqlite3_column_int64 (statement, 8);
      g_ptr_array_add (records, record);
    }

  return g_steal_pointer (&records);
}

/**
 * runconf_history_drop_waiting:
 * @version: the change that was confirmed or reverted
 *
 * When this returns %TRUE, it is on the disk that the change isn't waiting any more.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_history_drop_waiting (RunconfHistory *self, guint64 version, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_DROP_WAITING, error);

  if (statement == NULL || !runconf_history_begin (self, TRUE, error))
    return FALSE;

  sqlite3_bind_int64 (statement, 1, MIN (version, RUNCONF_HISTORY_MAX_VERSION));
  return runconf_history_end (self, runconf_history_finish (self, statement, error), error);
}
