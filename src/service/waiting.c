/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/waiting.h"

#include "core/path.h"

/* A change that is due may have been covered by a later one that waits too. If that one goes back,
 * what it puts back is what the first one had put there. So the first one stays until the later one
 * is decided, and is due again then.
 */

typedef struct
{
  RunconfdWaiting *owner;
  RunconfHistoryRecord *record;
  gint64 due_at;   /* by the monotonic clock */
  gboolean is_due; /* it was told */
  guint source;    /* of its timer, or 0 */
} Entry;

struct _RunconfdWaiting
{
  GPtrArray *entries; /* of Entry, the oldest change first */
  RunconfdWaitingFunc due;
  gpointer user_data;
};

static void
entry_free (Entry *entry)
{
  g_clear_handle_id (&entry->source, g_source_remove);
  runconf_history_record_free (entry->record);
  g_free (entry);
}

RunconfdWaiting *
runconfd_waiting_new (RunconfdWaitingFunc due, gpointer user_data)
{
  RunconfdWaiting *self = g_new0 (RunconfdWaiting, 1);

  self->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  self->due = due;
  self->user_data = user_data;

  return self;
}

void
runconfd_waiting_free (RunconfdWaiting *self)
{
  g_ptr_array_unref (self->entries);
  g_free (self);
}

static gboolean
on_due (gpointer data)
{
  Entry *entry = data;

  entry->source = 0;
  entry->is_due = TRUE;
  entry->owner->due (entry->record, entry->owner->user_data);

  return G_SOURCE_REMOVE;
}

static void
start (Entry *entry)
{
  gint64 remaining = MAX (entry->due_at - g_get_monotonic_time (), 0);

  entry->source = g_timeout_add ((guint) MIN ((remaining + 999) / 1000, G_MAXUINT), on_due, entry);
}

static Entry *
find (RunconfdWaiting *self, guint64 version, guint *position)
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

/**
 * runconfd_waiting_add:
 * @record: (transfer full): the change; nothing happens if it waits already
 * @remaining: in µs, how long it waits from now on; it is the monotonic clock that counts
 */
void
runconfd_waiting_add (RunconfdWaiting *self, RunconfHistoryRecord *record, gint64 remaining)
{
  Entry *entry;
  guint position;

  if (find (self, record->version, &position) != NULL)
    {
      runconf_history_record_free (record);
      return;
    }

  entry = g_new0 (Entry, 1);
  entry->owner = self;
  entry->record = record;
  entry->due_at = g_get_monotonic_time () + remaining;
  start (entry);
  g_ptr_array_add (self->entries, entry);
}

/**
 * runconfd_waiting_find:
 *
 * Returns: (transfer none) (nullable): the change that made a version, if it waits and isn't due
 */
const RunconfHistoryRecord *
runconfd_waiting_find (RunconfdWaiting *self, guint64 version)
{
  guint position;
  Entry *entry = find (self, version, &position);

  return entry != NULL && !entry->is_due ? entry->record : NULL;
}

static gboolean
do_overlap (const RunconfHistoryRecord *a, const RunconfHistoryRecord *b)
{
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

/**
 * runconfd_waiting_is_covered:
 *
 * Returns: whether a later change that waits put something in the place of what @version put there
 */
gboolean
runconfd_waiting_is_covered (RunconfdWaiting *self, guint64 version)
{
  guint position;
  Entry *entry = find (self, version, &position);

  for (guint i = position + 1; entry != NULL && i < self->entries->len; i++)
    {
      if (do_overlap (entry->record, ((Entry *) self->entries->pdata[i])->record))
        return TRUE;
    }

  return FALSE;
}

/**
 * runconfd_waiting_pause:
 *
 * Lets a change not become due until runconfd_waiting_resume().
 */
void
runconfd_waiting_pause (RunconfdWaiting *self, guint64 version)
{
  guint position;
  Entry *entry = find (self, version, &position);

  if (entry != NULL)
    g_clear_handle_id (&entry->source, g_source_remove);
}

void
runconfd_waiting_resume (RunconfdWaiting *self, guint64 version)
{
  guint position;
  Entry *entry = find (self, version, &position);

  if (entry != NULL && entry->source == 0)
    start (entry);
}

/* Those that were due and only stayed for a later change look again. */
static void
look_again (RunconfdWaiting *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      Entry *entry = self->entries->pdata[i];

      if (entry->is_due && entry->source == 0)
        entry->source = g_idle_add (on_due, entry);
    }
}

/**
 * runconfd_waiting_remove:
 * @version: of a change that is decided
 */
void
runconfd_waiting_remove (RunconfdWaiting *self, guint64 version)
{
  guint position;

  if (find (self, version, &position) == NULL)
    return;

  g_ptr_array_remove_index (self->entries, position);
  look_again (self);
}
