/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"

#include "fleet/etcd/backoff.h"

/* A token may be unknown to one member after another, when all have restarted. */
#define MAX_RENEWALS 4

/* A request with a password may take this many times as long as another one. */
#define PASSWORD_PATIENCE 10

typedef struct
{
  const char *path; /* a constant */
  GBytes *body;
  char *key; /* (nullable) */
  RunconfEtcdCallFlags flags;
  gint64 deadline; /* of the monotonic clock */
  char *token;     /* (nullable): the one of the attempt under way */

  guint endpoint;
  guint failures;
  guint renewals;
  guint in_vain;      /* endpoints in a row that can't do better */
  gboolean is_unsure; /* whether an attempt may have had its effect */
  gboolean was_repeated;
  GError **errors; /* the last error of each endpoint */
  guint n_endpoints;
} Call;

static void
free_call (Call *self)
{
  for (guint i = 0; i < self->n_endpoints; i++)
    g_clear_error (&self->errors[i]);
  g_free (self->errors);
  g_free (self->token);
  g_free (self->key);
  g_bytes_unref (self->body);
  g_free (self);
}

static void advance (GTask *task);

/* Returns: (transfer full): the key, and "ENDPOINT: message" for each endpoint that failed */
static char *
describe (RunconfEtcd *etcd, Call *self)
{
  g_autoptr (GString) text = g_string_new (self->key);
  const char *before = self->key != NULL ? ": " : "";

  if (self->is_unsure)
    {
      g_string_append_printf (text, "%sthe write may or may not have happened", before);
      before = ": ";
    }
  for (guint i = 0; i < self->n_endpoints; i++)
    if (self->errors[i] != NULL)
      {
        g_string_append_printf (text, "%s%s: %s", before, runconf_etcd_get_endpoint (etcd, i),
                                self->errors[i]->message);
        before = "; ";
      }

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Returns: the code that the errors of all endpoints have in common */
static RunconfEtcdError
find_common_code (Call *self)
{
  int code = -1;

  for (guint i = 0; i < self->n_endpoints; i++)
    if (self->errors[i] != NULL)
      {
        if (code != -1 && code != self->errors[i]->code)
          return RUNCONF_ETCD_ERROR_UNAVAILABLE;
        code = self->errors[i]->code;
      }

  return code == -1 ? RUNCONF_ETCD_ERROR_UNAVAILABLE : (RunconfEtcdError) code;
}

/* Ends a call that no endpoint answered. The next one gets another token: an etcd that was restored
 * from a backup keeps a newer token waiting.
 */
static void
give_up (GTask *task)
{
  RunconfEtcd *etcd = g_task_get_source_object (task);
  Call *self = g_task_get_task_data (task);
  g_autofree char *text = describe (etcd, self);

  runconf_etcd_forget_token (etcd, self->token);
  g_task_return_new_error (
      task, RUNCONF_ETCD_ERROR,
      self->is_unsure ? RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME : find_common_code (self), "%s", text);
}

/* A right that is taken away between two copies of a request isn't considered: that is rare, and the
 * message about the right is the useful one.
 *
 * Returns: whether etcd has refused the other copies of the request in the same way
 */
static gboolean
is_for_each_copy (const GError *error)
{
  return g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_DENIED)
         || g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_TOO_LARGE)
         || g_error_matches (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_INVALID);
}

/* An earlier attempt may have had its effect before the last one was refused. */
static void
admit_doubt (Call *self, GError **error)
{
  if (!self->is_unsure || g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  (*error)->domain = RUNCONF_ETCD_ERROR;
  (*error)->code = RUNCONF_ETCD_ERROR_UNKNOWN_OUTCOME;
  g_prefix_error_literal (error, "the write may or may not have happened: ");
}

/* Ends a call with the error of one endpoint. */
static void
refuse (GTask *task, const GError *cause)
{
  GError *error = g_error_copy (cause);

  if (!is_for_each_copy (cause))
    admit_doubt (g_task_get_task_data (task), &error);
  if (!g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    runconf_etcd_call_prefix (G_ASYNC_RESULT (task), &error);
  g_task_return_error (task, error);
}

static void
keep_error (Call *self, RunconfEtcdAnswer *answer)
{
  g_clear_error (&self->errors[self->endpoint]);
  self->errors[self->endpoint] = g_steal_pointer (&answer->error);
}

static gboolean
on_pause_over (gpointer user_data)
{
  advance (user_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* Tries again after a pause, which ends when the caller cancels. */
static void
pause_task (GTask *task, guint pause_ms)
{
  g_autoptr (GSource) source = g_timeout_source_new (pause_ms);
  GCancellable *cancellable = g_task_get_cancellable (task);

  if (cancellable != NULL)
    {
      g_autoptr (GSource) child = g_cancellable_source_new (cancellable);

      g_source_set_callback (child, G_SOURCE_FUNC (on_cancelled), NULL, NULL);
      g_source_add_child_source (source, child);
    }
  g_source_set_callback (source, on_pause_over, g_object_ref (task), g_object_unref);
  g_source_set_static_name (source, "[runconf] pause of a call");
  g_source_attach (source, g_main_context_get_thread_default ());
}

static void
go_on (GTask *task)
{
  RunconfEtcd *etcd = g_task_get_source_object (task);
  Call *self = g_task_get_task_data (task);

  runconf_etcd_leave_endpoint (etcd, self->endpoint);
  self->endpoint = (self->endpoint + 1) % self->n_endpoints;
  self->failures++;
  if (self->in_vain >= self->n_endpoints)
    give_up (task);
  else
    pause_task (task, runconf_etcd_get_pause (self->failures, self->n_endpoints,
                                              RUNCONF_ETCD_CALL_PAUSE_MS, g_random_double ()));
}

static void
refuse_stranger (GTask *task, const GError *cause)
{
  g_autoptr (GError) error
      = g_error_new (RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_UNAUTHENTICATED,
                     "etcd requires a user and a password (%s)", cause->message);

  refuse (task, error);
}

static void
renew (GTask *task, const GError *cause)
{
  RunconfEtcd *etcd = g_task_get_source_object (task);
  Call *self = g_task_get_task_data (task);

  if (etcd->settings->user == NULL)
    refuse_stranger (task, cause);
  else if ((self->flags & RUNCONF_ETCD_CALL_WITHOUT_TOKEN) != 0 || self->renewals++ >= MAX_RENEWALS)
    refuse (task, cause);
  else
    {
      runconf_etcd_forget_token (etcd, self->token);
      advance (task);
    }
}

/* Before etcd has users, no token is sent; from then on it refuses that, and may say so as if a
 * right were missing.
 */
static gboolean
lacks_token (RunconfEtcd *etcd, Call *self, const RunconfEtcdAnswer *answer)
{
  return answer->verdict == RUNCONF_ETCD_RENEW
         || (self->token == NULL && etcd->settings->user != NULL
             && g_error_matches (answer->error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_DENIED));
}

static void
judge (GTask *task, RunconfEtcdAnswer *answer)
{
  Call *self = g_task_get_task_data (task);
  gboolean is_harmless = (self->flags & RUNCONF_ETCD_CALL_HARMLESS) != 0;
  gboolean is_unknown = answer->verdict == RUNCONF_ETCD_UNKNOWN && !is_harmless;

  self->is_unsure |= is_unknown || (answer->was_repeated && !is_harmless);
  if (lacks_token (g_task_get_source_object (task), self, answer))
    renew (task, answer->error);
  else if (answer->verdict == RUNCONF_ETCD_FINAL)
    refuse (task, answer->error);
  else
    {
      self->in_vain = answer->verdict == RUNCONF_ETCD_ELSEWHERE ? self->in_vain + 1 : 0;
      keep_error (self, answer);
      if (is_unknown && (self->flags & RUNCONF_ETCD_CALL_REPEATABLE) == 0)
        give_up (task);
      else
        go_on (task);
    }
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  RunconfEtcd *etcd = RUNCONF_ETCD (source);
  Call *self = g_task_get_task_data (task);
  g_autoptr (RunconfEtcdAnswer) answer = runconf_etcd_attempt_finish (etcd, result);

  self->was_repeated = self->was_repeated || answer->was_repeated;
  if (answer->error != NULL)
    {
      g_debug ("%s: %s: %s (verdict %d)", runconf_etcd_get_endpoint (etcd, self->endpoint),
               self->path, answer->error->message, answer->verdict);
      judge (task, answer);
      return;
    }

  etcd->endpoint = self->endpoint;
  g_task_return_pointer (task, g_steal_pointer (&answer->root), (GDestroyNotify) json_node_unref);
}

/* Returns: how long the next attempt may be silent, in ms. One that can't be repeated gets all the
 * time that is left; and a password takes etcd long to check, longer if many hosts send theirs.
 */
static gint64
get_patience (RunconfEtcd *etcd, Call *self, gint64 left_ms)
{
  guint patience
      = runconf_etcd_get_patience (self->failures, self->n_endpoints, etcd->settings->attempt_ms);

  if ((self->flags & RUNCONF_ETCD_CALL_WITHOUT_TOKEN) != 0)
    patience *= PASSWORD_PATIENCE;
  if ((self->flags & (RUNCONF_ETCD_CALL_HARMLESS | RUNCONF_ETCD_CALL_REPEATABLE)) == 0)
    return left_ms;

  return MIN (patience, left_ms);
}

static void
attempt (GTask *task, gint64 left_ms)
{
  RunconfEtcd *etcd = g_task_get_source_object (task);
  Call *self = g_task_get_task_data (task);

  runconf_etcd_attempt_async (etcd, self->endpoint, self->path, self->body, self->token,
                              get_patience (etcd, self, left_ms), g_task_get_cancellable (task),
                              on_answer, g_object_ref (task));
}

static void
on_token (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Call *self = g_task_get_task_data (task);
  GError *error = NULL;

  self->token = runconf_etcd_get_token_finish (RUNCONF_ETCD (source), result, &error);
  if (error != NULL)
    {
      admit_doubt (self, &error);
      g_task_return_error (task, error);
    }
  else
    attempt (task, MAX (1, (self->deadline - g_get_monotonic_time ()) / 1000));
}

/* Makes the next attempt, with a token if etcd wants one. */
static void
advance (GTask *task)
{
  RunconfEtcd *etcd = g_task_get_source_object (task);
  Call *self = g_task_get_task_data (task);
  gint64 left_ms = (self->deadline - g_get_monotonic_time ()) / 1000;

  if (g_task_return_error_if_cancelled (task))
    return;

  g_clear_pointer (&self->token, g_free);
  if (left_ms <= 0)
    give_up (task);
  else if ((self->flags & RUNCONF_ETCD_CALL_WITHOUT_TOKEN) != 0 || !runconf_etcd_needs_token (etcd))
    attempt (task, left_ms);
  else
    runconf_etcd_get_token_async (etcd, g_task_get_cancellable (task), on_token,
                                  g_object_ref (task));
}

/**
 * runconf_etcd_call_async:
 * @path: a constant: the path of the request
 * @body: (transfer full): its body
 * @key: (nullable): the key that messages name
 *
 * Sends a request to one endpoint after another until one of them answers.
 */
void
runconf_etcd_call_async (RunconfEtcd *self, const char *path, GString *body, const char *key,
                         RunconfEtcdCallFlags flags, GCancellable *cancellable,
                         GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  Call *call = g_new0 (Call, 1);

  call->path = path;
  call->body = g_string_free_to_bytes (body);
  call->key = g_strdup (key);
  call->flags = flags;
  call->deadline = g_get_monotonic_time () + (gint64) self->settings->deadline_ms * 1000;
  call->endpoint = self->endpoint;
  call->n_endpoints = self->n_endpoints;
  call->errors = g_new0 (GError *, self->n_endpoints);
  g_task_set_task_data (task, call, (GDestroyNotify) free_call);

  advance (task);
}

/**
 * runconf_etcd_call_finish:
 * @was_repeated: (out) (optional): whether the request may have had its effect before it was
 *   answered
 *
 * Returns: (transfer full): the response, or %NULL
 */
JsonNode *
runconf_etcd_call_finish (RunconfEtcd *self, GAsyncResult *result, gboolean *was_repeated,
                          GError **error)
{
  Call *call = g_task_get_task_data (G_TASK (result));

  if (was_repeated != NULL)
    *was_repeated = call->was_repeated || call->is_unsure;
  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * runconf_etcd_call_prefix:
 * @result: a call
 * @error: an error of its response
 *
 * Puts the key and the endpoint before the message.
 */
void
runconf_etcd_call_prefix (GAsyncResult *result, GError **error)
{
  GTask *task = G_TASK (result);
  Call *call = g_task_get_task_data (task);

  g_prefix_error (error, "%s%s%s: ", call->key != NULL ? call->key : "",
                  call->key != NULL ? ": " : "",
                  runconf_etcd_get_endpoint (g_task_get_source_object (task), call->endpoint));
}
