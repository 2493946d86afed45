/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/history/history-deltas.h"
#include "store/history/history-private.h"

/* Which changes are removed above the limits, and what is guaranteed then
 *
 * There are two goals. No user may push out the changes of others: a hundred thousand changes of
 * one uid must leave the twenty of another. And it should be possible to restore each version that
 * is listed, which takes all changes since without gaps, not only the twenty. If only the newest
 * changes of all users were kept, with a rate limit for each uid, the second goal would be met, but
 * not the first.
 *
 * So the first change to be removed is the oldest one of the uid with the most bytes (or changes,
 * if their number is above the limit), but its effect isn't lost: removed changes that follow on
 * each other, between others that are kept, are added up to a sum, which has for each path the
 * values before and after all of them, but neither user nor time. A sum of a thousand changes of
 * one value is as large as one change. A sum isn't needed if no older change is kept: the oldest
 * changes are simply dropped, which is all that happens while only one uid writes.
 *
 * Restoring goes back through changes and sums alike: only versions within a sum can't be restored.
 * A sum also keeps all paths that its changes touched, so that an older change isn't taken for the
 * last one of a path.
 *
 * Sums could grow large themselves, if many paths are changed in between. They compete for the room
 * as if they had a uid of their own: when they have the most, the oldest sum is dropped. Then there
 * is a gap, and versions before it are listed, but can't be restored any more: the gap is the
 * horizon. So is a change that isn't known, or was larger than half of all the room.
 *
 * Pruning continues until an eighth of the room is free, so that its cost is spread over many
 * changes. The newest change is always kept, and so are pending ones.
 */

#define MAX_PASSES 8

typedef struct
{
  gint64 uid;
  guint64 bytes;
  guint64 count;
  GArray *rows; /* of guint: the indexes of its rows, oldest first */
  guint n_gone;
} Owner;

static void
owner_free (Owner *self)
{
  g_array_unref (self->rows);
  g_free (self);
}

/* Only changes before the newest one can be removed. */
static gboolean
may_go (RunconfHistory *self, const RunconfHistoryRow *row)
{
  return !row->goes && row->version < self->newest;
}

static Owner *
get_owner (GPtrArray *owners, gint64 uid)
{
  Owner *owner;

  for (guint i = 0; i < owners->len; i++)
    if (((Owner *) owners->pdata[i])->uid == uid)
      return owners->pdata[i];

  owner = g_new0 (Owner, 1);
  owner->uid = uid;
  owner->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  g_ptr_array_add (owners, owner);
  return owner;
}

static GPtrArray *
list_owners (GArray *rows)
{
  GPtrArray *owners = g_ptr_array_new_with_free_func ((GDestroyNotify) owner_free);
  Owner *owner = NULL;

  for (guint i = 0; i < rows->len; i++)
    {
      const RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, i);

      if (row->goes)
        continue;
      if (owner == NULL || owner->uid != row->uid)
        owner = get_owner (owners, row->uid);
      owner->bytes += row->bytes;
      owner->count += !row->is_sum;
      g_array_append_val (owner->rows, i);
    }

  return owners;
}

/* Returns: the oldest row of @owner that may be removed, or NULL */
static RunconfHistoryRow *
get_oldest (RunconfHistory *self, Owner *owner, GArray *rows)
{
  RunconfHistoryRow *row;

  if (owner->n_gone == owner->rows->len)
    return NULL;

  row = &g_array_index (rows, RunconfHistoryRow, g_array_index (owner->rows, guint, owner->n_gone));

  return may_go (self, row) ? row : NULL;
}

/* Returns: the owner with the most, by number or by bytes, that has a row to remove */
static Owner *
find_largest (RunconfHistory *self, GPtrArray *owners, GArray *rows, gboolean by_count)
{
  Owner *largest = NULL;
  guint64 most = 0;

  for (guint i = 0; i < owners->len; i++)
    {
      Owner *owner = owners->pdata[i];
      guint64 size = by_count ? owner->count : owner->bytes;

      if (size > most && get_oldest (self, owner, rows) != NULL)
        {
          largest = owner;
          most = size;
        }
    }

  return largest;
}

static void
let_go (Owner *owner, RunconfHistoryRow *row, guint64 *bytes, guint64 *count)
{
  row->goes = TRUE;
  owner->n_gone++;
  owner->bytes -= row->bytes;
  owner->count -= !row->is_sum;
  *bytes -= row->bytes;
  *count -= !row->is_sum;
}

static void
choose_old (RunconfHistory *self, GArray *rows)
{
  for (guint i = 0; i < rows->len; i++)
    {
      RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, i);

      if (!may_go (self, row) || row->version > self->old_version)
        return;
      row->goes = TRUE;
    }
}

/* Marks the rows to remove for enough room, as if sums took none.
 *
 * Returns: whether there are any
 */
static gboolean
choose (RunconfHistory *self, GArray *rows)
{
  const guint64 max_bytes = runconf_history_get_part (self->limits.max_bytes, 14);
  const guint64 max_count = runconf_history_get_part (self->limits.max_count, 14);
  const guint64 max_share = runconf_history_get_part (self->limits.max_bytes_per_uid, 14);
  g_autoptr (GPtrArray) owners = NULL;
  guint64 bytes = 0, count = 0;
  gboolean goes = FALSE;

  choose_old (self, rows);
  owners = list_owners (rows);
  for (guint i = 0; i < owners->len; i++)
    {
      const Owner *owner = owners->pdata[i];

      bytes += owner->bytes;
      count += owner->count;
    }

  for (guint i = 0; i < owners->len; i++)
    {
      Owner *owner = owners->pdata[i];
      RunconfHistoryRow *row;

      while (owner->uid != RUNCONF_HISTORY_SUMS_UID
             && runconf_history_is_above (owner->bytes, max_share)
             && (row = get_oldest (self, owner, rows)) != NULL)
        let_go (owner, row, &bytes, &count);
    }

  while (runconf_history_is_above (count, max_count) || runconf_history_is_above (bytes, max_bytes))
    {
      Owner *owner = find_largest (self, owners, rows, runconf_history_is_above (count, max_count));

      if (owner == NULL)
        break;
      let_go (owner, get_oldest (self, owner, rows), &bytes, &count);
    }

  for (guint i = 0; i < rows->len; i++)
    goes = goes || g_array_index (rows, RunconfHistoryRow, i).goes;

  return goes;
}

/* Returns: the deltas of the row, or NULL if they aren't known */
static GPtrArray *
read_deltas (RunconfHistory *self, const RunconfHistoryRow *row, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_DELTAS, error);
  GPtrArray *deltas = NULL;
  gboolean has_row;

  if (statement == NULL)
    return NULL;

  sqlite3_bind_int64 (statement, 1, row->version);
  if (!runconf_history_step (self, statement, &has_row, error) || !has_row)
    return NULL;

  deltas = runconf_history_deltas_unpack (sqlite3_column_blob (statement, 0),
                                          sqlite3_column_bytes (statement, 0), "");
  sqlite3_reset (statement);
  return deltas;
}

/* A sum that is removed leaves a gap.
 *
 * Returns: whether the rows follow on each other, are all known, and begin at a version that is
 *   kept
 */
static gboolean
can_add_up (GArray *rows, guint from, guint to)
{
  if (from == 0
      || g_array_index (rows, RunconfHistoryRow, from - 1).version
             != g_array_index (rows, RunconfHistoryRow, from).since)
    return FALSE;

  for (guint i = from; i < to; i++)
    {
      const RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, i);

      if (row->is_unknown || (row->is_sum && row->goes)
          || (i > from && row->since != g_array_index (rows, RunconfHistoryRow, i - 1).version))
        return FALSE;
    }

  return TRUE;
}

static gboolean
write_sum (RunconfHistory *self, GArray *rows, guint from, guint to, RunconfHistorySum *sum,
           GError **error)
{
  const RunconfHistoryRow *first = &g_array_index (rows, RunconfHistoryRow, from);
  const RunconfHistoryRow *last = &g_array_index (rows, RunconfHistoryRow, to - 1);

  return runconf_history_add_sum (self, last->version, first->since, last->time,
                                  runconf_history_sum_get_deltas (sum), error);
}

/* Removes the rows of a run, and replaces them by a sum if an older row needs it. */
static gboolean
fold (RunconfHistory *self, GArray *rows, guint from, guint to, GError **error)
{
  gboolean adds_up = can_add_up (rows, from, to);
  g_autoptr (RunconfHistorySum) sum = runconf_history_sum_new ();

  for (guint i = from; i < to; i++)
    {
      const RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, i);
      g_autoptr (GError) problem = NULL;
      g_autoptr (GPtrArray) deltas = read_deltas (self, row, &problem);

      if (problem != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&problem));
          return FALSE;
        }
      if (deltas == NULL)
        adds_up = FALSE;
      else if (adds_up)
        runconf_history_sum_add (sum, deltas);

      if (!runconf_history_remove_row (self, row->version, deltas, error))
        return FALSE;
    }

  return !adds_up || write_sum (self, rows, from, to, sum, error);
}

/* A run is rows to remove, and the sums among and beside them. */
static guint
find_run (GArray *rows, guint from, gboolean *goes)
{
  guint to = from;

  *goes = FALSE;
  for (; to < rows->len; to++)
    {
      const RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, to);

      if (!row->goes && !row->is_sum)
        break;
      *goes = *goes || row->goes;
    }

  return to;
}

/* Sums before a gap have no use. */
static void
choose_useless (RunconfHistory *self, GArray *rows)
{
  guint64 horizon = runconf_history_find_horizon (self, rows);

  for (guint i = 0; i < rows->len; i++)
    {
      RunconfHistoryRow *row = &g_array_index (rows, RunconfHistoryRow, i);

      if (row->is_sum && row->version <= horizon)
        row->goes = TRUE;
    }
}

static gboolean
fold_runs (RunconfHistory *self, GArray *rows, GError **error)
{
  guint from = 0;

  while (from < rows->len)
    {
      gboolean goes;
      guint to = find_run (rows, from, &goes);

      if (goes && !fold (self, rows, from, to, error))
        return FALSE;
      from = MAX (to, from + 1);
    }

  return TRUE;
}

/**
 * runconf_history_prune:
 *
 * Removes changes until there is room; call it within a transaction.
 */
gboolean
runconf_history_prune (RunconfHistory *self, GError **error)
{
  /* the new sums may take so much room that some have to be removed in turn */
  for (guint i = 0; i < MAX_PASSES; i++)
    {
      g_autoptr (GArray) rows = runconf_history_list_rows (self, error);

      if (rows == NULL)
        return FALSE;

      runconf_history_count_rows (self, rows);
      choose_useless (self, rows);
      if (!choose (self, rows))
        return TRUE;
      if (!fold_runs (self, rows, error))
        return FALSE;
    }

  return runconf_history_measure (self, error);
}
