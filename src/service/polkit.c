/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/polkit.h"

#include <polkit/polkit.h>

#include "service/access-error.h"

/* A check without a dialog ends before the 25 s after which most callers give up: what they were
 * told has failed must not be done later.
 */
#define PATIENCE_SECONDS 20

/* One question to polkit. It is about the caller's name on the bus, which is never given to anybody
 * else, and not about a process, whose number may be. Whatever goes wrong is a no.
 *
 * polkit may have to ask a person, so it takes as long as it takes, unless the caller goes away: then
 * the dialog goes too.
 */
typedef struct
{
  GDBusMethodInvocation *invocation;
  PolkitSubject *subject;
  PolkitDetails *details;
  RunconfdAction action;
  char *configuration;
  gboolean may_interact;
  guint subscription;
  guint patience;
  gboolean is_late;
} Check;

static void
check_free (Check *self)
{
  g_object_unref (self->invocation);
  g_object_unref (self->subject);
  g_object_unref (self->details);
  g_free (self->configuration);
  g_free (self);
}

static GDBusConnection *
get_connection (Check *self)
{
  return g_dbus_method_invocation_get_connection (self->invocation);
}

static void
on_owner_changed (GDBusConnection *connection, const char *sender, const char *path,
                  const char *interface, const char *signal, GVariant *parameters,
                  gpointer user_data)
{
  const char *new_owner;

  g_variant_get_child (parameters, 2, "&s", &new_owner);
  if (*new_owner == '\0')
    g_cancellable_cancel (g_task_get_cancellable (user_data));
}

static void
fail (GTask *task, const GError *cause)
{
  Check *self = g_task_get_task_data (task);

  g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                           "%s: polkit can't say whether you may %s the configuration “%s”: %s",
                           g_dbus_method_invocation_get_method_name (self->invocation),
                           runconfd_action_get_purpose (self->action), self->configuration,
                           self->is_late
                               ? "it didn't answer in " G_STRINGIFY (PATIENCE_SECONDS) " seconds"
                               : cause->message);
}

/* What polkit says later is of no account. Nothing tells it that: it would complain about a check
 * that it has just answered.
 */
static gboolean
on_late (gpointer user_data)
{
  Check *self = g_task_get_task_data (user_data);

  self->patience = 0;
  self->is_late = TRUE;
  fail (user_data, NULL);

  return G_SOURCE_REMOVE;
}

static void
watch_caller (GTask *task, Check *self)
{
  self->subscription = g_dbus_connection_signal_subscribe (
      get_connection (self), "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", g_dbus_method_invocation_get_sender (self->invocation),
      G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed, g_object_ref (task), g_object_unref);
  if (!self->may_interact)
    self->patience = g_timeout_add_seconds (PATIENCE_SECONDS, on_late, task);
}

/* The subscription holds the task, so what is still to be done with it comes before. */
static void
end_watch (Check *self)
{
  g_clear_handle_id (&self->patience, g_source_remove);
  g_dbus_connection_signal_unsubscribe (get_connection (self), self->subscription);
}

static void
refuse (GTask *task, PolkitAuthorizationResult *answer)
{
  Check *self = g_task_get_task_data (task);
  const char *method = g_dbus_method_invocation_get_method_name (self->invocation);

  if (polkit_authorization_result_get_is_challenge (answer) && !self->may_interact)
    g_task_return_new_error (task, RUNCONFD_ACCESS_ERROR,
                             RUNCONFD_ACCESS_ERROR_INTERACTION_REQUIRED,
                             "%s: to %s the configuration “%s” somebody has to be asked, which the "
                             "call has to allow (%s)",
                             method, runconfd_action_get_purpose (self->action),
                             self->configuration, runconfd_action_get_id (self->action));
  else
    g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                             "%s: you may not %s the configuration “%s”: %s (%s)", method,
                             runconfd_action_get_purpose (self->action), self->configuration,
                             polkit_authorization_result_get_dismissed (answer)
                                 ? "the dialog was dismissed"
                             : polkit_authorization_result_get_is_challenge (answer)
                                 ? "polkit wants somebody to be asked, and knows nobody to ask"
                                 : "polkit refuses it",
                             runconfd_action_get_id (self->action));
}

/* A yes is a result, no error, and one that says so. */
static void
on_answer (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PolkitAuthorizationResult) answer
      = polkit_authority_check_authorization_finish (POLKIT_AUTHORITY (object), result, &error);

  end_watch (g_task_get_task_data (task));
  if (((Check *) g_task_get_task_data (task))->is_late)
    return;
  else if (answer == NULL || error != NULL)
    fail (task, error);
  else if (g_task_return_error_if_cancelled (task))
    return;
  else if (polkit_authorization_result_get_is_authorized (answer))
    g_task_return_boolean (task, TRUE);
  else
    refuse (task, answer);
}

static void
give_up (GTask *task, const GError *error)
{
  Check *self = g_task_get_task_data (task);

  end_watch (self);
  if (!self->is_late)
    fail (task, error);
}

static void
ask (GTask *task, PolkitAuthority *authority)
{
  Check *self = g_task_get_task_data (task);

  /* while there was no polkit to ask the caller may have gone, or was told that it takes too long */
  if (self->is_late || g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      end_watch (self);
      if (!self->is_late)
        g_task_return_error_if_cancelled (task);
      return;
    }

  polkit_authority_check_authorization (
      authority, self->subject, runconfd_action_get_id (self->action), self->details,
      self->may_interact ? POLKIT_CHECK_AUTHORIZATION_FLAGS_ALLOW_USER_INTERACTION
                         : POLKIT_CHECK_AUTHORIZATION_FLAGS_NONE,
      self->may_interact ? g_task_get_cancellable (task) : NULL, on_answer, g_object_ref (task));
}

/* Nobody else holds the authority, and each new one would make a connection to the bus.
 *
 * Making it waits for polkit, in a thread that meanwhile holds a lock of polkit's library: who asked
 * for one then would stop in that lock, with all that this thread has to do. So one question for it
 * is enough, and whoever comes before it is answered waits in a list.
 */
static PolkitAuthority *kept;
static GPtrArray *waiting;

static void
on_authority (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GPtrArray) tasks = g_steal_pointer (&waiting);
  g_autoptr (GError) error = NULL;

  kept = polkit_authority_get_finish (result, &error);
  for (guint i = 0; i < tasks->len; i++)
    {
      if (kept != NULL)
        ask (tasks->pdata[i], kept);
      else
        give_up (tasks->pdata[i], error);
    }
}

/* polkit's library uses GLib's own connection to the system bus, which would end the process with a
 * signal when the bus goes away.
 */
static void
on_bus (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);

  if (connection == NULL)
    {
      give_up (task, error);
      return;
    }

  g_dbus_connection_set_exit_on_close (connection, FALSE);
  if (kept != NULL)
    {
      ask (task, kept);
      return;
    }

  if (waiting == NULL)
    {
      waiting = g_ptr_array_new_with_free_func (g_object_unref);
      polkit_authority_get_async (NULL, on_authority, NULL);
    }
  g_ptr_array_add (waiting, g_object_ref (task));
}

static PolkitDetails *
make_details (RunconfdAction action, const char *configuration, const char *paths)
{
  PolkitDetails *details = polkit_details_new ();

  polkit_details_insert (details, "configuration", configuration);
  polkit_details_insert (details, "paths", paths);
  polkit_details_insert (details, "polkit.message", runconfd_action_get_message (action));
  polkit_details_insert (details, "polkit.gettext_domain", "runconf");

  return details;
}

/**
 * runconfd_polkit_check_async:
 * @invocation: a call that came over the system bus
 * @action: one that needs a right
 * @paths: a JSON array of the JSON Pointers that it concerns
 * @may_interact: whether somebody may be asked for a password
 *
 * Asks polkit whether who called may do what they want to.
 */
void
runconfd_polkit_check_async (GDBusMethodInvocation *invocation, RunconfdAction action,
                             const char *configuration, const char *paths, gboolean may_interact,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  Check *self = g_new0 (Check, 1);

  self->invocation = g_object_ref (invocation);
  self->subject = polkit_system_bus_name_new (g_dbus_method_invocation_get_sender (invocation));
  self->details = make_details (action, configuration, paths);
  self->action = action;
  self->configuration = g_strdup (configuration);
  self->may_interact = may_interact;
  /* the error of a check that was given up says why */
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, self, (GDestroyNotify) check_free);
  watch_caller (task, self);
  g_bus_get (G_BUS_TYPE_SYSTEM, cancellable, on_bus, g_object_ref (task));
}

/**
 * runconfd_polkit_check_finish:
 *
 * Returns: %TRUE if polkit said yes; otherwise %FALSE with the error that the caller gets
 */
gboolean
runconfd_polkit_check_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
