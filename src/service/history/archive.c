/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/history/archive.h"

#include "core/error.h"
#include "store/digest.h"

/* A history is used by one thread at a time, under its mutex: by the thread that commits, or by a
 * thread that reads for a caller. A reader holds the mutex while it reads, so a commit can wait for
 * a reader; the limits of a call bound this time.
 *
 * A damaged history is closed, which puts its file aside, and a new one is begun. A history that
 * can't be opened is tried again with a later change.
 *
 * The batches that the journal of the text has are owed to the history until the text is synced, or until a
 * reader needs them: adding several at once takes little longer than adding one.
 *
 * Where there are many configurations, a history is opened on first use. If more than MAX_OPEN are
 * open, the least recently used idle one is closed. Their list has its own mutex, which is locked
 * last; the mutex of another history is only tried, and a busy history is skipped. A history in
 * which no change waits for a confirmation is sealed in the state when it is closed. At a start a
 * sealed history isn't opened if no write was in progress. The seal doesn't fit a history that was
 * written since, or that is newer than a state and a text that were restored from a backup.
 */

/* each takes three file descriptors and some 100 KB */
#define MAX_OPEN 64

static GMutex open_mutex;
static GQueue open_histories = G_QUEUE_INIT; /* of RunconfdArchive, most recently used first */

struct _RunconfdArchive
{
  GMutex lock;
  char *path;          /* NULL if no history is kept */
  RunconfState *state; /* of one of many histories, which are opened on first use, and closed when
                        * too many are open; NULL for the only one */
  RunconfHistoryLimits limits;
  RunconfHistory *history; /* NULL while it can't be opened */
  gboolean has_happened;   /* the pending change was made, but the file lacks that */
  GPtrArray *owed;         /* (element-type RunconfHistoryBatch): to be added */
  gboolean is_unseen;      /* not reconciled at the start */
  GBytes *digest;          /* of the text at the start, or NULL */
  gboolean is_busy;        /* a change is being kept */
  GMutex trouble_lock;     /* separate, so that dup_trouble() never waits for the disk */
  gboolean is_failing;     /* the trouble is a failure to write or to open it */
  char *trouble;           /* or NULL */
};

static GPtrArray *
make_owed (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_history_batch_free);
}

static void
set_trouble (RunconfdArchive *self, const char *trouble)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->trouble_lock);

  g_free (self->trouble);
  self->trouble = g_strdup (trouble);
}

/* Returns: whether the next start may have to take back overrides for this boot */
static gboolean
has_boot (RunconfdArchive *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) text = runconf_history_get_boot_text (self->history, &error);

  return error != NULL || (text != NULL && g_bytes_get_size (text) > 0);
}

/* Returns: whether the next start has to open the history */
static gboolean
is_needed (RunconfdArchive *self)
{
  g_autoptr (GPtrArray) waiting = runconf_history_list_waiting (self->history, NULL);
  g_autoptr (GBytes) digest = NULL;
  guint64 version;

  return waiting == NULL || waiting->len > 0 || has_boot (self)
         || runconf_history_get_pending (self->history, &version, &digest);
}

static void
close_history (RunconfdArchive *self)
{
  guint64 newest = runconf_history_get_newest_version (self->history);
  gboolean is_sealed = self->state != NULL && !is_needed (self);

  g_clear_pointer (&self->history, runconf_history_free);
  if (is_sealed)
    runconf_state_seal (self->state, self->path, newest);
}

/* Returns: (nullable): the link of a history that can be closed; its mutex is locked */
static GList *
find_idle (RunconfdArchive *self)
{
  for (GList *link = open_histories.tail; link != NULL; link = link->prev)
    {
      RunconfdArchive *other = link->data;

      if (other == self || !g_mutex_trylock (&other->lock))
        continue;
      if (!other->is_busy && !other->has_happened && other->owed->len == 0)
        return link;
      g_mutex_unlock (&other->lock);
    }

  return NULL;
}

/* Puts a history at the head of the open ones, and closes the last ones over the limit. */
static void
put_first (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&open_mutex);
  GList *link;

  g_queue_remove (&open_histories, self);
  g_queue_push_head (&open_histories, self);
  while (open_histories.length > MAX_OPEN && (link = find_idle (self)) != NULL)
    {
      RunconfdArchive *other = link->data;

      g_queue_delete_link (&open_histories, link);
      close_history (other);
      g_mutex_unlock (&other->lock);
    }
}

static void
note_use (RunconfdArchive *self)
{
  if (self->state != NULL && self->history != NULL)
    put_first (self);
}

/* Does the reconciliation that was skipped at the start. */
static void
see (RunconfdArchive *self)
{
  g_autoptr (GBytes) digest = g_steal_pointer (&self->digest);
  g_autoptr (GError) error = NULL;
  guint64 version;

  if (!self->is_unseen)
    return;

  self->is_unseen = FALSE;
  if (!runconf_history_reconcile (self->history, &digest, digest != NULL ? 1 : 0, &version, &error))
    set_trouble (self, error->message);
}

static void
open_history (RunconfdArchive *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *trouble = NULL;

  if (self->path == NULL || self->history != NULL)
    return;

  self->history = runconf_history_open (self->path, &self->limits, &trouble, &error);
  if (self->history == NULL)
    trouble = g_strdup_printf ("no history is kept: %s", error->message);
  self->is_failing = self->history == NULL;
  set_trouble (self, trouble);
  if (self->history != NULL)
    see (self);
}

/* If the file was removed or replaced, closes it. The file at its path is used from now on. */
static void
leave_replaced (RunconfdArchive *self)
{
  if (self->history != NULL && !runconf_history_has_name (self->history))
    g_clear_pointer (&self->history, runconf_history_free);
}

/* Opens a history that exists; creates none.
 *
 * Returns: whether there is a history to use
 */
static gboolean
use (RunconfdArchive *self)
{
  if (self->state != NULL && g_file_test (self->path, G_FILE_TEST_EXISTS))
    open_history (self);
  note_use (self);

  return self->history != NULL;
}

/* A damaged history is put aside as it is closed, and a new one is begun at once. */
static void
take_failure (RunconfdArchive *self, const GError *error)
{
  gboolean is_broken = runconf_history_is_broken (self->history);
  g_autofree char *message = NULL;

  if (is_broken)
    {
      g_clear_pointer (&self->history, runconf_history_free);
      open_history (self);
    }

  message = g_strdup_printf ("the history can't be kept: %s%s", error->message,
                             is_broken ? "; it was put aside" : "");
  set_trouble (self, message);
  self->is_failing = self->is_failing || !is_broken;
}

/* The next change or the next start repeats work that failed here. */
static void
log_trouble (RunconfdArchive *self, const GError *error)
{
  if (error != NULL)
    take_failure (self, error);
}

static void
open_to_write (RunconfdArchive *self)
{
  leave_replaced (self);
  open_history (self);
  note_use (self);
}

static void
take_success (RunconfdArchive *self)
{
  set_trouble (self, NULL);
  self->is_failing = FALSE;
}

/* Adds the batches that are owed. Without a history they are lost, which is its trouble. */
static void
add_owed (RunconfdArchive *self)
{
  g_autoptr (GPtrArray) owed = NULL;
  g_autoptr (GError) error = NULL;

  if (self->owed->len == 0)
    return;

  owed = g_steal_pointer (&self->owed);
  self->owed = make_owed ();
  open_to_write (self);
  if (self->history == NULL)
    return;

  if (runconf_history_add (self->history, owed, &error))
    take_success (self);
  else
    take_failure (self, error);
}

static void
confirm (RunconfdArchive *self)
{
  g_autoptr (GError) error = NULL;

  if (self->history == NULL || !self->has_happened)
    return;

  self->has_happened = FALSE;
  runconf_history_confirm (self->history, &error);
  log_trouble (self, error);
}

/* Records in the file that changes were made. Only readers wait for that. */
static void
catch_up (RunconfdArchive *self)
{
  add_owed (self);
  confirm (self);
}

static void
settle (RunconfdArchive *self)
{
  const RunconfMoment now = runconf_moment_now ();
  g_autoptr (GError) error = NULL;

  if (self->history != NULL)
    runconf_history_settle (self->history, &now, &error);
  log_trouble (self, error);
}

/**
 * runconfd_archive_new:
 * @path: the file of the history
 * @state: (nullable): for one of many histories, the state of its configuration, which has to
 *   outlive it
 *
 * Returns: (transfer full): the history, even if it can't be read or written
 */
RunconfdArchive *
runconfd_archive_new (const char *path, const RunconfHistoryLimits *limits, RunconfState *state)
{
  RunconfdArchive *self = runconfd_archive_new_off ();

  self->path = g_strdup (path);
  self->limits = *limits;
  self->state = state;
  if (state == NULL)
    open_history (self);

  return self;
}

/**
 * runconfd_archive_new_off:
 *
 * Returns: (transfer full): a history that keeps nothing
 */
RunconfdArchive *
runconfd_archive_new_off (void)
{
  RunconfdArchive *self = g_new0 (RunconfdArchive, 1);

  g_mutex_init (&self->lock);
  g_mutex_init (&self->trouble_lock);
  self->owed = make_owed ();

  return self;
}

void
runconfd_archive_free (RunconfdArchive *self)
{
  g_mutex_lock (&open_mutex);
  g_queue_remove (&open_histories, self);
  g_mutex_unlock (&open_mutex);

  catch_up (self);
  if (self->history != NULL)
    close_history (self);
  g_ptr_array_unref (self->owed);
  g_clear_pointer (&self->digest, g_bytes_unref);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->trouble_lock);
  g_free (self->path);
  g_free (self->trouble);
  g_free (self);
}

gboolean
runconfd_archive_is_off (RunconfdArchive *self)
{
  return self->path == NULL;
}

/**
 * runconfd_archive_dup_trouble:
 *
 * Returns: (transfer full) (nullable): the problem of the history, until a change is kept
 */
char *
runconfd_archive_dup_trouble (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->trouble_lock);

  return g_strdup (self->trouble);
}

static gboolean
has_digest (GBytes *text, GBytes *digest)
{
  g_autoptr (GBytes) found = text != NULL ? runconf_digest_new (text) : NULL;

  return found != NULL && g_bytes_equal (found, digest);
}

/* Returns: whether the text is the one before the pending change */
static gboolean
is_before (RunconfdArchive *self, GBytes *digest)
{
  gboolean is_last;

  return runconf_history_is_last_digest (self->history, digest, &is_last, NULL) && is_last;
}

/**
 * runconfd_archive_reconcile:
 * @text: (nullable): the text at a start
 * @boot_text: (nullable): the text of the overrides for this boot
 * @recorded: the version of the text by all other records
 * @is_known: whether the other records know the text
 * @is_settled: whether the other records show no write in progress
 * @is_newest: (out): whether the text is known to be that of the newest version
 *
 * Finds out whether a change was made that was in progress when the service ended. If the text is the one
 * before, it wasn't made. If the text was edited by hand since, there is no evidence. The change then
 * counts as made, since its caller may have received a reply. A change of the overrides for this boot
 * was made if their text is there or, after a reboot, if its version was recorded.
 *
 * Returns: the newest version in the history
 */
guint64
runconfd_archive_reconcile (RunconfdArchive *self, GBytes *text, GBytes *boot_text,
                            guint64 recorded, gboolean is_known, gboolean is_settled,
                            gboolean *is_newest)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GBytes) digest = text != NULL ? runconf_digest_new (text) : NULL;
  g_autoptr (GBytes) pending = NULL;
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  *is_newest = FALSE;
  self->is_unseen
      = is_settled && self->state != NULL && runconf_state_is_sealed (self->state, self->path);
  if (self->is_unseen)
    self->digest = g_steal_pointer (&digest);
  if (self->is_unseen || !use (self))
    return 0;

  *is_newest = runconf_history_get_pending (self->history, &version, &pending) && digest != NULL
               && pending != NULL && g_bytes_equal (digest, pending);
  if (pending != NULL
      && ((!is_known && digest != NULL && !is_before (self, digest)) || version <= recorded
          || has_digest (boot_text, pending)))
    {
      g_clear_pointer (&digest, g_bytes_unref);
      digest = g_bytes_ref (pending);
    }

  if (!runconf_history_reconcile (self->history, &digest, digest != NULL ? 1 : 0, &version, &error)
      || (pending != NULL && !runconf_history_sync (self->history, &error)))
    take_failure (self, error);

  return version;
}

/**
 * runconfd_archive_get_text:
 * @version: (out): the version of the text
 *
 * Returns: (transfer full) (nullable): the last text of the overrides that was in force, without
 *   secrets
 */
GBytes *
runconfd_archive_get_text (RunconfdArchive *self, guint64 *version)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;
  GBytes *text;

  *version = 0;
  if (!use (self))
    return NULL;

  text = runconf_history_get_text (self->history, version, &error);
  if (error != NULL)
    take_failure (self, error);

  return text;
}

/**
 * runconfd_archive_get_boot_text:
 *
 * Returns: (transfer full) (nullable): the overrides for this boot, or for the last one, as far as the
 *   history knows them, without secrets; %NULL if there have never been any
 */
GBytes *
runconfd_archive_get_boot_text (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;
  GBytes *text = NULL;

  if (!self->is_unseen && use (self))
    text = runconf_history_get_boot_text (self->history, &error);
  if (error != NULL)
    take_failure (self, error);

  return text;
}

/**
 * runconfd_archive_list_waiting:
 *
 * Returns: (transfer full) (element-type RunconfHistoryRecord): the changes that are reverted
 *   unless a caller confirms them
 */
GPtrArray *
runconfd_archive_list_waiting (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;
  GPtrArray *waiting = NULL;

  if (!self->is_unseen && use (self))
    waiting = runconf_history_list_waiting (self->history, &error);
  if (error != NULL)
    take_failure (self, error);

  return waiting != NULL ? waiting : g_ptr_array_new ();
}

/**
 * runconfd_archive_prepare:
 * @records: (element-type RunconfHistoryRecord): the changes that are about to be made
 * @text: (nullable): the text after these changes
 * @good_text: (nullable): the same without secrets
 *
 * Puts changes on the disk before they are made.
 *
 * Returns: whether they are kept
 */
gboolean
runconfd_archive_prepare (RunconfdArchive *self, GPtrArray *records, GBytes *text,
                          GBytes *good_text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GBytes) digest = NULL;
  g_autoptr (GError) error = NULL;

  /* there is nothing to keep, and probing each of many histories would cost too much */
  if (records->len == 0 && self->state != NULL)
    return TRUE;

  add_owed (self);
  open_to_write (self);
  if (self->history == NULL || records->len == 0)
    return self->history != NULL;

  /* the version of the new change implies that the change before was made */
  self->has_happened = FALSE;
  self->is_busy = TRUE;

  digest = text != NULL ? runconf_digest_new (text) : NULL;
  if (runconf_history_prepare (self->history, records, digest, good_text, &error))
    {
      take_success (self);
      return TRUE;
    }

  take_failure (self, error);

  return FALSE;
}

/**
 * runconfd_archive_pack:
 * @records: (element-type RunconfHistoryRecord): the changes that are about to be made
 * @text: the text after these changes
 * @good_text: (nullable): the same without secrets
 *
 * Returns: (transfer full) (nullable): the changes, for the journal of the text; %NULL if the history has to be
 *   written before them: it couldn't be written last time, or a change waits for a confirmation
 */
GBytes *
runconfd_archive_pack (RunconfdArchive *self, GPtrArray *records, GBytes *text, GBytes *good_text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->is_failing || (self->path != NULL && self->history == NULL))
    return NULL;
  for (guint i = 0; i < records->len; i++)
    if (((RunconfHistoryRecord *) records->pdata[i])->deadline != 0)
      return NULL;

  return runconf_history_batch_pack (records, text, good_text);
}

/**
 * runconfd_archive_owe:
 * @batch: (transfer full): changes that the journal of the text has
 *
 * Has these changes added to the history before runconfd_archive_sync() returns, if it lacks them. Readers see
 * them in it from now on.
 */
void
runconfd_archive_owe (RunconfdArchive *self, RunconfHistoryBatch *batch)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (self->path != NULL)
    g_ptr_array_add (self->owed, batch);
  else
    runconf_history_batch_free (batch);
}

/**
 * runconfd_archive_sync:
 *
 * Writes all changes to the disk.
 */
void
runconfd_archive_sync (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;

  catch_up (self);
  settle (self);
  if (self->history != NULL && !runconf_history_sync (self->history, &error))
    take_failure (self, error);
}

/**
 * runconfd_archive_retry:
 *
 * Finds out whether a history that couldn't be written can be written now. The message that a
 * damaged history was put aside stays until a change is kept.
 */
void
runconfd_archive_retry (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;

  if (!self->is_failing)
    return;

  leave_replaced (self);
  if (self->history == NULL)
    {
      open_history (self);
      note_use (self);
      return;
    }

  self->is_failing = !runconf_history_check_writable (self->history, &error);
  if (!self->is_failing)
    set_trouble (self, NULL);
}

/**
 * runconfd_archive_confirm:
 *
 * Records that the prepared changes were made. Readers see them in the history from now on; the
 * file has this with the next write to it.
 */
void
runconfd_archive_confirm (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  self->has_happened = TRUE;
}

/**
 * runconfd_archive_abandon:
 *
 * Records on the disk that the prepared changes were not made: after a power cut and an edit by hand, nothing
 * else shows that.
 */
void
runconfd_archive_abandon (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;

  if (self->history != NULL && runconf_history_abandon (self->history, &error))
    runconf_history_sync (self->history, &error);
  log_trouble (self, error);
  self->is_busy = FALSE;
}

/**
 * runconfd_archive_settle:
 *
 * Does the work that can wait until the callers have their replies.
 */
void
runconfd_archive_settle (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  confirm (self);
  if (self->owed->len == 0)
    settle (self);
  self->is_busy = FALSE;
}

static gboolean
is_unmade (RunconfdArchive *self)
{
  return self->state != NULL && self->history == NULL && self->trouble == NULL;
}

/* Returns: whether there is a history to read */
static gboolean
check_there (RunconfdArchive *self, GError **error)
{
  catch_up (self);
  if (use (self))
    return TRUE;

  if (is_unmade (self))
    {
      g_set_error_literal (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                           "there is no history yet: no change was recorded");
      return FALSE;
    }

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "%s",
               self->path == NULL
                   ? "the service keeps no history: it was started with --history-count 0"
                   : self->trouble);

  return FALSE;
}

GPtrArray *
runconfd_archive_list (RunconfdArchive *self, const char *path, guint limit, guint64 since_version,
                       GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!use (self) && is_unmade (self))
    return g_ptr_array_new ();
  if (!check_there (self, error))
    return NULL;

  return runconf_history_list (self->history, path, limit, since_version, error);
}

/**
 * runconfd_archive_has_digest:
 *
 * Returns: whether a text with this digest is known to have been in force
 */
gboolean
runconfd_archive_has_digest (RunconfdArchive *self, GBytes *digest)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;
  gboolean is_there = FALSE;

  catch_up (self);
  if (use (self) && !runconf_history_has_digest (self->history, digest, &is_there, &error))
    take_failure (self, error);

  return is_there;
}

/**
 * runconfd_archive_get_last:
 *
 * Returns: whether the last change of a path is known
 */
gboolean
runconfd_archive_get_last (RunconfdArchive *self, const char *path, guint64 *version, gint64 *time)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  *version = 0;
  catch_up (self);

  return use (self) && runconf_history_get_last (self->history, path, version, time, NULL)
         && *version > 0;
}

RunconfNode *
runconfd_archive_get_overrides_at (RunconfdArchive *self, const RunconfNode *now,
                                   guint64 now_version, guint64 version, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (version == now_version)
    return runconf_node_ref (now);
  if (!check_there (self, error))
    return NULL;

  return runconf_history_get_overrides_at (self->history, now, now_version, version, error);
}

gboolean
runconfd_archive_drop_waiting (RunconfdArchive *self, guint64 version, GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!check_there (self, error))
    return FALSE;

  return runconf_history_drop_waiting (self->history, version, error);
}
