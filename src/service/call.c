/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/call.h"

void
runconfd_call_free (RunconfdCall *call)
{
  g_object_unref (call->configuration);
  g_object_unref (call->authority);
  g_object_unref (call->invocation);
  g_clear_pointer (&call->request, runconfd_request_free);
  g_free (call);
}

const char *
runconfd_call_get_sender (RunconfdCall *call)
{
  return g_dbus_method_invocation_get_sender (call->invocation);
}

/**
 * runconfd_call_hold:
 *
 * Lets later calls of the same caller wait, so that they aren't done before.
 */
void
runconfd_call_hold (RunconfdCall *call)
{
  runconfd_authority_hold (call->authority, runconfd_call_get_sender (call));
}

/**
 * runconfd_call_make_request:
 * @origin: as `ConfigChanged` tells it
 *
 * Returns: (transfer full): an empty request of the caller
 */
RunconfdRequest *
runconfd_call_make_request (RunconfdCall *call, const char *origin)
{
  return runconfd_request_new (origin, call->uid, runconfd_call_get_sender (call));
}

/**
 * runconfd_call_get_parameters:
 *
 * Returns: (transfer none): the arguments, of the types that the interface says
 */
GVariant *
runconfd_call_get_parameters (RunconfdCall *call)
{
  return g_dbus_method_invocation_get_parameters (call->invocation);
}

void
runconfd_call_return_error (RunconfdCall *call, const GError *error)
{
  g_dbus_method_invocation_return_gerror (g_object_ref (call->invocation), error);
}

/**
 * runconfd_call_return_value:
 * @value: (transfer floating): a tuple
 */
void
runconfd_call_return_value (RunconfdCall *call, GVariant *value)
{
  g_dbus_method_invocation_return_value (g_object_ref (call->invocation), value);
}

static void
on_refreshed (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdCall *call = user_data;

  runconfd_configuration_refresh_finish (RUNCONFD_CONFIGURATION (object), result);
  call->method->run (call);
}

static void
read_fresh (RunconfdCall *call)
{
  if (runconfd_configuration_is_fresh (call->configuration))
    call->method->run (call);
  else
    runconfd_configuration_refresh_async (call->configuration, on_refreshed, call);
}

static void
refuse (RunconfdCall *call)
{
  g_autoptr (GError) error = g_error_new (
      G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
      "%s: only root and the user that the service runs as may change the configuration “%s”",
      call->method->name, runconfd_configuration_get_settings (call->configuration)->name);

  runconfd_call_return_error (call, error);
  runconfd_call_free (call);
}

static void
on_checked (GDBusMethodInvocation *invocation, guint uid, gboolean is_allowed, gpointer user_data)
{
  RunconfdCall *call = user_data;

  call->uid = uid;
  call->is_allowed = is_allowed;
  call->may_read_secrets = runconfd_authority_may_read_secrets (call->authority, uid);

  if (call->method->kind != RUNCONFD_METHOD_WRITE)
    read_fresh (call);
  else if (is_allowed)
    call->method->run (call);
  else
    refuse (call);
}

static gboolean
has_secrets (RunconfdConfiguration *configuration)
{
  const RunconfdRevision *revision = runconfd_configuration_get_revision (configuration);

  return runconfd_rules_have_secrets (revision->ground->rules);
}

/**
 * runconfd_call_start:
 * @invocation: (transfer full): a call of a method that runconfd_method_find() knows
 *
 * Checks who called where that matters, reads changed files again where the call reads, and runs
 * the method.
 */
void
runconfd_call_start (RunconfdConfiguration *configuration, RunconfdAuthority *authority,
                     GDBusMethodInvocation *invocation)
{
  RunconfdCall *call = g_new0 (RunconfdCall, 1);

  call->configuration = g_object_ref (configuration);
  call->authority = g_object_ref (authority);
  call->invocation = invocation;
  call->method = runconfd_method_find (g_dbus_method_invocation_get_method_name (invocation));

  if (call->method->kind == RUNCONFD_METHOD_READ && !has_secrets (configuration))
    read_fresh (call);
  else
    runconfd_authority_check (authority, invocation, on_checked, call);
}
