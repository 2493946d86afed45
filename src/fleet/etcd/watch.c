/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/watch.h"

#include <string.h>

#include "fleet/etcd/backoff.h"
#include "fleet/etcd/etcd-private.h"
#include "fleet/etcd/json.h"
#include "fleet/etcd/stream.h"

/* Hosts that lost one member together come back within this time. */
#define SPREAD_MS 100

typedef struct
{
  char *key;
  char *end;   /* (nullable): for one key */
  gint64 next; /* the revision to go on from */
  gboolean is_created;
} Range;

struct _RunconfEtcdWatch
{
  GObject parent_instance;

  RunconfEtcd *etcd;
  GPtrArray *ranges; /* of Range; a watch on the stream has the number of its range, from 1 */
  guint endpoint;
  guint failures;
  char *token;   /* (nullable): the one that the stream was opened with */
  char *cluster; /* (nullable): the cluster that the revisions are of */

  guint serial;              /* of the start: what began before is ignored */
  RunconfEtcdStream *stream; /* (nullable) */
  GCancellable *cancellable; /* (nullable): of calls under way; set while the watch is started */
  GSource *pause;            /* (nullable) */
  gboolean was_renewed;      /* whether the token is new since the last stream */
  gboolean is_checking;      /* whether the cluster has lost revisions */
  gboolean is_connected;
  char *message; /* (nullable): the last one that was told */
};

enum
{
  EVENTS,
  RELOAD,
  STATE,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_TYPE (RunconfEtcdWatch, runconf_etcd_watch, G_TYPE_OBJECT)

static void
free_range (Range *range)
{
  g_free (range->key);
  g_free (range->end);
  g_free (range);
}

static void
runconf_etcd_watch_init (RunconfEtcdWatch *self)
{
  self->ranges = g_ptr_array_new_with_free_func ((GDestroyNotify) free_range);
}

static void
runconf_etcd_watch_dispose (GObject *object)
{
  runconf_etcd_watch_stop (RUNCONF_ETCD_WATCH (object));

  G_OBJECT_CLASS (runconf_etcd_watch_parent_class)->dispose (object);
}

static void
runconf_etcd_watch_finalize (GObject *object)
{
  RunconfEtcdWatch *self = RUNCONF_ETCD_WATCH (object);

  g_object_unref (self->etcd);
  g_ptr_array_unref (self->ranges);
  g_free (self->token);
  g_free (self->cluster);
  g_free (self->message);

  G_OBJECT_CLASS (runconf_etcd_watch_parent_class)->finalize (object);
}

static void
runconf_etcd_watch_class_init (RunconfEtcdWatchClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GType type = RUNCONF_TYPE_ETCD_WATCH;

  object_class->dispose = runconf_etcd_watch_dispose;
  object_class->finalize = runconf_etcd_watch_finalize;

  signals[EVENTS] = g_signal_new ("events", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_PTR_ARRAY, G_TYPE_INT64);
  signals[RELOAD] = g_signal_new ("reload", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[STATE] = g_signal_new ("state", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                 2, G_TYPE_BOOLEAN, G_TYPE_STRING);
}

/**
 * runconf_etcd_watch_new:
 *
 * Returns: (transfer full): a watch without ranges, not started
 */
RunconfEtcdWatch *
runconf_etcd_watch_new (RunconfEtcd *etcd)
{
  RunconfEtcdWatch *self = g_object_new (RUNCONF_TYPE_ETCD_WATCH, NULL);

  self->etcd = g_object_ref (etcd);
  self->endpoint = etcd->endpoint;
  return self;
}

/**
 * runconf_etcd_watch_clear:
 *
 * Removes all ranges, while the watch is stopped.
 */
void
runconf_etcd_watch_clear (RunconfEtcdWatch *self)
{
  g_return_if_fail (self->cancellable == NULL);

  g_ptr_array_set_size (self->ranges, 0);
}

/**
 * runconf_etcd_watch_add:
 * @range_end: (nullable): the first key behind the range, or %NULL for the one @key
 *
 * Adds a range, while the watch is stopped.
 */
void
runconf_etcd_watch_add (RunconfEtcdWatch *self, const char *key, const char *range_end)
{
  Range *range;

  g_return_if_fail (self->cancellable == NULL);
  g_return_if_fail (self->ranges->len < RUNCONF_ETCD_MAX_WATCHES);

  range = g_new0 (Range, 1);
  range->key = g_strdup (key);
  range->end = g_strdup (range_end);
  g_ptr_array_add (self->ranges, range);
}

gboolean
runconf_etcd_watch_is_connected (RunconfEtcdWatch *self)
{
  return self->is_connected;
}

static void
tell_state (RunconfEtcdWatch *self, gboolean is_connected, const char *message)
{
  g_autofree char *copy = g_strdup (message);

  if (is_connected == self->is_connected && g_strcmp0 (message, self->message) == 0)
    return;

  self->is_connected = is_connected;
  g_free (self->message);
  self->message = g_strdup (message);
  g_signal_emit (self, signals[STATE], 0, is_connected, copy);
}

static void
stop_pause (RunconfEtcdWatch *self)
{
  if (self->pause != NULL)
    g_source_destroy (self->pause);
  g_clear_pointer (&self->pause, g_source_unref);
}

/**
 * runconf_etcd_watch_stop:
 *
 * Ends the watch, which emits nothing any more.
 */
void
runconf_etcd_watch_stop (RunconfEtcdWatch *self)
{
  self->serial++;
  stop_pause (self);
  g_clear_pointer (&self->stream, runconf_etcd_stream_close);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->is_checking = FALSE;
  self->is_connected = FALSE;
  g_clear_pointer (&self->message, g_free);
}

static void
reload (RunconfEtcdWatch *self, const char *reason)
{
  runconf_etcd_watch_stop (self);
  g_clear_pointer (&self->cluster, g_free);
  g_signal_emit (self, signals[RELOAD], 0, reason);
}

static void connect_stream (RunconfEtcdWatch *self);

static gboolean
on_pause_over (gpointer user_data)
{
  RunconfEtcdWatch *self = user_data;

  stop_pause (self);
  connect_stream (self);
  return G_SOURCE_REMOVE;
}

/* Goes to the next endpoint, after a pause. */
static void
go_on (RunconfEtcdWatch *self)
{
  guint n_endpoints = self->etcd->n_endpoints;
  guint pause_ms;

  runconf_etcd_leave_endpoint (self->etcd, self->endpoint);
  self->endpoint = (self->endpoint + 1) % n_endpoints;
  self->failures++;

  pause_ms = runconf_etcd_get_pause (self->failures, n_endpoints, RUNCONF_ETCD_WATCH_PAUSE_MS,
                                     g_random_double ());
  stop_pause (self);
  self->pause = g_timeout_source_new (pause_ms + g_random_int_range (0, SPREAD_MS));
  g_source_set_callback (self->pause, on_pause_over, self, NULL);
  g_source_set_static_name (self->pause, "[runconf] pause of a watch");
  g_source_attach (self->pause, g_main_context_get_thread_default ());
}

/* Handles the end of a stream. A token is renewed once for each stream that was established, and if
 * no endpoint answers: an etcd that was restored from a backup keeps a newer token waiting.
 */
static void
fail (RunconfEtcdWatch *self, RunconfEtcdVerdict verdict, const GError *error)
{
  gboolean is_stranger = verdict == RUNCONF_ETCD_RENEW
                         || g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_DENIED);
  guint serial = self->serial;

  g_clear_pointer (&self->stream, runconf_etcd_stream_close);
  if (is_stranger && self->etcd->settings->user != NULL && !self->was_renewed)
    {
      self->was_renewed = TRUE;
      runconf_etcd_forget_token (self->etcd, self->token);
      connect_stream (self);
      return;
    }

  self->was_renewed = FALSE;
  if (self->failures >= self->etcd->n_endpoints)
    runconf_etcd_forget_token (self->etcd, self->token);
  tell_state (self, FALSE, error->message);
  if (serial == self->serial)
    go_on (self);
}

static void
fail_with (RunconfEtcdWatch *self, RunconfEtcdError code, const char *message)
{
  g_autoptr (GError) error
      = g_error_new (RUNCONF_ETCD_ERROR, code, "%s: %s",
                     runconf_etcd_get_endpoint (self->etcd, self->endpoint), message);

  fail (self, RUNCONF_ETCD_AGAIN, error);
}

/* The newest revision that the next one of a range follows. */
static gint64
get_seen (RunconfEtcdWatch *self)
{
  gint64 seen = 0;

  for (guint i = 0; i < self->ranges->len; i++)
    seen = MAX (seen, ((Range *) self->ranges->pdata[i])->next - 1);

  return seen;
}

/* Without an answer the next stream asks again. */
static void
on_checked (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfEtcdWatch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfEtcdRange) range
      = runconf_etcd_range_finish (RUNCONF_ETCD (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->is_checking = FALSE;
  if (range == NULL && self->stream != NULL)
    fail (self, RUNCONF_ETCD_AGAIN, error);
  else if (range != NULL && range->revision < get_seen (self))
    reload (self, "etcd has lost revisions: it may have been restored from a backup");
}

/* A member that is at an older revision than the watch may be behind the others; or all of them
 * are, since they were restored. Those would send nothing until they come to that revision.
 */
static void
check_lost (RunconfEtcdWatch *self, gint64 revision)
{
  RunconfEtcdRangeOptions options = { .limit = 1, .keys_only = TRUE };
  Range *range = self->ranges->pdata[0];

  if (self->is_checking || revision >= get_seen (self))
    return;

  self->is_checking = TRUE;
  runconf_etcd_range_async (self->etcd, range->key, range->end, &options, self->cancellable,
                            on_checked, g_object_ref (self));
}

static gboolean
has_all (RunconfEtcdWatch *self)
{
  for (guint i = 0; i < self->ranges->len; i++)
    if (!((Range *) self->ranges->pdata[i])->is_created)
      return FALSE;

  return TRUE;
}

static gboolean
is_within (const Range *range, const char *key)
{
  if (range->end == NULL)
    return g_str_equal (key, range->key);

  return strcmp (key, range->key) >= 0 && strcmp (key, range->end) < 0;
}

/* Removes events that were seen before. Returns: whether all are of the range */
static gboolean
sift (const Range *range, GPtrArray *events)
{
  guint n_seen = 0;

  for (guint i = 0; i < events->len; i++)
    {
      const RunconfEtcdEvent *event = events->pdata[i];

      if (!is_within (range, event->item->key))
        return FALSE;
      if (event->item->mod_revision < range->next)
        n_seen = i + 1;
    }

  if (n_seen > 0)
    g_ptr_array_remove_range (events, 0, n_seen);
  return TRUE;
}

static void
tell_events (RunconfEtcdWatch *self, Range *range, GPtrArray *events)
{
  const RunconfEtcdEvent *last;

  if (!sift (range, events))
    fail_with (self, RUNCONF_ETCD_ERROR_PROTOCOL,
               "the stream isn't one of etcd's gateway: an event has a key that isn't watched");
  else if (events->len > 0)
    {
      last = events->pdata[events->len - 1];
      range->next = last->item->mod_revision + 1;
      g_signal_emit (self, signals[EVENTS], 0, events, range->next - 1);
    }
}

/* etcd refuses a watch within its stream. */
static void
refuse (RunconfEtcdWatch *self, const char *reason)
{
  g_autofree char *shown = runconf_etcd_failure_show (reason);
  g_autoptr (GError) error = NULL;
  gboolean is_denied = strstr (reason, "permission denied") != NULL;
  gboolean is_stranger = strstr (reason, "auth token") != NULL;

  error = g_error_new (RUNCONF_ETCD_ERROR,
                       is_denied     ? RUNCONF_ETCD_ERROR_DENIED
                       : is_stranger ? RUNCONF_ETCD_ERROR_UNAUTHENTICATED
                                     : RUNCONF_ETCD_ERROR_UNAVAILABLE,
                       "%s: %s", runconf_etcd_get_endpoint (self->etcd, self->endpoint), shown);
  fail (self, is_stranger ? RUNCONF_ETCD_RENEW : RUNCONF_ETCD_AGAIN, error);
}

/* A watch that etcd refuses has no number. */
static void
cancel (RunconfEtcdWatch *self, const RunconfEtcdMessage *message)
{
  if (message->compact_revision > 0)
    reload (self, "the revisions that weren't seen are compacted");
  else
    refuse (self, message->reason != NULL ? message->reason : "etcd ended the watch");
}

static void
note_created (RunconfEtcdWatch *self, Range *range, const RunconfEtcdMessage *message)
{
  if (self->cluster != NULL && g_strcmp0 (self->cluster, message->cluster) != 0)
    {
      reload (self, "the endpoint is now of another cluster");
      return;
    }

  if (self->cluster == NULL)
    self->cluster = g_strdup (message->cluster);
  range->is_created = TRUE;
  check_lost (self, message->revision);
  if (has_all (self))
    {
      self->was_renewed = FALSE;
      tell_state (self, TRUE, NULL);
    }
}

static void
on_message (const RunconfEtcdMessage *message, gpointer user_data)
{
  g_autoptr (RunconfEtcdWatch) self = g_object_ref (user_data);
  gboolean is_known = message->watch >= 1 && message->watch <= self->ranges->len;
  Range *range = is_known ? self->ranges->pdata[message->watch - 1] : NULL;

  if (message->is_cancelled)
    cancel (self, message);
  else if (!is_known)
    fail_with (self, RUNCONF_ETCD_ERROR_PROTOCOL,
               "the stream isn't one of etcd's gateway: a message is for no watch");
  else if (message->is_created)
    note_created (self, range, message);
  else
    tell_events (self, range, message->events);
}

/* A stream that lasted is a success: another failure begins a new row. */
static void
on_alive (gpointer user_data)
{
  g_autoptr (RunconfEtcdWatch) self = g_object_ref (user_data);

  if (has_all (self))
    self->failures = 0;
  else
    fail_with (self, RUNCONF_ETCD_ERROR_UNAVAILABLE, "etcd didn't start all watches in time");
}

static void
on_end (RunconfEtcdVerdict verdict, const GError *error, gpointer user_data)
{
  g_autoptr (RunconfEtcdWatch) self = g_object_ref (user_data);

  fail (self, verdict, error);
}

static void
append_range (GString *body, const Range *range, guint number)
{
  g_string_append (body, "{\"create_request\":{");
  runconf_etcd_json_append_key (body, "key", range->key);
  if (range->end != NULL)
    runconf_etcd_json_append_key (body, "range_end", range->end);
  runconf_etcd_json_append_int64 (body, "start_revision", range->next);
  runconf_etcd_json_append_int64 (body, "watch_id", number);
  g_string_append (body, ",\"fragment\":true,\"progress_notify\":true}}");
}

static void
open_stream (RunconfEtcdWatch *self, const char *token)
{
  static const RunconfEtcdStreamFuncs funcs
      = { .message = on_message, .alive = on_alive, .end = on_end };
  GString *text = g_string_new (NULL);
  g_autoptr (GBytes) body = NULL;

  g_free (self->token);
  self->token = g_strdup (token);
  for (guint i = 0; i < self->ranges->len; i++)
    {
      Range *range = self->ranges->pdata[i];

      range->is_created = FALSE;
      append_range (text, range, i + 1);
    }

  body = g_string_free_to_bytes (text);
  self->stream = runconf_etcd_stream_open (self->etcd, self->endpoint, body, token, &funcs, self);
}

static void
on_token (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (RunconfEtcdWatch) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *token = runconf_etcd_get_token_finish (RUNCONF_ETCD (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    fail (self, RUNCONF_ETCD_FINAL, error);
  else
    open_stream (self, token);
}

static void
connect_stream (RunconfEtcdWatch *self)
{
  if (runconf_etcd_needs_token (self->etcd))
    runconf_etcd_get_token_async (self->etcd, self->cancellable, on_token, g_object_ref (self));
  else
    open_stream (self, NULL);
}

/**
 * runconf_etcd_watch_start:
 * @revision: the first revision whose events are wanted: one more than that of the read before
 *
 * Starts the watch, or starts it again.
 */
void
runconf_etcd_watch_start (RunconfEtcdWatch *self, gint64 revision)
{
  g_return_if_fail (self->ranges->len > 0 && revision > 0);

  runconf_etcd_watch_stop (self);
  for (guint i = 0; i < self->ranges->len; i++)
    ((Range *) self->ranges->pdata[i])->next = revision;
  self->failures = 0;
  self->was_renewed = FALSE;
  self->cancellable = g_cancellable_new ();
  connect_stream (self);
}
