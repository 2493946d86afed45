/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/watcher.h"

#include <errno.h>
#include <sys/inotify.h>

#include "store/timing.h"
#include "store/watch/inotify-reach.h"
#include "store/watch/symlink-chain.h"
#include "store/watch/watch-hub.h"

/* How a change is found
 *
 * Three causes make a watcher look: an event for one of the hops between the path and the file or for
 * a folder above one of them, the timer of the hub, and runconf_watcher_check(). The first look starts
 * the settling: `changed` is emitted only once the file was left alone for QUIET, exists and isn't
 * empty, or else after SETTLED. Most editors truncate or remove the file before they write it.
 *
 * At each look of the settling the watches are set again, for the change may have been one of the
 * hops. A directory that is still the same keeps its watch.
 *
 * A signature stays the same if the file is changed again, to the same size, within the same tick
 * of the file system's clock. So a signature that was seen within RUNCONF_SIGNATURE_RACY of its ctime doesn't prove
 * that the file is unchanged: an event, or the next tick, still emits `changed`.
 */

/* how often to start over when the chain of symlinks changes while watches are being added */
#define MAX_WALKS 4

struct _RunconfWatcher
{
  GObject parent_instance;

  char *path;
  gboolean is_folder;

  /* used only in the main context of the creator */
  RunconfWatchHub *hub; /* NULL if nothing is watched */
  RunconfTicker *ticker;
  GPtrArray *watches;
  GSList *parents;   /* of RunconfParentsWatch, for the directories of the watches */
  GSource *settling; /* NULL if the file is quiet */
  gint64 quiet_at;   /* when the file is quiet, if no event follows */
  gint64 settled_by;
  RunconfSignature look; /* the last one of the settling, if there was no event since */
  gboolean has_look;

  GMutex mutex; /* protects the members below: the owner may read and write in another thread */
  RunconfSignature known;
  gint64 known_at;
  gboolean is_racy;
  RunconfSignature coming; /* except for its ctime */
  gboolean has_coming;
  RunconfSignature noticed; /* the last one that the owner knows or that was reported */
  GHashTable *written;      /* the names that were modified and not closed since, or NULL */
  gint64 lost_at;           /* when events were lost, in µs since the epoch */
  gint64 watched_since;     /* in µs since the epoch; 0 if events may be missing */
};

G_DEFINE_FINAL_TYPE (RunconfWatcher, runconf_watcher, G_TYPE_OBJECT)

static guint changed_signal;

static void
runconf_watcher_init (RunconfWatcher *self)
{
  g_mutex_init (&self->mutex);
}

static void
stop_settling (RunconfWatcher *self)
{
  if (self->settling == NULL)
    return;

  g_source_destroy (self->settling);
  g_clear_pointer (&self->settling, g_source_unref);
}

static void
drop_parents (GSList *parents)
{
  g_slist_free_full (parents, (GDestroyNotify) runconf_parents_remove);
}

static void
runconf_watcher_finalize (GObject *object)
{
  RunconfWatcher *self = RUNCONF_WATCHER (object);

  stop_settling (self);
  if (self->ticker != NULL)
    runconf_ticker_leave (self->ticker, self);
  g_clear_pointer (&self->watches, g_ptr_array_unref);
  drop_parents (self->parents);
  g_clear_pointer (&self->hub, runconf_watch_hub_unref);
  g_mutex_clear (&self->mutex);
  g_clear_pointer (&self->written, g_hash_table_unref);
  g_free (self->path);

  G_OBJECT_CLASS (runconf_watcher_parent_class)->finalize (object);
}

static void
runconf_watcher_class_init (RunconfWatcherClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = runconf_watcher_finalize;

  /**
   * RunconfWatcher::changed:
   *
   * The file may have changed, and is quiet now.
   */
  changed_signal = g_signal_new ("changed", RUNCONF_TYPE_WATCHER, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
take (RunconfWatcher *self, RunconfSignature *signature)
{
  if (self->is_folder)
    runconf_signature_take_folder (signature, self->path);
  else
    runconf_signature_take (signature, self->path);
}

/* Call with the mutex held. */
static gboolean
is_known (RunconfWatcher *self, const RunconfSignature *signature)
{
  return runconf_signature_equal (signature, &self->known)
         || (self->has_coming && runconf_signature_equal_but_ctime (signature, &self->coming));
}

static gboolean
is_missing_or_empty (const RunconfSignature *signature)
{
  return signature->failure != 0 || signature->size == 0;
}

/* Handles any event for a hop, or for a folder above one. The next look finds its cause. */
static void on_event (const char *name, guint32 mask, gpointer user_data);

static void
add_watch (RunconfWatcher *self, GPtrArray *watches, const char *directory, const char *name,
           gboolean *all)
{
  RunconfInotifyWatch *watch
      = runconf_inotify_add (self->hub->inotify, directory, name, on_event, self);

  if (watch != NULL)
    g_ptr_array_add (watches, watch);
  else
    *all = FALSE;
}

static void
add_parents (RunconfWatcher *self, const char *directory, gboolean *all)
{
  RunconfParentsWatch *watch = runconf_parents_add (self->hub->parents, directory, self);

  self->parents = g_slist_prepend (self->parents, watch);
  *all = *all && runconf_parents_watch_is_complete (watch);
}

/* The folders above a directory are watched before the directory, for its path leads through them. */
static void
add_watches (RunconfWatcher *self, const RunconfSymlinkChain *chain, gboolean *all)
{
  g_autoptr (GPtrArray) watches
      = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_inotify_remove);
  GSList *old_parents = g_steal_pointer (&self->parents);

  *all = TRUE;
  for (guint i = 0; i < chain->hops->len; i++)
    {
      const RunconfHop *hop = chain->hops->pdata[i];

      add_parents (self, hop->directory, all);
      add_watch (self, watches, hop->directory, hop->name, all);
    }
  if (self->is_folder && g_file_test (self->path, G_FILE_TEST_IS_DIR))
    add_watch (self, watches, self->path, NULL, all);

  /* the old watches are removed after the new ones are added, so that no directory is ever
   * unwatched
   */
  g_clear_pointer (&self->watches, g_ptr_array_unref);
  self->watches = g_steal_pointer (&watches);
  drop_parents (old_parents);
}

/* Events say which files were closed only if they cover all the time since the change. */
static void
note_coverage (RunconfWatcher *self, gboolean is_complete)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->watched_since = is_complete ? self->lost_at : 0;
  for (guint i = 0; is_complete && i < self->watches->len; i++)
    self->watched_since
        = MAX (self->watched_since, runconf_inotify_watch_get_since (self->watches->pdata[i]));
}

/* Walks the chain again once the watches are set, for earlier changes cause no event. */
static void
set_watches (RunconfWatcher *self)
{
  g_autoptr (RunconfSymlinkChain) chain = runconf_symlink_chain_new (self->path);
  RunconfTicker *ticker;
  gboolean all = FALSE;

  for (guint i = 0; i < MAX_WALKS; i++)
    {
      g_autoptr (RunconfSymlinkChain) walked = g_steal_pointer (&chain);

      add_watches (self, walked, &all);
      chain = runconf_symlink_chain_new (self->path);
      if (runconf_symlink_chain_equal (walked, chain))
        break;
    }

  all = all && runconf_inotify_reaches (self->path, chain);
  note_coverage (self, all);
  ticker = all ? self->hub->slow : self->hub->fast;
  if (ticker == self->ticker)
    return;

  if (self->ticker != NULL)
    runconf_ticker_leave (self->ticker, self);
  runconf_ticker_join (ticker, self);
  self->ticker = ticker;
}

/* Returns: whether there is a change to report */
static gboolean
notice (RunconfWatcher *self, const RunconfSignature *signature)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  self->noticed = *signature;
  return self->is_racy || !runconf_signature_equal (signature, &self->known);
}

static gboolean
is_unfinished (RunconfWatcher *self, const RunconfSignature *signature)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->has_look && !runconf_signature_equal (signature, &self->look))
    return TRUE;

  return is_missing_or_empty (signature) && !is_known (self, signature);
}

static gboolean
on_settling (gpointer user_data)
{
  g_autoptr (RunconfWatcher) self = g_object_ref (user_data);
  gint64 now = g_get_monotonic_time ();
  RunconfSignature signature;

  if (now < self->quiet_at)
    {
      g_source_set_ready_time (self->settling, self->quiet_at);
      return G_SOURCE_CONTINUE;
    }

  set_watches (self);
  take (self, &signature);
  if (now < self->settled_by && is_unfinished (self, &signature))
    {
      self->look = signature;
      self->has_look = TRUE;
      self->quiet_at = MIN (now + RUNCONF_TIMING_QUIET_US, self->settled_by);
      g_source_set_ready_time (self->settling, self->quiet_at);
      return G_SOURCE_CONTINUE;
    }

  stop_settling (self);
  if (notice (self, &signature))
    g_signal_emit (self, changed_signal, 0);

  return G_SOURCE_REMOVE;
}

static gboolean
dispatch_settling (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static void
start_settling (RunconfWatcher *self)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_settling };

  self->settling = g_source_new (&funcs, sizeof (GSource));
  g_source_set_callback (self->settling, on_settling, self, NULL);
  g_source_set_static_name (self->settling, "[runconf] settling");
  g_source_set_ready_time (self->settling, self->quiet_at);
  g_source_attach (self->settling, self->hub->context);
}

/* Each write of the service causes several events. A new ready time costs a system call, so the source
 * keeps the one that it has, and finds out by then that it has to wait longer.
 */
static void
settle (RunconfWatcher *self, const RunconfSignature *look)
{
  gint64 now = g_get_monotonic_time ();

  self->has_look = look != NULL;
  if (look != NULL)
    self->look = *look;

  if (self->settling == NULL)
    self->settled_by = now + RUNCONF_TIMING_SETTLED_US;
  self->quiet_at = MIN (now + RUNCONF_TIMING_QUIET_US, self->settled_by);
  if (self->settling == NULL)
    start_settling (self);
}

/* A file that is created by opening it is empty; one that is created by linking isn't being
 * written.
 */
static gboolean
is_begun (RunconfWatcher *self, const char *name)
{
  g_autofree char *path
      = self->is_folder ? g_build_filename (self->path, name, NULL) : g_strdup (self->path);
  struct stat status;

  return stat (path, &status) == 0 && S_ISREG (status.st_mode) && status.st_size == 0
         && status.st_nlink == 1;
}

/* A file that was modified and not closed since has a writer. */
static void
note_writer (RunconfWatcher *self, const char *name, guint32 mask)
{
  gboolean is_written
      = name != NULL
        && ((mask & IN_MODIFY) != 0 || ((mask & IN_CREATE) != 0 && is_begun (self, name)));
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (is_written && self->written == NULL)
    self->written = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (name == NULL && (mask & ~IN_ATTRIB) != 0)
    {
      g_clear_pointer (&self->written, g_hash_table_unref);
      self->lost_at = g_get_real_time ();
    }
  else if (is_written)
    g_hash_table_add (self->written, g_strdup (name));
  else if (name != NULL && self->written != NULL
           && (mask & (IN_CLOSE_WRITE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE)) != 0)
    g_hash_table_remove (self->written, name);
}

static void
on_event (const char *name, guint32 mask, gpointer user_data)
{
  note_writer (user_data, name, mask);
  settle (user_data, NULL);
}

static void
on_tick (gpointer member)
{
  RunconfWatcher *self = RUNCONF_WATCHER (member);
  RunconfSignature signature;
  gboolean is_new;
  gboolean is_racy;

  take (self, &signature);

  g_mutex_lock (&self->mutex);
  is_new = !is_known (self, &signature) && !runconf_signature_equal (&signature, &self->noticed);
  is_racy = self->is_racy;
  g_mutex_unlock (&self->mutex);

  if ((is_new || is_racy) && self->settling == NULL)
    settle (self, &signature);
}

static RunconfWatcher *
make (const char *path, gboolean is_folder, gboolean watch)
{
  RunconfWatcher *self = g_object_new (RUNCONF_TYPE_WATCHER, NULL);

  self->path = g_strdup (path);
  self->is_folder = is_folder;
  if (watch)
    {
      self->hub = runconf_watch_hub_ref_default (on_tick, on_event);
      set_watches (self);
    }
  runconf_watcher_look (self);

  return self;
}

/**
 * runconf_watcher_new:
 * @path: an absolute path, which may be missing
 * @watch: whether to watch at all: if not, runconf_watcher_check() always returns %RUNCONF_FRESH
 *
 * The present state of the file counts as known, until runconf_watcher_set_known() is called.
 *
 * Returns: (transfer full): a watcher that works in the thread-default main context; its last
 *   reference must be dropped there
 */
RunconfWatcher *
runconf_watcher_new (const char *path, gboolean watch)
{
  g_return_val_if_fail (g_path_is_absolute (path), NULL);

  return make (path, FALSE, watch);
}

/**
 * runconf_watcher_new_folder:
 * @path: an absolute path, which may be missing
 * @watch: as for runconf_watcher_new()
 *
 * Watches the files of a folder: additions, removals and changes of the content. Hidden files are
 * ignored, and of subfolders only the existence counts. A symbolic link to a file elsewhere is
 * checked by the timer.
 *
 * Returns: (transfer full): a watcher like that of runconf_watcher_new()
 */
RunconfWatcher *
runconf_watcher_new_folder (const char *path, gboolean watch)
{
  g_return_val_if_fail (g_path_is_absolute (path), NULL);

  return make (path, TRUE, watch);
}

const char *
runconf_watcher_get_path (RunconfWatcher *self)
{
  return self->path;
}

/**
 * runconf_watcher_check:
 *
 * Checks the file, at the cost of one stat.
 *
 * The file is %RUNCONF_STALE if its signature wasn't known, it exists, has content and was left
 * alone for 100 ms, or if `changed` was emitted for it. If the signature wasn't known otherwise,
 * the file is %RUNCONF_BUSY; then `changed` follows.
 */
RunconfFreshness
runconf_watcher_check (RunconfWatcher *self)
{
  RunconfSignature signature;
  gboolean was_noticed;
  gint64 age;

  g_return_val_if_fail (RUNCONF_IS_WATCHER (self), RUNCONF_FRESH);

  if (self->hub == NULL)
    return RUNCONF_FRESH;

  take (self, &signature);

  g_mutex_lock (&self->mutex);
  if (is_known (self, &signature))
    {
      g_mutex_unlock (&self->mutex);
      return RUNCONF_FRESH;
    }
  was_noticed = runconf_signature_equal (&signature, &self->noticed);
  g_mutex_unlock (&self->mutex);

  age = g_get_real_time () - MAX (signature.mtime, signature.ctime) / 1000;
  if (was_noticed || (!is_missing_or_empty (&signature) && age >= RUNCONF_TIMING_QUIET_US))
    return RUNCONF_STALE;

  if (self->settling == NULL)
    settle (self, &signature);
  return RUNCONF_BUSY;
}

/* Returns: whether a file of the folder, or the file itself, was modified and not closed since */
static gboolean
is_written (RunconfWatcher *self, const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  if (self->written == NULL)
    return FALSE;

  return self->is_folder ? g_hash_table_contains (self->written, name)
                         : g_hash_table_size (self->written) > 0;
}

/* Returns: whether events have been reported without a gap since a change */
static gboolean
is_covered (RunconfWatcher *self, gint64 changed)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->watched_since != 0 && changed >= self->watched_since;
}

/**
 * runconf_watcher_find_writer:
 * @path: the file, or one in the folder
 * @lease: the result of a request for a lease on it
 * @signature: the signature of the file
 *
 * Combines the reports of the kernel and of the events. May be called from any thread.
 *
 * Returns: whether more text may follow in the file
 */
RunconfWriter
runconf_watcher_find_writer (RunconfWatcher *self, const char *path, RunconfLease lease,
                             const RunconfSignature *signature)
{
  gint64 changed = signature->mtime / 1000;
  gint64 age = g_get_real_time () - changed;
  gboolean has_unread;

  if (lease != RUNCONF_LEASE_UNKNOWN)
    return lease == RUNCONF_LEASE_REFUSED ? RUNCONF_WRITER_OPEN : RUNCONF_WRITER_NONE;

  /* before the events that were read are used */
  has_unread = self->hub != NULL && runconf_inotify_has_unread (self->hub->inotify);
  if (is_written (self, path))
    return RUNCONF_WRITER_LIKELY;

  /* a file that changed before it was watched may have been opened before, too */
  if (!has_unread && is_covered (self, changed))
    return RUNCONF_WRITER_NONE;

  return age >= 0 && age < RUNCONF_TIMING_UNSURE_US ? RUNCONF_WRITER_UNSURE : RUNCONF_WRITER_NONE;
}

/**
 * runconf_watcher_set_known:
 * @signature: the signature of the file whose content the owner has
 * @seen_at: when the owner began to read that content, in µs since the epoch
 *
 * Sets the state of the file that the owner knows. May be called from any thread.
 */
void
runconf_watcher_set_known (RunconfWatcher *self, const RunconfSignature *signature, gint64 seen_at)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = NULL;
  gboolean is_late;
  gboolean is_old;

  g_return_if_fail (RUNCONF_IS_WATCHER (self));

  locker = g_mutex_locker_new (&self->mutex);

  /* the clock of the file system may be ahead, but a file that was seen before isn't new */
  is_late = (seen_at * 1000) >= signature->ctime + RUNCONF_SIGNATURE_RACY;
  is_old = runconf_signature_equal (signature, &self->known)
           && (seen_at - self->known_at) * 1000 >= RUNCONF_SIGNATURE_RACY;
  self->is_racy = signature->failure == 0 && !is_late && !is_old;

  self->known = *signature;
  self->known_at = seen_at;
  self->noticed = *signature;
}

/**
 * runconf_watcher_look:
 *
 * Marks the present state of the file as known: the owner is about to read it. May be called from
 * any thread.
 */
void
runconf_watcher_look (RunconfWatcher *self)
{
  gint64 seen_at = g_get_real_time ();
  RunconfSignature signature;

  take (self, &signature);
  runconf_watcher_set_known (self, &signature, seen_at);
}

/**
 * runconf_watcher_expect:
 * @coming: (nullable): the signature that the file is about to have, except for its ctime; %NULL
 *   when that is over
 *
 * Makes the watcher treat the coming write of the owner as known. May be called from any thread.
 */
void
runconf_watcher_expect (RunconfWatcher *self, const RunconfSignature *coming)
{
  G_GNUC_UNUSED g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (RUNCONF_IS_WATCHER (self));

  locker = g_mutex_locker_new (&self->mutex);
  self->has_coming = coming != NULL;
  if (coming != NULL)
    self->coming = *coming;
}
