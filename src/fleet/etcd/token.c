/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/etcd/etcd-private.h"

#include <string.h>

#include "fleet/etcd/files.h"
#include "fleet/etcd/json.h"

gboolean
runconf_etcd_needs_token (RunconfEtcd *self)
{
  return self->settings->user != NULL && !self->is_open;
}

/**
 * runconf_etcd_forget_token:
 * @token: (nullable): the token that etcd didn't accept; %NULL if it wants one and got none
 */
void
runconf_etcd_forget_token (RunconfEtcd *self, const char *token)
{
  self->is_open = FALSE;
  if (g_strcmp0 (self->token, token) == 0)
    g_clear_pointer (&self->token, g_free);
}

/* A token becomes a line of a header. */
static gboolean
is_token (const char *text)
{
  if (text == NULL || *text == '\0')
    return FALSE;

  for (const char *c = text; *c != '\0'; c++)
    if (!g_ascii_isgraph (*c))
      return FALSE;

  return TRUE;
}

static char *
read_token (JsonNode *root, GError **error)
{
  const char *token;

  if (!runconf_etcd_json_get_string (json_node_get_object (root), "token", &token, error))
    return NULL;
  if (!is_token (token))
    {
      g_set_error_literal (error, RUNCONF_ETCD_ERROR, RUNCONF_ETCD_ERROR_PROTOCOL,
                           "etcd answered to user and password without a token");
      return NULL;
    }

  return g_strdup (token);
}

static void
answer (gpointer data, gpointer user_data)
{
  g_autoptr (GTask) task = data;
  RunconfEtcd *self = g_task_get_source_object (task);
  const GError *error = user_data;

  if (error != NULL)
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_pointer (task, g_strdup (self->token), g_free);
}

static void
answer_all (RunconfEtcd *self, GError *error)
{
  GSList *waiting = g_slist_reverse (g_steal_pointer (&self->waiting));

  g_slist_foreach (waiting, answer, error);
  g_slist_free (waiting);
}

static void
on_token (GObject *source, GAsyncResult *result, gpointer user_data)
{
  RunconfEtcd *self = RUNCONF_ETCD (source);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) root = runconf_etcd_call_finish (self, result, NULL, &error);

  self->is_asking = FALSE;
  if (root != NULL)
    self->token = read_token (root, &error);
  else if (strstr (error->message, "authentication is not enabled") != NULL)
    {
      self->is_open = TRUE;
      g_clear_error (&error);
    }

  answer_all (self, error);
}

/* Returns: whether etcd is asked, %FALSE with an error of the file with the password */
static gboolean
ask (RunconfEtcd *self, GError **error)
{
  char *password = runconf_etcd_load_password (self->settings, error);
  GString *body;

  if (password == NULL)
    return FALSE;

  body = g_string_new ("{");
  runconf_etcd_json_append_string (body, "name", self->settings->user);
  runconf_etcd_json_append_string (body, "password", password);
  g_string_append_c (body, '}');
  runconf_etcd_password_free (password);

  self->is_asking = TRUE;
  runconf_etcd_call_async (self, "/v3/auth/authenticate", body, NULL,
                           RUNCONF_ETCD_CALL_HARMLESS | RUNCONF_ETCD_CALL_WITHOUT_TOKEN, NULL,
                           on_token, NULL);

  return TRUE;
}

/**
 * runconf_etcd_get_token_async:
 *
 * Asks etcd for a token if there is none. Calls that need one at the same time share it, since
 * etcd takes long to check a password.
 */
void
runconf_etcd_get_token_async (RunconfEtcd *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (self, cancellable, callback, user_data);
  g_autoptr (GError) error = NULL;

  if (self->token != NULL || !runconf_etcd_needs_token (self))
    {
      g_task_return_pointer (task, g_strdup (self->token), g_free);
      g_object_unref (task);
      return;
    }

  self->waiting = g_slist_prepend (self->waiting, task);
  if (!self->is_asking && !ask (self, &error))
    answer_all (self, error);
}

/**
 * runconf_etcd_get_token_finish:
 *
 * Returns: (transfer full) (nullable): the token, or %NULL without @error if none is needed
 */
char *
runconf_etcd_get_token_finish (RunconfEtcd *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
