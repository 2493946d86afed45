/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/bus.h"
#include "client/fork.h"
#include "client/form.h"
#include "client/info-private.h"
#include "client/remote-error.h"
#include "core/object-path.h"

/* Lists the configurations of the service. */

static void
free_list (gpointer data)
{
  g_list_free_full (data, (GDestroyNotify) runconf_info_unref);
}

/* Takes ownership of @reply.
 *
 * @list: (out): the configurations in the order of their names
 *
 * Returns: %FALSE with an error if the properties of one of them aren't as documented
 */
static gboolean
read_objects (GVariant *reply, GList **list, GError **error)
{
  g_autoptr (GVariant) owned = reply;
  g_autoptr (GVariantIter) objects = NULL;
  g_autolist (RunconfInfo) found = NULL;
  GVariant *interfaces;

  g_variant_get (owned, "(a{oa{sa{sv}}})", &objects);
  while (g_variant_iter_loop (objects, "{o@a{sa{sv}}}", NULL, &interfaces))
    {
      g_autoptr (GVariant) properties
          = g_variant_lookup_value (interfaces, RUNCONF_INTERFACE, G_VARIANT_TYPE_VARDICT);
      g_autoptr (GVariant) name = NULL;

      if (properties != NULL && !runconf_form_check_properties (properties, error))
        {
          g_variant_unref (interfaces);
          return FALSE;
        }
      if (properties != NULL)
        name = g_variant_lookup_value (properties, "Name", G_VARIANT_TYPE_STRING);
      if (name != NULL)
        found = g_list_prepend (found, runconf_info_new (properties));
    }
  *list = g_list_sort (g_steal_pointer (&found), (GCompareFunc) runconf_info_compare);

  return TRUE;
}

static void
on_reply (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  GError *error = NULL;
  GVariant *reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (object), result, &error);
  GList *list;

  if (reply == NULL)
    runconf_error_take_remote (error, FALSE);

  if (reply != NULL && read_objects (reply, &list, &error))
    g_task_return_pointer (task, list, free_list);
  else
    g_task_return_error (task, error);
}

/**
 * runconf_list_configurations:
 * @connection: a connection to the bus of the service, or, without a bus, to the service itself
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service for a list of its configurations.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [func@list_configurations_finish].
 *
 * Since: 1.0
 */
void
runconf_list_configurations (GDBusConnection *connection, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GError *error = NULL;
  GTask *task;

  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));

  runconf_error_register ();
  task = g_task_new (connection, cancellable, callback, user_data);
  g_task_set_source_tag (task, (gpointer) runconf_list_configurations);
  if (!runconf_fork_check (&error))
    {
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }

  runconf_fork_note_bus ();
  g_dbus_connection_call (connection, runconf_bus_get_destination (connection),
                          RUNCONF_MANAGER_PATH, "org.freedesktop.DBus.ObjectManager",
                          "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"),
                          G_DBUS_CALL_FLAGS_NONE, -1, cancellable, on_reply, task);
}

/**
 * runconf_list_configurations_finish:
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [func@list_configurations]. Never blocks.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: (transfer full) (element-type RunconfInfo): the configurations in the order of their names;
 *   empty, which is %NULL, if there are none or an error occurred
 *
 * Since: 1.0
 */
GList *
runconf_list_configurations_finish (GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (G_IS_TASK (result), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, (gpointer) runconf_list_configurations),
                        NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/**
 * runconf_list_configurations_sync:
 * @connection: a connection to the bus of the service, or, without a bus, to the service itself
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service for a list of its configurations.
 *
 * May block until the service has started, if necessary, and replied, at most 25 s.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 * %RUNCONF_ERROR_UNAVAILABLE is also reported if the bus can't start the service.
 *
 * Returns: (transfer full) (element-type RunconfInfo): the configurations in the order of their names;
 *   empty, which is %NULL, if there are none or an error occurred
 *
 * Since: 1.0
 */
GList *
runconf_list_configurations_sync (GDBusConnection *connection, GCancellable *cancellable,
                                  GError **error)
{
  GError *failure = NULL;
  GVariant *reply;
  GList *list = NULL;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!runconf_fork_check (error))
    return NULL;

  runconf_error_register ();
  runconf_fork_note_bus ();
  reply = g_dbus_connection_call_sync (
      connection, runconf_bus_get_destination (connection), RUNCONF_MANAGER_PATH,
      "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL,
      G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NONE, -1, cancellable, &failure);
  if (reply != NULL)
    {
      read_objects (reply, &list, error);
      return list;
    }

  runconf_error_take_remote (failure, FALSE);
  g_propagate_error (error, failure);

  return NULL;
}
