/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/usable.h"

#include <runconf/error.h>

#include "client/configuration-link.h"
#include "client/configuration-private.h"
#include "client/fork.h"

/* Whether a configuration can be used. A binding may make an object without initialising it, as
 * g_object_new() does in C.
 */

/**
 * runconf_configuration_check_initialised: (skip)
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if it isn't open
 */
gboolean
runconf_configuration_check_initialised (RunconfConfiguration *self, GError **error)
{
  if (runconf_configuration_get_object_path (self) != NULL)
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               "the configuration “%s” isn't initialised: open it with "
               "runconf_configuration_new_sync (), or call g_initable_init () first",
               runconf_configuration_get_name (self));

  return FALSE;
}

/**
 * runconf_configuration_check_callable: (skip)
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if the service can't be called
 */
gboolean
runconf_configuration_check_callable (RunconfConfiguration *self, GError **error)
{
  RunconfLink *link = runconf_configuration_get_link (self);
  g_autoptr (GDBusConnection) connection = NULL;

  if (link != NULL && link->memory != NULL)
    return TRUE;

  if (!runconf_configuration_check_initialised (self, error) || !runconf_fork_check (error))
    return FALSE;

  connection = runconf_configuration_dup_connection (self);
  if (connection != NULL && !g_dbus_connection_is_closed (connection))
    return TRUE;

  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
               connection != NULL
                   ? "the connection to the service of the configuration “%s” is closed"
                   : "there is no bus yet on which the configuration “%s” can be found",
               runconf_configuration_get_name (self));

  return FALSE;
}

/**
 * runconf_configuration_check_readable: (skip)
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if no memory is mapped that can be read
 */
gboolean
runconf_configuration_check_readable (RunconfConfiguration *self, GError **error)
{
  if (!runconf_configuration_check_initialised (self, error))
    return FALSE;

  if (runconf_configuration_get_link (self) != NULL)
    return TRUE;

  g_set_error (
      error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
      "the configuration “%s” was opened for calls only, and can't be read or watched: open "
      "it without “calls-only”",
      runconf_configuration_get_name (self));

  return FALSE;
}

/**
 * runconf_configuration_check_watchable: (skip)
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if changes can't be received
 */
gboolean
runconf_configuration_check_watchable (RunconfConfiguration *self, GError **error)
{
  return runconf_configuration_check_readable (self, error) && runconf_fork_check (error);
}

/**
 * runconf_configuration_warn_unreadable: (skip)
 *
 * Logs once for each object that all its reads return fallbacks.
 */
void
runconf_configuration_warn_unreadable (RunconfConfiguration *self)
{
  GQuark quark = g_quark_from_static_string ("runconf-warned-unreadable");
  g_autoptr (GError) error = NULL;

  if (runconf_configuration_check_readable (self, &error)
      || !g_object_replace_qdata (G_OBJECT (self), quark, NULL, GINT_TO_POINTER (TRUE), NULL, NULL))
    return;

  g_warning ("%s; each read returns the fallback of the program", error->message);
}
