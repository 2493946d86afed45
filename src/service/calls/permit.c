/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/permit.h"

#include "service/authority/polkit.h"

/* Large arguments cost memory and time to unpack, and the paths in them are known only then. So polkit is
 * asked for the right before, with an empty list of paths: a rule that checks that each path is allowed
 * says yes to that list. polkit is asked later for the paths of the arguments.
 *
 * Where a dialog would give the right, the dialog is for all paths, and polkit isn't asked later: a call
 * shows one dialog.
 */

#define NO_PATHS "[]"
#define ALL_PATHS "[\"\"]"

typedef struct
{
  RunconfdAuthority *authority;
  GDBusConnection *connection;
  char *sender;
  char *configuration;
  const char *method;
  RunconfdAction action;
  guint uid;
  gboolean may_interact;
  gboolean covers_all;
} Permit;

static void
permit_free (Permit *self)
{
  g_object_unref (self->authority);
  g_object_unref (self->connection);
  g_free (self->sender);
  g_free (self->configuration);
  g_free (self);
}

static void
ask (GTask *task, const char *paths, gboolean may_interact, GAsyncReadyCallback callback)
{
  Permit *self = g_task_get_task_data (task);
  const RunconfdPolkitQuestion question = {
    .connection = self->connection,
    .sender = self->sender,
    .method = self->method,
    .action = self->action,
    .configuration = self->configuration,
    .paths = paths,
    .may_interact = may_interact,
  };

  runconfd_polkit_check_async (&question, callback, g_object_ref (task));
}

static void
on_dialog (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Permit *self = g_task_get_task_data (task);

  runconfd_authority_end_dialog (self->authority, self->uid);
  self->covers_all = runconfd_polkit_check_finish (result, NULL, &error);
  if (self->covers_all)
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, g_steal_pointer (&error));
}

static void
on_answer (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  Permit *self = g_task_get_task_data (task);
  gboolean needs_dialog;

  if (runconfd_polkit_check_finish (result, &needs_dialog, &error))
    g_task_return_boolean (task, TRUE);
  else if (!needs_dialog || !self->may_interact)
    g_task_return_error (task, g_steal_pointer (&error));
  else if (g_clear_error (&error),
           !runconfd_authority_begin_dialog (self->authority, self->uid, &error))
    g_task_return_error (task, g_steal_pointer (&error));
  else
    ask (task, ALL_PATHS, TRUE, on_dialog);
}

/**
 * runconfd_permit_check_async:
 * @authority: counts the dialogs; its verdict on the question is %RUNCONFD_VERDICT_ASK
 *
 * Asks polkit whether a caller may use a method, before the arguments of the call are looked at.
 */
void
runconfd_permit_check_async (RunconfdAuthority *authority, const RunconfdPermitQuestion *question,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Permit *self = g_new0 (Permit, 1);

  self->authority = g_object_ref (authority);
  self->connection = g_object_ref (question->connection);
  self->sender = g_strdup (question->sender);
  self->configuration = g_strdup (question->configuration);
  self->method = g_intern_string (question->method);
  self->action = question->action;
  self->uid = question->uid;
  self->may_interact = question->may_interact;
  g_task_set_task_data (task, self, (GDestroyNotify) permit_free);

  ask (task, NO_PATHS, FALSE, on_answer);
}

/**
 * runconfd_permit_check_finish:
 * @covers_all: (out): whether the caller has the right for all paths
 *
 * Returns: %TRUE if the caller has the right; otherwise %FALSE with the error for the caller
 */
gboolean
runconfd_permit_check_finish (GAsyncResult *result, gboolean *covers_all, GError **error)
{
  const Permit *self = g_task_get_task_data (G_TASK (result));

  *covers_all = self->covers_all;

  return g_task_propagate_boolean (G_TASK (result), error);
}
