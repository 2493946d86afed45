/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/configuration.h>

/* Public functions that make a configuration. */

/**
 * runconf_configuration_new:
 * @bus_type: the bus of the service, usually %G_BUS_TYPE_SYSTEM
 * @name: the name of the configuration, such as `default`
 * @defaults: (nullable): values for reads until there are those of the service, an `a{sv}`; sunk if
 *   floating
 * @flags: whether to wait for the service, and whether to fail without it
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async): called when the configuration is open, or can't be opened
 * @user_data: data for @callback
 *
 * Opens a configuration like [ctor@Configuration.new_sync].
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [ctor@Configuration.new_finish]. For the errors, see [ctor@Configuration.new_sync].
 *
 * Since: 1.0
 */
void
runconf_configuration_new (GBusType bus_type, const char *name, GVariant *defaults,
                           RunconfOpenFlags flags, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (name != NULL);

  g_async_initable_new_async (RUNCONF_TYPE_CONFIGURATION, G_PRIORITY_DEFAULT, cancellable, callback,
                              user_data, "bus-type", bus_type, "name", name, "defaults", defaults,
                              "flags", flags, NULL);
}

static RunconfConfiguration *
finish_new (GAsyncResult *result, GError **error)
{
  g_autoptr (GObject) source = g_async_result_get_source_object (result);
  GObject *object = g_async_initable_new_finish (G_ASYNC_INITABLE (source), result, error);

  return object != NULL ? RUNCONF_CONFIGURATION (object) : NULL;
}

/**
 * runconf_configuration_new_finish: (constructor)
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [func@Configuration.new]. Never blocks.
 *
 * For the errors, see [ctor@Configuration.new_sync].
 *
 * Returns: (transfer full): the configuration, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfConfiguration *
runconf_configuration_new_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return finish_new (result, error);
}

/**
 * runconf_configuration_new_sync: (constructor)
 * @bus_type: the bus of the service, usually %G_BUS_TYPE_SYSTEM
 * @name: the name of the configuration, such as `default`
 * @defaults: (nullable): values for reads until there are those of the service, an `a{sv}`; sunk if
 *   floating
 * @flags: whether to wait for the service, and whether to fail without it
 * @cancellable: (nullable): cancels the call
 * @error: return location for an error
 *
 * Opens a configuration, and starts the service if necessary.
 *
 * By default, opening doesn't fail if there is no bus, no service, or no such configuration. Then
 * [property@Configuration:connected] is %FALSE, [property@Configuration:state-message] has the
 * reason, and reads return @defaults, or the fallback of the call if @defaults has no value at the
 * path. The object becomes connected by itself as soon as the configuration is there; then `changed`,
 * watches and bindings report the values that differ. With %RUNCONF_OPEN_REQUIRE_SERVICE, opening
 * fails instead.
 *
 * May block until the service has started and replied: at most 25 s for the connection to the bus,
 * 25 s for the start, and 5 s for each reply. With %RUNCONF_OPEN_IN_BACKGROUND it never blocks.
 *
 * The errors are:
 *
 * - %RUNCONF_ERROR_INVALID_VALUE: @name can't be the name of a configuration, @defaults can't be
 *   values of a configuration, or @flags exclude each other
 * - %RUNCONF_ERROR_UNAVAILABLE: this process is a child of `fork()` that can't use the bus
 * - %G_IO_ERROR_CANCELLED: the call was cancelled
 *
 * With %RUNCONF_OPEN_REQUIRE_SERVICE, they are also:
 *
 * - %RUNCONF_ERROR_UNAVAILABLE: there is no bus, there is no service on the bus and the bus can't
 *   start one, or the values can be read neither in shared memory nor over the bus
 * - %RUNCONF_ERROR_TOO_LARGE: the values can't be read in shared memory, and are too large for the
 *   bus
 * - %RUNCONF_ERROR_NOT_FOUND: the service has no configuration of this name
 * - %RUNCONF_ERROR_ACCESS_DENIED, %RUNCONF_ERROR_FAILED: the bus refuses the call
 *
 * Returns: (transfer full): the configuration, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfConfiguration *
runconf_configuration_new_sync (GBusType bus_type, const char *name, GVariant *defaults,
                                RunconfOpenFlags flags, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (RUNCONF_TYPE_CONFIGURATION, cancellable, error, "bus-type", bus_type,
                         "name", name, "defaults", defaults, "flags", flags, NULL);
}

/**
 * runconf_configuration_new_in_background: (constructor)
 * @bus_type: the bus of the service, usually %G_BUS_TYPE_SYSTEM
 * @name: the name of the configuration, such as `default`
 * @defaults: (nullable): values for reads until there are those of the service, an `a{sv}`; sunk if
 *   floating
 * @error: return location for an error
 *
 * Makes a configuration that can be used at once, and opens it in the background.
 *
 * It is the same as [ctor@Configuration.new_sync] with %RUNCONF_OPEN_IN_BACKGROUND. Reads return
 * @defaults, or the fallback of the call, until the service has replied. Then `notify::connected` is
 * emitted, and `changed`, watches and bindings report the values that differ.
 *
 * Never blocks.
 *
 * Returns: (transfer full): the configuration, or %NULL with %RUNCONF_ERROR_INVALID_VALUE if @name or
 *   @defaults are invalid, or %RUNCONF_ERROR_UNAVAILABLE in a child of `fork()`
 *
 * Since: 1.0
 */
RunconfConfiguration *
runconf_configuration_new_in_background (GBusType bus_type, const char *name, GVariant *defaults,
                                         GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_configuration_new_sync (bus_type, name, defaults, RUNCONF_OPEN_IN_BACKGROUND, NULL,
                                         error);
}

/**
 * runconf_configuration_new_for_connection:
 * @connection: a connection to the bus of the service, or, without a bus, to the service itself
 * @name: the name of the configuration, such as `default`
 * @defaults: (nullable): values for reads until there are those of the service, an `a{sv}`; sunk if
 *   floating
 * @flags: whether to wait for the service, and whether to fail without it
 * @cancellable: (nullable): cancels the call
 * @callback: (scope async): called when the configuration is open, or can't be opened
 * @user_data: data for @callback
 *
 * Opens a configuration over a connection that the program has made.
 *
 * The connection may be one without a bus, to a service that the program has started for itself
 * with `runconfd --peer`. When such a connection is closed, the configuration stays disconnected.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [ctor@Configuration.new_for_connection_finish]. For the errors, see
 * [ctor@Configuration.new_sync].
 *
 * Since: 1.0
 */
void
runconf_configuration_new_for_connection (GDBusConnection *connection, const char *name,
                                          GVariant *defaults, RunconfOpenFlags flags,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));
  g_return_if_fail (name != NULL);

  g_async_initable_new_async (RUNCONF_TYPE_CONFIGURATION, G_PRIORITY_DEFAULT, cancellable, callback,
                              user_data, "connection", connection, "name", name, "defaults",
                              defaults, "flags", flags, NULL);
}

/**
 * runconf_configuration_new_for_connection_finish: (constructor)
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [func@Configuration.new_for_connection]. Never blocks.
 *
 * For the errors, see [ctor@Configuration.new_sync].
 *
 * Returns: (transfer full): the configuration, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfConfiguration *
runconf_configuration_new_for_connection_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_ASYNC_RESULT (result), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return finish_new (result, error);
}

/**
 * runconf_configuration_new_for_connection_sync: (constructor)
 * @connection: a connection to the bus of the service, or, without a bus, to the service itself
 * @name: the name of the configuration, such as `default`
 * @defaults: (nullable): values for reads until there are those of the service, an `a{sv}`; sunk if
 *   floating
 * @flags: whether to wait for the service, and whether to fail without it
 * @cancellable: (nullable): cancels the call
 * @error: return location for an error
 *
 * Opens a configuration over a connection that the program has made.
 *
 * The connection may be one without a bus, to a service that the program has started for itself
 * with `runconfd --peer`. When such a connection is closed, the configuration stays disconnected.
 *
 * May block until the service has started and replied. For the errors, see
 * [ctor@Configuration.new_sync].
 *
 * Returns: (transfer full): the configuration, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfConfiguration *
runconf_configuration_new_for_connection_sync (GDBusConnection *connection, const char *name,
                                               GVariant *defaults, RunconfOpenFlags flags,
                                               GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (RUNCONF_TYPE_CONFIGURATION, cancellable, error, "connection", connection,
                         "name", name, "defaults", defaults, "flags", flags, NULL);
}
