/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/authority/polkit.h"

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* flag of CheckAuthorization */
#define ALLOW_USER_INTERACTION 1

/* A check without a dialog ends before most callers give up, which is after 25 s: a call that was
 * reported as failed must not be done later.
 */
#define PATIENCE_SECONDS 20

/* An error of the bus for which GLib has no code, registered with its name there. */
#define ACCESS_ERROR (access_error_quark ())

typedef enum
{
  ACCESS_ERROR_INTERACTION_REQUIRED, /* the call would have to allow a dialog */
} AccessError;

static const GDBusErrorEntry access_errors[] = {
  { ACCESS_ERROR_INTERACTION_REQUIRED,
    "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired" },
};

static GQuark
access_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("runconfd-access-error-quark", &quark, access_errors,
                                      G_N_ELEMENTS (access_errors));

  return (GQuark) quark;
}

/* One question to polkit. Its subject is the unique bus name of the caller, which a bus never gives
 * to another connection, and not a process, whose id may be reused. Every failure counts as a
 * refusal.
 *
 * The question is a plain call on the connection on which the caller's call arrived. libpolkit
 * would open a connection of its own, without a gate: any user could close it with one signal.
 *
 * polkit may show a dialog, so a check with interaction has no time limit. When the caller leaves
 * the bus, the dialog is withdrawn.
 */
typedef struct
{
  GDBusConnection *connection;
  char *sender;
  char *method;
  char *configuration;
  char *cancellation; /* the id by which polkit withdraws the dialog; empty without one */
  RunconfdAction action;
  gboolean may_interact;
  gboolean needs_dialog; /* whether the caller could get the right in a dialog */
  gboolean is_done;      /* the result is set: a later reply of polkit is ignored */
  guint subscription;
  guint patience;
} Check;

static void
check_free (Check *self)
{
  g_object_unref (self->connection);
  g_free (self->sender);
  g_free (self->method);
  g_free (self->configuration);
  g_free (self->cancellation);
  g_free (self);
}

/* The subscription holds a reference to the task, so this has to be the last step. */
static void
end (Check *self)
{
  self->is_done = TRUE;
  g_clear_handle_id (&self->patience, g_source_remove);
  g_dbus_connection_signal_unsubscribe (self->connection, self->subscription);
}

static void
fail (GTask *task, const char *cause)
{
  Check *self = g_task_get_task_data (task);

  g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                           "%s: polkit can't decide whether you may %s the configuration “%s”: %s",
                           self->method, runconfd_action_get_purpose (self->action),
                           self->configuration, cause);
}

/* The result is set already; the reply of polkit, an error for the cancellation, is ignored. */
static void
withdraw (Check *self)
{
  if (*self->cancellation == '\0')
    return;

  g_dbus_connection_call (self->connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                          "CancelCheckAuthorization", g_variant_new ("(s)", self->cancellation),
                          NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL, NULL);
}

static void
on_owner_changed (GDBusConnection *connection, const char *sender, const char *path,
                  const char *interface, const char *signal, GVariant *parameters,
                  gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Check *self = g_task_get_task_data (task);
  const char *new_owner;

  if (self->is_done || !g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return;

  g_variant_get_child (parameters, 2, "&s", &new_owner);
  if (*new_owner != '\0')
    return;

  fail (task, "the caller has left the bus");
  withdraw (self);
  end (self);
}

static gboolean
on_late (gpointer user_data)
{
  g_autoptr (GTask) task = g_object_ref (user_data);
  Check *self = g_task_get_task_data (task);

  self->patience = 0;
  fail (task, "polkit didn't reply within " G_STRINGIFY (PATIENCE_SECONDS) " seconds");
  end (self);

  return G_SOURCE_REMOVE;
}

static void
refuse (GTask *task, gboolean is_challenge, gboolean is_dismissed)
{
  Check *self = g_task_get_task_data (task);

  self->needs_dialog = is_challenge && !self->may_interact;
  if (self->needs_dialog)
    g_task_return_new_error (
        task, ACCESS_ERROR, ACCESS_ERROR_INTERACTION_REQUIRED,
        "%s: to %s the configuration “%s” requires a dialog, which the call has to allow (%s)",
        self->method, runconfd_action_get_purpose (self->action), self->configuration,
        runconfd_action_get_id (self->action));
  else
    g_task_return_new_error (task, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                             "%s: you may not %s the configuration “%s”: %s (%s)", self->method,
                             runconfd_action_get_purpose (self->action), self->configuration,
                             is_dismissed ? "the dialog was dismissed"
                             : is_challenge
                                 ? "polkit requires a dialog, and found no agent to show one"
                                 : "polkit refuses it",
                             runconfd_action_get_id (self->action));
}

/* Only a reply without an error that grants the right counts as permission. */
static void
on_answer (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  g_autoptr (GVariant) details = NULL;
  Check *self = g_task_get_task_data (task);
  gboolean is_authorised, is_challenge;

  if (self->is_done)
    return;

  if (reply == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      fail (task, error->message);
      end (self);
      return;
    }

  g_variant_get (reply, "((bb@a{ss}))", &is_authorised, &is_challenge, &details);
  if (is_authorised)
    g_task_return_boolean (task, TRUE);
  else
    refuse (task, is_challenge, g_variant_lookup (details, "polkit.dismissed", "&s", NULL));
  end (self);
}

static GVariant *
make_arguments (const RunconfdPolkitQuestion *question, const char *cancellation)
{
  GVariantBuilder subject, details;

  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (question->sender));
  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  g_variant_builder_add (&details, "{ss}", "configuration", question->configuration);
  g_variant_builder_add (&details, "{ss}", "paths", question->paths);
  g_variant_builder_add (&details, "{ss}", "polkit.message",
                         runconfd_action_get_message (question->action));
  g_variant_builder_add (&details, "{ss}", "polkit.gettext_domain", "runconf");

  return g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject,
                        runconfd_action_get_id (question->action), &details,
                        question->may_interact ? ALLOW_USER_INTERACTION : 0, cancellation);
}

static char *
make_cancellation (gboolean may_interact)
{
  static guint n_made = 0;

  return may_interact ? g_strdup_printf ("runconfd-%u", ++n_made) : g_strdup ("");
}

/**
 * runconfd_polkit_check_async:
 *
 * Asks polkit whether a caller has a right.
 */
void
runconfd_polkit_check_async (const RunconfdPolkitQuestion *question, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  Check *self = g_new0 (Check, 1);

  self->connection = g_object_ref (question->connection);
  self->sender = g_strdup (question->sender);
  self->method = g_strdup (question->method);
  self->configuration = g_strdup (question->configuration);
  self->action = question->action;
  self->may_interact = question->may_interact;
  self->cancellation = make_cancellation (question->may_interact);
  g_task_set_task_data (task, self, (GDestroyNotify) check_free);

  self->subscription = g_dbus_connection_signal_subscribe (
      self->connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", self->sender, G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed,
      g_object_ref (task), g_object_unref);
  if (!self->may_interact)
    self->patience = g_timeout_add_seconds (PATIENCE_SECONDS, on_late, task);
  g_dbus_connection_call (self->connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE,
                          "CheckAuthorization", make_arguments (question, self->cancellation),
                          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
                          on_answer, g_object_ref (task));
}

/**
 * runconfd_polkit_check_finish:
 * @needs_dialog: (out) (optional): whether the caller could get the right in a dialog
 *
 * Returns: %TRUE if polkit granted the right; otherwise %FALSE with the error for the caller
 */
gboolean
runconfd_polkit_check_finish (GAsyncResult *result, gboolean *needs_dialog, GError **error)
{
  const Check *self = g_task_get_task_data (G_TASK (result));

  if (needs_dialog != NULL)
    *needs_dialog = self->needs_dialog;

  return g_task_propagate_boolean (G_TASK (result), error);
}
