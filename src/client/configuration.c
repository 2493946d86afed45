/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/configuration-private.h"

#include <runconf/error.h>

#include "client/configuration-link.h"
#include "client/hearing.h"
#include "client/remote-error.h"
#include "core/object-path.h"

/**
 * RunconfConfiguration:
 *
 * One configuration of the service, as an object.
 *
 * Reading is done in shared memory: no read ever blocks, sends a message or fails, and each sees
 * what is in force at that moment, from any thread. Writing is done by the service: a write that
 * returns is on the disk, and the next read sees it.
 *
 * A path is a JSON Pointer (RFC 6901): `/chat/websocket/port`, `/list/0`, the empty string for
 * everything. In a key `~` is written as `~0` and `/` as `~1`.
 *
 * An object is made for a bus and the name of a configuration:
 *
 * ```c
 * g_autoptr (RunconfConfiguration) config
 *     = runconf_configuration_new_sync (G_BUS_TYPE_SYSTEM, "default", NULL, &error);
 * gint64 port = runconf_configuration_get_int64 (config, "/chat/websocket/port", 8000);
 * ```
 *
 * Signals and notifications are emitted in the thread-default main context of the thread in which
 * the object was made. If the service goes away, reads go on from what was in force; when it is
 * back, signals tell what differs.
 */
typedef struct
{
  char *name;
  GDBusConnection *connection;
  GBusType bus_type;
  int interactive; /* atomic */
  gboolean calls_only;
  char *object_path;
  RunconfNotices *notices;
  RunconfConfigurationLink peek;

  /* of the plain `changed` signal */
  GSource *hearing;
  RunconfListener *listener;
} RunconfConfigurationPrivate;

enum
{
  PROP_NAME = 1,
  PROP_CONNECTION,
  PROP_BUS_TYPE,
  PROP_INTERACTIVE,
  PROP_CALLS_ONLY,
  PROP_VERSION,
  PROP_STATE,
  PROP_STATE_MESSAGE,
  PROP_CONNECTED,
  PROP_METADATA,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
static guint changed_signal;

int runconf_configuration_link_offset;

static void initable_iface_init (GInitableIface *iface);

/* The interface's own way to initialise in the background is to do it in a thread, which is right. */
static void
async_initable_iface_init (GAsyncInitableIface *iface)
{
}

G_DEFINE_TYPE_WITH_CODE (RunconfConfiguration, runconf_configuration, G_TYPE_OBJECT,
                         G_ADD_PRIVATE (RunconfConfiguration)
                             G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, initable_iface_init)
                                 G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE,
                                                        async_initable_iface_init))

static RunconfConfigurationPrivate *
get_private (RunconfConfiguration *self)
{
  return runconf_configuration_get_instance_private (self);
}

/**
 * runconf_configuration_get_connection: (skip)
 *
 * Returns: (transfer none): the connection to the bus
 */
GDBusConnection *
runconf_configuration_get_connection (RunconfConfiguration *self)
{
  return get_private (self)->connection;
}

/**
 * runconf_configuration_get_object_path: (skip)
 *
 * Returns: (transfer none): where it is on the bus
 */
const char *
runconf_configuration_get_object_path (RunconfConfiguration *self)
{
  return get_private (self)->object_path;
}

/**
 * runconf_configuration_is_caught_up: (skip)
 * @version: that the service has told of
 *
 * Never blocks.
 *
 * Returns: whether reads see at least this version; then it is notified
 */
gboolean
runconf_configuration_is_caught_up (RunconfConfiguration *self, guint64 version)
{
  RunconfLink *link = get_private (self)->peek.link;

  if (link == NULL)
    return TRUE;

  if (runconf_link_get_version (link) < version)
    return FALSE;

  runconf_link_note_version (link);

  return TRUE;
}

/**
 * runconf_configuration_catch_up: (skip)
 * @version: that the service has told of
 *
 * Sees to it that reads see at least this version, and notifies it.
 *
 * May block: until the service has answered, but only if the memory that is read was given up for a
 * fresh one.
 *
 * Returns: %FALSE with an error, which doesn't undo what led to the version
 */
gboolean
runconf_configuration_catch_up (RunconfConfiguration *self, guint64 version,
                                GCancellable *cancellable, GError **error)
{
  RunconfLink *link = get_private (self)->peek.link;

  if (link == NULL)
    return TRUE;

  if (!runconf_link_catch_up (link, version, cancellable, error))
    return FALSE;

  runconf_link_note_version (link);

  return TRUE;
}

static void
emit_changed (GObject *object, const RunconfListenerChange *change)
{
  g_signal_emit (object, changed_signal, 0, change->paths->pdata);
}

static void
hear_all (GObject *object, RunconfSnapshot *base)
{
  RunconfConfigurationPrivate *priv = get_private (RUNCONF_CONFIGURATION (object));

  priv->listener = runconf_listener_new ("", base, object,
                                         runconf_notices_get_context (priv->notices), emit_changed);
  runconf_receiver_add (priv->peek.receiver, priv->listener);
}

/* A class that overrides the handler always listens. */
static void
prepare_changed (RunconfConfiguration *self)
{
  RunconfConfigurationPrivate *priv = get_private (self);
  g_autoptr (RunconfSnapshot) base = NULL;

  if (RUNCONF_CONFIGURATION_GET_CLASS (self)->changed != NULL)
    {
      base = runconf_link_get_snapshot (priv->peek.link);
      hear_all (G_OBJECT (self), base);
      return;
    }

  priv->hearing
      = runconf_hearing_source_new (G_OBJECT (self), changed_signal, priv->peek.link, hear_all);
  g_source_attach (priv->hearing, runconf_notices_get_context (priv->notices));
}

static gboolean
connect (RunconfConfiguration *self, GCancellable *cancellable, GError **error)
{
  RunconfConfigurationPrivate *priv = get_private (self);
  g_autoptr (GError) local_error = NULL;

  if (priv->connection != NULL)
    return TRUE;

  if (priv->bus_type == G_BUS_TYPE_NONE)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                   "no bus to find the service on: give a connection, or the type of a bus");
      return FALSE;
    }

  priv->connection = g_bus_get_sync (priv->bus_type, cancellable, &local_error);
  if (priv->connection != NULL)
    return TRUE;

  if (g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_steal_pointer (&local_error));
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                 "no bus to find the service on: %s", local_error->message);

  return FALSE;
}

static gboolean
init_sync (GInitable *initable, GCancellable *cancellable, GError **error)
{
  RunconfConfiguration *self = RUNCONF_CONFIGURATION (initable);
  RunconfConfigurationPrivate *priv = get_private (self);
  RunconfLink *link;

  if (priv->object_path != NULL)
    return TRUE;

  if (!runconf_object_path_is_name (priv->name))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "“%s” can't be the name of a configuration: it begins with a letter or a digit, "
                   "and has at most 64 letters, digits, “_”, “.” and “-”",
                   priv->name);
      return FALSE;
    }

  if (!connect (self, cancellable, error))
    return FALSE;

  if (priv->calls_only)
    {
      priv->object_path = runconf_object_path_new (priv->name);
      return TRUE;
    }

  link = runconf_link_new (priv->connection, priv->name, priv->notices);
  if (!runconf_link_open (link, cancellable, error))
    {
      runconf_link_unref (link);
      return FALSE;
    }

  priv->object_path = runconf_object_path_new (priv->name);
  priv->peek.link = link;
  priv->peek.receiver = runconf_receiver_new (link);
  runconf_receiver_start (priv->peek.receiver);
  runconf_notices_start (priv->notices);
  prepare_changed (self);

  return TRUE;
}

static void
initable_iface_init (GInitableIface *iface)
{
  iface->init = init_sync;
}

/**
 * runconf_configuration_new:
 * @bus_type: the bus that the service is on, usually %G_BUS_TYPE_SYSTEM
 * @name: the name of the configuration, such as `default`
 * @cancellable: (nullable): to give up with
 * @callback: (scope async): called when the object is there, or can't be made
 * @user_data: for @callback
 *
 * Opens a configuration. Never blocks.
 *
 * See [ctor@Configuration.new_sync] for what can go wrong.
 */
void
runconf_configuration_new (GBusType bus_type, const char *name, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (name != NULL);

  g_async_initable_new_async (RUNCONF_TYPE_CONFIGURATION, G_PRIORITY_DEFAULT, cancellable, callback,
                              user_data, "bus-type", bus_type, "name", name, NULL);
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Ends what [func@Configuration.new] began. Never blocks.
 *
 * Returns: (transfer full): the configuration, or %NULL with an error
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
 * @bus_type: the bus that the service is on, usually %G_BUS_TYPE_SYSTEM
 * @name: the name of the configuration, such as `default`
 * @cancellable: (nullable): to give up with
 * @error: what went wrong
 *
 * Opens a configuration.
 *
 * May block: until the service is started, if it isn't there, and has answered.
 *
 * The error is %RUNCONF_ERROR_UNAVAILABLE if there is no bus, or no service on it and none that can
 * be started, or its memory can't be used; %RUNCONF_ERROR_NOT_FOUND if the service has no
 * configuration of this name; %RUNCONF_ERROR_INVALID_VALUE if no configuration can be called so;
 * %G_IO_ERROR_CANCELLED; or what the bus itself refuses, such as %G_DBUS_ERROR_ACCESS_DENIED.
 *
 * Returns: (transfer full): the configuration, or %NULL with an error
 */
RunconfConfiguration *
runconf_configuration_new_sync (GBusType bus_type, const char *name, GCancellable *cancellable,
                                GError **error)
{
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (RUNCONF_TYPE_CONFIGURATION, cancellable, error, "bus-type", bus_type,
                         "name", name, NULL);
}

/**
 * runconf_configuration_new_for_connection:
 * @connection: to the bus that the service is on, or without a bus to the service itself
 * @name: the name of the configuration, such as `default`
 * @cancellable: (nullable): to give up with
 * @callback: (scope async): called when the object is there, or can't be made
 * @user_data: for @callback
 *
 * Opens a configuration over a connection that the program has made. Never blocks.
 *
 * It may be one without a bus, to a service that the program has started for itself: `runconfd
 * --peer`. When it is closed the configuration isn't connected any more, for good.
 *
 * See [ctor@Configuration.new_sync] for what can go wrong.
 */
void
runconf_configuration_new_for_connection (GDBusConnection *connection, const char *name,
                                          GCancellable *cancellable, GAsyncReadyCallback callback,
                                          gpointer user_data)
{
  g_return_if_fail (G_IS_DBUS_CONNECTION (connection));
  g_return_if_fail (name != NULL);

  g_async_initable_new_async (RUNCONF_TYPE_CONFIGURATION, G_PRIORITY_DEFAULT, cancellable, callback,
                              user_data, "connection", connection, "name", name, NULL);
}

/**
 * runconf_configuration_new_for_connection_finish: (constructor)
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Ends what [func@Configuration.new_for_connection] began. Never blocks.
 *
 * Returns: (transfer full): the configuration, or %NULL with an error
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
 * @connection: to the bus that the service is on, or without a bus to the service itself
 * @name: the name of the configuration, such as `default`
 * @cancellable: (nullable): to give up with
 * @error: what went wrong
 *
 * Opens a configuration over a connection that the program has made. It may be one without a bus,
 * to a service that the program has started for itself: `runconfd --peer`. When it is closed the
 * configuration isn't connected any more, for good.
 *
 * May block: until the service is started, if it isn't there, and has answered.
 *
 * See [ctor@Configuration.new_sync] for what can go wrong.
 *
 * Returns: (transfer full): the configuration, or %NULL with an error
 */
RunconfConfiguration *
runconf_configuration_new_for_connection_sync (GDBusConnection *connection, const char *name,
                                               GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  g_return_val_if_fail (name != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return g_initable_new (RUNCONF_TYPE_CONFIGURATION, cancellable, error, "connection", connection,
                         "name", name, NULL);
}

/**
 * runconf_configuration_get_name: (attributes org.gtk.Method.get_property=name)
 * @self: a configuration
 *
 * Returns the name of the configuration. Never blocks.
 *
 * Returns: (transfer none): the name
 */
const char *
runconf_configuration_get_name (RunconfConfiguration *self)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return get_private (self)->name;
}

/**
 * runconf_configuration_get_interactive: (attributes org.gtk.Method.get_property=interactive)
 * @self: a configuration
 *
 * Returns whether somebody may be asked for a password. Never blocks.
 *
 * Returns: %FALSE unless it was set
 */
gboolean
runconf_configuration_get_interactive (RunconfConfiguration *self)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return g_atomic_int_get (&get_private (self)->interactive);
}

/**
 * runconf_configuration_set_interactive: (attributes org.gtk.Method.set_property=interactive)
 * @self: a configuration
 * @interactive: whether somebody may be asked for a password
 *
 * Allows the service of the system to have somebody asked for a password, where a call needs a right
 * that the caller doesn't have. Calls then wait as long as that takes. Set it in programs that a
 * person has just told to do something; without it such a call is refused at once. Never blocks.
 */
void
runconf_configuration_set_interactive (RunconfConfiguration *self, gboolean interactive)
{
  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));

  if (g_atomic_int_exchange (&get_private (self)->interactive, !!interactive) != !!interactive)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INTERACTIVE]);
}

/**
 * runconf_configuration_get_version: (attributes org.gtk.Method.get_property=version)
 * @self: a configuration
 *
 * Returns the version that reads see. It grows by one with each change, and never falls. Never
 * blocks.
 *
 * Returns: the version
 */
guint64
runconf_configuration_get_version (RunconfConfiguration *self)
{
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), 0);

  link = get_private (self)->peek.link;

  return link != NULL ? runconf_link_get_version (link) : 0;
}

static char *
dup_locked (RunconfLink *link, char **place)
{
  char *copy;

  g_mutex_lock (&link->mutex);
  copy = g_strdup (*place);
  g_mutex_unlock (&link->mutex);

  return copy;
}

/**
 * runconf_configuration_dup_state: (attributes org.gtk.Method.get_property=state)
 * @self: a configuration
 *
 * Returns how the configuration is: `ok`; `recovered` after a broken file of overrides, until the
 * next change or reload; `degraded` while something can't be read or written. Never blocks.
 *
 * Returns: (transfer full): the state, as the service told it last
 */
char *
runconf_configuration_dup_state (RunconfConfiguration *self)
{
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  link = get_private (self)->peek.link;

  return link != NULL ? dup_locked (link, &link->state) : g_strdup ("");
}

/**
 * runconf_configuration_dup_state_message: (attributes org.gtk.Method.get_property=state-message)
 * @self: a configuration
 *
 * Returns what is wrong, where, and what would be right. Never blocks.
 *
 * Returns: (transfer full): the message, empty while the state is `ok`
 */
char *
runconf_configuration_dup_state_message (RunconfConfiguration *self)
{
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  link = get_private (self)->peek.link;

  return link != NULL ? dup_locked (link, &link->state_message) : g_strdup ("");
}

/**
 * runconf_configuration_get_connected: (attributes org.gtk.Method.get_property=connected)
 * @self: a configuration
 *
 * Returns whether the service is there. While it isn't, reads go on from what was in force, and
 * writes fail. Never blocks.
 *
 * Returns: whether the service is there
 */
gboolean
runconf_configuration_get_connected (RunconfConfiguration *self)
{
  gboolean is_connected;
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  link = get_private (self)->peek.link;
  if (link == NULL)
    return FALSE;

  g_mutex_lock (&link->mutex);
  is_connected = link->is_connected;
  g_mutex_unlock (&link->mutex);

  return is_connected;
}

/**
 * runconf_configuration_dup_metadata: (attributes org.gtk.Method.get_property=metadata)
 * @self: a configuration
 *
 * Returns what is known of the configuration as a whole, of one version: `version` t;
 * `last_modified` d, the time of the last change in seconds since the epoch; `is_runtime_config` b,
 * whether anything is overridden; `default_config_path` s, the file of the defaults. Never blocks.
 *
 * Returns: (transfer full): an `a{sv}`
 */
GVariant *
runconf_configuration_dup_metadata (RunconfConfiguration *self)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;
  g_autofree char *default_path = NULL;
  GVariantDict metadata;
  RunconfLink *link;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  g_variant_dict_init (&metadata, NULL);
  link = get_private (self)->peek.link;
  if (link != NULL)
    {
      snapshot = runconf_link_get_snapshot (link);
      default_path = dup_locked (link, &link->default_config_path);
      g_variant_dict_insert (&metadata, "version", "t", runconf_snapshot_get_version (snapshot));
      g_variant_dict_insert (&metadata, "last_modified", "d",
                             runconf_snapshot_get_last_modified (snapshot)
                                 / (double) G_USEC_PER_SEC);
      g_variant_dict_insert (&metadata, "is_runtime_config", "b",
                             snapshot->view.root->has_overrides != 0);
      g_variant_dict_insert (&metadata, "default_config_path", "s", default_path);
    }

  return g_variant_ref_sink (g_variant_dict_end (&metadata));
}

static void
runconf_configuration_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  RunconfConfiguration *self = RUNCONF_CONFIGURATION (object);
  RunconfConfigurationPrivate *priv = get_private (self);

  switch (id)
    {
    case PROP_NAME:
      g_value_set_string (value, priv->name);
      break;
    case PROP_CONNECTION:
      g_value_set_object (value, priv->connection);
      break;
    case PROP_BUS_TYPE:
      g_value_set_enum (value, priv->bus_type);
      break;
    case PROP_INTERACTIVE:
      g_value_set_boolean (value, runconf_configuration_get_interactive (self));
      break;
    case PROP_CALLS_ONLY:
      g_value_set_boolean (value, priv->calls_only);
      break;
    case PROP_VERSION:
      g_value_set_uint64 (value, runconf_configuration_get_version (self));
      break;
    case PROP_STATE:
      g_value_take_string (value, runconf_configuration_dup_state (self));
      break;
    case PROP_STATE_MESSAGE:
      g_value_take_string (value, runconf_configuration_dup_state_message (self));
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, runconf_configuration_get_connected (self));
      break;
    case PROP_METADATA:
      g_value_take_variant (value, runconf_configuration_dup_metadata (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
runconf_configuration_set_property (GObject *object, guint id, const GValue *value,
                                    GParamSpec *pspec)
{
  RunconfConfigurationPrivate *priv = get_private (RUNCONF_CONFIGURATION (object));

  switch (id)
    {
    case PROP_NAME:
      priv->name = g_value_dup_string (value);
      break;
    case PROP_CONNECTION:
      priv->connection = g_value_dup_object (value);
      break;
    case PROP_BUS_TYPE:
      priv->bus_type = g_value_get_enum (value);
      break;
    case PROP_INTERACTIVE:
      runconf_configuration_set_interactive (RUNCONF_CONFIGURATION (object),
                                             g_value_get_boolean (value));
      break;
    case PROP_CALLS_ONLY:
      priv->calls_only = g_value_get_boolean (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
runconf_configuration_finalize (GObject *object)
{
  RunconfConfigurationPrivate *priv = get_private (RUNCONF_CONFIGURATION (object));

  if (priv->hearing != NULL)
    g_source_destroy (priv->hearing);
  g_clear_pointer (&priv->hearing, g_source_unref);
  if (priv->listener != NULL)
    runconf_listener_close (priv->listener);
  g_clear_pointer (&priv->listener, runconf_listener_unref);
  if (priv->peek.receiver != NULL)
    runconf_receiver_close (priv->peek.receiver);
  g_clear_pointer (&priv->peek.receiver, runconf_receiver_unref);
  g_clear_pointer (&priv->peek.link, runconf_link_unref);
  g_clear_object (&priv->connection);
  runconf_notices_unref (priv->notices);
  g_free (priv->object_path);
  g_free (priv->name);

  G_OBJECT_CLASS (runconf_configuration_parent_class)->finalize (object);
}

static void
runconf_configuration_class_init (RunconfConfigurationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags readable = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;
  const GParamFlags given = G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS;

  runconf_error_register ();
  runconf_configuration_link_offset
      = RunconfConfiguration_private_offset + G_STRUCT_OFFSET (RunconfConfigurationPrivate, peek);

  object_class->get_property = runconf_configuration_get_property;
  object_class->set_property = runconf_configuration_set_property;
  object_class->finalize = runconf_configuration_finalize;

  /**
   * RunconfConfiguration:name: (attributes org.gtk.Property.get=runconf_configuration_get_name)
   *
   * The name of the configuration.
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "default", given);

  /**
   * RunconfConfiguration:connection:
   *
   * The connection to the bus. Where none was given, it is the shared one of the bus type.
   */
  properties[PROP_CONNECTION]
      = g_param_spec_object ("connection", NULL, NULL, G_TYPE_DBUS_CONNECTION, given);

  /**
   * RunconfConfiguration:bus-type:
   *
   * The bus that the service is on, for where no connection was given.
   */
  properties[PROP_BUS_TYPE]
      = g_param_spec_enum ("bus-type", NULL, NULL, G_TYPE_BUS_TYPE, G_BUS_TYPE_SYSTEM, given);

  /**
   * RunconfConfiguration:interactive: (attributes org.gtk.Property.get=runconf_configuration_get_interactive org.gtk.Property.set=runconf_configuration_set_interactive)
   *
   * Whether somebody may be asked for a password.
   */
  properties[PROP_INTERACTIVE]
      = g_param_spec_boolean ("interactive", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * RunconfConfiguration:calls-only:
   *
   * Whether the object is there for calls alone: it opens no shared memory and hears no changes, so
   * that making it sends no message. This is for a program that asks the service one thing and
   * ends, with [method@Configuration.fetch_value] for instance. Writes and what else asks the
   * service work as ever; whether there is such a configuration, only they tell. It can't be read,
   * watched or bound.
   */
  properties[PROP_CALLS_ONLY] = g_param_spec_boolean ("calls-only", NULL, NULL, FALSE, given);

  /**
   * RunconfConfiguration:version: (attributes org.gtk.Property.get=runconf_configuration_get_version)
   *
   * The version that reads see. It is notified after writes of this process, and with the changes
   * that are watched; several changes may be notified together.
   */
  properties[PROP_VERSION]
      = g_param_spec_uint64 ("version", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  /**
   * RunconfConfiguration:state: (attributes org.gtk.Property.get=runconf_configuration_dup_state)
   *
   * `ok`, `recovered` or `degraded`.
   */
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, "", readable);

  /**
   * RunconfConfiguration:state-message: (attributes org.gtk.Property.get=runconf_configuration_dup_state_message)
   *
   * What is wrong; empty while the state is `ok`.
   */
  properties[PROP_STATE_MESSAGE] = g_param_spec_string ("state-message", NULL, NULL, "", readable);

  /**
   * RunconfConfiguration:connected: (attributes org.gtk.Property.get=runconf_configuration_get_connected)
   *
   * Whether the service is there.
   */
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, readable);

  /**
   * RunconfConfiguration:metadata: (attributes org.gtk.Property.get=runconf_configuration_dup_metadata)
   *
   * `version` t, `last_modified` d, `is_runtime_config` b and `default_config_path` s.
   */
  properties[PROP_METADATA]
      = g_param_spec_variant ("metadata", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, readable);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * RunconfConfiguration::changed:
   * @self: the configuration
   * @paths: (array zero-terminated=1): what changed, was added or went away, leaf by leaf; where
   *   these are more than 1,024, the deepest mappings that cover them
   *
   * Emitted once for each change, in order, when reads see it. Where a change couldn't be told in
   * time, because the service was away or the main context didn't turn, several are told as one
   * with all that differs.
   *
   * Each change of anything wakes a program that connects to this: a [class@Watch] is woken for a
   * part alone. Connect in the thread in which the object was made.
   */
  changed_signal = g_signal_new ("changed", RUNCONF_TYPE_CONFIGURATION, G_SIGNAL_RUN_LAST,
                                 G_STRUCT_OFFSET (RunconfConfigurationClass, changed), NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRV);
}

static void
runconf_configuration_init (RunconfConfiguration *self)
{
  get_private (self)->notices = runconf_notices_new (G_OBJECT (self));
}
