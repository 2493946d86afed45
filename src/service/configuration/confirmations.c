/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/confirmations.h"

#include "core/error.h"
#include "core/path.h"
#include "service/authority/authority.h"
#include "service/base/thread-task.h"

/* A change that waits is in two places: here, with the time at which it is reverted, and in the history
 * until it is decided, so that it is also reverted after a restart.
 *
 *   WAITING ──────── its time is over ───────▶ REVERTING ── on the disk ──▶ removed
 *    │    ▲                                     │     ▲
 *  confirm  the history                 failed, or   the next decision
 *    ▼    │ can't be written            covered │     │ about a change
 *   CONFIRMING ── on the disk ──▶ removed       ▼     │
 *                                              STAYING
 *
 * The time of a change that is STAYING is over with the next decision about another change.
 *
 * A change is covered when a later change that waits replaced a value of it. If the later change is
 * reverted, that restores the value of the earlier one. So the earlier one stays until the later one is
 * decided, and is reverted again then.
 */

typedef enum
{
  WAITING,
  CONFIRMING,
  REVERTING,
  STAYING,
} State;

typedef struct
{
  RunconfHistoryRecord *record;
  State state;
  gint64 due_at; /* when it is reverted, by the monotonic clock, in µs */
} Entry;

struct _RunconfdConfirmations
{
  GPtrArray *entries; /* of Entry, the oldest change first */
  guint timer;        /* the source of the next check, or 0 */
  RunconfdArchive *archive;
  RunconfdConfirmationsHooks hooks;
};

static void
entry_free (Entry *entry)
{
  runconf_history_record_free (entry->record);
  g_free (entry);
}

RunconfdConfirmations *
runconfd_confirmations_new (RunconfdArchive *archive, const RunconfdConfirmationsHooks *hooks)
{
  RunconfdConfirmations *self = g_new0 (RunconfdConfirmations, 1);

  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  self->archive = archive;
  self->hooks = *hooks;

  return self;
}

void
runconfd_confirmations_free (RunconfdConfirmations *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static Entry *
find (RunconfdConfirmations *self, guint64 version, guint *position)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->record->version == version)
        {
          *position = i;
          return entry;
        }
    }

  return NULL;
}

static void
on_timer (gpointer data)
{
  RunconfdConfirmations *self = data;

  self->timer = 0;
  runconfd_confirmations_check (self, g_get_monotonic_time ());
}

static gboolean
has_time (const Entry *entry)
{
  return entry->state == WAITING || entry->state == STAYING;
}

/* One timer, for the change that is due first. */
static void
arm (RunconfdConfirmations *self)
{
  gint64 now = g_get_monotonic_time ();
  gint64 due_at = G_MAXINT64;

  g_clear_handle_id (&self->timer, g_source_remove);
  for (guint i = 0; i < self->entries->len; i++)
    {
      const Entry *entry = self->entries->pdata[i];

      if (has_time (entry))
        due_at = MIN (due_at, entry->due_at);
    }

  if (due_at != G_MAXINT64)
    self->timer = g_timeout_add_once (
        (guint) CLAMP ((due_at - now + 999) / 1000, 0, (gint64) G_MAXINT), on_timer, self);
}

/**
 * runconfd_confirmations_add:
 * @record: (transfer full): the change; it is freed if it waits already
 * @remaining: how long it waits from @now on, in µs
 * @now: the monotonic time
 */
void
runconfd_confirmations_add (RunconfdConfirmations *self, RunconfHistoryRecord *record,
                            gint64 remaining, gint64 now)
{
  Entry *entry;
  guint position;

  if (find (self, record->version, &position) != NULL)
    {
      runconf_history_record_free (record);
      return;
    }

  entry = g_new0 (Entry, 1);
  entry->record = record;
  entry->due_at = now + remaining;
  g_ptr_array_add (self->entries, entry);
  arm (self);
}

/**
 * runconfd_confirmations_recall:
 * @real_now: the time in µs since the epoch
 * @now: the monotonic time
 *
 * Adds the changes that the history keeps as waiting. The wall clock may have jumped since they were
 * made, so no change waits longer than its whole timeout.
 */
void
runconfd_confirmations_recall (RunconfdConfirmations *self, gint64 real_now, gint64 now)
{
  g_autoptr (GPtrArray) waiting = runconfd_archive_list_waiting (self->archive);

  g_ptr_array_set_free_func (waiting, NULL);
  for (guint i = 0; i < waiting->len; i++)
    {
      RunconfHistoryRecord *record = waiting->pdata[i];

      runconfd_confirmations_add (self, record,
                                  CLAMP (record->deadline - real_now, 0, record->timeout), now);
    }
}

static RunconfdRequest *
make_request (const RunconfHistoryRecord *record)
{
  RunconfdRequest *request = runconfd_request_new ("revert", RUNCONFD_UID_UNKNOWN, NULL);

  request->message = g_strdup_printf ("not confirmed: version %" G_GUINT64_FORMAT "%s%s",
                                      record->version, record->message != NULL ? ": " : "",
                                      record->message != NULL ? record->message : "");
  request->layer = record->is_boot ? RUNCONF_LAYER_BOOT : RUNCONF_LAYER_OVERRIDE;
  request->take_back = g_ptr_array_ref (record->deltas);

  return request;
}

static void
revert (RunconfdConfirmations *self, Entry *entry)
{
  entry->state = REVERTING;
  self->hooks.write (entry->record->version, make_request (entry->record), self->hooks.user_data);
}

/**
 * runconfd_confirmations_check:
 * @now: the monotonic time
 *
 * Reverts the changes whose time is over. A timer calls this.
 */
void
runconfd_confirmations_check (RunconfdConfirmations *self, gint64 now)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (has_time (entry) && entry->due_at <= now)
        revert (self, entry);
    }

  arm (self);
}

/**
 * runconfd_confirmations_find:
 *
 * Returns: (transfer none) (nullable): the change that made a version, if it can still be confirmed
 */
const RunconfHistoryRecord *
runconfd_confirmations_find (RunconfdConfirmations *self, guint64 version)
{
  guint position;
  const Entry *entry = find (self, version, &position);

  return entry != NULL && (entry->state == WAITING || entry->state == CONFIRMING) ? entry->record
                                                                                  : NULL;
}

static gboolean
do_overlap (const RunconfHistoryRecord *a, const RunconfHistoryRecord *b)
{
  if (a->is_boot != b->is_boot)
    return FALSE;

  for (guint i = 0; a->deltas != NULL && i < a->deltas->len; i++)
    {
      const char *path = ((RunconfDelta *) a->deltas->pdata[i])->path;

      for (guint j = 0; b->deltas != NULL && j < b->deltas->len; j++)
        {
          const char *other = ((RunconfDelta *) b->deltas->pdata[j])->path;

          if (runconf_path_is_below (path, other) || runconf_path_is_below (other, path))
            return TRUE;
        }
    }

  return FALSE;
}

static gboolean
is_covered (RunconfdConfirmations *self, guint position)
{
  const Entry *entry = self->entries->pdata[position];

  for (guint i = position + 1; i < self->entries->len; i++)
    {
      if (do_overlap (entry->record, ((Entry *) self->entries->pdata[i])->record))
        return TRUE;
    }

  return FALSE;
}

/* The change is decided. The changes that stayed because of a later one are due again. */
static void
remove_decided (RunconfdConfirmations *self, guint64 version)
{
  guint position;

  if (find (self, version, &position) == NULL)
    return;

  g_ptr_array_remove_index (self->entries, position);
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->state == STAYING)
        entry->due_at = 0;
    }
  arm (self);
}

/* The removal of a decided change from the history, in a thread. */
typedef struct
{
  RunconfdConfirmations *confirmations;
  GObject *owner;
  guint64 version;
  GTask *confirmation; /* NULL if the change was reverted */
  GError *error;
} Drop;

static void
drop_free (Drop *self)
{
  g_object_unref (self->owner);
  g_clear_object (&self->confirmation);
  g_clear_error (&self->error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Drop, drop_free)

static void
run_drop (gpointer data)
{
  Drop *drop = data;

  runconfd_archive_drop_waiting (drop->confirmations->archive, drop->version, &drop->error);
}

static void
finish_confirm (RunconfdConfirmations *self, const Drop *drop)
{
  guint position;
  Entry *entry = find (self, drop->version, &position);

  if (drop->error == NULL)
    {
      remove_decided (self, drop->version);
      g_task_return_boolean (drop->confirmation, TRUE);
      return;
    }

  if (entry != NULL && entry->state == CONFIRMING)
    entry->state = WAITING;
  arm (self);
  g_task_return_new_error (drop->confirmation, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED, "%s",
                           drop->error->message);
}

/* A reverted change that stays in the history is reverted again after a restart, which changes nothing.
 */
static void
finish_drop (gpointer data)
{
  g_autoptr (Drop) drop = data;
  RunconfdConfirmations *self = drop->confirmations;

  if (drop->confirmation != NULL)
    finish_confirm (self, drop);
  else if (drop->error != NULL)
    self->hooks.warn (drop->error->message, self->hooks.user_data);
}

static void
start_drop (RunconfdConfirmations *self, guint64 version, GTask *confirmation)
{
  Drop *drop = g_new0 (Drop, 1);

  drop->confirmations = self;
  drop->owner = g_object_ref (self->hooks.owner);
  drop->version = version;
  drop->confirmation = confirmation;
  runconfd_thread_task_start (run_drop, finish_drop, drop);
}

/**
 * runconfd_confirmations_finish_revert:
 * @is_reverted: whether the write that hooks.write() began is on the disk
 */
void
runconfd_confirmations_finish_revert (RunconfdConfirmations *self, guint64 version,
                                      gboolean is_reverted)
{
  guint position;
  Entry *entry = find (self, version, &position);

  if (entry == NULL)
    return;

  if (!is_reverted || is_covered (self, position))
    {
      entry->state = STAYING;
      entry->due_at = G_MAXINT64;
      return;
    }

  remove_decided (self, version);
  start_drop (self, version, NULL);
}

static gboolean
check_may_confirm (const RunconfHistoryRecord *record, guint64 version, guint uid, GError **error)
{
  if (record == NULL)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                   "version %" G_GUINT64_FORMAT
                   " isn't waiting for a confirmation: it was confirmed "
                   "or undone, or it was made without “confirm-timeout”",
                   version);
      return FALSE;
    }

  if (uid == 0 || record->uid == uid)
    return TRUE;

  g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
               "only root and the user who made version %" G_GUINT64_FORMAT " may confirm it",
               version);

  return FALSE;
}

/**
 * runconfd_confirmations_confirm:
 * @version: of the change
 * @uid: of the caller
 * @task: (transfer full): returns when the confirmation is on the disk, or with an error
 *
 * Keeps a change. It can't become due while the history is written.
 */
void
runconfd_confirmations_confirm (RunconfdConfirmations *self, guint64 version, guint uid,
                                GTask *task)
{
  g_autoptr (GTask) owned = task;
  g_autoptr (GError) error = NULL;
  guint position;

  if (!check_may_confirm (runconfd_confirmations_find (self, version), version, uid, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  ((Entry *) find (self, version, &position))->state = CONFIRMING;
  start_drop (self, version, g_steal_pointer (&owned));
}
