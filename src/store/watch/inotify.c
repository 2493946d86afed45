/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "store/watch/inotify.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <glib-unix.h>

#include "store/fd.h"
#include "store/timing.h"

/* Not GFileMonitor: it drops IN_Q_OVERFLOW, so that a change among many others is never reported;
 * it sees neither the hops of a symbolic link nor a directory that is back within four seconds; it
 * doesn't report that watches are exhausted; and it delays events for up to two seconds.
 *
 * The kernel has one watch per directory, however often it is requested. So the watches of a
 * directory are counted here, and its names are in a hash table: an event for a name that isn't
 * watched costs two hash lookups.
 */

#define EVENTS                                                                                     \
  (IN_MODIFY | IN_ATTRIB | IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO    \
   | IN_DELETE_SELF | IN_MOVE_SELF)

/* what happens to the directory itself: nothing in it makes an event */
#define PLACE_EVENTS (IN_DELETE_SELF | IN_MOVE_SELF)

/* no file has these names */
#define ANY_NAME ""
#define NO_NAME "/"

#define BUFFER_BYTES (16 * 1024)
#define MAX_EVENT_BYTES (sizeof (struct inotify_event) + NAME_MAX + 1)

/* The number of buffers read in one iteration of the main loop: many events must not starve it. */
#define MAX_BUFFERS 16

struct _RunconfInotify
{
  int fd;
  gboolean has_logged_exhaustion;
  GMainContext *context;
  GSource *source;         /* waits for events, or for the end of the pause */
  int is_reading;          /* atomic: events were read, and may not be reported yet */
  GHashTable *directories; /* by watch descriptor; owned by their watches */
};

typedef struct
{
  RunconfInotify *inotify;
  int descriptor; /* -1 when the kernel has removed the watch */
  guint n_watches;
  GHashTable *names; /* of GPtrArray of RunconfInotifyWatch */
} Directory;

struct _RunconfInotifyWatch
{
  Directory *directory;
  char *name;
  RunconfInotifyFunc func;
  gpointer user_data;
  gint64 since;
};

static void
notify (GPtrArray *watches, const struct inotify_event *event)
{
  for (guint i = 0; i < watches->len; i++)
    {
      RunconfInotifyWatch *watch = watches->pdata[i];

      watch->func (event->len > 0 ? event->name : NULL, event->mask, watch->user_data);
    }
}

static void
notify_directory (Directory *directory, const struct inotify_event *event)
{
  GHashTableIter iter;
  gpointer watches;

  g_hash_table_iter_init (&iter, directory->names);
  while (g_hash_table_iter_next (&iter, NULL, &watches))
    notify (watches, event);
}

static void
notify_all (RunconfInotify *self, const struct inotify_event *event)
{
  GHashTableIter iter;
  gpointer directory;

  g_hash_table_iter_init (&iter, self->directories);
  while (g_hash_table_iter_next (&iter, NULL, &directory))
    notify_directory (directory, event);
}

static void
handle_event (RunconfInotify *self, const struct inotify_event *event)
{
  Directory *directory;
  GPtrArray *watches;

  if (event->mask & IN_Q_OVERFLOW)
    {
      notify_all (self, event);
      return;
    }

  directory = g_hash_table_lookup (self->directories, GINT_TO_POINTER (event->wd));
  if (directory == NULL)
    return;

  if (event->len > 0)
    {
      watches = g_hash_table_lookup (directory->names, event->name);
      if (watches != NULL)
        notify (watches, event);
      watches = g_hash_table_lookup (directory->names, ANY_NAME);
      if (watches != NULL)
        notify (watches, event);
      return;
    }

  /* the directory itself was changed, moved or deleted, or its file system was unmounted */
  notify_directory (directory, event);
  if (event->mask & IN_IGNORED)
    {
      g_hash_table_remove (self->directories, GINT_TO_POINTER (directory->descriptor));
      directory->descriptor = -1;
    }
}

static gboolean on_readable (int fd, GIOCondition condition, gpointer user_data);

static void
set_source (RunconfInotify *self, GSource *source, GSourceFunc func)
{
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }

  self->source = source;
  g_source_set_callback (source, func, self, NULL);
  g_source_set_static_name (source, "[runconf] inotify");
  g_source_attach (source, self->context);
}

static gboolean
on_rested (gpointer user_data)
{
  RunconfInotify *self = user_data;

  set_source (self, g_unix_fd_source_new (self->fd, G_IO_IN), G_SOURCE_FUNC (on_readable));
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer user_data)
{
  RunconfInotify *self = user_data;
  _Alignas(struct inotify_event) char buffer[BUFFER_BYTES];

  g_atomic_int_set (&self->is_reading, TRUE);
  for (guint i = 0; i < MAX_BUFFERS; i++)
    {
      ssize_t size = read (fd, buffer, sizeof buffer);
      const struct inotify_event *event;

      if (size <= 0)
        break;
      for (char *at = buffer; at < buffer + size; at += sizeof *event + event->len)
        {
          event = (const struct inotify_event *) (gconstpointer) at;
          handle_event (self, event);
        }
      /* the kernel stops early only if the next event doesn't fit */
      if ((gsize) size + MAX_EVENT_BYTES <= sizeof buffer)
        break;
    }
  g_atomic_int_set (&self->is_reading, FALSE);

  set_source (self, g_timeout_source_new (RUNCONF_TIMING_REST_MS), on_rested);
  return G_SOURCE_REMOVE;
}

/**
 * runconf_inotify_new:
 * @context: the main context of the callbacks
 *
 * Returns: (transfer full): an object, even if the kernel provides no file descriptor: then no
 *   directory can be watched with it
 */
RunconfInotify *
runconf_inotify_new (GMainContext *context)
{
  RunconfInotify *self = g_new0 (RunconfInotify, 1);

  self->context = g_main_context_ref (context);
  self->directories = g_hash_table_new (NULL, NULL);
  self->fd = inotify_init1 (IN_NONBLOCK | IN_CLOEXEC);
  if (self->fd < 0)
    {
      g_message ("Files can't be watched: %s; they are checked by a timer", g_strerror (errno));
      return self;
    }

  on_rested (self);
  return self;
}

/**
 * runconf_inotify_free:
 *
 * Call it when all watches are removed.
 */
void
runconf_inotify_free (RunconfInotify *self)
{
  g_return_if_fail (g_hash_table_size (self->directories) == 0);

  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
    }
  runconf_fd_clear (&self->fd);
  g_hash_table_unref (self->directories);
  g_main_context_unref (self->context);
  g_free (self);
}

static void
log_exhaustion (RunconfInotify *self, const char *path)
{
  if (self->has_logged_exhaustion)
    return;

  g_message ("%s can't be watched, because fs.inotify.max_user_watches is used up; this folder and "
             "later ones are checked by a timer",
             path);
  self->has_logged_exhaustion = TRUE;
}

/* The events of all watches of a directory add up. */
static Directory *
get_directory (RunconfInotify *self, const char *path, guint32 events)
{
  int descriptor
      = inotify_add_watch (self->fd, path, events | IN_ONLYDIR | IN_EXCL_UNLINK | IN_MASK_ADD);
  Directory *directory;

  if (descriptor < 0)
    {
      int number = errno;

      if (number == ENOSPC)
        log_exhaustion (self, path);
      errno = number;
      return NULL;
    }

  directory = g_hash_table_lookup (self->directories, GINT_TO_POINTER (descriptor));
  if (directory != NULL)
    return directory;

  directory = g_new0 (Directory, 1);
  directory->inotify = self;
  directory->descriptor = descriptor;
  directory->names
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  g_hash_table_insert (self->directories, GINT_TO_POINTER (descriptor), directory);
  return directory;
}

static void
release_directory (Directory *directory)
{
  if (--directory->n_watches > 0)
    return;

  if (directory->descriptor >= 0)
    {
      g_hash_table_remove (directory->inotify->directories,
                           GINT_TO_POINTER (directory->descriptor));
      inotify_rm_watch (directory->inotify->fd, directory->descriptor);
    }
  g_hash_table_unref (directory->names);
  g_free (directory);
}

/* Watches are renewed often: a new one continues the one that its owner has for the same name. */
static gint64
find_since (GPtrArray *watches, RunconfInotifyFunc func, gpointer user_data)
{
  for (guint i = 0; i < watches->len; i++)
    {
      const RunconfInotifyWatch *watch = watches->pdata[i];

      if (watch->func == func && watch->user_data == user_data)
        return watch->since;
    }

  return g_get_real_time ();
}

static RunconfInotifyWatch *
add_watch (RunconfInotify *self, const char *path, guint32 events, const char *name,
           RunconfInotifyFunc func, gpointer user_data)
{
  Directory *directory = get_directory (self, path, events);
  RunconfInotifyWatch *watch;
  GPtrArray *watches;

  if (directory == NULL)
    return NULL;

  watch = g_new0 (RunconfInotifyWatch, 1);
  watch->directory = directory;
  watch->name = g_strdup (name);
  watch->func = func;
  watch->user_data = user_data;

  watches = g_hash_table_lookup (directory->names, name);
  if (watches == NULL)
    {
      watches = g_ptr_array_new ();
      g_hash_table_insert (directory->names, g_strdup (name), watches);
    }
  watch->since = find_since (watches, func, user_data);
  g_ptr_array_add (watches, watch);
  directory->n_watches++;
  return watch;
}

/**
 * runconf_inotify_add:
 * @directory: path of a directory
 * @name: (nullable): a name in it, which may be missing, or %NULL for all of them
 * @func: called when the name or the directory may have changed, or events were lost
 *
 * Returns: (transfer full) (nullable): a watch for runconf_inotify_remove(); %NULL if the directory
 *   can't be watched
 */
RunconfInotifyWatch *
runconf_inotify_add (RunconfInotify *self, const char *directory, const char *name,
                     RunconfInotifyFunc func, gpointer user_data)
{
  return add_watch (self, directory, EVENTS, name != NULL ? name : ANY_NAME, func, user_data);
}

/**
 * runconf_inotify_add_place:
 * @directory: path of a directory
 * @func: called when the directory was moved or removed, or events were lost
 *
 * Returns: (transfer full) (nullable): a watch for runconf_inotify_remove(); %NULL with the reason in
 *   errno if the directory can't be watched
 */
RunconfInotifyWatch *
runconf_inotify_add_place (RunconfInotify *self, const char *directory, RunconfInotifyFunc func,
                           gpointer user_data)
{
  return add_watch (self, directory, PLACE_EVENTS, NO_NAME, func, user_data);
}

void
runconf_inotify_remove (RunconfInotifyWatch *watch)
{
  GHashTable *names = watch->directory->names;
  GPtrArray *watches = g_hash_table_lookup (names, watch->name);

  g_ptr_array_remove_fast (watches, watch);
  if (watches->len == 0)
    g_hash_table_remove (names, watch->name);

  release_directory (watch->directory);
  g_free (watch->name);
  g_free (watch);
}

/**
 * runconf_inotify_watch_get_since:
 *
 * Returns: since when events have been reported to the owner of the watch without a gap, in
 *   microseconds since the epoch
 */
gint64
runconf_inotify_watch_get_since (const RunconfInotifyWatch *watch)
{
  return watch->since;
}

/**
 * runconf_inotify_has_unread:
 *
 * May be called from any thread.
 *
 * Returns: whether there are events that weren't reported yet
 */
gboolean
runconf_inotify_has_unread (RunconfInotify *self)
{
  struct pollfd queue = { .fd = self->fd, .events = POLLIN };

  /* in this order: the reader sets the mark before it empties the queue */
  return poll (&queue, 1, 0) > 0 || g_atomic_int_get (&self->is_reading);
}
