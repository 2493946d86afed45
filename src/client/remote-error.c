/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/remote-error.h"

#include <string.h>

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

  for (guint code = 0; code < RUNCONF_N_BUS_ERRORS; code++)
    g_dbus_error_register_error (RUNCONF_ERROR, code, runconf_error_get_bus_name (code));

  g_once_init_leave (&is_registered, 1);
}

/* Errors whose names aren't of Runconf, as the bus and the service send them. */
static const struct
{
  const char *name;
  RunconfError code;
} foreign[] = {
  { "org.freedesktop.DBus.Error.AccessDenied", RUNCONF_ERROR_ACCESS_DENIED },
  { "org.freedesktop.DBus.Error.AuthFailed", RUNCONF_ERROR_ACCESS_DENIED },
  { "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
    RUNCONF_ERROR_AUTHORIZATION_REQUIRED },
  { "org.freedesktop.DBus.Error.LimitsExceeded", RUNCONF_ERROR_LIMITS_EXCEEDED },
  { "org.freedesktop.DBus.Error.NoReply", RUNCONF_ERROR_UNAVAILABLE },
  { "org.freedesktop.DBus.Error.Disconnected", RUNCONF_ERROR_UNAVAILABLE },
  { "org.freedesktop.DBus.Error.NameHasNoOwner", RUNCONF_ERROR_UNAVAILABLE },
  { "org.freedesktop.DBus.Error.NoServer", RUNCONF_ERROR_UNAVAILABLE },
  { "org.freedesktop.DBus.Error.ServiceUnknown", RUNCONF_ERROR_UNAVAILABLE },
  { "org.freedesktop.DBus.Error.TimedOut", RUNCONF_ERROR_UNAVAILABLE },
  { "org.freedesktop.DBus.Error.Timeout", RUNCONF_ERROR_UNAVAILABLE },
};

/* the names of the errors of a service that can't be started begin with this */
#define SPAWN "org.freedesktop.DBus.Error.Spawn."

/* The bus reports a missing object with the same errors as a missing method. */
static const char *const unknown[] = {
  "org.freedesktop.DBus.Error.UnknownInterface",
  "org.freedesktop.DBus.Error.UnknownMethod",
  "org.freedesktop.DBus.Error.UnknownObject",
};

static gboolean
is_unknown (const char *name)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (unknown); i++)
    {
      if (strcmp (name, unknown[i]) == 0)
        return TRUE;
    }

  return FALSE;
}

/**
 * runconf_error_is_unknown:
 * @error: an error of a call over the bus
 *
 * Returns: whether the peer has no such object, or no such method
 */
gboolean
runconf_error_is_unknown (const GError *error)
{
  g_autofree char *name = g_dbus_error_get_remote_error (error);

  return is_unknown (name);
}

static RunconfError
find_code (const GError *error, const char *name)
{
  if (name == NULL)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED)
                   || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
                   || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT)
               ? RUNCONF_ERROR_UNAVAILABLE
               : RUNCONF_ERROR_FAILED;

  for (guint i = 0; i < G_N_ELEMENTS (foreign); i++)
    {
      if (strcmp (name, foreign[i].name) == 0)
        return foreign[i].code;
    }

  return is_unknown (name) || g_str_has_prefix (name, SPAWN) ? RUNCONF_ERROR_UNAVAILABLE
                                                             : RUNCONF_ERROR_FAILED;
}

/* Returns: whether the peer may have received the call */
static gboolean
may_be_done (const GError *error, const char *name)
{
  static const char *const names[] = {
    "org.freedesktop.DBus.Error.Disconnected",
    "org.freedesktop.DBus.Error.NoReply",
    "org.freedesktop.DBus.Error.TimedOut",
    "org.freedesktop.DBus.Error.Timeout",
  };

  if (name == NULL)
    return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      if (strcmp (name, names[i]) == 0)
        return TRUE;
    }

  return FALSE;
}

/* The messages of the bus name its own files, and programs show them to users. */
static char *
describe_absence (const GError *error, const char *name, gboolean is_write)
{
  if (name == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT))
    /* GDBus reports a reply of another type than expected with this error */
    return g_strdup_printf ("the service replied, but its reply can't be used: the service and "
                            "this library have to be of versions that fit (%s)",
                            error->message);
  if (is_unknown (name))
    return g_strdup_printf ("the service doesn't serve the configuration, or is older than this "
                            "library (%s)",
                            error->message);
  if (is_write && may_be_done (error, name))
    return g_strdup_printf ("the service didn't reply, and the change may have been made: read the "
                            "values when the service is back, before you repeat it (%s)",
                            error->message);

  return g_strdup_printf ("the service isn't available: try again when it is back (%s)",
                          error->message);
}

/**
 * runconf_error_take_remote:
 * @error: an error of a call over the bus
 * @is_write: whether the call was a write
 *
 * Makes the error one of the library: removes its name on the bus from the message, and changes its
 * code to one of #RunconfError, unless the call was cancelled.
 */
void
runconf_error_take_remote (GError *error, gboolean is_write)
{
  g_autofree char *name = NULL;
  g_autofree char *message = NULL;
  RunconfError code;

  g_return_if_fail (error != NULL);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  name = g_dbus_error_get_remote_error (error);
  g_dbus_error_strip_remote_error (error);
  if (error->domain == RUNCONF_ERROR)
    return;

  code = find_code (error, name);
  if (code == RUNCONF_ERROR_UNAVAILABLE)
    {
      message = error->message;
      error->message = describe_absence (error, name, is_write);
    }
  error->domain = RUNCONF_ERROR;
  error->code = (int) code;
}
