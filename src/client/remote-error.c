/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/remote-error.h"

#include "core/error-name.h"

/* Converting the errors of calls over the bus to the errors of the library. */

/**
 * runconf_error_register:
 *
 * Registers the names that errors have on the bus with GDBus, once. Errors that were made before
 * keep the code of an unknown error.
 */
void
runconf_error_register (void)
{
  static gsize is_registered;

  if (!g_once_init_enter (&is_registered))
    return;

  for (guint code = 0; code < RUNCONF_N_ERRORS; code++)
    g_dbus_error_register_error (RUNCONF_ERROR, code, runconf_error_get_bus_name (code));

  g_once_init_leave (&is_registered, 1);
}

/* Checks whether there is no peer that could reply, as opposed to a reply that is an error. */
static gboolean
is_absence (const GError *error)
{
  static const GDBusError codes[] = {
    G_DBUS_ERROR_NO_REPLY,          G_DBUS_ERROR_DISCONNECTED, G_DBUS_ERROR_SERVICE_UNKNOWN,
    G_DBUS_ERROR_NAME_HAS_NO_OWNER, G_DBUS_ERROR_TIMEOUT,      G_DBUS_ERROR_TIMED_OUT,
    G_DBUS_ERROR_NO_SERVER,
  };

  for (guint i = 0; i < G_N_ELEMENTS (codes); i++)
    if (g_error_matches (error, G_DBUS_ERROR, (int) codes[i]))
      return TRUE;

  if (error->domain == G_DBUS_ERROR && error->code >= (int) G_DBUS_ERROR_SPAWN_EXEC_FAILED
      && error->code <= (int) G_DBUS_ERROR_SPAWN_NO_MEMORY)
    return TRUE;

  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

/* GDBus reports a reply of another type than expected with an error of its own. */
static gboolean
is_wrong_type (const GError *error)
{
  return !g_dbus_error_is_remote_error (error)
         && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
}

/**
 * runconf_error_take_remote:
 * @error: an error of a call over the bus
 *
 * Removes the name of the error on the bus from the message, and changes the code to
 * %RUNCONF_ERROR_UNAVAILABLE if there was no peer to reply, or if its reply has a wrong type. An
 * error that the bus or the service has sent keeps its code, such as %G_DBUS_ERROR_ACCESS_DENIED.
 */
void
runconf_error_take_remote (GError *error)
{
  g_autofree char *message = NULL;
  gboolean is_absent;

  g_return_if_fail (error != NULL);

  if (is_wrong_type (error))
    {
      message = error->message;
      error->domain = RUNCONF_ERROR;
      error->code = RUNCONF_ERROR_UNAVAILABLE;
      error->message
          = g_strdup_printf ("the service replied, but its reply can't be used: the "
                             "service and this library have to be of versions that fit (%s)",
                             message);
      return;
    }

  is_absent = is_absence (error);
  g_dbus_error_strip_remote_error (error);
  if (!is_absent)
    return;

  /* the messages of the bus name its own files, and programs show them to users */
  message = error->message;
  error->domain = RUNCONF_ERROR;
  error->code = RUNCONF_ERROR_UNAVAILABLE;
  error->message
      = g_strdup_printf ("the service isn't available: try again when it is back (%s)", message);
}
