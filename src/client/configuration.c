/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/configuration-class.h"

#include <runconf/error.h>

#include "client/remote-error.h"

/**
 * RunconfConfiguration:
 *
 * A configuration of the service `runconfd`: a tree of values that a program reads, watches and
 * writes.
 *
 * Reads use memory that the service shares with all readers, or, if the service has no memory that
 * this version of the library reads, a copy of the values in the program, see
 * [property@Configuration:shared]. A read never blocks, never fails and sends no message. It can be made in any thread, and it returns the value that is in force at that
 * moment. Writes are calls to the service. When a write returns, the change is on disk, and the
 * next read in this process returns the new value.
 *
 * A path is a JSON Pointer (RFC 6901), such as `/chat/websocket/port` or `/list/0`; the empty
 * string is the whole configuration. In a key, `~` is written as `~0` and `/` as `~1`.
 *
 * A program opens a configuration by its name, on a bus:
 *
 * ```c
 * g_autoptr (RunconfConfiguration) config
 *     = runconf_configuration_new_sync (G_BUS_TYPE_SYSTEM, "default", NULL, &error);
 * gint64 port = runconf_configuration_get_int64 (config, "/chat/websocket/port", 8000);
 * ```
 *
 * Signals and notifications are emitted in the thread-default main context of the thread that
 * created the object. If the service stops, reads still return the last values that were in force.
 * When the service is back, signals report the paths that differ.
 *
 * A function that ends in `_sync` may block up to the time limit that it documents. If
 * [property@Configuration:interactive] is %TRUE, the limit doesn't apply: the call waits until the
 * user has answered.
 *
 * An object that was made with g_object_new(), and not initialised, can't be used until
 * [method@Gio.Initable.init] succeeds: its reads return fallbacks, which is logged once, and its
 * calls fail with %RUNCONF_ERROR_UNAVAILABLE. In a child of `fork()` the calls fail in the same way.
 *
 * ## Errors of a read
 *
 * Functions that read the shared memory, such as [method@Configuration.get_int64], report no
 * errors. If there is no value at the path, they return the fallback of the call. If the value has
 * another type than requested, they return the default that it overrides, if that has the requested
 * type, and else the fallback. Such a read, and a read of a path that isn't a JSON Pointer, logs
 * one warning for each path and requested type, and at most 1,000 warnings for each configuration.
 *
 * Functions that ask the service, such as [method@Configuration.fetch_value_sync], can fail with:
 *
 * - %RUNCONF_ERROR_INVALID_PATH: the path isn't a JSON Pointer
 * - %RUNCONF_ERROR_NOT_FOUND: there is no value at the path
 * - %RUNCONF_ERROR_INVALID_VALUE: an argument isn't UTF-8, or an option is unknown or has a wrong
 *   type
 * - %RUNCONF_ERROR_TOO_LARGE: the call or its reply exceeds a limit of the service or of a message
 *   on the bus
 * - %RUNCONF_ERROR_UNAVAILABLE: the service can't be reached, doesn't reply in time, doesn't serve
 *   the configuration now, or sends a reply that can't be used
 * - %RUNCONF_ERROR_ACCESS_DENIED: the caller doesn't have the right to make this call
 * - %RUNCONF_ERROR_AUTHORIZATION_REQUIRED: a password is needed, and
 *   [property@Configuration:interactive] is %FALSE
 * - %RUNCONF_ERROR_LIMITS_EXCEEDED: too many calls of the user are under way
 * - %RUNCONF_ERROR_FAILED: another error, which the bus or the service reports
 * - %G_IO_ERROR_CANCELLED: the wait was cancelled
 *
 * ## Errors of a write
 *
 * A write that the service refuses changes nothing. Functions that write, such as
 * [method@Configuration.set_value_sync], can fail with:
 *
 * - %RUNCONF_ERROR_INVALID_PATH: the path isn't a JSON Pointer, leads through a scalar, or leads to
 *   data that Runconf keeps for itself (`/_runtime_config`)
 * - %RUNCONF_ERROR_NOT_FOUND: the path has an index past the end of a sequence
 * - %RUNCONF_ERROR_INVALID_VALUE: a configuration can't hold the value, a mapping is needed, a text
 *   isn't valid YAML or JSON (the message has the line and column) or isn't UTF-8, or an option is
 *   unknown or has a wrong type
 * - %RUNCONF_ERROR_SCHEMA_VIOLATION, %RUNCONF_ERROR_LOCKED: the schema doesn't allow the result, or
 *   a path is locked; the message lists up to 20 problems, one on each line
 * - %RUNCONF_ERROR_VERSION_MISMATCH: the configuration is at another version than `if-version`
 *   requires
 * - %RUNCONF_ERROR_TOO_LARGE: a limit of the service or of a message on the bus is exceeded
 * - %RUNCONF_ERROR_STORAGE_FAILED: the overrides can't be stored
 * - %RUNCONF_ERROR_UNAVAILABLE: the service can't be reached, doesn't reply in time, doesn't serve
 *   the configuration now, or sends a reply that can't be used; if the reply is late or can't be
 *   used, the write may still be done, and the message says so; if the write is done, but this process
 *   can't read the new values, the message says that, too
 * - %RUNCONF_ERROR_ACCESS_DENIED, %RUNCONF_ERROR_AUTHORIZATION_REQUIRED,
 *   %RUNCONF_ERROR_LIMITS_EXCEEDED, %RUNCONF_ERROR_FAILED: as for a read
 * - %G_IO_ERROR_CANCELLED: the wait was cancelled; the write may still be done
 *
 * All codes but %G_IO_ERROR_CANCELLED are of the domain [error@Error].
 *
 * Since: 1.0
 */
enum
{
  PROP_NAME = 1,
  PROP_CONNECTION,
  PROP_BUS_TYPE,
  PROP_INTERACTIVE,
  PROP_CALLS_ONLY,
  PROP_DEFAULTS,
  PROP_FLAGS,
  PROP_VERSION,
  PROP_STATE,
  PROP_STATE_MESSAGE,
  PROP_RULES_REVISION,
  PROP_LOCKS,
  PROP_CONNECTED,
  PROP_SHARED,
  PROP_METADATA,
  PROP_BASE_PATH,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];
guint runconf_configuration_changed_signal;

int runconf_configuration_link_offset;

G_DEFINE_TYPE_WITH_CODE (
    RunconfConfiguration, runconf_configuration, G_TYPE_OBJECT,
    G_ADD_PRIVATE (RunconfConfiguration)
        G_IMPLEMENT_INTERFACE (G_TYPE_INITABLE, runconf_configuration_initable_iface_init)
            G_IMPLEMENT_INTERFACE (G_TYPE_ASYNC_INITABLE,
                                   runconf_configuration_async_initable_iface_init))

static RunconfConfigurationPrivate *
get_private (RunconfConfiguration *self)
{
  return runconf_configuration_get_instance_private (self);
}

/**
 * runconf_configuration_get_private: (skip)
 *
 * Returns: (transfer none): the fields
 */
RunconfConfigurationPrivate *
runconf_configuration_get_private (RunconfConfiguration *self)
{
  return get_private (self);
}

/**
 * runconf_configuration_dup_connection: (skip)
 *
 * Returns: (transfer full) (nullable): the connection to the bus, which may be closed; %NULL if there
 *   was no bus yet
 */
GDBusConnection *
runconf_configuration_dup_connection (RunconfConfiguration *self)
{
  RunconfConfigurationPrivate *priv = get_private (self);

  if (priv->peek.link != NULL)
    return runconf_link_dup_connection (priv->peek.link);

  return priv->connection != NULL ? g_object_ref (priv->connection) : NULL;
}

/**
 * runconf_configuration_get_object_path: (skip)
 *
 * Returns: (transfer none): the object path of the configuration on the bus
 */
const char *
runconf_configuration_get_object_path (RunconfConfiguration *self)
{
  return get_private (self)->object_path;
}

/**
 * runconf_configuration_get_pending: (skip)
 *
 * Returns: (transfer none): the asynchronous writes
 */
RunconfPending *
runconf_configuration_get_pending (RunconfConfiguration *self)
{
  RunconfConfigurationPrivate *priv = get_private (self);

  return get_private (priv->peek.whole != NULL ? priv->peek.whole : self)->pending;
}

/**
 * runconf_configuration_get_notices: (skip)
 *
 * Returns: (transfer none): the notifications of its properties
 */
RunconfNotices *
runconf_configuration_get_notices (RunconfConfiguration *self)
{
  return get_private (self)->notices;
}

/**
 * runconf_configuration_is_caught_up: (skip)
 * @version: a version that the service has reported
 *
 * Never blocks.
 *
 * Returns: whether reads return at least this version; if so, the version is notified
 */
gboolean
runconf_configuration_is_caught_up (RunconfConfiguration *self, guint64 version)
{
  RunconfLink *link = get_private (self)->peek.link;

  if (link == NULL)
    return TRUE;

  if (!runconf_link_has_version (link, version))
    return FALSE;

  runconf_link_note_version (link);

  return TRUE;
}

/**
 * runconf_configuration_catch_up: (skip)
 * @version: a version that the service has reported
 *
 * Makes sure that reads return at least this version, and notifies it.
 *
 * May block until the service replies, but only if the service has replaced the memory that is
 * mapped, or the values are read over the bus.
 *
 * A failure is an error, although the change that made the version stays in force: the program must
 * not take old values for the result of its write.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE, which says that the change was made, or with
 *   %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_catch_up (RunconfConfiguration *self, guint64 version,
                                GCancellable *cancellable, GError **error)
{
  RunconfConfigurationPrivate *priv = get_private (self);
  RunconfLink *link = priv->peek.link;
  g_autoptr (GError) failure = NULL;

  if (link == NULL)
    return TRUE;

  if (!runconf_link_catch_up (link, version, cancellable, &failure))
    {
      if (g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_propagate_error (error, g_steal_pointer (&failure));
      else
        g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
                     "the change was made, as version %" G_GUINT64_FORMAT
                     ", but this program can't read it yet: %s",
                     version, failure->message);
      return FALSE;
    }

  if (!runconf_link_is_shared (link))
    runconf_receiver_attend (priv->peek.receiver);
  runconf_link_note_version (link);

  return TRUE;
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
      g_value_take_object (value, runconf_configuration_dup_connection (self));
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
    case PROP_DEFAULTS:
      g_value_set_variant (value, priv->defaults);
      break;
    case PROP_FLAGS:
      g_value_set_flags (value, priv->flags);
      break;
    case PROP_VERSION:
      g_value_set_uint64 (value, runconf_configuration_get_version (self));
      break;
    case PROP_STATE:
      g_value_set_enum (value, runconf_configuration_get_state (self));
      break;
    case PROP_STATE_MESSAGE:
      g_value_take_string (value, runconf_configuration_dup_state_message (self));
      break;
    case PROP_RULES_REVISION:
      g_value_set_uint (value, runconf_configuration_get_rules_revision (self));
      break;
    case PROP_LOCKS:
      g_value_take_boxed (value, runconf_configuration_dup_locks (self));
      break;
    case PROP_CONNECTED:
      g_value_set_boolean (value, runconf_configuration_get_connected (self));
      break;
    case PROP_SHARED:
      g_value_set_boolean (value, runconf_configuration_get_shared (self));
      break;
    case PROP_BASE_PATH:
      g_value_set_string (value, runconf_configuration_get_base_path (self));
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
    case PROP_DEFAULTS:
      priv->defaults = g_value_dup_variant (value);
      break;
    case PROP_FLAGS:
      priv->flags = g_value_get_flags (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

/* The whole goes on receiving. */
static void
leave_whole (RunconfConfigurationPrivate *priv)
{
  if (priv->listener != NULL)
    runconf_receiver_remove (priv->peek.receiver, priv->listener);
  g_object_unref (priv->peek.whole);
  g_free (priv->peek.base);
  priv->peek = (RunconfConfigurationLink){ NULL };
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
  if (priv->peek.whole != NULL)
    leave_whole (priv);
  g_clear_pointer (&priv->listener, runconf_listener_unref);
  if (priv->peek.receiver != NULL)
    runconf_receiver_close (priv->peek.receiver);
  g_clear_pointer (&priv->peek.receiver, runconf_receiver_unref);
  g_clear_pointer (&priv->peek.link, runconf_link_unref);
  runconf_pending_close (priv->pending);
  g_clear_object (&priv->connection);
  g_clear_pointer (&priv->defaults, g_variant_unref);
  runconf_notices_unref (priv->notices);
  g_free (priv->object_path);
  g_free (priv->name);

  G_OBJECT_CLASS (runconf_configuration_parent_class)->finalize (object);
}

/* Programs derive classes, so the size is a part of the binary interface. */
G_STATIC_ASSERT (sizeof (RunconfConfigurationClass)
                 == sizeof (GObjectClass) + 13 * sizeof (gpointer));

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
   *
   * Since: 1.0
   */
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "default", given);

  /**
   * RunconfConfiguration:connection:
   *
   * The connection to the bus. If none was given, it is the connection of the library to the bus of
   * [property@Configuration:bus-type], which all configurations share, or %NULL if there was no such
   * bus yet. If that bus ends and comes back, there is a new connection.
   *
   * Since: 1.0
   */
  properties[PROP_CONNECTION]
      = g_param_spec_object ("connection", NULL, NULL, G_TYPE_DBUS_CONNECTION, given);

  /**
   * RunconfConfiguration:bus-type:
   *
   * The bus of the service, used if no connection was given.
   *
   * Since: 1.0
   */
  properties[PROP_BUS_TYPE]
      = g_param_spec_enum ("bus-type", NULL, NULL, G_TYPE_BUS_TYPE, G_BUS_TYPE_SYSTEM, given);

  /**
   * RunconfConfiguration:interactive: (attributes org.gtk.Property.get=runconf_configuration_get_interactive org.gtk.Property.set=runconf_configuration_set_interactive)
   *
   * Whether the user may be asked for a password.
   *
   * Since: 1.0
   */
  properties[PROP_INTERACTIVE]
      = g_param_spec_boolean ("interactive", NULL, NULL, FALSE,
                              G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);

  /**
   * RunconfConfiguration:calls-only:
   *
   * Whether the object is used for calls only.
   *
   * Such an object opens no shared memory and receives no changes, so creating it sends no message.
   * It is meant for a program that makes one call to the service and ends, for example
   * [method@Configuration.fetch_value]. Writes and other calls work as usual, and only they report
   * whether the configuration exists. Such an object can't be read, watched or bound. Creating it fails
   * with %RUNCONF_ERROR_UNAVAILABLE if there is no bus.
   *
   * Since: 1.0
   */
  properties[PROP_CALLS_ONLY] = g_param_spec_boolean ("calls-only", NULL, NULL, FALSE, given);

  /**
   * RunconfConfiguration:defaults:
   *
   * The values for reads until there are those of the service, an `a{sv}`.
   *
   * Since: 1.0
   */
  properties[PROP_DEFAULTS]
      = g_param_spec_variant ("defaults", NULL, NULL, G_VARIANT_TYPE_ANY, NULL, given);

  /**
   * RunconfConfiguration:flags:
   *
   * Whether opening waits for the service, and whether it fails without the service.
   *
   * Since: 1.0
   */
  properties[PROP_FLAGS] = g_param_spec_flags ("flags", NULL, NULL, RUNCONF_TYPE_OPEN_FLAGS,
                                               RUNCONF_OPEN_DEFAULT, given);

  /**
   * RunconfConfiguration:version: (attributes org.gtk.Property.get=runconf_configuration_get_version)
   *
   * The version that reads return.
   *
   * It is notified after writes of this process, and with changes that are watched. Several changes
   * may be notified together.
   *
   * Since: 1.0
   */
  properties[PROP_VERSION]
      = g_param_spec_uint64 ("version", NULL, NULL, 0, G_MAXUINT64, 0, readable);

  /**
   * RunconfConfiguration:state: (attributes org.gtk.Property.get=runconf_configuration_get_state)
   *
   * The state.
   *
   * Since: 1.0
   */
  properties[PROP_STATE] = g_param_spec_enum ("state", NULL, NULL, RUNCONF_TYPE_STATE,
                                              RUNCONF_STATE_UNKNOWN, readable);

  /**
   * RunconfConfiguration:state-message: (attributes org.gtk.Property.get=runconf_configuration_dup_state_message)
   *
   * The description of the problem; empty while the state is %RUNCONF_STATE_OK.
   *
   * Since: 1.0
   */
  properties[PROP_STATE_MESSAGE] = g_param_spec_string ("state-message", NULL, NULL, "", readable);

  /**
   * RunconfConfiguration:rules-revision: (attributes org.gtk.Property.get=runconf_configuration_get_rules_revision)
   *
   * A number that changes with the schema and the locks.
   *
   * Since: 1.0
   */
  properties[PROP_RULES_REVISION]
      = g_param_spec_uint ("rules-revision", NULL, NULL, 0, G_MAXUINT, 0, readable);

  /**
   * RunconfConfiguration:locks: (attributes org.gtk.Property.get=runconf_configuration_dup_locks)
   *
   * The locked paths.
   *
   * Since: 1.0
   */
  properties[PROP_LOCKS] = g_param_spec_boxed ("locks", NULL, NULL, G_TYPE_STRV, readable);

  /**
   * RunconfConfiguration:connected: (attributes org.gtk.Property.get=runconf_configuration_get_connected)
   *
   * Whether the service is there and serves the configuration.
   *
   * It follows the truth within a second, also without a main loop. A service that is stopped, or
   * hangs, is noticed only while a call of the program waits for it, because the library sends no
   * regular messages.
   *
   * Since: 1.0
   */
  properties[PROP_CONNECTED] = g_param_spec_boolean ("connected", NULL, NULL, FALSE, readable);

  /**
   * RunconfConfiguration:shared: (attributes org.gtk.Property.get=runconf_configuration_get_shared)
   *
   * Whether reads use memory that the service shares.
   *
   * It is %FALSE while the service is of another version that has no such memory for this library, or
   * while a sandbox doesn't let the memory through. Then the library reads the values over the bus,
   * and returns to shared memory as soon as a service offers it. The page “Threads and freshness”
   * describes the differences.
   *
   * Since: 1.0
   */
  properties[PROP_SHARED] = g_param_spec_boolean ("shared", NULL, NULL, FALSE, readable);

  /**
   * RunconfConfiguration:metadata: (attributes org.gtk.Property.get=runconf_configuration_dup_metadata)
   *
   * The metadata: `version` t, `last_modified` d, `is_runtime_config` b and `default_config_path`
   * s.
   *
   * Since: 1.0
   */
  properties[PROP_METADATA]
      = g_param_spec_variant ("metadata", NULL, NULL, G_VARIANT_TYPE_VARDICT, NULL, readable);

  /**
   * RunconfConfiguration:base-path: (attributes org.gtk.Property.get=runconf_configuration_get_base_path)
   *
   * The path that is put before each path of the program, see [method@Configuration.get_child]; the empty
   * string if the object has the whole configuration.
   *
   * Since: 1.0
   */
  properties[PROP_BASE_PATH] = g_param_spec_string ("base-path", NULL, NULL, "", readable);

  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  /**
   * RunconfConfigurationClass::changed:
   * @self: the configuration
   * @change: the change, as in [signal@Configuration::changed]
   *
   * The default handler of [signal@Configuration::changed].
   *
   * Since: 1.0
   */

  /**
   * RunconfConfiguration::changed:
   * @self: the configuration
   * @change: the change
   *
   * Emitted once for each change, in order, as soon as reads return the new values.
   *
   * [method@Change.get_paths] returns the paths that changed, were added or were removed, leaf by
   * leaf; for more than 1,024 leaves, the deepest mappings that contain them.
   *
   * If changes could not be reported in time, they are reported as one change with all the
   * differences, as for [signal@Watch::changed], and for the same reasons.
   *
   * This signal wakes the program for each change anywhere in the configuration; a [class@Watch]
   * wakes it for changes of one part only. Connect in the thread that created the object.
   *
   * Since: 1.0
   */
  runconf_configuration_changed_signal
      = g_signal_new ("changed", RUNCONF_TYPE_CONFIGURATION, G_SIGNAL_RUN_LAST,
                      G_STRUCT_OFFSET (RunconfConfigurationClass, changed), NULL, NULL, NULL,
                      G_TYPE_NONE, 1, RUNCONF_TYPE_CHANGE);

  /**
   * RunconfConfiguration::writable-changed:
   * @self: the configuration
   * @path: the path at and below which it changed, the empty string for the whole configuration
   *
   * Emitted when other paths may be writable than before: the locks or the schema changed, or the
   * service is back. [method@Configuration.is_writable] may then have another result.
   *
   * The service doesn't report which locks changed, so @path is the empty string now. A change of
   * the rights of the user isn't reported.
   *
   * Since: 1.0
   */
  g_signal_new ("writable-changed", RUNCONF_TYPE_CONFIGURATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
runconf_configuration_init (RunconfConfiguration *self)
{
  RunconfConfigurationPrivate *priv = get_private (self);

  priv->notices = runconf_notices_new (G_OBJECT (self));
  priv->pending = runconf_pending_new ();
}
