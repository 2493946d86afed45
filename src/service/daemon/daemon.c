/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/daemon/daemon.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <glib-unix.h>

#include "core/error-name.h"
#include "core/object-path.h"
#include "service/authority/authority.h"
#include "service/base/log.h"
#include "service/daemon/catalogue.h"
#include "service/daemon/notify.h"
#include "service/daemon/peer.h"
#include "service/gate/gate-link.h"

/* The life of the service: it opens the configurations, exports them and owns the bus name. On a
 * signal, or when the bus disconnects, it ends once all accepted changes are on the disk.
 *
 * Without a bus it opens and exports them, and then begins to read calls of its only client, which
 * may have called long before. It ends when this client disconnects.
 */
typedef struct
{
  GMainLoop *loop;
  GDBusConnection *connection;
  gboolean has_bus;
  RunconfdCatalogue *catalogue;
  const RunconfFolders *folders;
  gboolean needs_one; /* ends if its configuration isn't served */
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
on_drained (RunconfdCatalogue *catalogue, gpointer user_data)
{
  Daemon *self = user_data;

  g_main_loop_quit (self->loop);
}

/* Ends once all accepted changes are on the disk. */
static void
end (Daemon *self, int status)
{
  self->status = status;
  if (self->is_ending)
    return;

  self->is_ending = TRUE;
  if (self->has_bus)
    runconfd_notify ("STOPPING=1");
  runconfd_catalogue_drain (self->catalogue, on_drained, self);
}

static gboolean
on_end_signal (gpointer user_data)
{
  end (user_data, EXIT_SUCCESS);

  return G_SOURCE_CONTINUE;
}

static gboolean
on_reload_signal (gpointer user_data)
{
  Daemon *self = user_data;

  runconfd_log (LOG_NOTICE, NULL, 0, NULL, "reading all files again");
  runconfd_catalogue_reload (self->catalogue);

  return G_SOURCE_CONTINUE;
}

static void
on_closed (GDBusConnection *connection, gboolean remote_peer_vanished, const GError *error,
           gpointer user_data)
{
  Daemon *self = user_data;

  if (!self->has_bus)
    {
      end (self, self->status);
      return;
    }

  runconfd_log (LOG_ERR, NULL, 0, NULL, "the connection to the bus is closed");
  end (self, EXIT_FAILURE);
}

/* dbus-send sends a signal by default. */
static void
on_stray_signal (GDBusConnection *connection, const char *sender, const char *path,
                 const char *interface, const char *signal, GVariant *parameters,
                 gpointer user_data)
{
  static RunconfdLogLimit limit;
  guint n_omitted;

  if (sender != NULL && g_strcmp0 (sender, g_dbus_connection_get_unique_name (connection)) != 0
      && runconfd_log_is_due (&limit, &n_omitted))
    runconfd_log (
        LOG_NOTICE, NULL, 0, NULL,
        "%s isn't executed: %s sent a signal instead of a method call, and may have left the bus "
        "since; dbus-send needs --type=method_call or --print-reply (%u more such signals before)",
        signal, sender, n_omitted);
}

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  Daemon *self = user_data;

  if (!self->needs_one)
    runconfd_log (LOG_NOTICE, NULL, 0, NULL, "serving %u configurations",
                  runconfd_catalogue_get_n_served (self->catalogue));
  runconfd_notify ("READY=1");
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

/* Problems with its files are in the log already, but not their absence.
 *
 * Returns: (transfer full): why the one configuration isn't served
 */
static char *
explain (Daemon *self)
{
  const char *complaint = runconfd_catalogue_get_complaint (self->catalogue);
  g_autofree char *folders = NULL;
  char *missing;

  if (complaint != NULL)
    return g_strdup (complaint);

  folders = runconf_folders_describe (self->folders);
  missing = g_strdup_printf (
      "there is no configuration “%s” in %s: create a folder of that name with a config.yaml there",
      runconf_folders_get_only (self->folders), folders);
  runconfd_log (LOG_ERR, NULL, 0, NULL, "%s", missing);

  return missing;
}

static void
give_up (Daemon *self)
{
  g_autofree char *reason = explain (self);

  self->status = EXIT_FAILURE;
  if (self->has_bus)
    {
      g_main_loop_quit (self->loop);
      return;
    }

  runconfd_peer_refuse_all (self->connection, reason);
  g_dbus_connection_start_message_processing (self->connection);
}

static void
on_opened (RunconfdCatalogue *catalogue, gpointer user_data)
{
  Daemon *self = user_data;

  if (self->needs_one && runconfd_catalogue_get_n_served (catalogue) == 0)
    {
      give_up (self);
      return;
    }

  g_dbus_object_manager_server_set_connection (self->manager, self->connection);
  if (!self->has_bus)
    {
      g_dbus_connection_start_message_processing (self->connection);
      return;
    }

  self->name_id = g_bus_own_name_on_connection (self->connection, RUNCONF_BUS_NAME,
                                                G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE,
                                                on_name_acquired, on_name_lost, self, NULL);
}

static gboolean
on_begin (gpointer user_data)
{
  Daemon *self = user_data;

  runconfd_catalogue_open (self->catalogue, on_opened, self);

  return G_SOURCE_REMOVE;
}

/* Gives each error its name on the bus. */
static void
register_errors (void)
{
  for (guint code = 0; code < RUNCONF_N_BUS_ERRORS; code++)
    g_dbus_error_register_error (RUNCONF_ERROR, code, runconf_error_get_bus_name (code));
}

static RunconfdAuthority *
make_authority (GDBusConnection *connection, gboolean has_bus, gboolean is_system_bus)
{
  guint peer = has_bus ? RUNCONFD_UID_UNKNOWN : runconfd_peer_get_uid (connection);
  g_autoptr (RunconfdCallers) callers
      = has_bus ? runconfd_callers_new (connection) : runconfd_callers_new_for_peer (peer);

  if (has_bus && !is_system_bus)
    return runconfd_authority_new (callers, FALSE, runconfd_callers_find_owner (callers));

  return runconfd_authority_new (callers, is_system_bus, peer);
}

/* Each configuration that was written holds its lock and an open history. */
static void
allow_descriptors (void)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == limit.rlim_max)
    return;

  limit.rlim_cur = limit.rlim_max;
  if (setrlimit (RLIMIT_NOFILE, &limit) < 0)
    g_debug ("Can't raise the limit of open files: %s", g_strerror (errno));
}

/**
 * runconfd_daemon_run:
 * @connection: to the bus, or to the only client
 * @relay: (nullable): the relay between the connection and a bus of several users
 * @is_system_bus: whether it is the system bus, where polkit grants rights
 * @settings: of the configuration; with folders, of each one except for its name and paths
 * @folders: (nullable): the folders of the configurations; %NULL for a single one
 *
 * Serves configurations until a signal or the end of the connection.
 *
 * Returns: the exit status: failure if the one configuration can't be served, or if the bus
 *   disconnects
 */
int
runconfd_daemon_run (GDBusConnection *connection, RunconfdRelay *relay, gboolean is_system_bus,
                     const RunconfdSettings *settings, const RunconfFolders *folders)
{
  gboolean has_bus
      = (g_dbus_connection_get_flags (connection) & G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION)
        != 0;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (RunconfdAuthority) authority = make_authority (connection, has_bus, is_system_bus);
  g_autoptr (GDBusObjectManagerServer) manager
      = g_dbus_object_manager_server_new (RUNCONF_MANAGER_PATH);
  g_autoptr (RunconfdGateLink) gate
      = relay != NULL ? runconfd_gate_link_new (relay, authority, manager) : NULL;
  g_autoptr (RunconfdCatalogue) catalogue
      = runconfd_catalogue_new (settings, folders, manager, authority);
  Daemon self = {
    .loop = loop,
    .connection = connection,
    .has_bus = has_bus,
    .catalogue = catalogue,
    .folders = folders,
    .needs_one = folders == NULL || runconf_folders_get_only (folders) != NULL,
    .manager = manager,
    .status = EXIT_SUCCESS,
  };
  guint stray_id;

  allow_descriptors ();
  register_errors ();
  g_unix_signal_add (SIGTERM, on_end_signal, &self);
  g_unix_signal_add (SIGINT, on_end_signal, &self);
  g_unix_signal_add (SIGHUP, on_reload_signal, &self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), &self);
  stray_id = g_dbus_connection_signal_subscribe (connection, NULL, RUNCONF_INTERFACE, NULL, NULL,
                                                 NULL, G_DBUS_SIGNAL_FLAGS_NO_MATCH_RULE,
                                                 on_stray_signal, NULL, NULL);
  g_idle_add (on_begin, &self);
  g_main_loop_run (loop);

  g_clear_handle_id (&self.name_id, g_bus_unown_name);
  g_dbus_object_manager_server_set_connection (manager, NULL);
  g_dbus_connection_signal_unsubscribe (connection, stray_id);
  g_signal_handlers_disconnect_by_data (connection, &self);
  if (!g_dbus_connection_is_closed (connection))
    g_dbus_connection_flush_sync (connection, NULL, NULL);

  return self.status;
}
