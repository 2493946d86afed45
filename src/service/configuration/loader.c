/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/loader.h"

#include "store/timing.h"

/* The transitions
 *
 *   IDLE      PAUSED     a file is being saved
 *             READING    a file changed, or a caller asks for a load
 *   PAUSED    IDLE       the timer ended
 *   READING   IDLE       the files are read, and nothing has to be committed
 *             PAUSED     the text is broken for the first time, or a process has a file open
 *             SETTLING   a change was found, and is committed
 *             WATCHING   a process keeps a file open
 *   SETTLING  IDLE       the commit ended
 *             WATCHING   the same, and a process has another file open
 *   WATCHING  IDLE       the timer ended: the file is read again
 *             PAUSED     another change is being saved
 *             READING    another file changed, or a caller asks for a load
 *
 * Whether a file has to be read again is apart from the state: it can also change while files are read.
 */

#define TO(state) (1u << RUNCONFD_LOADER_##state)

static const guint transitions[] = {
  [RUNCONFD_LOADER_IDLE] = TO (PAUSED) | TO (READING),
  [RUNCONFD_LOADER_PAUSED] = TO (IDLE),
  [RUNCONFD_LOADER_READING] = TO (IDLE) | TO (PAUSED) | TO (SETTLING) | TO (WATCHING),
  [RUNCONFD_LOADER_SETTLING] = TO (IDLE) | TO (WATCHING),
  [RUNCONFD_LOADER_WATCHING] = TO (IDLE) | TO (PAUSED) | TO (READING),
};

/* A process that saves faster than the service can read has to stop before a change gets through. */
#define MAX_CONFLICTS 50

typedef struct
{
  GTask *task;
  gboolean is_refresh; /* it doesn't wait until a broken file is repaired */
} Wait;

struct _RunconfdLoader
{
  RunconfdLoaderState state;
  guint timer;       /* the source that ends PAUSED or WATCHING, or 0 */
  gboolean is_stale; /* a file has to be read again */
  gboolean
      is_suspect;    /* the text was broken or missing when it was last read, for the first time */
  guint pause_ms;    /* the pause after the current load, or 0 */
  gboolean is_asked; /* runconfd_loader_ask_again() asked for a load */

  gboolean has_writer; /* a process had a file open for writing when it was last read */
  gint64 held_since;   /* when that was first seen, or 0 */
  gint64 busy_since;   /* when a save was first seen that hasn't ended, or 0 */
  gint64 busy_seen;    /* when it was last seen */
  guint n_conflicts;   /* commits in a row that met another text than the one that was read */

  GPtrArray *waits;  /* of Wait: for the next load */
  GPtrArray *served; /* of Wait: for the current load */
  RunconfdLoaderHooks hooks;
};

static void
wait_free (Wait *self)
{
  g_object_unref (self->task);
  g_free (self);
}

static GPtrArray *
waits_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) wait_free);
}

RunconfdLoader *
runconfd_loader_new (const RunconfdLoaderHooks *hooks)
{
  RunconfdLoader *self = g_new0 (RunconfdLoader, 1);

  self->waits = waits_new ();
  self->served = waits_new ();
  self->hooks = *hooks;

  return self;
}

void
runconfd_loader_free (RunconfdLoader *self)
{
  g_clear_handle_id (&self->timer, g_source_remove);
  g_ptr_array_unref (self->waits);
  g_ptr_array_unref (self->served);
  g_free (self);
}

static void
set_state (RunconfdLoader *self, RunconfdLoaderState state)
{
  g_assert ((transitions[self->state] & (1u << state)) != 0);

  g_clear_handle_id (&self->timer, g_source_remove);
  self->state = state;
}

static void
on_timer (gpointer data)
{
  RunconfdLoader *self = data;

  self->timer = 0;
  self->is_stale = self->is_stale || self->state == RUNCONFD_LOADER_WATCHING;
  set_state (self, RUNCONFD_LOADER_IDLE);
  self->hooks.advance (self->hooks.user_data);
}

static void
set_state_for (RunconfdLoader *self, RunconfdLoaderState state, guint milliseconds)
{
  set_state (self, state);
  self->timer = g_timeout_add_once (milliseconds, on_timer, self);
}

RunconfdLoaderState
runconfd_loader_get_state (const RunconfdLoader *self)
{
  return self->state;
}

/**
 * runconfd_loader_is_stale:
 *
 * Returns: whether the files have to be read
 */
gboolean
runconfd_loader_is_stale (const RunconfdLoader *self)
{
  return self->is_stale;
}

/**
 * runconfd_loader_is_fresh:
 * @freshness: of the files
 *
 * Returns: whether a load would change nothing now: the revision in force is that of the files, or a file
 *   isn't complete yet
 */
gboolean
runconfd_loader_is_fresh (const RunconfdLoader *self, RunconfFreshness freshness)
{
  if (self->is_suspect || self->has_writer || freshness == RUNCONF_BUSY)
    return TRUE;

  return freshness == RUNCONF_FRESH && !self->is_stale && self->state != RUNCONFD_LOADER_READING
         && self->state != RUNCONFD_LOADER_SETTLING;
}

/**
 * runconfd_loader_is_reload_wanted:
 *
 * Returns: whether a caller asks for a load at once, even of a file that is being saved
 */
gboolean
runconfd_loader_is_reload_wanted (const RunconfdLoader *self)
{
  for (guint i = 0; i < self->waits->len; i++)
    {
      if (!((Wait *) self->waits->pdata[i])->is_refresh)
        return TRUE;
    }

  return FALSE;
}

void
runconfd_loader_mark_stale (RunconfdLoader *self)
{
  self->is_stale = TRUE;
}

/**
 * runconfd_loader_add_wait:
 * @task: (transfer full): returns when the files are read
 * @is_refresh: whether the caller only wants to read, and waits neither for a save to end nor for a broken
 *   file to be repaired
 */
void
runconfd_loader_add_wait (RunconfdLoader *self, GTask *task, gboolean is_refresh)
{
  Wait *wait = g_new (Wait, 1);

  *wait = (Wait){ task, is_refresh };
  g_ptr_array_add (self->waits, wait);
  self->is_stale = TRUE;
}

/**
 * runconfd_loader_ask_again:
 *
 * To be called for a write where the files could never be read: they are read once more, as the error may
 * be over.
 *
 * Returns: %FALSE if that was done for this write
 */
gboolean
runconfd_loader_ask_again (RunconfdLoader *self)
{
  self->is_asked = !self->is_asked;
  self->is_stale = self->is_stale || self->is_asked;

  return self->is_asked;
}

static GPtrArray *
steal_waits (GPtrArray **waits)
{
  GPtrArray *stolen = *waits;

  *waits = waits_new ();

  return stolen;
}

static void
answer (RunconfdLoader *self, const Wait *wait)
{
  self->hooks.answer (wait->task, wait->is_refresh, self->hooks.user_data);
}

/**
 * runconfd_loader_wait_while_busy:
 * @freshness: of the files; %RUNCONF_FRESH for a load that waits for nothing
 * @now: the monotonic time, in µs
 *
 * Lets a load wait while a file is being saved, for a limited time. Callers that only want to read are
 * answered at once. A save that is seen again after a while is a new one.
 *
 * Returns: whether to wait; then hooks.advance() is called later
 */
gboolean
runconfd_loader_wait_while_busy (RunconfdLoader *self, RunconfFreshness freshness, gint64 now)
{
  g_autoptr (GPtrArray) waits = NULL;

  if (freshness != RUNCONF_BUSY)
    {
      self->busy_since = 0;
      return FALSE;
    }

  if (self->busy_since == 0 || now - self->busy_seen > RUNCONF_TIMING_MAX_BUSY_US)
    self->busy_since = now;
  self->busy_seen = now;
  if (now - self->busy_since >= RUNCONF_TIMING_MAX_BUSY_US)
    return FALSE;

  set_state_for (self, RUNCONFD_LOADER_PAUSED, RUNCONF_TIMING_BUSY_POLL_MS);
  waits = steal_waits (&self->waits);
  for (guint i = 0; i < waits->len; i++)
    answer (self, waits->pdata[i]);

  return TRUE;
}

/**
 * runconfd_loader_begin:
 *
 * To be called when a thread begins to read the files.
 */
void
runconfd_loader_begin (RunconfdLoader *self)
{
  set_state (self, RUNCONFD_LOADER_READING);
  self->is_stale = FALSE;
  g_ptr_array_extend_and_steal (self->served, steal_waits (&self->waits));
}

/**
 * runconfd_loader_settle:
 *
 * To be called when a change that was found in the files is being committed.
 */
void
runconfd_loader_settle (RunconfdLoader *self)
{
  set_state (self, RUNCONFD_LOADER_SETTLING);
}

/* Callers that wait for a load wait for the next one if another one has to follow. Those that only want to
 * read don't wait for a file that isn't complete.
 */
static void
answer_served (RunconfdLoader *self, gboolean is_open)
{
  g_autoptr (GPtrArray) served = steal_waits (&self->served);
  gboolean is_unsure = self->is_suspect || (self->has_writer && is_open);
  gboolean has_more = self->is_stale || self->is_suspect;

  g_ptr_array_set_free_func (served, NULL);
  for (guint i = 0; i < served->len; i++)
    {
      Wait *wait = served->pdata[i];

      if (has_more && !(is_unsure && wait->is_refresh))
        {
          g_ptr_array_add (self->waits, wait);
          continue;
        }

      answer (self, wait);
      wait_free (wait);
    }
}

/**
 * runconfd_loader_end:
 * @is_open: whether there is a revision in force
 * @now: the monotonic time, in µs
 *
 * To be called when the files are read, and the change that was found is committed.
 */
void
runconfd_loader_end (RunconfdLoader *self, gboolean is_open, gint64 now)
{
  RunconfdLoaderWriter writer = runconfd_loader_get_writer (self, is_open, now);
  guint pause_ms = self->pause_ms;

  self->pause_ms = 0;
  if (writer == RUNCONFD_LOADER_WRITER_QUICK && self->state == RUNCONFD_LOADER_READING)
    {
      self->is_stale = TRUE;
      pause_ms = MAX (pause_ms, RUNCONF_TIMING_BUSY_POLL_MS);
    }

  if (pause_ms > 0)
    set_state_for (self, RUNCONFD_LOADER_PAUSED, pause_ms);
  else if (writer != RUNCONFD_LOADER_WRITER_NONE)
    set_state_for (self, RUNCONFD_LOADER_WATCHING, RUNCONF_TIMING_HELD_POLL_MS);
  else
    set_state (self, RUNCONFD_LOADER_IDLE);

  if (!self->is_stale)
    self->hooks.loaded (self->hooks.user_data);
  answer_served (self, is_open);
}

/**
 * runconfd_loader_take_suspicion:
 *
 * To be called before a text is judged.
 *
 * Returns: whether the text was broken or missing already when it was last read
 */
gboolean
runconfd_loader_take_suspicion (RunconfdLoader *self)
{
  gboolean was_suspect = self->is_suspect;

  self->is_suspect = FALSE;

  return was_suspect;
}

/**
 * runconfd_loader_suspect:
 *
 * The text is broken or missing. It is read again later, since it may be half of a save.
 */
void
runconfd_loader_suspect (RunconfdLoader *self)
{
  self->is_suspect = TRUE;
  self->is_stale = TRUE;
  self->pause_ms = RUNCONF_TIMING_BROKEN_GRACE_MS;
}

/**
 * runconfd_loader_note_writer:
 * @has_writer: whether the load met a file that a process has open for writing
 * @now: the monotonic time, in µs
 */
void
runconfd_loader_note_writer (RunconfdLoader *self, gboolean has_writer, gint64 now)
{
  self->has_writer = has_writer;
  if (!has_writer)
    self->held_since = 0;
  else if (self->held_since == 0)
    self->held_since = now;
}

/**
 * runconfd_loader_get_writer:
 * @is_open: whether there is a revision in force; without one, the wait is longer
 * @now: the monotonic time, in µs
 *
 * Returns: for how long a process has had a file open
 */
RunconfdLoaderWriter
runconfd_loader_get_writer (const RunconfdLoader *self, gboolean is_open, gint64 now)
{
  gint64 held = now - self->held_since;

  if (!self->has_writer)
    return RUNCONFD_LOADER_WRITER_NONE;
  if (held < (is_open ? RUNCONF_TIMING_MAX_BUSY_US : RUNCONF_TIMING_MAX_START_US))
    return RUNCONFD_LOADER_WRITER_QUICK;

  return held < RUNCONF_TIMING_REPORT_HELD_US ? RUNCONFD_LOADER_WRITER_SLOW
                                              : RUNCONFD_LOADER_WRITER_STUCK;
}

/**
 * runconfd_loader_retry_conflict:
 *
 * To be called after a commit that met another text than the one that was read.
 *
 * Returns: whether to read that text and commit again; %FALSE if that was done too often
 */
gboolean
runconfd_loader_retry_conflict (RunconfdLoader *self)
{
  if (runconfd_loader_is_outrun (self))
    return FALSE;

  self->n_conflicts++;
  self->is_stale = TRUE;

  return TRUE;
}

/**
 * runconfd_loader_is_outrun:
 *
 * Returns: whether another process saves faster than the service can read
 */
gboolean
runconfd_loader_is_outrun (const RunconfdLoader *self)
{
  return self->n_conflicts >= MAX_CONFLICTS;
}

/**
 * runconfd_loader_give_up:
 *
 * Reading the text again wouldn't help, so the next conflict is final.
 */
void
runconfd_loader_give_up (RunconfdLoader *self)
{
  self->n_conflicts = MAX_CONFLICTS;
}

/* To be called after a commit that succeeded, or failed for another reason. */
void
runconfd_loader_forget_conflicts (RunconfdLoader *self)
{
  self->n_conflicts = 0;
}
