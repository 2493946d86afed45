/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/daemon.h"

#include <stdlib.h>

#include <glib-unix.h>

#include "core/error-name.h"
#include "core/object-path.h"
#include "service/authority.h"
#include "service/log.h"
#include "service/object.h"

/* The life of the service: open the configuration, export it, own the name; end when told to, with
 * everything that was taken on the disk, or when the bus is gone.
 */
typedef struct
{
  GMainLoop *loop;
  GDBusConnection *connection;
  RunconfdConfiguration *configuration;
  RunconfdAuthority *authority;
  GDBusObjectManagerServer *manager;
  guint name_id;
  gboolean is_ending;
  int status;
} Daemon;

static void
fail (Daemon *self, const char *message)
{
  runconfd_log (LOG_ERR, NULL, 0, NULL, "%s", message);
  self->status = EXIT_FAILURE;
  g_main_loop_quit (self->loop);
}

static void
on_drained (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Daemon *self = user_data;

  runconfd_configuration_drain_finish (RUNCONFD_CONFIGURATION (object), result);
  g_main_loop_quit (self->loop);
}

/* Ends when everything that was taken is on the disk. */
static void
end (Daemon *self, int status)
{
  self->status = status;
  if (self->is_ending)
    return;

  self->is_ending = TRUE;
  if (runconfd_configuration_get_revision (self->configuration) != NULL)
    runconfd_configuration_drain_async (self->configuration, on_drained, self);
  else
    g_main_loop_quit (self->loop);
}

static gboolean
on_end_signal (gpointer user_data)
{
  end (user_data, EXIT_SUCCESS);

  return G_SOURCE_CONTINUE;
}

static void
on_bus_closed (GDBusConnection *connection, gboolean remote_peer_vanished, const GError *error,
               gpointer user_data)
{
  runconfd_log (LOG_ERR, NULL, 0, NULL, "the bus is gone");
  end (user_data, EXIT_FAILURE);
}

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Daemon *self = user_data;
  const RunconfdSettings *settings = runconfd_configuration_get_settings (self->configuration);
  const RunconfdRevision *revision = runconfd_configuration_get_revision (self->configuration);

  runconfd_log (LOG_NOTICE, settings->name, revision->version, NULL,
                "serving %s over %s, at version %" G_GUINT64_FORMAT, settings->runtime_path,
                settings->defaults_path, revision->version);
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer user_data)
{
  if (connection == NULL || g_dbus_connection_is_closed (connection))
    return;

  fail (user_data,
        "the bus name " RUNCONF_BUS_NAME " is taken, or this user may not own it: another "
        "runconfd may be running on this bus");
}

static void export(Daemon *self)
{
  const RunconfdSettings *settings = runconfd_configuration_get_settings (self->configuration);
  g_autofree char *path = runconf_object_path_new (settings->name);
  g_autoptr (RunconfdObject) interface = runconfd_object_new (self->configuration, self->authority);
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);

  g_dbus_object_skeleton_add_interface (object, G_DBUS_INTERFACE_SKELETON (interface));
  g_dbus_object_manager_server_export (self->manager, object);
  g_dbus_object_manager_server_set_connection (self->manager, self->connection);
  self->name_id = g_bus_own_name_on_connection (self->connection, RUNCONF_BUS_NAME,
                                                G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                                on_name_acquired, on_name_lost, self, NULL);
}

static void
on_opened (GObject *object, GAsyncResult *result, gpointer user_data)
{
  Daemon *self = user_data;
  g_autoptr (GError) error = NULL;

  runconfd_configuration_reload_finish (self->configuration, result, NULL, &error);
  if (self->is_ending)
    return;

  if (runconfd_configuration_get_revision (self->configuration) == NULL)
    fail (self, error->message);
  else
    export(self);
}

/* On the bus an error has a name. */
static void
register_errors (void)
{
  for (guint code = 0; code < RUNCONF_N_ERRORS; code++)
    g_dbus_error_register_error (RUNCONF_ERROR, code, runconf_error_get_bus_name (code));
}

/**
 * runconfd_daemon_run:
 * @connection: to the bus
 *
 * Serves a configuration until it is told to end.
 *
 * Returns: the exit status: failure if the configuration can't be served, or the bus goes away
 */
int
runconfd_daemon_run (GDBusConnection *connection, const RunconfdSettings *settings)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RunconfdConfiguration) configuration = runconfd_configuration_new (settings, &error);
  g_autoptr (RunconfdAuthority) authority = runconfd_authority_new ();
  g_autoptr (GDBusObjectManagerServer) manager
      = g_dbus_object_manager_server_new (RUNCONF_MANAGER_PATH);
  Daemon self = { loop, connection, configuration, authority, manager, 0, FALSE, EXIT_SUCCESS };

  if (configuration == NULL)
    {
      runconfd_log (LOG_ERR, NULL, 0, NULL, "%s", error->message);
      return EXIT_FAILURE;
    }

  register_errors ();
  g_unix_signal_add (SIGTERM, on_end_signal, &self);
  g_unix_signal_add (SIGINT, on_end_signal, &self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_bus_closed), &self);
  runconfd_configuration_reload_async (configuration, on_opened, &self);
  g_main_loop_run (loop);

  g_clear_handle_id (&self.name_id, g_bus_unown_name);
  g_dbus_object_manager_server_set_connection (manager, NULL);
  g_signal_handlers_disconnect_by_data (connection, &self);
  if (!g_dbus_connection_is_closed (connection))
    g_dbus_connection_flush_sync (connection, NULL, NULL);

  return self.status;
}
