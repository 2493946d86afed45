/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/archive.h"

#include "core/error.h"
#include "store/digest.h"

/* A history is used by one thread at a time: by the one that commits, and by those in which readers
 * wait. A lock keeps them apart. A reader holds it for as long as it reads, so a commit can wait
 * for one; readers are bounded by what one call may ask for.
 *
 * A history that is found to be damaged is closed, which puts it aside, and another one is begun. One
 * that can't be opened is tried again with a later change.
 */

struct _RunconfdArchive
{
  GMutex lock;
  char *path; /* NULL if no history is kept */
  RunconfHistoryLimits limits;
  RunconfHistory *history; /* NULL while it can't be opened */
  gboolean has_happened;   /* what is pending, and the file doesn't know yet */
  char *trouble;           /* or NULL */
};

static void
set_trouble (RunconfdArchive *self, const char *trouble)
{
  g_free (self->trouble);
  self->trouble = g_strdup (trouble);
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
  set_trouble (self, trouble);
}

/* What is damaged is begun anew at once, and that is what is told. */
static void
take_failure (RunconfdArchive *self, const GError *error)
{
  g_autofree char *message = g_strdup_printf ("the history can't be kept: %s", error->message);

  set_trouble (self, message);
  if (!runconf_history_is_broken (self->history))
    return;

  g_clear_pointer (&self->history, runconf_history_free);
  open_history (self);
}

/* What fails here is mended by the next change, or at the next start. */
static void
tell (RunconfdArchive *self, const GError *error)
{
  if (error != NULL)
    take_failure (self, error);
}

/* Writes down that what was pending happened. Nobody waits for that but who reads. */
static void
catch_up (RunconfdArchive *self)
{
  g_autoptr (GError) error = NULL;

  if (self->history != NULL && self->has_happened)
    {
      self->has_happened = FALSE;
      runconf_history_confirm (self->history, &error);
      tell (self, error);
    }
}

/**
 * runconfd_archive_new:
 * @path: where the history is kept
 *
 * Returns: (transfer full): the history, even where it can't be read or written
 */
RunconfdArchive *
runconfd_archive_new (const char *path, const RunconfHistoryLimits *limits)
{
  RunconfdArchive *self = runconfd_archive_new_off ();

  self->path = g_strdup (path);
  self->limits = *limits;
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

  return self;
}

void
runconfd_archive_free (RunconfdArchive *self)
{
  g_clear_pointer (&self->history, runconf_history_free);
  g_mutex_clear (&self->lock);
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
 * Returns: (transfer full) (nullable): what is wrong with the history, until a change is kept
 */
char *
runconfd_archive_dup_trouble (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return g_strdup (self->trouble);
}

/**
 * runconfd_archive_reconcile:
 * @text: (nullable): the text that is there at a start
 * @is_newest: (out): whether it is known to be the one of the newest version
 *
 * Finds out whether a change happened that was under way when the service ended.
 *
 * Returns: the newest version that is known here
 */
guint64
runconfd_archive_reconcile (RunconfdArchive *self, GBytes *text, gboolean *is_newest)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GBytes) digest = text != NULL ? runconf_digest_new (text) : NULL;
  g_autoptr (GBytes) pending = NULL;
  g_autoptr (GError) error = NULL;
  guint64 version = 0;

  *is_newest = FALSE;
  if (self->history == NULL)
    return 0;

  *is_newest = runconf_history_get_pending (self->history, &version, &pending) && digest != NULL
               && pending != NULL && g_bytes_equal (digest, pending);
  if (!runconf_history_reconcile (self->history, &digest, digest != NULL ? 1 : 0, &version, &error))
    take_failure (self, error);

  return version;
}

/**
 * runconfd_archive_get_text:
 * @version: (out): which one it was
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
  if (self->history == NULL)
    return NULL;

  text = runconf_history_get_text (self->history, version, &error);
  if (error != NULL)
    take_failure (self, error);

  return text;
}

/**
 * runconfd_archive_list_waiting:
 *
 * Returns: (transfer full) (element-type RunconfHistoryRecord): the changes that go back unless they
 *   are confirmed
 */
GPtrArray *
runconfd_archive_list_waiting (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;
  GPtrArray *waiting = NULL;

  if (self->history != NULL)
    waiting = runconf_history_list_waiting (self->history, &error);
  if (error != NULL)
    take_failure (self, error);

  return waiting != NULL ? waiting : g_ptr_array_new ();
}

static GArray *
gather (GPtrArray *records)
{
  GArray *array = g_array_sized_new (FALSE, FALSE, sizeof (RunconfHistoryRecord), records->len);

  for (guint i = 0; i < records->len; i++)
    g_array_append_vals (array, records->pdata[i], 1);

  return array;
}

/**
 * runconfd_archive_prepare:
 * @records: (element-type RunconfHistoryRecord): what is about to happen
 * @text: (nullable): the text that it leads to
 * @good_text: (nullable): the same without secrets
 *
 * Puts changes on the disk before they happen.
 *
 * Returns: whether they are kept
 */
gboolean
runconfd_archive_prepare (RunconfdArchive *self, GPtrArray *records, GBytes *text,
                          GBytes *good_text)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GBytes) digest = NULL;
  g_autoptr (GArray) array = NULL;
  g_autoptr (GError) error = NULL;

  open_history (self);
  if (self->history == NULL || records->len == 0)
    return self->history != NULL;

  /* the version of what comes says that what came before happened */
  self->has_happened = FALSE;

  digest = text != NULL ? runconf_digest_new (text) : NULL;
  array = gather (records);
  if (runconf_history_prepare (self->history, (RunconfHistoryRecord *) (gpointer) array->data,
                               array->len, digest, good_text, &error))
    {
      set_trouble (self, NULL);
      return TRUE;
    }

  take_failure (self, error);

  return FALSE;
}

/**
 * runconfd_archive_confirm:
 *
 * Says that what was prepared happened. It is in the history for every reader from here on, and in
 * its file with the next thing that is written there.
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
 * Says that what was prepared didn't happen.
 */
void
runconfd_archive_abandon (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;

  if (self->history != NULL)
    runconf_history_abandon (self->history, &error);
  tell (self, error);
}

/**
 * runconfd_archive_settle:
 *
 * Does what can wait until callers are answered.
 */
void
runconfd_archive_settle (RunconfdArchive *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  g_autoptr (GError) error = NULL;

  catch_up (self);
  if (self->history != NULL)
    runconf_history_settle (self->history, g_get_real_time (), &error);
  tell (self, error);
}

/* Returns: whether there is something to read */
static gboolean
check_there (RunconfdArchive *self, GError **error)
{
  catch_up (self);
  if (self->history != NULL)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "%s",
               self->path == NULL ? "the service keeps no history: it was started so"
                                  : self->trouble);

  return FALSE;
}

GPtrArray *
runconfd_archive_list (RunconfdArchive *self, const char *path, guint limit, guint64 since_version,
                       GError **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  if (!check_there (self, error))
    return NULL;

  return runconf_history_list (self->history, path, limit, since_version, error);
}

/**
 * runconfd_archive_get_last:
 *
 * Returns: whether it is known when a path changed last
 */
gboolean
runconfd_archive_get_last (RunconfdArchive *self, const char *path, guint64 *version, gint64 *time)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  *version = 0;
  catch_up (self);

  return self->history != NULL
         && runconf_history_get_last (self->history, path, version, time, NULL) && *version > 0;
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
