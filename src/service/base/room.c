/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/room.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"

/* A process that asks for more memory than its limit (LimitDATA) is aborted, with all of its
 * configurations. So a text is refused if the work on it may not fit into the rest.
 *
 * Threads work at the same time, so each reserves the memory that it may need until its work is
 * done. If there isn't enough, a thread waits as long as others have a reservation. The memory that
 * they have allocated by then counts twice, which costs time and no refusal.
 */

#define MIB ((guint64) 1024 * 1024)

/* smaller texts aren't worth a check */
#define MIN_CHECKED (64 * 1024)

/* kept for work without a reservation: replies, queues, the history of a change */
#define SPARE (96 * MIB)

/* copies of a text that exist at a time */
#define N_COPIES 2

struct _RunconfdRoom
{
  guint64 bytes;
};

static GMutex mutex;
static GCond released;
static guint64 reserved; /* by all rooms together */

/* Returns: the memory of the process that counts for LimitDATA, or 0 if unknown */
static guint64
read_used (void)
{
  guint64 n_pages = 0;
  FILE *file = fopen ("/proc/self/statm", "re");

  if (file == NULL)
    return 0;
  if (fscanf (file, "%*u %*u %*u %*u %*u %" G_GUINT64_FORMAT, &n_pages) != 1)
    n_pages = 0;
  fclose (file);

  return n_pages * (guint64) sysconf (_SC_PAGESIZE);
}

/* Each value but the root follows one of these characters. A merge key can add any number of
 * values.
 */
static guint64
estimate_n_values (const char *data, gsize length)
{
  static const gboolean begins_value[256] = {
    [':'] = TRUE, ['-'] = TRUE, ['?'] = TRUE, [','] = TRUE, ['['] = TRUE, ['{'] = TRUE,
  };
  guint64 n_values = 1;

  if (memmem (data, length, "<<", 2) != NULL)
    return RUNCONF_MAX_NODES;

  for (gsize i = 0; i < length; i++)
    n_values += begins_value[(guchar) data[i]];

  return MIN (n_values, RUNCONF_MAX_NODES);
}

/* Half of the memory is for small blocks, for which free blocks in the heap are as good as new
 * memory.
 *
 * Returns: the part of @bytes that the process has already, unused
 */
static guint64
get_unused (guint64 bytes)
{
#ifdef __GLIBC__
  return MIN (mallinfo2 ().fordblks, bytes / 2);
#else
  return 0;
#endif
}

/* Returns: whether @bytes fit below @limit, beside the memory in use and that of all rooms */
static gboolean
fits (guint64 bytes, guint64 limit)
{
  guint64 used = read_used ();

  return used - MIN (get_unused (bytes), used) + reserved + bytes + SPARE <= limit;
}

/* Returns: whether @bytes are available, at once or when others have released theirs */
static gboolean
reserve (guint64 bytes, guint64 limit)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

  while (!fits (bytes, limit))
    {
      if (reserved == 0)
        return FALSE;
      g_cond_wait (&released, &mutex);
    }
  reserved += bytes;

  return TRUE;
}

/**
 * runconfd_room_new:
 * @text: a text that is about to be read or changed
 * @value_bytes: the memory for a value
 * @name: the name of the text in messages
 *
 * Returns: (transfer full) (nullable): the room, or %NULL with %RUNCONF_ERROR_TOO_LARGE if it
 *   exceeds the limit of the process
 */
RunconfdRoom *
runconfd_room_new (GBytes *text, guint value_bytes, const char *name, GError **error)
{
  g_autoptr (RunconfdRoom) self = g_new0 (RunconfdRoom, 1);
  g_autofree char *shown = NULL;
  struct rlimit limit;
  guint64 bytes;
  gsize length;
  const char *data = g_bytes_get_data (text, &length);

  if (length < MIN_CHECKED || getrlimit (RLIMIT_DATA, &limit) < 0
      || limit.rlim_cur == RLIM_INFINITY)
    return g_steal_pointer (&self);

  bytes = length * N_COPIES + estimate_n_values (data, length) * value_bytes;
  if (reserve (bytes, limit.rlim_cur))
    {
      self->bytes = bytes;
      return g_steal_pointer (&self);
    }

  shown = runconf_escape (name, -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
               "%s: it may need %" G_GUINT64_FORMAT
               " MiB of memory, which is more than is left of the %" G_GUINT64_FORMAT
               " MiB of the service: make configurations smaller, or raise LimitDATA of the unit",
               shown, bytes / MIB, (guint64) limit.rlim_cur / MIB);

  return NULL;
}

void
runconfd_room_free (RunconfdRoom *self)
{
  if (self->bytes > 0)
    {
      g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);

      reserved -= self->bytes;
      g_cond_broadcast (&released);
    }

  g_free (self);
}

/**
 * runconfd_room_read:
 * @text: UTF-8
 * @name: the name of the text in messages
 *
 * Calls runconf_document_new() if there is enough memory.
 *
 * Returns: (transfer full) (nullable): the document, or %NULL with an error
 */
RunconfDocument *
runconfd_room_read (GBytes *text, const char *name, GError **error)
{
  g_autoptr (RunconfdRoom) room = runconfd_room_new (text, RUNCONFD_READ_VALUE_BYTES, name, error);

  return room != NULL ? runconf_document_new (text, name, error) : NULL;
}
