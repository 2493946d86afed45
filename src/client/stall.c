/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/stall.h"

#include "client/bus.h"
#include "client/request.h"
#include "client/worker.h"

/* How a stalled service is noticed
 *
 * The bus reports a service that has ended, but not one that is stopped or hangs. A regular message
 * to the service would wake the program and the service all the time. So the library sends one only
 * while a call of the program waits: if the oldest call has waited for #PATIENCE, the service is asked
 * for a reply to a ping. If there is none within #PATIENCE, the service is stalled. The ping has no
 * time limit, so its reply, which the service sends as soon as it runs again, ends the stall.
 *
 * A service that works on a long call replies to a ping, since GDBus replies in a thread of its own.
 *
 * The timer runs while calls wait, and for at most #PATIENCE after the last of them. So a call costs
 * a lock, and rarely a timer.
 */

#define PATIENCE RUNCONF_REQUEST_PATIENCE

/* in ms: the time in which this thread, if it was busy itself, handles a reply that is there */
#define GRACE 50

struct _RunconfWait
{
  GList node;
  gint64 since;
};

struct _RunconfStall
{
  gint ref_count; /* atomic */
  RunconfLink *link;
  RunconfStallFunc func;
  gpointer user_data;

  GMutex mutex; /* protects the fields below */
  GQueue waits; /* of RunconfWait, the oldest first */
  gboolean is_timed;

  /* used by the worker thread only */
  GCancellable *ping; /* %NULL if no ping waits for its reply */
  gint64 pinged;      /* when it was sent */
  gboolean is_late;
  gboolean is_awaited; /* whether the function is called with a reply in time, too */
  gboolean is_stalled;
  gboolean is_closed;
};

/**
 * runconf_stall_new:
 * @func: called when the service stalls, and when it replies again
 *
 * Returns: (transfer full): an object that notices stalls
 */
RunconfStall *
runconf_stall_new (RunconfLink *link, RunconfStallFunc func, gpointer user_data)
{
  RunconfStall *self = g_new0 (RunconfStall, 1);

  self->ref_count = 1;
  self->link = runconf_link_ref (link);
  self->func = func;
  self->user_data = user_data;
  g_mutex_init (&self->mutex);
  g_queue_init (&self->waits);

  return self;
}

RunconfStall *
runconf_stall_ref (RunconfStall *self)
{
  g_atomic_int_inc (&self->ref_count);

  return self;
}

void
runconf_stall_unref (RunconfStall *self)
{
  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;

  runconf_link_unref (self->link);
  g_mutex_clear (&self->mutex);
  g_clear_object (&self->ping);
  g_free (self);
}

static void on_time (gpointer data);

static void
start_timer (RunconfStall *self, guint ms)
{
  g_autoptr (GSource) timer = runconf_worker_post_later (ms, on_time, runconf_stall_ref (self),
                                                         (GDestroyNotify) runconf_stall_unref);
}

static gint64
get_ms (void)
{
  return g_get_monotonic_time () / G_TIME_SPAN_MILLISECOND;
}

/* Any reply, also an error, ends a stall. */
static void
on_pong (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfStall *self = user_data;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  gboolean is_news = self->is_stalled || (self->is_awaited && reply != NULL);

  g_clear_object (&self->ping);
  self->is_stalled = FALSE;
  self->is_awaited = FALSE;
  if (is_news && !self->is_closed)
    self->func (self->user_data, FALSE);
  runconf_stall_unref (self);
}

static void
send_ping (RunconfStall *self)
{
  g_autoptr (GDBusConnection) connection = runconf_link_dup_connection (self->link);

  if (self->ping != NULL || self->is_closed || connection == NULL)
    return;

  self->ping = g_cancellable_new ();
  self->pinged = get_ms ();
  self->is_late = FALSE;
  g_dbus_connection_call (connection, runconf_bus_get_destination (connection), "/",
                          "org.freedesktop.DBus.Peer", "Ping", NULL, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, G_MAXINT, self->ping, on_pong,
                          runconf_stall_ref (self));
}

static void
check_pong (RunconfStall *self, gint64 now)
{
  gboolean was_late = self->is_late;

  if (self->ping == NULL || self->is_stalled || now - self->pinged < PATIENCE)
    return;

  self->is_late = TRUE;
  if (!was_late)
    return;

  self->is_stalled = TRUE;
  self->func (self->user_data, TRUE);
}

/* Returns: the time in ms until the timer is due again, 0 if it isn't needed */
static gint64
find_delay (RunconfStall *self, gint64 now, gint64 oldest)
{
  if (self->ping != NULL && !self->is_stalled)
    return MAX (self->pinged + PATIENCE - now, GRACE);
  if (oldest < 0)
    return 0;

  return now - oldest < PATIENCE ? oldest + PATIENCE - now : PATIENCE;
}

static void
on_time (gpointer data)
{
  RunconfStall *self = data;
  gint64 now = get_ms (), oldest = -1, delay;

  if (self->is_closed)
    return;

  check_pong (self, now);
  g_mutex_lock (&self->mutex);
  if (self->waits.head != NULL)
    oldest = ((RunconfWait *) self->waits.head->data)->since;
  g_mutex_unlock (&self->mutex);
  if (oldest >= 0 && now - oldest >= PATIENCE)
    send_ping (self);

  g_mutex_lock (&self->mutex);
  delay = find_delay (self, now, oldest);
  /* a call may have begun in the meantime */
  if (delay == 0 && self->waits.head != NULL)
    delay = PATIENCE;
  self->is_timed = delay > 0;
  g_mutex_unlock (&self->mutex);

  if (delay > 0)
    start_timer (self, delay);
}

/* Returns: whether the caller has to start the timer; the mutex must be held */
static gboolean
claim_timer (RunconfStall *self)
{
  gboolean is_free = !self->is_timed;

  self->is_timed = TRUE;

  return is_free;
}

/**
 * runconf_stall_begin:
 *
 * Notes that a call is about to be sent.
 *
 * Returns: (transfer full): the call, for runconf_stall_end()
 */
RunconfWait *
runconf_stall_begin (RunconfStall *self)
{
  RunconfWait *wait = g_new0 (RunconfWait, 1);
  gboolean is_first;

  wait->node.data = wait;
  wait->since = get_ms ();
  g_mutex_lock (&self->mutex);
  g_queue_push_tail_link (&self->waits, &wait->node);
  is_first = claim_timer (self);
  g_mutex_unlock (&self->mutex);
  if (is_first)
    start_timer (self, PATIENCE);

  return wait;
}

/**
 * runconf_stall_end:
 * @wait: (transfer full): the call
 *
 * Notes that a call waits no longer.
 */
void
runconf_stall_end (RunconfStall *self, RunconfWait *wait)
{
  g_mutex_lock (&self->mutex);
  g_queue_unlink (&self->waits, &wait->node);
  g_mutex_unlock (&self->mutex);
  g_free (wait);
}

/**
 * runconf_stall_ping:
 * @is_awaited: whether the function of runconf_stall_new() is called if the service replies, also if
 *   it replies in time
 *
 * Checks now whether the service replies.
 */
void
runconf_stall_ping (RunconfStall *self, gboolean is_awaited)
{
  gboolean is_first;

  self->is_awaited |= is_awaited;
  send_ping (self);
  g_mutex_lock (&self->mutex);
  is_first = claim_timer (self);
  g_mutex_unlock (&self->mutex);
  if (is_first)
    start_timer (self, PATIENCE);
}

/**
 * runconf_stall_close:
 *
 * Ends the checks: the function of runconf_stall_new() isn't called any more.
 */
void
runconf_stall_close (RunconfStall *self)
{
  self->is_closed = TRUE;
  if (self->ping != NULL)
    g_cancellable_cancel (self->ping);
}
