/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/file/grace.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "store/fd.h"
#include "store/file/quarantine.h"
#include "store/file/text-file.h"
#include "store/timing.h"
#include "store/watch/lease.h"
#include "store/watch/patience.h"

/* Late writes
 *
 * A program that opened the file before its text was replaced still has the old file, and its
 * writes there would be lost: the file has no name. So each old file is kept open for a second,
 * which is longer than any program takes between opening a file and beginning to write, and for as
 * long as a process has it open for writing, as a lease shows. A text that was written into it by
 * then is reported like an edit by hand.
 *
 * While a process has it open, the old file keeps its temporary name: if the service ends, the next
 * start finds the text there and continues. Other old files lose their name at once. The text
 * counts when the file is closed; if the file stays open, when it was quiet for OPEN_QUIET and can be
 * parsed: the rule of patience.c.
 *
 * A program that writes all the time can't make this process run out of file descriptors: above
 * MAX_FILES, files that no process has open are dropped early. And a file that is never closed is
 * kept for MAX_LATE only.
 */

#define MAX_FILES 128

typedef struct
{
  int fd;
  int directory;   /* -1 without a name */
  char *temp_name; /* (nullable) */
  GBytes *text;    /* its content when it was last read */
  RunconfSignature signature;
  gint64 since;
  gint64 quiet_since;
  gboolean has_writer;
  gboolean is_dirty; /* it changed since it was read */
} Leftover;

typedef struct
{
  GBytes *text;
  GBytes *base;
} Late;

struct _RunconfGrace
{
  char *path;
  RunconfGraceFunc late;
  gpointer user_data;
  GMainContext *context;

  GMutex mutex; /* protects the members below */
  GPtrArray *leftovers;
  GSource *looking; /* NULL while there are no files */
};

static void
leftover_free (Leftover *self)
{
  if (self->temp_name != NULL && unlinkat (self->directory, self->temp_name, 0) < 0)
    g_debug ("Can't remove %s: %s", self->temp_name, g_strerror (errno));
  runconf_fd_clear (&self->fd);
  runconf_fd_clear (&self->directory);
  g_free (self->temp_name);
  g_bytes_unref (self->text);
  g_free (self);
}

static void
late_free (Late *self)
{
  g_bytes_unref (self->text);
  g_bytes_unref (self->base);
  g_free (self);
}

static gboolean
has_changed (Leftover *self, RunconfSignature *now)
{
  struct stat status;

  if (fstat (self->fd, &status) < 0)
    return FALSE;

  /* unlinking it changes its ctime */
  runconf_signature_init (now, &status);
  return !runconf_signature_equal_but_ctime (now, &self->signature);
}

/* Reads the file: @late is its text, if it differs from the one before.
 *
 * Returns: %FALSE if a process is writing the file and its text doesn't count yet
 */
static gboolean
leftover_read (Leftover *self, const char *path, gboolean is_patient, gboolean is_last, Late **late)
{
  g_autoptr (GBytes) text = NULL;
  RunconfSignature signature;
  RunconfLease lease;

  if (!runconf_text_file_read_fd (self->fd, path, &text, &signature, &lease, NULL))
    return TRUE;
  if (lease == RUNCONF_LEASE_REFUSED
      && (is_patient || (!is_last && !runconf_patience_is_whole (text, path))))
    return FALSE;
  if (g_bytes_equal (text, self->text))
    return TRUE;

  *late = g_new (Late, 1);
  (*late)->text = g_bytes_ref (text);
  (*late)->base = g_steal_pointer (&self->text);
  self->text = g_steal_pointer (&text);
  return TRUE;
}

static gboolean
is_untouched (Leftover *self, const char *path)
{
  g_autoptr (GBytes) text = NULL;
  RunconfSignature signature;
  RunconfLease lease;

  return !self->has_writer
         && runconf_text_file_read_fd (self->fd, path, &text, &signature, &lease, NULL)
         && lease != RUNCONF_LEASE_REFUSED && g_bytes_equal (text, self->text);
}

/* Returns: whether the file has to be kept any longer */
static gboolean
leftover_look (Leftover *self, const char *path, gboolean is_urgent, Late **late)
{
  gint64 now = g_get_monotonic_time ();
  gboolean is_over = is_urgent || now - self->since >= RUNCONF_TIMING_LATE_US;
  RunconfLease lease;
  RunconfSignature signature;

  /* nearly every file */
  if (is_over && is_untouched (self, path))
    return FALSE;

  lease = runconf_lease_take (self->fd);
  if (lease == RUNCONF_LEASE_TAKEN)
    runconf_lease_drop (self->fd);
  self->has_writer = lease == RUNCONF_LEASE_REFUSED;

  if (has_changed (self, &signature))
    {
      self->signature = signature;
      self->quiet_since = now;
      self->is_dirty = TRUE;
    }

  /* where leases aren't supported, use the time since the last change */
  if (self->has_writer || (lease == RUNCONF_LEASE_UNKNOWN && !is_over))
    {
      is_over = now - self->since >= RUNCONF_TIMING_MAX_LATE_US;
      if (!is_over && now - self->quiet_since < RUNCONF_TIMING_OPEN_QUIET_US)
        return TRUE;
    }

  /* the times can miss a write in the tick of the one before, so the last look always reads */
  if ((self->is_dirty || is_over) && !leftover_read (self, path, !self->has_writer, is_over, late))
    {
      self->has_writer = TRUE;
      self->quiet_since = now;
      return !is_over;
    }
  self->is_dirty = FALSE;

  return !is_over;
}

static void
collect (RunconfGrace *self, gboolean is_urgent, guint position, GPtrArray *found)
{
  Late *late = NULL;

  if (!leftover_look (self->leftovers->pdata[position], self->path, is_urgent, &late))
    g_ptr_array_remove_index (self->leftovers, position);
  if (late != NULL)
    g_ptr_array_add (found, late);
}

/* Returns: whether to look at a file: always if a process has it open, else after its second */
static gboolean
is_due (const Leftover *leftover)
{
  return leftover->has_writer
         || g_get_monotonic_time () - leftover->since >= RUNCONF_TIMING_LATE_US;
}

static gboolean
on_look (gpointer data)
{
  RunconfGrace *self = data;
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) late_free);
  gboolean has_more;

  g_mutex_lock (&self->mutex);
  for (guint i = self->leftovers->len; i-- > 0;)
    {
      if (is_due (self->leftovers->pdata[i]))
        collect (self, FALSE, i, found);
    }
  has_more = self->leftovers->len > 0;
  if (!has_more)
    g_clear_pointer (&self->looking, g_source_unref);
  g_mutex_unlock (&self->mutex);

  for (guint i = 0; i < found->len; i++)
    {
      const Late *late = found->pdata[i];

      self->late (late->text, late->base, self->user_data);
    }

  return has_more ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Call with the mutex held. */
static void
start_looking (RunconfGrace *self)
{
  if (self->looking != NULL)
    return;

  self->looking = g_timeout_source_new (RUNCONF_TIMING_LATE_POLL_MS);
  g_source_set_callback (self->looking, on_look, self, NULL);
  g_source_set_static_name (self->looking, "[runconf] grace");
  g_source_attach (self->looking, self->context);
}

/* Makes room by dropping the oldest files that no process has open. */
static void
make_room (RunconfGrace *self)
{
  for (guint i = 0; i < self->leftovers->len && self->leftovers->len >= MAX_FILES; i++)
    {
      if (is_untouched (self->leftovers->pdata[i], self->path))
        g_ptr_array_remove_index (self->leftovers, i--);
    }
}

/**
 * runconf_grace_new:
 * @path: the name of the file in messages
 * @late: called with late writes, in the thread-default main context of the caller
 * @user_data: for @late
 *
 * Returns: (transfer full): a grace; free it in that context
 */
RunconfGrace *
runconf_grace_new (const char *path, RunconfGraceFunc late, gpointer user_data)
{
  RunconfGrace *self = g_new0 (RunconfGrace, 1);

  self->path = g_strdup (path);
  self->late = late;
  self->user_data = user_data;
  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->mutex);
  self->leftovers = g_ptr_array_new_with_free_func ((GDestroyNotify) leftover_free);

  return self;
}

/* Leaves a file to the next start, if a process still has it open. */
static gboolean
leave_behind (RunconfGrace *self, Leftover *leftover)
{
  RunconfLease lease = runconf_lease_take (leftover->fd);

  if (lease == RUNCONF_LEASE_TAKEN)
    runconf_lease_drop (leftover->fd);
  if (lease != RUNCONF_LEASE_REFUSED || leftover->temp_name == NULL)
    return FALSE;

  g_message ("%s: a process still has the replaced file open: text that it writes there stays in "
             "%s until the next start",
             self->path, leftover->temp_name);
  g_clear_pointer (&leftover->temp_name, g_free);
  return TRUE;
}

/**
 * runconf_grace_end:
 *
 * Stops looking after all files. There is no receiver for late writes any more: they are kept
 * beside the file. This blocks on the file system.
 */
void
runconf_grace_end (RunconfGrace *self)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) late_free);

  g_mutex_lock (&self->mutex);
  while (self->leftovers->len > 0)
    {
      guint last = self->leftovers->len - 1;
      Leftover *leftover = self->leftovers->pdata[last];

      leftover->since = leftover->quiet_since = G_MININT64 / 2;
      if (leave_behind (self, leftover))
        g_ptr_array_remove_index (self->leftovers, last);
      else
        collect (self, TRUE, last, found);
    }
  g_mutex_unlock (&self->mutex);

  for (guint i = 0; i < found->len; i++)
    {
      const Late *late = found->pdata[i];
      g_autoptr (GError) error = NULL;
      g_autofree char *copy
          = runconf_quarantine_keep (self->path, RUNCONF_QUARANTINE_LOST, late->text, &error);

      if (copy == NULL)
        g_warning ("A text that was written into the replaced file can't be kept: %s",
                   error->message);
      else
        g_warning ("%s: a text that was written into the replaced file is kept as %s", self->path,
                   copy);
    }
}

void
runconf_grace_free (RunconfGrace *self)
{
  if (self->looking != NULL)
    g_source_destroy (self->looking);
  g_clear_pointer (&self->looking, g_source_unref);
  runconf_grace_end (self);
  g_ptr_array_unref (self->leftovers);
  g_mutex_clear (&self->mutex);
  g_main_context_unref (self->context);
  g_free (self->path);
  g_free (self);
}

/**
 * runconf_grace_add:
 * @directory: file descriptor of the directory
 * @temp_name: (nullable): the name of the file there
 * @fd: (transfer full): a file descriptor for reading of a file that was replaced
 * @text: its content when it was last read
 * @signature: the signature of the file then
 *
 * Looks after an old file, and removes its name. May be called from any thread. This blocks on the
 * file system.
 */
void
runconf_grace_add (RunconfGrace *self, int directory, const char *temp_name, int fd, GBytes *text,
                   const RunconfSignature *signature)
{
  Leftover *leftover = g_new0 (Leftover, 1);
  RunconfLease lease = runconf_lease_take (fd);

  if (lease == RUNCONF_LEASE_TAKEN)
    runconf_lease_drop (fd);
  leftover->fd = fd;
  leftover->directory = -1;
  leftover->text = g_bytes_ref (text);
  leftover->signature = *signature;
  leftover->since = leftover->quiet_since = g_get_monotonic_time ();
  leftover->has_writer = lease == RUNCONF_LEASE_REFUSED;

  if (leftover->has_writer && temp_name != NULL)
    {
      leftover->directory = fcntl (directory, F_DUPFD_CLOEXEC, 0);
      leftover->temp_name = g_strdup (temp_name);
    }
  else if (temp_name != NULL && unlinkat (directory, temp_name, 0) < 0)
    {
      g_debug ("Can't remove %s: %s", temp_name, g_strerror (errno));
    }

  g_mutex_lock (&self->mutex);
  make_room (self);
  g_ptr_array_add (self->leftovers, leftover);
  start_looking (self);
  g_mutex_unlock (&self->mutex);
}
