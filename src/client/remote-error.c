/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/remote-error.h"

#include "core/error-name.h"

/**
 * runconf_error_register:
 *
 * Tells GDBus once which names errors have on the bus. Errors that were made before keep the code
 * of an unknown one.
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

/* Whether nobody is there who could have answered, as opposed to an answer that is an error. */
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

/**
 * runconf_error_take_remote:
 * @error: of a call over the bus
 *
 * Makes of it what a program is to see: the message alone, without the error's name on the bus, and
 * %RUNCONF_ERROR_UNAVAILABLE where nobody was there to answer. What the bus or the service refuses
 * keeps its own code, such as %G_DBUS_ERROR_ACCESS_DENIED.
 */
void
runconf_error_take_remote (GError *error)
{
  g_autofree char *message = NULL;
  gboolean is_absent;

  g_return_if_fail (error != NULL);

  is_absent = is_absence (error);
  g_dbus_error_strip_remote_error (error);
  if (!is_absent)
    return;

  /* the bus's own words speak of its files, and programs show them to people */
  message = error->message;
  error->domain = RUNCONF_ERROR;
  error->code = RUNCONF_ERROR_UNAVAILABLE;
  error->message = g_strdup_printf ("the service isn't there to answer: try again when it is back "
                                    "(%s)",
                                    message);
}
