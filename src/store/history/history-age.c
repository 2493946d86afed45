/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/history/history-private.h"

/* How old a change is
 *
 * A wall clock can be wrong by years for a while, before the network or a person sets it. So the
 * times of changes are only for display, and a change is removed for its age only if it is proven
 * to be old: by marks, each of which records the newest version at a certain age of the history.
 * The age counts time as the kernel's own clock does, suspend included. From one boot to the next
 * only the wall clock knows how long the machine was off: that counts as one interval at most, so
 * that a wrong clock adds no more than that to the age of the history at each boot.
 *
 * A mark is written when an interval has passed since the last one, and with the first change after
 * a boot. It proves that a change is as old as the next mark after it, never older.
 */

#define MAX_INTERVAL G_TIME_SPAN_DAY

static gint64
get_interval (RunconfHistory *self)
{
  return CLAMP (self->limits.max_age / 64, 1, MAX_INTERVAL);
}

/* If the kernel has no boot ID, each start of the process counts as a boot. */
static gpointer
read_boot_id (gpointer data)
{
  char *id = NULL;

  if (!g_file_get_contents ("/proc/sys/kernel/random/boot_id", &id, NULL, NULL))
    id = g_uuid_string_random ();

  return g_strstrip (id);
}

static const char *
get_boot_id (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, read_boot_id, NULL);
}

/**
 * runconf_moment_now:
 *
 * Returns: the present time on all clocks
 */
RunconfMoment
runconf_moment_now (void)
{
  struct timespec time = { 0 };

  clock_gettime (CLOCK_BOOTTIME, &time);

  return (RunconfMoment){
    .wall = g_get_real_time (),
    .boot = time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000,
    .boot_id = get_boot_id (),
  };
}

static gboolean
is_same_boot (const RunconfHistory *self, const RunconfMoment *now)
{
  return g_strcmp0 (self->mark_boot_id, now->boot_id) == 0 && now->boot >= self->mark_boot;
}

static gint64
count_time (RunconfHistory *self, const RunconfMoment *now)
{
  gint64 passed;

  if (self->mark_boot_id == NULL)
    return 0;
  if (is_same_boot (self, now))
    return self->mark_age + (now->boot - self->mark_boot);

  /* the clock was set back: the time that passed isn't known */
  if (now->wall <= self->mark_wall)
    return self->mark_age;
  passed = (gint64) MIN ((guint64) now->wall - (guint64) self->mark_wall,
                         (guint64) get_interval (self));

  return self->mark_age + passed;
}

static gboolean
write_mark (RunconfHistory *self, gint64 age, guint64 version, const RunconfMoment *now,
            GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_ADD_MARK, error);

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, age);
  sqlite3_bind_int64 (statement, 2, version);
  sqlite3_bind_int64 (statement, 3, now->wall);
  sqlite3_bind_int64 (statement, 4, now->boot);
  sqlite3_bind_text (statement, 5, now->boot_id, -1, SQLITE_STATIC);

  return runconf_history_finish (self, statement, error);
}

static gboolean
drop_old_marks (RunconfHistory *self, gint64 age, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_DROP_MARKS, error);

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, age - self->limits.max_age);

  return runconf_history_finish (self, statement, error);
}

static gboolean
find_old (RunconfHistory *self, gint64 age, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_OLD, error);
  gboolean has_row;

  if (statement == NULL)
    return FALSE;

  sqlite3_bind_int64 (statement, 1, age - self->limits.max_age);
  if (!runconf_history_step (self, statement, &has_row, error))
    return FALSE;

  self->old_version = has_row ? MAX (sqlite3_column_int64 (statement, 0), 0) : 0;
  sqlite3_reset (statement);

  return TRUE;
}

/* The change of the last call may be much older than this one, and no mark records that yet. */
static gboolean
write_marks (RunconfHistory *self, gint64 age, const RunconfMoment *now, GError **error)
{
  return (self->seen_age <= self->mark_age
          || write_mark (self, self->seen_age, self->seen_version, now, error))
         && write_mark (self, age, self->newest, now, error) && drop_old_marks (self, age, error)
         && find_old (self, age, error);
}

/**
 * runconf_history_read_mark:
 *
 * Reads the newest mark.
 */
gboolean
runconf_history_read_mark (RunconfHistory *self, GError **error)
{
  sqlite3_stmt *statement = runconf_history_get_statement (self, STATEMENT_GET_MARK, error);
  gboolean has_row;

  g_clear_pointer (&self->mark_boot_id, g_free);
  self->mark_age = self->seen_age = 0;
  if (statement == NULL || !runconf_history_step (self, statement, &has_row, error))
    return FALSE;
  if (!has_row)
    return TRUE;

  self->mark_age = self->seen_age = sqlite3_column_int64 (statement, 0);
  self->mark_wall = sqlite3_column_int64 (statement, 1);
  self->mark_boot = sqlite3_column_int64 (statement, 2);
  self->mark_boot_id = g_strdup ((const char *) sqlite3_column_text (statement, 3));
  sqlite3_reset (statement);

  return find_old (self, self->mark_age, error);
}

/**
 * runconf_history_grow_older:
 *
 * Counts the time up to @now, and writes a mark if one is due.
 *
 * Returns: %FALSE with an error that does no harm
 */
gboolean
runconf_history_grow_older (RunconfHistory *self, const RunconfMoment *now, GError **error)
{
  gint64 age = count_time (self, now);
  gboolean is_good;

  if (self->limits.max_age == 0)
    return TRUE;
  if (self->mark_boot_id != NULL && is_same_boot (self, now)
      && age - self->mark_age < get_interval (self))
    {
      /* a mark that was written within the same microsecond doesn't know the newest version */
      self->seen_age = MAX (age, self->mark_age + 1);
      self->seen_version = self->newest;
      return TRUE;
    }

  if (!runconf_history_begin (self, FALSE, error))
    return FALSE;
  is_good = runconf_history_end (self, write_marks (self, age, now, error), error);

  return is_good && runconf_history_read_mark (self, error);
}
