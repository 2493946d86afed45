/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/store.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include <glib/gstdio.h>

#include "core/limits.h"
#include "store/digest.h"
#include "store/failure.h"
#include "store/fd.h"
#include "store/file/file-lock.h"
#include "store/file/grace.h"
#include "store/file/journal.h"
#include "store/file/leftovers.h"
#include "store/file/reading.h"
#include "store/file/recovery.h"
#include "store/file/replacement.h"
#include "store/file/spare.h"
#include "store/file/text-file.h"
#include "store/watch/patience.h"
#include "store/watch/symlink-chain.h"
#include "store/watch/watcher.h"

/* Threads
 *
 * load() and replace() may be called from any thread, one at a time: both hold the mutex `io`. The
 * watcher belongs to the main context of the creator. When it reports that the file may have
 * changed, the content is compared in a worker thread, since that waits for `io` and hashes up to
 * 16 MiB. Back in the main context, `changed` is emitted if the text wasn't loaded or replaced
 * meanwhile: `generation` counts that. The next load() takes the text that the comparison read, if
 * the file is still the same.
 *
 * The signature of a file only saves time: a change is decided by the content, and the replacement
 * compares the text that it replaced.
 *
 * The journal
 *
 * A text that is short enough is written to the journal, with one sync, before it replaces the old text. The file
 * for the next one is created ahead, after the replies, since a file system takes long to find a free inode
 * where files were removed. A text is synced itself when runconf_store_sync() is called. Only a text that replaces one of this store can
 * be deferred so: then the old one is on the disk, or in the journal too. After a kill or a power cut,
 * recovery.c finds out what the file has.
 */

/* What a thread read in the file. */
struct _RunconfStore
{
  GObject parent_instance;

  char *path;
  RunconfWatcher *watcher;

  /* used only in the main context of the creator */
  gboolean is_comparing;
  gboolean compare_again;

  GMutex io; /* protects the members below */
  RunconfFileLock *lock;
  RunconfGrace *grace;
  RunconfPatience patience;
  RunconfReplacement *done; /* the last one, whose old file is still to be removed, or NULL */
  GBytes *text;             /* last loaded or written, NULL if there was none */
  GBytes *stamp;            /* of the text, or of the failure to load it; NULL at first */
  RunconfSignature known;   /* of the file with that text; the stamp lacks its failure */
  RunconfReading *reported; /* the changed text that `changed` was or will be emitted for */
  gboolean is_own;          /* the file with the text is one that this store wrote */

  RunconfJournal *journal; /* NULL if there is none */
  gboolean wants_journal;  /* the last text would have been written to it */
  gsize entry_size;        /* of that text and its attachment */
  gboolean is_deferred;    /* the text is only in the journal, and not yet synced */
  RunconfSpare spare;      /* for the next text of the journal */
  gboolean lacks_names;    /* a file without a name can't get one here, so nothing is deferred */
  GError *unsynced;        /* the text couldn't be synced, or NULL */
  GError *stuck;           /* the text of the journal couldn't be put in its place, or NULL */

  int generation; /* atomic */
};

G_DEFINE_FINAL_TYPE (RunconfStore, runconf_store, G_TYPE_OBJECT)

static guint changed_signal;
static guint late_signal;

static void
runconf_store_init (RunconfStore *self)
{
  g_mutex_init (&self->io);
  runconf_spare_init (&self->spare);
  self->lock = runconf_file_lock_new ();
}

static void
runconf_store_finalize (GObject *object)
{
  RunconfStore *self = RUNCONF_STORE (object);

  g_clear_object (&self->watcher);
  g_clear_pointer (&self->done, runconf_replacement_free);
  g_clear_pointer (&self->grace, runconf_grace_free);
  g_clear_pointer (&self->lock, runconf_file_lock_free);
  g_clear_pointer (&self->text, g_bytes_unref);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  g_clear_pointer (&self->reported, runconf_reading_free);
  g_clear_pointer (&self->journal, runconf_journal_free);
  runconf_spare_clear (&self->spare);
  g_clear_error (&self->stuck);
  g_clear_error (&self->unsynced);
  g_mutex_clear (&self->io);
  g_free (self->path);

  G_OBJECT_CLASS (runconf_store_parent_class)->finalize (object);
}

static void
runconf_store_class_init (RunconfStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = runconf_store_finalize;

  /**
   * RunconfStore::changed:
   *
   * The text is no longer the one that was last loaded or replaced, or it has become readable or
   * unreadable: load it now. The signal is emitted once for each text, never for a text that this
   * store wrote itself, and in the thread-default main context in which the store was made.
   */
  changed_signal = g_signal_new ("changed", RUNCONF_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);

  /**
   * RunconfStore::late:
   * @text: a text
   * @base: the text that its author began from
   *
   * Another program wrote @text into the file that held @base, after that file had been replaced:
   * too late to be found by the replacement, or to be a conflict. The difference between @base and
   * @text is to be merged. The signal is emitted in the main context of #RunconfStore::changed.
   */
  late_signal = g_signal_new ("late", RUNCONF_TYPE_STORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 2, G_TYPE_BYTES, G_TYPE_BYTES);
}

/* Call with `io` held.
 *
 * Returns: whether this store wrote the file with this signature
 */
static gboolean
is_own_file (RunconfStore *self, const RunconfSignature *signature)
{
  return self->is_own && runconf_signature_equal_but_ctime (signature, &self->known);
}

/* Call with `io` held. */
static void
remember (RunconfStore *self, GBytes *text, GBytes *stamp, const RunconfSignature *signature,
          gint64 seen_at)
{
  if (text != NULL)
    g_bytes_ref (text);
  g_clear_pointer (&self->text, g_bytes_unref);
  self->text = text;
  g_bytes_ref (stamp);
  g_clear_pointer (&self->stamp, g_bytes_unref);
  self->stamp = stamp;
  self->known = *signature;
  g_clear_pointer (&self->reported, runconf_reading_free);
  g_atomic_int_inc (&self->generation);
  runconf_watcher_set_known (self->watcher, signature, seen_at);
}

static gboolean
is_same_text (GBytes *a, GBytes *b)
{
  return a == b || (a != NULL && b != NULL && g_bytes_equal (a, b));
}

/* The known text isn't the first part of a new one, even if a process has the file open. */
static gboolean
has_to_wait (RunconfStore *self, const RunconfReading *reading)
{
  RunconfWriter writer = runconf_watcher_find_writer (self->watcher, self->path, reading->lease,
                                                      &reading->signature);

  if (reading->text != NULL && self->text != NULL && g_bytes_equal (reading->text, self->text))
    return FALSE;

  return runconf_patience_wait (&self->patience, g_get_monotonic_time (), writer,
                                &reading->signature, reading->text, self->path);
}

/**
 * runconf_store_load:
 * @text: (out) (transfer full) (nullable): the text, %NULL if there is none
 * @stamp: (out) (transfer full): the stamp of the text, for runconf_store_replace()
 * @error: return location
 *
 * Loads the text. A missing text is no error: it has a stamp of its own.
 *
 * This blocks on files, and may be called from any thread.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_UNREADABLE, %RUNCONF_STORE_ERROR_TOO_LARGE,
 *   %RUNCONF_STORE_ERROR_BUSY or %RUNCONF_STORE_ERROR_FAILED, and nothing in @text and @stamp
 */
gboolean
runconf_store_load (RunconfStore *self, GBytes **text, GBytes **stamp, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);
  g_autoptr (RunconfReading) fresh = NULL;
  const RunconfReading *reading = self->reported;

  if (reading == NULL || !runconf_reading_is_current (reading, self->path))
    reading = fresh = runconf_reading_new (self->path);

  if (has_to_wait (self, reading))
    {
      g_autofree char *display = g_filename_display_name (self->path);

      g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_BUSY,
                   "%s: it is being written by another process, which has it open: it is read when "
                   "that process closes it",
                   display);
      return FALSE;
    }

  if (fresh == NULL)
    fresh = g_steal_pointer (&self->reported);
  self->is_own = is_own_file (self, &fresh->signature);
  remember (self, fresh->text, fresh->stamp, &fresh->signature, fresh->seen_at);
  if (fresh->failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&fresh->failure));
      return FALSE;
    }

  *text = g_steal_pointer (&fresh->text);
  *stamp = g_steal_pointer (&fresh->stamp);
  return TRUE;
}

/* Opens the directory of the file, at the end of all symbolic links. If the file isn't a regular
 * one, nothing is written beside it: a link can lead to /dev.
 */
static int
open_directory (RunconfStore *self, char **name, struct stat *status, GError **error)
{
  autofd int fd = runconf_symlink_chain_open_directory (self->path, name, status);

  if (fd < 0)
    {
      runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, errno,
                           "can't open its directory");
      return -1;
    }
  if (status->st_mode != 0 && !runconf_text_file_check_type (status, self->path, error))
    return -1;

  return g_steal_fd (&fd);
}

/* Returns: whether the file is the one whose text was last loaded or written */
static gboolean
is_known (RunconfStore *self, const struct stat *status)
{
  RunconfSignature now;

  if (status->st_mode == 0)
    return FALSE;

  runconf_signature_init (&now, status);

  return runconf_signature_equal (&now, &self->known);
}

/* Finds a conflict before the exchange does, so that a file that was saved isn't moved for nothing.
 * A file that load() skipped because a process is writing it is replaced: the text that this
 * process goes on to write is merged with the new one, see grace.c. @held is the signature of such
 * a file.
 */
static gboolean
check_expected (RunconfStore *self, int directory, const char *name, const struct stat *status,
                GBytes *expected, RunconfSignature *held, GError **error)
{
  RunconfLease lease;
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GBytes) digest = NULL;
  RunconfSignature signature;

  if (self->stamp != NULL && g_bytes_equal (expected, self->stamp) && is_known (self, status))
    return TRUE;

  if (!runconf_text_file_read_at (directory, name, self->path, &text, &signature, &lease, error))
    return FALSE;
  if (self->stamp != NULL && g_bytes_equal (expected, self->stamp)
      && is_same_text (text, self->text))
    return TRUE;

  digest = runconf_digest_new (text);
  if (g_bytes_equal (digest, expected))
    return TRUE;

  if (self->patience.since != 0 && !self->patience.is_taken && self->stamp != NULL
      && g_bytes_equal (expected, self->stamp)
      && runconf_watcher_find_writer (self->watcher, self->path, lease, &signature)
             >= RUNCONF_WRITER_LIKELY)
    {
      *held = signature;
      return TRUE;
    }

  runconf_failure_set_conflict (error, self->path);
  return FALSE;
}

/* Returns: whether the text can be written to the journal, and replace the old one before it is synced */
static gboolean
can_defer (RunconfStore *self, gsize size)
{
  return self->is_own && self->unsynced == NULL && self->journal != NULL && !self->lacks_names
         && runconf_journal_has_room (self->journal, size);
}

static gboolean
add_entry (RunconfStore *self, GBytes *text, GBytes *attachment, const RunconfSignature *coming,
           GError **error)
{
  const RunconfJournalEntry entry = {
    .old = { self->known.inode, self->known.mtime },
    .old_digest = self->stamp,
    .new = { coming->inode, coming->mtime },
    .text = text,
    .attachment = attachment,
  };

  if (runconf_journal_add (self->journal, &entry))
    return TRUE;

  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, errno,
                       "can't write the new text to its journal");
  return FALSE;
}

/* The text wasn't replaced. A journal that can't be written isn't used any more. */
static void
revoke_entry (RunconfStore *self)
{
  if (runconf_journal_revoke (self->journal))
    return;

  g_warning ("%s: a text that didn't replace it is still in its journal: %s", self->path,
             g_strerror (errno));
  g_clear_pointer (&self->journal, runconf_journal_free);
}

/* Makes all ready for the exchange: the new text is on the disk, in the journal if @is_deferred. */
static gboolean
prepare (RunconfStore *self, RunconfReplacement *replacement, GBytes *text, GBytes *attachment,
         RunconfStoreReady ready, gpointer user_data, GError **error)
{
  RunconfSignature coming;

  if (!runconf_replacement_prepare (replacement, text, &coming, error))
    return FALSE;

  if (attachment == NULL && ready != NULL && !ready (user_data, error))
    return FALSE;
  if (attachment != NULL && !add_entry (self, text, attachment, &coming, error))
    {
      revoke_entry (self);
      return FALSE;
    }

  runconf_watcher_expect (self->watcher, &coming);
  return TRUE;
}

/* The journal has the text. It is taken back unless the text replaces the old one. */
static gboolean
commit_deferred (RunconfStore *self, RunconfReplacement *replacement, GBytes *expected,
                 GBytes *expected_text, RunconfSignature *signature, GError **error)
{
  self->lacks_names = !runconf_replacement_give_name (replacement, error);
  if (!self->lacks_names
      && runconf_replacement_commit (replacement, expected, expected_text, signature, error))
    return TRUE;

  revoke_entry (self);
  return FALSE;
}

/* @attachment: (nullable): %NULL to sync the text before it replaces the old one */
static gboolean
exchange (RunconfStore *self, RunconfReplacement *replacement, GBytes *text, GBytes *expected,
          GBytes *attachment, RunconfStoreReady ready, gpointer user_data,
          RunconfSignature *signature, GError **error)
{
  gboolean is_loaded = self->stamp != NULL && g_bytes_equal (expected, self->stamp);
  GBytes *expected_text = is_loaded ? self->text : NULL;

  if (!prepare (self, replacement, text, attachment, ready, user_data, error))
    return FALSE;
  if (attachment != NULL)
    return commit_deferred (self, replacement, expected, expected_text, signature, error);

  return runconf_replacement_commit (replacement, expected, expected_text, signature, error);
}

/* Returns: whether the text of the replacement goes to the journal */
static gboolean
defer (RunconfStore *self, RunconfReplacement *replacement, const struct stat *status)
{
  int directory = runconf_replacement_get_directory (replacement);
  autofd int file = -1;

  if (!runconf_journal_is_named (self->journal, directory))
    return FALSE;

  file = runconf_spare_take (&self->spare, directory, status->st_dev);
  if (file < 0)
    return FALSE;

  runconf_replacement_defer (replacement, g_steal_fd (&file));
  return TRUE;
}

/* The caller could expect that the text goes to the journal, so nothing knows it yet: it has to be known before
 * there is a temporary file with it.
 */
static gboolean
call_early (RunconfStoreReady *ready, gpointer user_data, GError **error)
{
  RunconfStoreReady func = *ready;

  *ready = NULL;

  return func == NULL || func (user_data, error);
}

/* @attachment: (inout) (nullable): set to %NULL if the text has to be synced */
static gboolean
replace_text (RunconfStore *self, GBytes *text, GBytes *expected, GBytes **attachment,
              RunconfStoreReady ready, gpointer user_data, RunconfSignature *signature,
              GError **error)
{
  g_autoptr (RunconfReplacement) replacement = NULL;
  g_autofree char *name = NULL;
  struct stat status;
  autofd int directory = open_directory (self, &name, &status, error);
  RunconfSignature held = { 0 };

  if (directory < 0 || !runconf_file_lock_take (self->lock, directory, name, self->path, error)
      || !check_expected (self, directory, name, &status, expected, &held, error))
    return FALSE;

  replacement = runconf_replacement_new (g_steal_fd (&directory), name, self->path, self->grace);
  if (held.inode != 0)
    runconf_replacement_set_held (replacement, &held, self->text);
  if (*attachment != NULL && (held.inode != 0 || !defer (self, replacement, &status)))
    {
      *attachment = NULL;
      if (!call_early (&ready, user_data, error))
        return FALSE;
    }
  if (!exchange (self, replacement, text, expected, *attachment, ready, user_data, signature,
                 error))
    return FALSE;

  self->done = g_steal_pointer (&replacement);
  return TRUE;
}

static gboolean
check_stuck (RunconfStore *self, GError **error)
{
  if (self->stuck == NULL)
    return TRUE;

  g_propagate_error (error, g_error_copy (self->stuck));
  return FALSE;
}

/**
 * runconf_store_replace:
 * @text: the new text
 * @expected: the stamp of the text that it replaces
 * @attachment: (nullable): data that the journal keeps with the text; %NULL to sync the text at once
 * @ready: (nullable): called once, before the text is replaced; not called if an earlier step fails,
 *   nor if the text and @attachment are in the journal
 * @stamp: (out) (transfer full): the stamp of the new text
 * @error: return location
 *
 * Replaces the text, if it still has the stamp @expected. When this returns %TRUE, the new text is
 * on the disk and survives a power cut; when it returns %FALSE, the store has the whole old text,
 * or a newer one that another program wrote.
 *
 * This blocks on files, and may be called from any thread.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_CONFLICT when the text has changed since, or any other
 *   #RunconfStoreError; then nothing is in @stamp
 */
gboolean
runconf_store_replace (RunconfStore *self, GBytes *text, GBytes *expected, GBytes *attachment,
                       RunconfStoreReady ready, gpointer user_data, GBytes **stamp, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);
  g_autoptr (GBytes) new_stamp = NULL;
  RunconfSignature signature;
  gint64 seen_at = g_get_real_time ();
  gboolean done;

  if (g_bytes_get_size (text) > RUNCONF_MAX_TEXT_BYTES)
    {
      g_autofree char *display = g_filename_display_name (self->path);

      g_set_error (error, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_TOO_LARGE,
                   "%s: the new text is larger than %d MiB", display,
                   RUNCONF_MAX_TEXT_BYTES / (1024 * 1024));
      return FALSE;
    }

  if (!check_stuck (self, error))
    return FALSE;

  g_clear_pointer (&self->done, runconf_replacement_free);
  self->wants_journal = attachment != NULL;
  if (attachment != NULL)
    self->entry_size = g_bytes_get_size (text) + g_bytes_get_size (attachment);
  if (attachment != NULL
      && (self->stamp == NULL || !g_bytes_equal (expected, self->stamp)
          || !can_defer (self, self->entry_size)))
    attachment = NULL;
  done = replace_text (self, text, expected, &attachment, ready, user_data, &signature, error);
  if (!done && attachment != NULL && self->lacks_names)
    {
      g_clear_error (error);
      attachment = NULL;
      done = call_early (&ready, user_data, error)
             && replace_text (self, text, expected, &attachment, ready, user_data, &signature,
                              error);
    }
  if (done)
    {
      new_stamp = runconf_digest_new (text);
      self->is_own = TRUE;
      self->is_deferred = attachment != NULL;
      g_clear_error (&self->unsynced);
      remember (self, text, new_stamp, &signature, seen_at);
    }
  runconf_watcher_expect (self->watcher, NULL);
  if (!done)
    return FALSE;

  *stamp = g_steal_pointer (&new_stamp);
  return TRUE;
}

/**
 * runconf_store_check:
 *
 * Checks whether the text is still the one last loaded or replaced, without reading it. This is
 * cheap enough to be called before each reply. Call it in the main context of
 * #RunconfStore::changed.
 *
 * Returns: whether the text changed, as far as is known
 */
RunconfFreshness
runconf_store_check (RunconfStore *self)
{
  return runconf_watcher_check (self->watcher);
}

static char *
make_journal_name (const char *name)
{
  return g_strdup_printf (".%s.journal", name);
}

/* Returns: whether the journal is to be used as it is: a larger one would lose its entries */
static gboolean
is_journal_right (RunconfStore *self, int directory)
{
  return self->journal != NULL && runconf_journal_is_named (self->journal, directory)
         && (runconf_journal_is_large_enough (self->journal, self->entry_size)
             || !runconf_journal_is_clear (self->journal));
}

/* Creates the journal, unless it is there. Without one each text is synced before its caller gets a reply, so an
 * error is none.
 */
static void
ensure_journal (RunconfStore *self)
{
  g_autofree char *name = NULL;
  g_autofree char *journal_name = NULL;
  struct stat status;
  autofd int directory = open_directory (self, &name, &status, NULL);

  if (directory < 0 || !runconf_journal_is_supported (directory)
      || is_journal_right (self, directory))
    return;

  journal_name = make_journal_name (name);
  g_clear_pointer (&self->journal, runconf_journal_free);
  self->journal = runconf_journal_create (directory, journal_name, self->entry_size);
  if (self->journal == NULL)
    g_debug ("%s has no journal: %s", self->path, g_strerror (errno));
}

/**
 * runconf_store_settle:
 *
 * Does the work that runconf_store_replace() left for later, so that its caller got a reply first.
 * The next replace does it too. This blocks, and may be called from any thread.
 */
void
runconf_store_settle (RunconfStore *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);

  if (self->done != NULL && self->is_deferred)
    runconf_spare_make (&self->spare, runconf_replacement_get_directory (self->done),
                        self->known.device);
  g_clear_pointer (&self->done, runconf_replacement_free);
  if (self->wants_journal && !self->is_deferred && self->is_own)
    ensure_journal (self);
}

/**
 * runconf_store_can_defer:
 * @size: of a text and its attachment
 *
 * Returns: whether runconf_store_replace() is likely to write them to the journal
 */
gboolean
runconf_store_can_defer (RunconfStore *self, gsize size)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);

  return can_defer (self, size);
}

/**
 * runconf_store_wants_sync:
 *
 * Returns: whether the journal will soon be full
 */
gboolean
runconf_store_wants_sync (RunconfStore *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);

  return self->journal != NULL && runconf_journal_is_filling (self->journal);
}

/**
 * runconf_store_has_entries:
 *
 * Returns: whether the journal has entries that runconf_store_clear_journal() can drop
 */
gboolean
runconf_store_has_entries (RunconfStore *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);

  return self->journal != NULL && !runconf_journal_is_clear (self->journal);
}

static gboolean
sync_text (RunconfStore *self, GError **error)
{
  g_autofree char *name = NULL;
  struct stat status;
  autofd int directory = open_directory (self, &name, &status, error);
  autofd int fd = -1;

  if (directory < 0)
    return FALSE;

  fd = openat (directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if ((fd >= 0 || errno == ENOENT) && (fd < 0 || fsync (fd) == 0) && fsync (directory) == 0)
    return TRUE;

  runconf_failure_set (error, RUNCONF_STORE_ERROR_FAILED, self->path, errno,
                       "can't sync it to the disk");
  return FALSE;
}

/**
 * runconf_store_sync:
 *
 * Syncs the text, if that was deferred. After an error the journal keeps the text until a further replacement
 * is synced, and nothing is deferred: a sync that is repeated would succeed without having written anything.
 *
 * Returns: %FALSE with %RUNCONF_STORE_ERROR_FAILED
 */
gboolean
runconf_store_sync (RunconfStore *self, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);

  if (!self->is_deferred)
    return TRUE;

  if (self->unsynced == NULL && sync_text (self, &self->unsynced))
    {
      self->is_deferred = FALSE;
      return TRUE;
    }

  g_propagate_error (error, g_error_copy (self->unsynced));
  return FALSE;
}

/**
 * runconf_store_clear_journal:
 *
 * Drops the entries of the journal, unless the text is still deferred. To be called when the attachments of
 * all entries are on the disk elsewhere.
 */
void
runconf_store_clear_journal (RunconfStore *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);

  if (self->journal == NULL || self->is_deferred)
    return;

  if (!runconf_journal_clear (self->journal))
    g_clear_pointer (&self->journal, runconf_journal_free);
}

/* Returns: (transfer full) (element-type RunconfJournalEntry): the entries; %NULL with an error */
static GPtrArray *
recover (RunconfStore *self, GError **error)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *name = NULL;
  g_autofree char *journal_name = NULL;
  struct stat status;
  autofd int directory = open_directory (self, &name, &status, NULL);

  if (directory < 0 || !runconf_file_lock_take (self->lock, directory, name, self->path, NULL))
    return g_ptr_array_new ();

  journal_name = make_journal_name (name);
  self->journal = runconf_journal_open (directory, journal_name);
  if (self->journal == NULL)
    return g_ptr_array_new ();

  entries = runconf_journal_list (self->journal);
  if (entries->len > 0
      && (!runconf_recovery_run (directory, name, self->path, entries, self->grace, error)
          || !sync_text (self, error)))
    return NULL;

  return g_steal_pointer (&entries);
}

/**
 * runconf_store_recover:
 *
 * Finds the texts that were written to the journal only, before a process was killed or the power was cut,
 * and puts the last one in its place. To be called once, before the first load; then
 * runconf_store_clear_journal() has to follow.
 *
 * Returns: (transfer full) (element-type RunconfJournalEntry): what was replaced; empty with an error if the
 *   text can't be put in its place: then nothing can be replaced
 */
GPtrArray *
runconf_store_recover (RunconfStore *self, GError **error)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);
  GPtrArray *entries = recover (self, &self->stuck);

  if (entries != NULL)
    return entries;

  g_clear_pointer (&self->journal, runconf_journal_free);
  g_propagate_error (error, g_error_copy (self->stuck));

  return g_ptr_array_new ();
}

/* Returns: whether the content differs both from the owner's and from the one reported last */
static gboolean
compare (RunconfStore *self, int *generation)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);
  g_autoptr (RunconfReading) reading = runconf_reading_new (self->path);
  g_autoptr (RunconfReading) before = g_steal_pointer (&self->reported);

  *generation = g_atomic_int_get (&self->generation);
  if (self->stamp != NULL && g_bytes_equal (reading->stamp, self->stamp)
      && reading->signature.failure == self->known.failure)
    {
      self->is_own = is_own_file (self, &reading->signature);
      self->known = reading->signature;
      runconf_watcher_set_known (self->watcher, &reading->signature, reading->seen_at);
      return FALSE;
    }

  self->reported = g_steal_pointer (&reading);
  return before == NULL || !g_bytes_equal (self->reported->stamp, before->stamp);
}

/* returned by a comparison in place of a generation */
#define NOTHING_NEW G_MAXSSIZE

static void on_compared (GObject *source, GAsyncResult *result, gpointer user_data);

static void
compare_in_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  RunconfStore *self = task_data;
  int generation;
  gboolean is_other = compare (self, &generation);

  g_task_return_int (task, is_other ? generation : NOTHING_NEW);
}

/* If the task owned a reference, the thread could drop the last one, but the watcher must be freed
 * in its own context: so the callback owns the reference.
 */
static void
start_comparing (RunconfStore *self)
{
  g_autoptr (GTask) task = NULL;

  self->is_comparing = TRUE;
  task = g_task_new (NULL, NULL, on_compared, g_object_ref (self));
  g_task_set_name (task, "[runconf] compare");
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, compare_in_thread);
}

static void
on_compared (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfStore) self = user_data;
  gssize generation = g_task_propagate_int (G_TASK (result), NULL);

  self->is_comparing = FALSE;
  if (self->compare_again)
    {
      self->compare_again = FALSE;
      start_comparing (self);
    }

  if (generation != NOTHING_NEW && generation == g_atomic_int_get (&self->generation))
    g_signal_emit (self, changed_signal, 0);
}

static void
on_watcher_changed (RunconfStore *self)
{
  if (self->is_comparing)
    self->compare_again = TRUE;
  else
    start_comparing (self);
}

static void
on_late (GBytes *text, GBytes *base, gpointer user_data)
{
  g_signal_emit (user_data, late_signal, 0, text, base);
}

static gboolean
is_there (RunconfStore *self)
{
  g_autofree char *folder = g_path_get_dirname (self->path);

  return g_file_test (folder, G_FILE_TEST_EXISTS);
}

/* A directory that can't be written is no error yet: the caller may only want to read.
 *
 * Returns: %FALSE if another process serves the file
 */
static gboolean
prepare_directory (RunconfStore *self, GError **error)
{
  g_autofree char *name = NULL;
  g_autoptr (GError) failure = NULL;
  struct stat status;
  autofd int directory = open_directory (self, &name, &status, &failure);

  if (directory >= 0 && runconf_file_lock_take (self->lock, directory, name, self->path, &failure))
    return TRUE;

  if (g_error_matches (failure, RUNCONF_STORE_ERROR, RUNCONF_STORE_ERROR_IN_USE))
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  if (is_there (self))
    g_message ("It can't be written for now: %s", failure->message);
  return TRUE;
}

/**
 * runconf_store_new:
 * @path: the file; it needn't exist, and a symbolic link is followed at each use
 * @watch: whether to watch the file: if not, runconf_store_check() always returns %RUNCONF_FRESH
 *   and #RunconfStore::changed isn't emitted
 * @error: return location
 *
 * Opens the store and locks it. A directory that is missing or read-only is no error until
 * something is replaced.
 *
 * This blocks on the file system. The last reference must be dropped in the thread-default main
 * context of this call.
 *
 * Returns: (transfer full) (nullable): the store; %NULL with %RUNCONF_STORE_ERROR_IN_USE
 */
RunconfStore *
runconf_store_new (const char *path, gboolean watch, GError **error)
{
  g_autoptr (RunconfStore) self = g_object_new (RUNCONF_TYPE_STORE, NULL);
  g_autofree char *current = g_get_current_dir ();

  /* not canonicalized: the directory above a symbolic link isn't the one in its path */
  if (g_path_is_absolute (path))
    self->path = g_strdup (path);
  else
    self->path = g_build_filename (current, path, NULL);

  if (!prepare_directory (self, error))
    return NULL;

  self->grace = runconf_grace_new (self->path, on_late, self);
  self->watcher = runconf_watcher_new (self->path, watch);
  g_signal_connect_object (self->watcher, "changed", G_CALLBACK (on_watcher_changed), self,
                           G_CONNECT_SWAPPED);
  return g_steal_pointer (&self);
}

/**
 * runconf_store_tidy:
 * @state: (nullable): knows the texts that this service wrote
 *
 * Removes the temporary files that another process left behind; a text in one of them that may not
 * have been read yet is kept. This blocks on the file system.
 */
void
runconf_store_tidy (RunconfStore *self, RunconfState *state)
{
  g_autofree char *name = NULL;
  struct stat status;
  autofd int directory = open_directory (self, &name, &status, NULL);

  if (directory >= 0 && runconf_file_lock_take (self->lock, directory, name, self->path, NULL))
    runconf_leftovers_clear (directory, name, self->path, state, self->grace);
}

/**
 * runconf_store_end:
 *
 * Stops looking after files that were replaced: text that was written into them too late is kept.
 * Gives back the lock, so that another store can open the file. Dropping the last reference does both
 * too, but later, or never in a process that is about to end: a comparison that is running has a
 * reference. This blocks on the file system.
 */
void
runconf_store_end (RunconfStore *self)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->io);

  g_clear_pointer (&self->done, runconf_replacement_free);
  runconf_spare_clear (&self->spare);
  runconf_grace_end (self->grace);
  runconf_file_lock_release (self->lock);
}
