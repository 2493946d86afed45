/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/seek.h"

#include "client/bus.h"
#include "client/worker.h"

/* Searching for a bus that isn't there yet, or has ended
 *
 * Nothing reports that a bus begins to accept connections. So a connection is attempted again and
 * again, with growing intervals. If the bus has a socket in a folder, a file monitor reports a new
 * socket there, and the intervals are short again from then on. All configurations that search for
 * the same bus share the attempts.
 */

/* in ms: the delay before the next attempt; it doubles each time */
#define MIN_RETRY 50
#define MAX_RETRY 10000
#define MAX_MONITORED_RETRY 60000

typedef struct
{
  GBusType type;
  GPtrArray *seeks;
  GSource *retry;
  guint retry_ms;
  gboolean is_connecting;
  GFileMonitor *monitor;
} Attempts;

struct _RunconfSeek
{
  Attempts *attempts;
  RunconfSeekFunc func;
  gpointer user_data;
};

static Attempts all[G_BUS_TYPE_SESSION - G_BUS_TYPE_STARTER + 1];

static void
cancel_retry (Attempts *self)
{
  if (self->retry != NULL)
    g_source_destroy (self->retry);
  g_clear_pointer (&self->retry, g_source_unref);
}

static void
stop (Attempts *self)
{
  cancel_retry (self);
  g_clear_object (&self->monitor);
}

static void
connect_in_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Attempts *self = data;
  GError *error = NULL;
  GDBusConnection *connection = runconf_bus_connect (self->type, cancellable, &error);

  if (connection != NULL)
    g_task_return_pointer (task, connection, g_object_unref);
  else
    g_task_return_error (task, error);
}

static void attempt (Attempts *self);

static void
on_retry (gpointer data)
{
  Attempts *self = data;

  g_clear_pointer (&self->retry, g_source_unref);
  attempt (self);
}

static void
retry_later (Attempts *self)
{
  const guint max = self->monitor != NULL ? MAX_MONITORED_RETRY : MAX_RETRY;

  cancel_retry (self);
  self->retry = runconf_worker_post_later (self->retry_ms, on_retry, self, NULL);
  self->retry_ms = MIN (self->retry_ms * 2, max);
}

/* A bus has its socket shortly before it accepts connections. */
static void
on_socket (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event,
           gpointer user_data)
{
  Attempts *self = user_data;

  if (event != G_FILE_MONITOR_EVENT_CREATED)
    return;

  self->retry_ms = MIN_RETRY;
  if (!self->is_connecting)
    retry_later (self);
}

static void
monitor_socket (Attempts *self)
{
  g_autofree char *path = runconf_bus_find_socket (self->type);
  g_autoptr (GFile) file = NULL;

  if (self->monitor != NULL || path == NULL)
    return;

  file = g_file_new_for_path (path);
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor != NULL)
    g_signal_connect (self->monitor, "changed", G_CALLBACK (on_socket), self);
}

/* A function may free other searches and begin new ones. */
static void
report (Attempts *self, GDBusConnection *connection, const GError *error)
{
  g_autoptr (GPtrArray) seeks = g_ptr_array_copy (self->seeks, NULL, NULL);

  for (guint i = 0; i < seeks->len; i++)
    {
      RunconfSeek *seek = seeks->pdata[i];
      RunconfSeekFunc func;
      gpointer user_data;

      if (!g_ptr_array_find (self->seeks, seek, NULL))
        continue;
      func = seek->func;
      user_data = seek->user_data;
      if (connection != NULL)
        runconf_seek_free (seek);
      func (user_data, connection, error);
    }
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Attempts *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_task_propagate_pointer (G_TASK (result), &error);

  self->is_connecting = FALSE;
  report (self, connection, error);
  if (self->seeks->len > 0)
    retry_later (self);
}

/* The bus may accept a connection late, so another thread waits for it. */
static void
attempt (Attempts *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->is_connecting)
    return;

  /* before the attempt, so that no socket is missed */
  monitor_socket (self);
  self->is_connecting = TRUE;
  task = g_task_new (NULL, NULL, on_connected, self);
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, connect_in_thread);
}

/**
 * runconf_seek_new:
 * @func: called with the result of each attempt, not before this function returns
 *
 * Returns: (transfer full): a search, which begins now
 */
RunconfSeek *
runconf_seek_new (GBusType type, RunconfSeekFunc func, gpointer user_data)
{
  Attempts *attempts = &all[type - G_BUS_TYPE_STARTER];
  RunconfSeek *self = g_new (RunconfSeek, 1);

  if (attempts->seeks == NULL)
    *attempts = (Attempts){ .type = type, .seeks = g_ptr_array_new () };

  *self = (RunconfSeek){ attempts, func, user_data };
  g_ptr_array_add (attempts->seeks, self);
  if (attempts->seeks->len == 1)
    {
      attempts->retry_ms = MIN_RETRY;
      attempt (attempts);
    }

  return self;
}

/**
 * runconf_seek_free:
 *
 * Ends a search.
 */
void
runconf_seek_free (RunconfSeek *self)
{
  g_ptr_array_remove (self->attempts->seeks, self);
  if (self->attempts->seeks->len == 0)
    stop (self->attempts);
  g_free (self);
}
