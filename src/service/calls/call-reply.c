/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/calls/call.h"

#include "core/error.h"
#include "core/escape.h"
#include "core/limits.h"

/* The arguments of a call, the limits of a reply to its caller, and the reply. */

/**
 * runconfd_call_get_sender:
 *
 * Returns: (transfer none) (nullable): the name of the caller on the bus; %NULL without a bus
 */
const char *
runconfd_call_get_sender (const RunconfdCall *call)
{
  return g_dbus_method_invocation_get_sender (call->invocation);
}

/**
 * runconfd_call_get_parameters:
 *
 * Returns: (transfer none): the arguments, of the types that the interface has
 */
GVariant *
runconfd_call_get_parameters (const RunconfdCall *call)
{
  return g_dbus_method_invocation_get_parameters (call->invocation);
}

/**
 * runconfd_call_is_trusted:
 *
 * Returns: whether the caller is known to be a user with all rights
 */
gboolean
runconfd_call_is_trusted (const RunconfdCall *call)
{
  return runconfd_authority_is_trusted (call->authority, call->uid);
}

/**
 * runconfd_call_may_read_secrets:
 *
 * Returns: whether the caller was found to have the right to read the secrets that the call is about
 */
gboolean
runconfd_call_may_read_secrets (const RunconfdCall *call)
{
  return call->action == RUNCONFD_ACTION_READ_SECRET && call->is_allowed;
}

/**
 * runconfd_call_get_max_values:
 *
 * The bus library makes an object of each value of a reply, and marshals all of them on the main loop.
 * So a reply has few values, unless the caller is trusted. A text is one value.
 *
 * Returns: the number of values that a reply to this caller may have
 */
guint
runconfd_call_get_max_values (const RunconfdCall *call)
{
  return runconfd_call_is_trusted (call) ? RUNCONF_MAX_REPLY_NODES : RUNCONFD_SMALL_VALUES;
}

/**
 * runconfd_call_check_values:
 * @n_values: the number of values of the reply
 * @path: a JSON Pointer that the reply is about
 *
 * Returns: %FALSE with %RUNCONF_ERROR_TOO_LARGE if there are too many values for this caller
 */
gboolean
runconfd_call_check_values (const RunconfdCall *call, gsize n_values, const char *path,
                            GError **error)
{
  guint max_values = runconfd_call_get_max_values (call);
  g_autofree char *shown = NULL;

  if (n_values <= max_values)
    return TRUE;

  shown = runconf_escape (path, -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE,
               "%s: %" G_GSIZE_FORMAT
               " values are too many for a reply, which has at most %u for this "
               "user: ask for a part, or use Dump or OpenSnapshot",
               *shown != '\0' ? shown : "the whole configuration", n_values, max_values);

  return FALSE;
}

/**
 * runconfd_call_make_request:
 * @origin: as `ConfigChanged` reports it
 *
 * Returns: (transfer full): an empty request of the caller
 */
RunconfdRequest *
runconfd_call_make_request (const RunconfdCall *call, const char *origin)
{
  return runconfd_request_new (origin, call->uid, runconfd_call_get_sender (call));
}

void
runconfd_call_return_error (const RunconfdCall *call, const GError *error)
{
  g_dbus_method_invocation_return_gerror (g_object_ref (call->invocation), error);
}

/**
 * runconfd_call_return_value:
 * @value: (transfer floating): a tuple
 */
void
runconfd_call_return_value (const RunconfdCall *call, GVariant *value)
{
  g_dbus_method_invocation_return_value (g_object_ref (call->invocation), value);
}
