/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/stream.h"

#include "fleet/etcd/etcd-private.h"

struct _RunconfEtcdStream
{
  RunconfEtcd *etcd;
  guint endpoint;
  const RunconfEtcdStreamFuncs *funcs;
  gpointer user_data;

  SoupMessage *message;
  GCancellable *cancellable;
  GInputStream *input; /* (nullable): while the stream isn't established */
  RunconfEtcdWatchReader *reader;
  GSource *timer;
  gboolean was_started;
  gboolean is_probing;
  gboolean is_closed;
};

static void
clear (RunconfEtcdStream *self)
{
  g_object_unref (self->etcd);
  g_object_unref (self->message);
  g_object_unref (self->cancellable);
  g_clear_object (&self->input);
  runconf_etcd_watch_reader_free (self->reader);
}

static void
unref (RunconfEtcdStream *self)
{
  g_rc_box_release_full (self, (GDestroyNotify) clear);
}

static void
stop_timer (RunconfEtcdStream *self)
{
  if (self->timer != NULL)
    g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

/**
 * runconf_etcd_stream_close:
 * @self: (transfer full): the stream, which reports nothing any more
 */
void
runconf_etcd_stream_close (RunconfEtcdStream *self)
{
  self->is_closed = TRUE;
  stop_timer (self);
  g_signal_handlers_disconnect_by_data (self->message, self);
  g_cancellable_cancel (self->cancellable);
  unref (self);
}

/* Reports the end; the owner closes the stream. */
static void
end (RunconfEtcdStream *self, RunconfEtcdVerdict verdict, const GError *cause)
{
  g_autoptr (GError) error = NULL;

  if (self->is_closed)
    return;

  error = g_error_new (cause->domain, cause->code, "%s: %s",
                       runconf_etcd_get_endpoint (self->etcd, self->endpoint), cause->message);
  self->funcs->end (verdict, error, self->user_data);
}

static void
end_unavailable (RunconfEtcdStream *self, const char *reason)
{
  g_autoptr (GError) error
      = g_error_new_literal (RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE, reason);

  end (self, RUNCONF_ETCD_AGAIN, error);
}

static void start_timer (RunconfEtcdStream *self);

static void
judge_probe (RunconfEtcdStream *self, const RunconfEtcdAnswer *answer)
{
  g_autofree char *reason = NULL;

  if (g_error_matches (answer->error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAVAILABLE))
    {
      reason = g_strdup_printf ("the member is silent: %s", answer->error->message);
      end_unavailable (self, reason);
    }
  else
    {
      start_timer (self);
      self->funcs->alive (self->user_data);
    }
}

static void
on_probed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfEtcdStream *self = user_data;
  g_autoptr (RunconfEtcdAnswer) answer
      = runconf_etcd_attempt_finish (RUNCONF_ETCD (source), result);

  self->is_probing = FALSE;
  if (!self->is_closed)
    judge_probe (self, answer);
  unref (self);
}

/* A member whose process runs tells its version, to any user and without the gateway, which costs a
 * sixth of the cheapest request to the gateway. Whether the member has a leader needs no probe: the
 * stream asks for one.
 */
static void
probe (RunconfEtcdStream *self)
{
  self->is_probing = TRUE;
  runconf_etcd_attempt_async (self->etcd, self->endpoint, "/version", NULL, NULL,
                              self->etcd->settings->probe_ms, self->cancellable, on_probed,
                              g_rc_box_acquire (self));
}

static gboolean
on_timer (gpointer user_data)
{
  RunconfEtcdStream *self = user_data;

  stop_timer (self);
  if (self->input == NULL)
    end_unavailable (self, "no answer in time");
  else if (!self->is_probing)
    probe (self);

  return G_SOURCE_REMOVE;
}

/* The next probe, or the end of the time to establish the stream. A part is random, so that the
 * probes of many hosts don't meet.
 */
static void
start_timer (RunconfEtcdStream *self)
{
  guint interval = self->etcd->settings->probe_ms;

  stop_timer (self);
  self->timer = g_timeout_source_new (interval - g_random_int_range (0, interval / 4 + 1));
  g_source_set_callback (self->timer, on_timer, self, NULL);
  g_source_set_static_name (self->timer, "[runconf] probe");
  g_source_attach (self->timer, g_main_context_get_thread_default ());
}

/* A proxy answers with its own status and page, and the status is the better reason. */
static void
report_error (RunconfEtcdStream *self, RunconfEtcdVerdict verdict, const GError *cause)
{
  guint status = soup_message_get_status (self->message);
  g_autoptr (GError) error = NULL;

  if (status != SOUP_STATUS_OK
      && g_error_matches (cause, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL))
    verdict = runconf_etcd_failure_of_status (status, &error);
  end (self, verdict, error != NULL ? error : cause);
}

/* Reports the messages that are complete. Returns: whether the stream goes on */
static gboolean
report_messages (RunconfEtcdStream *self)
{
  while (!self->is_closed)
    {
      g_autoptr (GError) error = NULL;
      RunconfEtcdVerdict verdict;
      g_autoptr (RunconfEtcdMessage) message
          = runconf_etcd_watch_reader_next (self->reader, &verdict, &error);

      if (error != NULL)
        {
          report_error (self, verdict, error);
          return FALSE;
        }
      if (message == NULL)
        return TRUE;
      self->funcs->message (message, self->user_data);
    }

  return FALSE;
}

/* Reports an error of etcd, which has another status and no line's end. */
static void
report_refusal (RunconfEtcdStream *self, guint status)
{
  g_autoptr (GError) error = NULL;
  RunconfEtcdVerdict verdict;

  runconf_etcd_watch_reader_push (self->reader, "\n", 1);
  if (!report_messages (self))
    return;

  verdict = runconf_etcd_failure_of_status (status, &error);
  end (self, verdict, error);
}

static void
report_end (RunconfEtcdStream *self)
{
  guint status = soup_message_get_status (self->message);
  g_autoptr (GError) error = NULL;

  if (status != SOUP_STATUS_OK)
    report_refusal (self, status);
  else if (!runconf_etcd_watch_reader_end (self->reader, &error))
    end (self, RUNCONF_ETCD_AGAIN, error);
  else
    end_unavailable (self, "the member closed the stream");
}

static void
report_failure (RunconfEtcdStream *self, const GError *cause)
{
  g_autoptr (GError) error = NULL;
  RunconfEtcdVerdict verdict
      = runconf_etcd_failure_of_connection (cause, self->was_started, self->message, &error);

  end (self, verdict, error);
}

static void read_on (RunconfEtcdStream *self);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfEtcdStream *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (self->is_closed)
    ;
  else if (bytes == NULL)
    report_failure (self, error);
  else if (g_bytes_get_size (bytes) == 0)
    report_end (self);
  else
    {
      runconf_etcd_watch_reader_push (self->reader, g_bytes_get_data (bytes, NULL),
                                      g_bytes_get_size (bytes));
      if (report_messages (self))
        read_on (self);
    }
  unref (self);
}

static void
read_on (RunconfEtcdStream *self)
{
  g_input_stream_read_bytes_async (self->input, RUNCONF_ETCD_READ_BYTES, G_PRIORITY_DEFAULT,
                                   self->cancellable, on_read, g_rc_box_acquire (self));
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfEtcdStream *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input = soup_session_send_finish (SOUP_SESSION (source), result, &error);

  if (!self->is_closed && input == NULL)
    report_failure (self, error);
  else if (!self->is_closed)
    {
      self->input = g_steal_pointer (&input);
      start_timer (self);
      read_on (self);
    }
  unref (self);
}

static void
on_starting (SoupMessage *message, RunconfEtcdStream *self)
{
  self->was_started = TRUE;
}

/**
 * runconf_etcd_stream_open:
 * @body: the requests for watches
 * @token: (nullable): the token of the user
 *
 * Returns: (transfer full): a stream, to be closed
 */
RunconfEtcdStream *
runconf_etcd_stream_open (RunconfEtcd *etcd, guint endpoint, GBytes *body, const char *token,
                          const RunconfEtcdStreamFuncs *funcs, gpointer user_data)
{
  RunconfEtcdStream *self = g_rc_box_new0 (RunconfEtcdStream);

  self->etcd = g_object_ref (etcd);
  self->endpoint = endpoint;
  self->funcs = funcs;
  self->user_data = user_data;
  self->message = runconf_etcd_make_message (etcd, endpoint, "/v3/watch", body, token);
  self->cancellable = g_cancellable_new ();
  self->reader = runconf_etcd_watch_reader_new (RUNCONF_ETCD_MAX_LINE_BYTES);

  /* a member that loses its leader ends the stream itself */
  soup_message_headers_replace (soup_message_get_request_headers (self->message),
                                "Grpc-Metadata-Hasleader", "true");
  g_signal_connect (self->message, "starting", G_CALLBACK (on_starting), self);
  runconf_etcd_refuse_interim (self->message, self->cancellable);
  start_timer (self);
  soup_session_send_async (etcd->session, self->message, G_PRIORITY_DEFAULT, self->cancellable,
                           on_sent, g_rc_box_acquire (self));

  return self;
}
