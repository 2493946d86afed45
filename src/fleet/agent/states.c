/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/states.h"

#include <gio/gio.h>

#include "core/object-path.h"
#include "layers/files.h"

/* The state that follows a change of the files is wanted, and not the one before. So the service is
 * told to read the files (Reload), and asked for its state when it replies. An agent without the
 * right to tell it waits until the service must have noticed by itself.
 */

#define UNAVAILABLE "unavailable"
#define NOTICED_MS 2000

#define PROPERTIES "org.freedesktop.DBus.Properties"

struct _RunconfFleetdStates
{
  RunconfFleetBus bus;
  const RunconfFolders *folders;
  RunconfFleetdStateFunc func;
  gpointer user_data;
  GCancellable *cancellable;
  GHashTable *names;           /* object path → name of each configuration that was asked for */
  GDBusConnection *connection; /* the last one that was used, or NULL */
  guint subscriptions[2];
};

/* One question for the state of a configuration. */
typedef struct
{
  RunconfFleetdStates *states; /* not after the cancellation */
  char *name;
  char *path;
  gint64 revision; /* 0 without Reload */
} Query;

static Query *
query_new (RunconfFleetdStates *states, const char *name, gint64 revision)
{
  Query *self = g_new0 (Query, 1);

  self->states = states;
  self->name = g_strdup (name);
  self->path = runconf_object_path_new (name);
  self->revision = revision;

  return self;
}

static void
query_free (Query *self)
{
  g_free (self->name);
  g_free (self->path);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Query, query_free)

static gboolean
is_over (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
report (Query *self, const char *state, const char *message)
{
  RunconfFleetdStates *states = self->states;

  states->func (self->name, self->revision, state, message, states->user_data);
}

/* Returns: whether a layer has the file without which a configuration isn't served */
static gboolean
has_defaults (RunconfFleetdStates *self, const char *name)
{
  GPtrArray *parents = runconf_folders_get_defaults (self->folders);

  for (guint i = 0; i < parents->len; i++)
    {
      const RunconfLayerPath *parent = parents->pdata[i];
      g_autofree char *path = g_build_filename (parent->path, name, RUNCONF_DEFAULTS_FILE, NULL);

      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
    }

  return FALSE;
}

/* A document of the fleet may be for a configuration that this host doesn't have: that is no
 * problem.
 */
static void
report_failure (Query *self, GError *error)
{
  if (!has_defaults (self->states, self->name))
    {
      report (self, NULL, NULL);
      return;
    }

  g_dbus_error_strip_remote_error (error);
  report (self, UNAVAILABLE, error->message);
}

static void
on_properties (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) properties = NULL;
  const char *state = "", *message = "";

  if (is_over (error))
    return;
  if (reply == NULL)
    {
      report_failure (self, error);
      return;
    }

  properties = g_variant_get_child_value (reply, 0);
  g_variant_lookup (properties, "State", "&s", &state);
  g_variant_lookup (properties, "StateMessage", "&s", &message);
  report (self, state, *message != '\0' ? message : NULL);
}

static void
ask (Query *query)
{
  RunconfFleetdStates *states = query->states;

  g_dbus_connection_call (states->connection, RUNCONF_BUS_NAME, query->path, PROPERTIES, "GetAll",
                          g_variant_new ("(s)", RUNCONF_INTERFACE), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, states->cancellable, on_properties,
                          query);
}

typedef struct
{
  Query *query;
  GCancellable *cancellable;
} Delay;

static gboolean
on_noticed (gpointer user_data)
{
  Delay *delay = user_data;

  if (!g_cancellable_is_cancelled (delay->cancellable))
    ask (g_steal_pointer (&delay->query));

  return G_SOURCE_REMOVE;
}

static void
delay_free (gpointer user_data)
{
  Delay *delay = user_data;

  g_clear_pointer (&delay->query, query_free);
  g_object_unref (delay->cancellable);
  g_free (delay);
}

static void
ask_later (Query *query)
{
  Delay *delay = g_new0 (Delay, 1);

  delay->query = query;
  delay->cancellable = g_object_ref (query->states->cancellable);
  g_timeout_add_full (G_PRIORITY_DEFAULT, NOTICED_MS, on_noticed, delay, delay_free);
}

static gboolean
is_denied (const GError *error)
{
  g_autofree char *name = error != NULL ? g_dbus_error_get_remote_error (error) : NULL;

  return g_strcmp0 (name, "org.freedesktop.DBus.Error.AccessDenied") == 0
         || g_strcmp0 (name, "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired") == 0;
}

/* The error of a broken file is in the state, too. */
static void
on_reloaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (is_over (error))
    return;

  if (is_denied (error))
    ask_later (g_steal_pointer (&self));
  else
    ask (g_steal_pointer (&self));
}

static void
tell (Query *query)
{
  RunconfFleetdStates *states = query->states;

  g_dbus_connection_call (states->connection, RUNCONF_BUS_NAME, query->path, RUNCONF_INTERFACE,
                          "Reload", NULL, NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1,
                          states->cancellable, on_reloaded, query);
}

static void
on_changed (GDBusConnection *connection, const char *sender, const char *path,
            const char *interface, const char *signal, GVariant *arguments, gpointer user_data)
{
  RunconfFleetdStates *self = user_data;
  const char *name = g_hash_table_lookup (self->names, path);

  if (name != NULL)
    ask (query_new (self, name, 0));
}

/* The service started or ended. */
static void
on_owner_changed (GDBusConnection *connection, const char *sender, const char *path,
                  const char *interface, const char *signal, GVariant *arguments,
                  gpointer user_data)
{
  RunconfFleetdStates *self = user_data;
  GHashTableIter iter;
  gpointer name;

  g_hash_table_iter_init (&iter, self->names);
  while (g_hash_table_iter_next (&iter, NULL, &name))
    ask (query_new (self, name, 0));
}

static void
drop_connection (RunconfFleetdStates *self)
{
  for (guint i = 0; self->connection != NULL && i < G_N_ELEMENTS (self->subscriptions); i++)
    g_dbus_connection_signal_unsubscribe (self->connection, self->subscriptions[i]);
  g_clear_object (&self->connection);
}

static void
use_connection (RunconfFleetdStates *self, GDBusConnection *connection)
{
  if (connection == self->connection)
    return;

  drop_connection (self);
  self->connection = g_object_ref (connection);
  g_dbus_connection_set_exit_on_close (connection, FALSE);
  self->subscriptions[0] = g_dbus_connection_signal_subscribe (
      connection, RUNCONF_BUS_NAME, PROPERTIES, "PropertiesChanged", NULL, RUNCONF_INTERFACE,
      G_DBUS_SIGNAL_FLAGS_NONE, on_changed, self, NULL);
  self->subscriptions[1] = g_dbus_connection_signal_subscribe (
      connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged",
      "/org/freedesktop/DBus", RUNCONF_BUS_NAME, G_DBUS_SIGNAL_FLAGS_NONE, on_owner_changed, self,
      NULL);
}

static void
on_bus (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Query) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);

  if (is_over (error))
    return;
  if (connection == NULL)
    {
      report_failure (self, error);
      return;
    }

  use_connection (self->states, connection);
  tell (g_steal_pointer (&self));
}

/**
 * runconf_fleetd_states_new:
 * @folders: the layers of the host, which outlive the states
 * @func: called for each state
 *
 * Returns: (transfer full): the states of a host's configurations
 */
RunconfFleetdStates *
runconf_fleetd_states_new (RunconfFleetBus bus, const RunconfFolders *folders,
                           RunconfFleetdStateFunc func, gpointer user_data)
{
  RunconfFleetdStates *self = g_new0 (RunconfFleetdStates, 1);

  self->bus = bus;
  self->folders = folders;
  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

void
runconf_fleetd_states_free (RunconfFleetdStates *self)
{
  g_cancellable_cancel (self->cancellable);
  drop_connection (self);
  g_object_unref (self->cancellable);
  g_hash_table_unref (self->names);
  g_free (self);
}

/**
 * runconf_fleetd_states_reload:
 * @revision: passed on to the function
 *
 * Tells the service that files of a configuration changed. The function is called with the state
 * that follows.
 */
void
runconf_fleetd_states_reload (RunconfFleetdStates *self, const char *name, gint64 revision)
{
  if (self->bus == RUNCONF_FLEET_BUS_NONE)
    {
      self->func (name, revision, NULL, NULL, self->user_data);
      return;
    }

  g_hash_table_replace (self->names, runconf_object_path_new (name), g_strdup (name));
  if (self->connection != NULL && !g_dbus_connection_is_closed (self->connection))
    {
      tell (query_new (self, name, revision));
      return;
    }

  g_bus_get (self->bus == RUNCONF_FLEET_BUS_SYSTEM ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION,
             self->cancellable, on_bus, query_new (self, name, revision));
}
