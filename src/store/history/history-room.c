/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/history/history-private.h"

/* Measures how much a history holds, and whether it has to be pruned. */

/**
 * runconf_history_list_rows:
 *
 * Returns: (transfer full) (nullable) (element-type RunconfHistoryRow): all rows, oldest first
 */
GArray *
runconf_history_list_rows (RunconfHistory *self, GError **error)
{
  g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (RunconfHistoryRow));
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_SIZES, error);
  gboolean has_row = statement != NULL;

  while (has_row)
    {
      RunconfHistoryRow row = { 0 };

      if (!runconf_history_step (self, statement, &has_row, error))
        return NULL;
      if (!has_row)
        break;

      row.version = sqlite3_column_int64 (statement, 0);
      row.since = sqlite3_column_int64 (statement, 1);
      row.bytes = MAX (sqlite3_column_int64 (statement, 2), 0);
      row.time = sqlite3_column_int64 (statement, 3);
      row.uid = sqlite3_column_int64 (statement, 4);
      row.is_sum = sqlite3_column_int (statement, 5);
      row.is_unknown = sqlite3_column_int (statement, 6);
      if (row.is_sum)
        row.uid = RUNCONF_HISTORY_SUMS_UID;
      g_array_append_val (rows, row);
    }

  return statement != NULL ? g_steal_pointer (&rows) : NULL;
}

/**
 * runconf_history_find_horizon:
 *
 * Returns: the oldest version that can be restored from the newest one
 */
guint64
runconf_history_find_horizon (RunconfHistory *self, GArray *rows)
{
  guint64 horizon = self->newest;

  for (guint i = rows->len; i > 0; i--)
    {
      const RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, i - 1);

      if (row->version > self->newest)
        continue;
      if (row->version != horizon || row->is_unknown)
        break;
      horizon = row->since;
    }

  return horizon;
}

/**
 * runconf_history_count_rows:
 * @rows: (element-type RunconfHistoryRow): all rows
 */
void
runconf_history_count_rows (RunconfHistory *self, GArray *rows)
{
  self->count = 0;
  self->bytes = 0;
  self->oldest = rows->len > 0 ? g_array_index (rows, RunconfHistoryRow, 0).version : G_MAXUINT64;
  self->horizon = runconf_history_find_horizon (self, rows);
  g_hash_table_remove_all (self->bytes_by_uid);

  for (guint i = 0; i < rows->len; i++)
    {
      const RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, i);

      runconf_history_count (self, row->uid, row->bytes, !row->is_sum);
    }
}

/**
 * runconf_history_count:
 * @is_change: whether it is a change, not a sum
 *
 * Counts a row that was added.
 */
void
runconf_history_count (RunconfHistory *self, gint64 uid, guint64 bytes, gboolean is_change)
{
  guint64 *sum = g_hash_table_lookup (self->bytes_by_uid, &uid);

  self->bytes += bytes;
  if (!is_change)
    return;

  self->count++;
  if (sum == NULL)
    {
      sum = g_new0 (guint64, 1);
      g_hash_table_insert (self->bytes_by_uid, g_memdup2 (&uid, sizeof uid), sum);
    }
  *sum += bytes;
}

/**
 * runconf_history_measure:
 *
 * Counts the rows again, and finds the horizon.
 */
gboolean
runconf_history_measure (RunconfHistory *self, GError **error)
{
  g_autoptr (GArray) rows = runconf_history_list_rows (self, error);

  if (rows == NULL)
    return FALSE;

  runconf_history_count_rows (self, rows);
  return TRUE;
}

static gboolean
is_full (RunconfHistory *self, guint sixteenths)
{
  GHashTableIter iter;
  gpointer bytes;

  if (runconf_history_is_above (self->count,
                                runconf_history_get_part (self->limits.max_count, sixteenths))
      || runconf_history_is_above (self->bytes,
                                   runconf_history_get_part (self->limits.max_bytes, sixteenths)))
    return TRUE;

  g_hash_table_iter_init (&iter, self->bytes_by_uid);
  while (g_hash_table_iter_next (&iter, NULL, &bytes))
    if (runconf_history_is_above (
            *(guint64 *) bytes,
            runconf_history_get_part (self->limits.max_bytes_per_uid, sixteenths)))
      return TRUE;

  return FALSE;
}

/**
 * runconf_history_needs_room:
 *
 * Returns: whether the history is above a limit
 */
gboolean
runconf_history_needs_room (RunconfHistory *self)
{
  return is_full (self, 16);
}

/**
 * runconf_history_needs_room_soon:
 *
 * Returns: whether pruning at once is worthwhile, so that a commit won't have to prune
 */
gboolean
runconf_history_needs_room_soon (RunconfHistory *self)
{
  return is_full (self, 15) || (self->oldest <= self->old_version && self->oldest < self->newest);
}
