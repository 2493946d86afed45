/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"

#include <string.h>

#include "fleet/etcd/json.h"

typedef struct
{
  SoupMessage *message;
  GCancellable *cancellable; /* of the attempt alone: its timeout cancels it, too */
  GCancellable *caller;      /* (nullable) */
  gulong caller_handler;
  GSource *timeout;
  gint64 patience; /* how long it may be silent, in µs */
  gint64 end;      /* of the monotonic clock: when it ends in any case */
  GInputStream *stream;
  GByteArray *body;
  gboolean was_started;
  gboolean was_restarted;
  gboolean is_late;
} Attempt;

static void
free_attempt (Attempt *self)
{
  g_cancellable_disconnect (self->caller, self->caller_handler);
  g_clear_object (&self->caller);
  g_source_destroy (self->timeout);
  g_source_unref (self->timeout);
  g_object_unref (self->message);
  g_object_unref (self->cancellable);
  g_clear_object (&self->stream);
  g_byte_array_unref (self->body);
  g_free (self);
}

void
runconf_etcd_answer_free (RunconfEtcdAnswer *self)
{
  g_clear_pointer (&self->root, json_node_unref);
  g_clear_error (&self->error);
  g_free (self);
}

static void
on_starting (SoupMessage *message, Attempt *self)
{
  self->was_started = TRUE;
}

static void
on_restarted (SoupMessage *message, Attempt *self)
{
  self->was_restarted = TRUE;
}

/* A large request or response takes its time, and shows that the member is there. */
static void
note_progress (Attempt *self)
{
  g_source_set_ready_time (self->timeout,
                           MIN (g_get_monotonic_time () + self->patience, self->end));
}

static void
on_wrote (SoupMessage *message, guint size, Attempt *self)
{
  note_progress (self);
}

static gboolean
on_timeout (gpointer user_data)
{
  Attempt *self = user_data;

  self->is_late = TRUE;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *caller, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

/* Takes *@answer->error's cause from the connection. */
static void
judge_connection (Attempt *self, RunconfEtcdAnswer *answer, GError *cause)
{
  g_autoptr (GError) late = NULL;

  if (g_cancellable_is_cancelled (self->caller))
    {
      g_set_error_literal (&answer->error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "cancelled");
      answer->verdict = RUNCONF_ETCD_FINAL;
      return;
    }

  if (self->is_late)
    late = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer in time");
  answer->verdict = runconf_etcd_failure_of_connection (
      late != NULL ? late : cause, self->was_started, self->message, &answer->error);
}

/* The gateway may end a response with a line. */
static gsize
strip (const GByteArray *body)
{
  gsize size = body->len;

  while (size > 0 && g_ascii_isspace (body->data[size - 1]))
    size--;

  return size;
}

static void
judge_response (Attempt *self, RunconfEtcdAnswer *answer)
{
  guint status = soup_message_get_status (self->message);
  g_autoptr (JsonNode) root = runconf_etcd_json_parse ((const char *) self->body->data,
                                                       strip (self->body), &answer->error);
  JsonObject *failure
      = root == NULL ? NULL : runconf_etcd_failure_find (json_node_get_object (root));

  answer->verdict = RUNCONF_ETCD_UNKNOWN;
  if (failure != NULL)
    answer->verdict = runconf_etcd_failure_of_message (failure, &answer->error);
  else if (status != SOUP_STATUS_OK)
    {
      g_clear_error (&answer->error);
      answer->verdict = runconf_etcd_failure_of_status (status, &answer->error);
    }
  else if (root != NULL)
    answer->root = g_steal_pointer (&root);
}

/* Returns the answer; @cause is an error of the connection. */
static void
finish (GTask *task, GError *cause)
{
  Attempt *self = g_task_get_task_data (task);
  RunconfEtcdAnswer *answer = g_new0 (RunconfEtcdAnswer, 1);

  g_source_destroy (self->timeout);
  answer->was_repeated = self->was_restarted;
  if (cause != NULL)
    judge_connection (self, answer, cause);
  else
    judge_response (self, answer);

  g_task_return_pointer (task, answer, (GDestroyNotify) runconf_etcd_answer_free);
}

static void read_on (GTask *task);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes
      = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (bytes == NULL || g_bytes_get_size (bytes) == 0)
    {
      finish (task, error);
      return;
    }

  note_progress (self);
  g_byte_array_append (self->body, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  if (self->body->len > RUNCONF_ETCD_MAX_RESPONSE_BYTES)
    {
      RunconfEtcdAnswer *answer = g_new0 (RunconfEtcdAnswer, 1);

      answer->verdict = RUNCONF_ETCD_FINAL;
      g_set_error_literal (&answer->error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE,
                           "the response has more than 64 MiB");
      g_task_return_pointer (task, answer, (GDestroyNotify) runconf_etcd_answer_free);
      return;
    }

  read_on (g_steal_pointer (&task));
}

static void
read_on (GTask *task)
{
  Attempt *self = g_task_get_task_data (task);

  g_input_stream_read_bytes_async (self->stream, RUNCONF_ETCD_READ_BYTES, G_PRIORITY_DEFAULT,
                                   self->cancellable, on_read, task);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Attempt *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  self->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (self->stream == NULL)
    finish (task, error);
  else
    read_on (g_steal_pointer (&task));
}

static gboolean
dispatch_timeout (GSource *source, GSourceFunc callback, gpointer user_data)
{
  return callback (user_data);
}

static void
start_timeout (Attempt *self, guint patience_ms, guint deadline_ms)
{
  static GSourceFuncs funcs = { .dispatch = dispatch_timeout };

  self->patience = (gint64) patience_ms * 1000;
  self->end = g_get_monotonic_time () + (gint64) deadline_ms * 1000;
  self->timeout = g_source_new (&funcs, sizeof (GSource));
  note_progress (self);
  g_source_set_callback (self->timeout, on_timeout, self, NULL);
  g_source_set_static_name (self->timeout, "[runconf] attempt");
  g_source_attach (self->timeout, g_main_context_get_thread_default ());
}

/**
 * runconf_etcd_attempt_async:
 * @body: (nullable): the body of a POST; %NULL for a GET
 *
 * Sends one request to one endpoint, and reads the response. It fails when nothing is sent or
 * received for @patience_ms.
 */
void
runconf_etcd_attempt_async (RunconfEtcd *self, guint endpoint, const char *path, GBytes *body,
                            const char *token, guint patience_ms, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, NULL, callback, user_data);
  Attempt *attempt = g_new0 (Attempt, 1);

  attempt->message = runconf_etcd_make_message (self, endpoint, path, body, token);
  attempt->cancellable = g_cancellable_new ();
  start_timeout (attempt, patience_ms, self->settings->deadline_ms);
  attempt->body = g_byte_array_new ();
  g_task_set_task_data (task, attempt, (GDestroyNotify) free_attempt);
  g_set_object (&attempt->caller, cancellable);
  if (cancellable != NULL)
    attempt->caller_handler
        = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled),
                                 g_object_ref (attempt->cancellable), g_object_unref);

  g_signal_connect (attempt->message, "starting", G_CALLBACK (on_starting), attempt);
  g_signal_connect (attempt->message, "wrote-body-data", G_CALLBACK (on_wrote), attempt);
  g_signal_connect (attempt->message, "restarted", G_CALLBACK (on_restarted), attempt);
  runconf_etcd_refuse_interim (attempt->message, attempt->cancellable);
  soup_session_send_async (self->session, attempt->message, G_PRIORITY_DEFAULT,
                           attempt->cancellable, on_sent, task);
}

RunconfEtcdAnswer *
runconf_etcd_attempt_finish (RunconfEtcd *self, GAsyncResult *result)
{
  return g_task_propagate_pointer (G_TASK (result), NULL);
}
