/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/history/history.h"

#include "store/history/history-batch.h"
#include "store/history/history-private.h"

/* A history describes another file, the overrides' text, so the two could disagree after a kill or
 * a power cut. They don't, because a batch of changes is written in two phases:
 *
 *   1. runconf_history_prepare() writes the changes to the disk, marked as pending, with the digest
 *      of the text that they lead to. This is one fsync.
 *   2. The caller exchanges the text.
 *   3. runconf_history_confirm() removes the mark, without waiting for the disk; or, if the text
 *      couldn't be exchanged, runconf_history_abandon() drops the changes.
 *
 * At a start the caller passes the present text to runconf_history_reconcile(): pending changes
 * that led to it happened, others didn't. At most one batch is pending. If step 3 is lost, the
 * next batch writes its outcome to the disk with its own fsync: its version number shows whether
 * the one before was in force.
 *
 * A commit syncs only SQLite's log (WAL). runconf_history_settle(), which is called when no caller
 * waits, moves the log to the database and begins it again: the next commit doesn't pay for the
 * sync of this. If it isn't called, a commit does it once the log is large.
 *
 * A batch that the journal of the text has needs none of this: it is added with runconf_history_add(), with
 * others, and synced with the text. A start adds it again if it is missing.
 *
 * Above the limits, changes are pruned, and first those of the users that have the most, so that no
 * user can push out the changes of others: see history-prune.c.
 *
 * A file that can't be used is renamed and a new one begun. If an open file turns out to be
 * damaged, runconf_history_is_broken() reports that, and runconf_history_free() renames it: the
 * caller only has to open the history again.
 */

/* in pages of 4 KiB: when settling moves the log to the database, and when a commit has to */
#define SETTLE_PAGES 256
#define MAX_LOG_PAGES 1024

void
runconf_history_record_free (RunconfHistoryRecord *self)
{
  g_free (self->origin);
  g_clear_pointer (&self->boot_text, g_bytes_unref);
  g_free (self->caller);
  g_free (self->message);
  g_free (self->layer);
  g_clear_pointer (&self->deltas, g_ptr_array_unref);
  g_free (self);
}

/**
 * runconf_history_records_new:
 *
 * Returns: (transfer full) (element-type RunconfHistoryRecord): an empty array, which frees its records
 */
GPtrArray *
runconf_history_records_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_history_record_free);
}

static guint64
get_version (GPtrArray *records, guint index)
{
  return ((const RunconfHistoryRecord *) records->pdata[index])->version;
}

static void
forget_pending (RunconfHistory *self)
{
  self->pending_from = 0;
  self->pending_to = 0;
  g_clear_pointer (&self->pending_digest, g_bytes_unref);
}

static gboolean
check_versions (RunconfHistory *self, GPtrArray *records, GError **error)
{
  guint64 last = self->newest;
  g_autofree char *text = NULL;

  for (guint i = 0; i < records->len && text == NULL; i++)
    {
      guint64 version = get_version (records, i);

      if (version > RUNCONF_HISTORY_MAX_VERSION)
        text = g_strdup_printf ("version %" G_GUINT64_FORMAT " is too large to be kept", version);
      else if (version <= last)
        text = g_strdup_printf (
            "version %" G_GUINT64_FORMAT " can't follow version %" G_GUINT64_FORMAT, version, last);
      last = version;
    }

  if (text == NULL)
    return TRUE;

  runconf_history_fail_with (self, error, text);
  return FALSE;
}

/* After a rollback, the values in memory are ahead of the file. */
static void
measure_again (RunconfHistory *self)
{
  g_autoptr (GError) error = NULL;

  if (!runconf_history_measure (self, &error))
    g_debug ("%s", error->message);
}

static void
put_in_force (RunconfHistory *self)
{
  self->newest = self->pending_to;
  forget_pending (self);
  if (self->has_break)
    measure_again (self);
  self->has_break = FALSE;
}

/* The version of the next batch shows the outcome of one without confirm or abandon. */
static void
resolve_pending (RunconfHistory *self, guint64 next_version)
{
  if (self->pending_from != 0 && next_version > self->pending_to)
    put_in_force (self);
  forget_pending (self);
}

static gboolean
add_text (RunconfHistory *self, Statement id, guint64 version, GBytes *text, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);
  gsize size;
  gconstpointer data = g_bytes_get_data (text, &size);

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, version);
  sqlite3_bind_blob64 (statement, 2, data != NULL ? data : "", size, SQLITE_STATIC);
  return runconf_history_finish (self, statement, error);
}

static gboolean
drop_old_texts (RunconfHistory *self, Statement id, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, self->newest);
  return runconf_history_finish (self, statement, error);
}

/* One digest per batch: the versions within it never had a text of their own. */
static gboolean
add_digest (RunconfHistory *self, guint64 version, GError **error)
{
  sqlite3_stmt *statement;
  gsize size;
  gconstpointer data;

  if (self->pending_digest == NULL)
    return TRUE;

  statement = runconf_history_get_statement (self, STATEMENT_ADD_DIGEST, error);
  if (statement == NULL)
    return FALSE;
  data = g_bytes_get_data (self->pending_digest, &size);
  sqlite3_bind_int64 (statement, 1, version);
  sqlite3_bind_blob64 (statement, 2, data, size, SQLITE_STATIC);
  if (!runconf_history_finish (self, statement, error))
    return FALSE;
  if (version <= RUNCONF_HISTORY_MAX_DIGESTS)
    return TRUE;

  statement = runconf_history_get_statement (self, STATEMENT_DROP_OLD_DIGESTS, error);
  if (statement == NULL)
    return FALSE;
  sqlite3_bind_int64 (statement, 1, version - RUNCONF_HISTORY_MAX_DIGESTS);

  return runconf_history_finish (self, statement, error);
}

static gboolean
add_batch (RunconfHistory *self, GPtrArray *records, GBytes *good_text, GError **error)
{
  const RunconfHistoryRecord *last = records->pdata[records->len - 1];
  guint64 last_version = self->newest;

  if (!runconf_history_drop_from (self, get_version (records, 0), error))
    return FALSE;

  for (guint i = 0; i < records->len; i++)
    if (!runconf_history_add_change (self, records->pdata[i], &last_version, error))
      return FALSE;

  return (good_text == NULL || add_text (self, STATEMENT_ADD_TEXT, last->version, good_text, error))
         && (last->boot_text == NULL
             || add_text (self, STATEMENT_ADD_BOOT, last->version, last->boot_text, error))
         && add_digest (self, last->version, error)
         && (!runconf_history_needs_room (self) || runconf_history_prune (self, error));
}

/* Moves the log to the database, and begins it again. */
static gboolean
empty_log (RunconfHistory *self, GError **error)
{
  if (sqlite3_wal_checkpoint_v2 (self->db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL)
      != SQLITE_OK)
    {
      runconf_history_fail (self, error);
      return FALSE;
    }

  return runconf_history_begin_log (self, FALSE, error);
}

static void
make_room_in_log (RunconfHistory *self)
{
  g_autoptr (GError) ignored = NULL;

  if (self->n_log_pages > MAX_LOG_PAGES && !empty_log (self, &ignored))
    g_debug ("%s", ignored->message);
}

static void
set_pending (RunconfHistory *self, GPtrArray *records, GBytes *text_digest)
{
  self->pending_from = get_version (records, 0);
  self->pending_to = get_version (records, records->len - 1);
  self->pending_digest = text_digest != NULL ? g_bytes_ref (text_digest) : NULL;
}

/**
 * runconf_history_prepare:
 * @records: (element-type RunconfHistoryRecord): the changes of a batch, by version; at least one
 * @text_digest: (nullable): runconf_digest_new() of the text that they lead to
 * @good_text: (nullable): that text, if it is to be kept, without secrets
 * @error: return location
 *
 * Writes changes that are about to happen to the disk: one fsync. They are pending until
 * runconf_history_confirm() or runconf_history_abandon(). Each version must be above
 * runconf_history_get_newest_version().
 *
 * Returns: %FALSE with an error; then nothing is pending and nothing was added
 */
gboolean
runconf_history_prepare (RunconfHistory *self, GPtrArray *records, GBytes *text_digest,
                         GBytes *good_text, GError **error)
{
  gboolean is_good;

  g_return_val_if_fail (records->len > 0, FALSE);

  resolve_pending (self, get_version (records, 0));
  if (!check_versions (self, records, error))
    return FALSE;
  make_room_in_log (self);
  if (!runconf_history_begin (self, TRUE, error))
    return FALSE;

  set_pending (self, records, text_digest);
  is_good = add_batch (self, records, good_text, error) && runconf_history_write_meta (self, error);
  if (runconf_history_end (self, is_good, error))
    return TRUE;

  forget_pending (self);
  measure_again (self);
  return FALSE;
}

static gboolean
drop_replaced_texts (RunconfHistory *self, GError **error)
{
  return drop_old_texts (self, STATEMENT_DROP_OLD_TEXTS, error)
         && drop_old_texts (self, STATEMENT_DROP_OLD_BOOTS, error);
}

static gboolean
add_made (RunconfHistory *self, const RunconfHistoryBatch *batch, GError **error)
{
  resolve_pending (self, get_version (batch->records, 0));
  if (!check_versions (self, batch->records, error))
    return FALSE;

  set_pending (self, batch->records, batch->digest);
  if (!add_batch (self, batch->records, batch->good_text, error))
    return FALSE;
  put_in_force (self);

  return TRUE;
}

/**
 * runconf_history_add:
 * @batches: (element-type RunconfHistoryBatch): at least one, by version
 * @error: return location
 *
 * Adds changes that were made, and that are on the disk elsewhere until runconf_history_sync(). Changes that
 * the history has already aren't added again.
 *
 * Returns: %FALSE with an error; then nothing was added
 */
gboolean
runconf_history_add (RunconfHistory *self, GPtrArray *batches, GError **error)
{
  guint64 newest = self->newest;
  gboolean is_good = TRUE;

  make_room_in_log (self);
  if (!runconf_history_begin (self, FALSE, error))
    return FALSE;

  for (guint i = 0; i < batches->len && is_good; i++)
    {
      RunconfHistoryBatch *batch = batches->pdata[i];

      runconf_history_batch_skip (batch, self->newest);
      is_good = batch->records->len == 0 || add_made (self, batch, error);
    }

  is_good
      = is_good && drop_replaced_texts (self, error) && runconf_history_write_meta (self, error);
  if (runconf_history_end (self, is_good, error))
    return TRUE;

  self->newest = newest;
  forget_pending (self);
  measure_again (self);
  return FALSE;
}

/**
 * runconf_history_sync:
 *
 * Writes all changes to the disk.
 *
 * Returns: %FALSE with an error
 */
gboolean
runconf_history_sync (RunconfHistory *self, GError **error)
{
  sqlite3_file *log = NULL;
  int code = sqlite3_file_control (self->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);

  if (code == SQLITE_OK && log != NULL && log->pMethods != NULL)
    code = log->pMethods->xSync (log, SQLITE_SYNC_NORMAL);
  if (code == SQLITE_OK)
    return TRUE;

  runconf_history_fail_with (self, error, "it can't be synced to the disk");
  return FALSE;
}

/* Writes the outcome that is in memory already.
 *
 * Returns: %FALSE with an error
 */
static gboolean
write_outcome (RunconfHistory *self, gboolean drops, GError **error)
{
  gboolean is_good;

  if (!runconf_history_begin (self, FALSE, error))
    return FALSE;

  is_good = drops ? runconf_history_drop_from (self, self->newest + 1, error)
                  : drop_replaced_texts (self, error);

  return runconf_history_end (self, is_good && runconf_history_write_meta (self, error), error);
}

/**
 * runconf_history_confirm:
 *
 * Marks the pending changes as in force. If this can't be written, the next
 * runconf_history_prepare() does it, and until then runconf_history_reconcile() can.
 *
 * Returns: %FALSE with an error that does no harm
 */
gboolean
runconf_history_confirm (RunconfHistory *self, GError **error)
{
  if (self->pending_from == 0)
    return TRUE;

  put_in_force (self);

  return write_outcome (self, FALSE, error);
}

/**
 * runconf_history_abandon:
 *
 * Drops the pending changes: they didn't happen.
 *
 * Returns: %FALSE with an error that does no harm
 */
gboolean
runconf_history_abandon (RunconfHistory *self, GError **error)
{
  gboolean is_good;

  if (self->pending_from == 0)
    return TRUE;

  forget_pending (self);
  is_good = write_outcome (self, TRUE, error);
  measure_again (self);

  return is_good;
}

/**
 * runconf_history_get_pending:
 * @version: (out): the last of the pending versions
 * @text_digest: (out) (transfer full) (nullable): the digest of the text that they led to
 *
 * Returns: whether there are pending changes, which may or may not have happened
 */
gboolean
runconf_history_get_pending (RunconfHistory *self, guint64 *version, GBytes **text_digest)
{
  *version = self->pending_to;
  *text_digest = self->pending_digest != NULL ? g_bytes_ref (self->pending_digest) : NULL;

  return self->pending_from != 0;
}

/**
 * runconf_history_reconcile:
 * @text_digests: (array length=n_digests): the digests of the present text, and of others that are
 *   known to have been in force
 * @newest_version: (out): the newest version that happened
 * @error: return location
 *
 * Finds out whether changes that are pending since a kill or a power cut happened.
 *
 * Returns: %FALSE with an error that does no harm; @newest_version is right even then
 */
gboolean
runconf_history_reconcile (RunconfHistory *self, GBytes *const *text_digests, guint n_digests,
                           guint64 *newest_version, GError **error)
{
  gboolean is_good = TRUE, happened = FALSE;

  for (guint i = 0; i < n_digests && self->pending_digest != NULL; i++)
    happened = happened || g_bytes_equal (text_digests[i], self->pending_digest);

  if (self->pending_from != 0)
    is_good
        = happened ? runconf_history_confirm (self, error) : runconf_history_abandon (self, error);
  *newest_version = self->newest;

  return is_good;
}

/**
 * runconf_history_settle:
 * @now: (nullable): the present time on all clocks; %NULL to remove nothing more for its age
 *
 * Does the work that can wait until no caller does: prunes changes that are too old or above the
 * limits, and moves the log to the database once it is larger than 1 MiB.
 *
 * Returns: %FALSE with an error that does no harm
 */
gboolean
runconf_history_settle (RunconfHistory *self, const RunconfMoment *now, GError **error)
{
  gboolean is_good;

  if (now != NULL && self->pending_from == 0 && !runconf_history_grow_older (self, now, error))
    return FALSE;
  if (self->pending_from == 0 && runconf_history_needs_room_soon (self))
    {
      if (!runconf_history_begin (self, FALSE, error))
        return FALSE;
      is_good = runconf_history_end (self, runconf_history_prune (self, error), error);
      if (!is_good)
        {
          measure_again (self);
          return FALSE;
        }
    }

  return self->n_log_pages <= SETTLE_PAGES || empty_log (self, error);
}

/**
 * runconf_history_get_newest_version:
 *
 * Returns: the newest version that happened, even if the change itself isn't kept; 0 if there is
 *   none
 */
guint64
runconf_history_get_newest_version (RunconfHistory *self)
{
  return self->newest;
}

/* Returns: (transfer full) (nullable): the newest text of a table */
static GBytes *
get_text (RunconfHistory *self, Statement id, guint64 *version, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, id, error);
  gboolean has_row;
  GBytes *text;

  *version = 0;
  if (statement == NULL)
    return NULL;

  sqlite3_bind_int64 (statement, 1, self->newest);
  if (!runconf_history_step (self, statement, &has_row, error) || !has_row)
    return NULL;

  *version = sqlite3_column_int64 (statement, 0);
  text = g_bytes_new (sqlite3_column_blob (statement, 1), sqlite3_column_bytes (statement, 1));
  sqlite3_reset (statement);

  return text;
}

/**
 * runconf_history_get_text:
 * @version: (out): the version that it was kept with
 *
 * Returns: (transfer full) (nullable): the newest text that was kept and in force; %NULL without an
 *   error if there is none
 */
GBytes *
runconf_history_get_text (RunconfHistory *self, guint64 *version, GError **error)
{
  return get_text (self, STATEMENT_GET_TEXT, version, error);
}

/**
 * runconf_history_get_boot_text:
 *
 * Returns: (transfer full) (nullable): the overrides for this boot, or for the last one; %NULL
 *   without an error if there have never been any
 */
GBytes *
runconf_history_get_boot_text (RunconfHistory *self, GError **error)
{
  guint64 version;

  return get_text (self, STATEMENT_GET_BOOT, &version, error);
}
