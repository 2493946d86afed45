/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/error.h>

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"
#include "client/snapshot-private.h"
#include "client/typed.h"
#include "client/value-mapping.h"
#include "core/escape.h"

/* Public functions that read and write enumerations and flags. A configuration has the nick of the
 * value of an enumeration, a string, and the nicks of flags, a sequence of strings.
 */

static char *
make_wanted_name (GType type)
{
  return g_strdup_printf (G_TYPE_IS_ENUM (type) ? "nick of the enumeration %s"
                                                : "sequence of nicks of the flags %s",
                          g_type_name (type));
}

/* Returns: (transfer none): the type of a value for the warning, which says no more about it */
static const char *
get_found_name (GVariant *found, GType type)
{
  if (G_TYPE_IS_ENUM (type) && g_variant_is_of_type (found, G_VARIANT_TYPE_STRING))
    return "string that is no nick of it";
  if (G_TYPE_IS_FLAGS (type) && g_variant_is_of_type (found, G_VARIANT_TYPE ("av")))
    return "sequence with an element that is no nick of it";

  return runconf_typed_get_name (found);
}

/* Returns: whether @value is set, from the value in force or from the default */
static gboolean
look_up (RunconfConfiguration *configuration, const char *path, GValue *value)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (configuration);
  g_autoptr (GVariant) found
      = snapshot != NULL ? runconf_snapshot_get_value (snapshot, path) : NULL;
  g_autoptr (GVariant) default_value = NULL;
  g_autofree char *wanted = NULL;

  if (found == NULL)
    return FALSE;
  if (runconf_value_mapping_get (value, found))
    return TRUE;

  wanted = make_wanted_name (G_VALUE_TYPE (value));
  runconf_complaints_add_type (snapshot->complaints, path,
                               get_found_name (found, G_VALUE_TYPE (value)), wanted);
  default_value = runconf_snapshot_get_default_value (snapshot, path);

  return default_value != NULL && runconf_value_mapping_get (value, default_value);
}

/**
 * runconf_configuration_get_enum:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @type: the type of the enumeration
 * @fallback: the value to return if there is no nick of the enumeration
 *
 * Gets a value of an enumeration from the shared memory, by its nick: a string in the configuration.
 *
 * If there is no nick of the enumeration at the path, the default of the configuration or @fallback
 * is returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the value, or @fallback
 *
 * Since: 1.0
 */
int
runconf_configuration_get_enum (RunconfConfiguration *self, const char *path, GType type,
                                int fallback)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), fallback);
  g_return_val_if_fail (path != NULL, fallback);
  g_return_val_if_fail (G_TYPE_IS_ENUM (type), fallback);

  g_value_init (&value, type);

  return look_up (self, path, &value) ? g_value_get_enum (&value) : fallback;
}

/**
 * runconf_configuration_get_flags:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @type: the type of the flags
 * @fallback: the flags to return if there is no sequence of nicks
 *
 * Gets flags from the shared memory, by their nicks: a sequence of strings in the configuration, in any
 * order.
 *
 * If there is no sequence of nicks of the type at the path, the default of the configuration or
 * @fallback is returned; see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Never blocks. Can be called from any thread.
 *
 * Returns: the flags, or @fallback
 *
 * Since: 1.0
 */
guint
runconf_configuration_get_flags (RunconfConfiguration *self, const char *path, GType type,
                                 guint fallback)
{
  g_auto (GValue) value = G_VALUE_INIT;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), fallback);
  g_return_val_if_fail (path != NULL, fallback);
  g_return_val_if_fail (G_TYPE_IS_FLAGS (type), fallback);

  g_value_init (&value, type);

  return look_up (self, path, &value) ? g_value_get_flags (&value) : fallback;
}

/* Returns: (transfer floating) (nullable): the arguments of Set, or %NULL with the reason why they can't
 *   be sent
 */
static GVariant *
make_set (const char *path, const GValue *value, const char *number, GError **error)
{
  GVariant *nicks = runconf_value_mapping_set (value);
  g_autoptr (GVariant) owned = nicks != NULL ? g_variant_ref_sink (nicks) : NULL;
  g_autofree char *shown = NULL;

  if (!runconf_argument_check_path (path, error))
    return NULL;
  if (owned != NULL)
    return g_variant_new ("(sv)", path, owned);

  shown = runconf_escape (path, -1);
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
               "%s: %s isn't a value of %s: only values with a nick can be stored", shown, number,
               G_VALUE_TYPE_NAME (value));

  return NULL;
}

static GVariant *
make_set_enum (const char *path, GType type, int value, GError **error)
{
  g_autofree char *number = g_strdup_printf ("%d", value);
  g_auto (GValue) holder = G_VALUE_INIT;

  g_value_init (&holder, type);
  g_value_set_enum (&holder, value);

  return make_set (path, &holder, number, error);
}

static GVariant *
make_set_flags (const char *path, GType type, guint value, GError **error)
{
  g_autofree char *number = g_strdup_printf ("0x%x", value);
  g_auto (GValue) holder = G_VALUE_INIT;

  g_value_init (&holder, type);
  g_value_set_flags (&holder, value);

  return make_set (path, &holder, number, error);
}

static gboolean
finish_set (RunconfConfiguration *self, GAsyncResult *result, guint64 *version, GError **error)
{
  return runconf_reply_take_version (runconf_call_finish (self, RUNCONF_METHOD_SET, result, error),
                                     version);
}

/* Takes ownership of @refusal. */
static gboolean
run_set (RunconfConfiguration *self, GVariant *arguments, GError *refusal, guint64 *version,
         GCancellable *cancellable, GError **error)
{
  return runconf_reply_take_version (
      runconf_call_run (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, error), version);
}

/**
 * runconf_configuration_set_enum:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @type: the type of the enumeration
 * @value: the value to store
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with the nick of a value of an enumeration, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_enum_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_enum (RunconfConfiguration *self, const char *path, GType type, int value,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (G_TYPE_IS_ENUM (type));

  arguments = make_set_enum (path, type, value, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_enum_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_enum]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_INVALID_VALUE is also reported for a number that isn't a value of the type.
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_enum_finish (RunconfConfiguration *self, GAsyncResult *result,
                                       guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_enum_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @type: the type of the enumeration
 * @value: the value to store
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with the nick of a value of an enumeration, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_INVALID_VALUE is also reported for a number that isn't a value of the type.
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_enum_sync (RunconfConfiguration *self, const char *path, GType type,
                                     int value, guint64 *version, GCancellable *cancellable,
                                     GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (G_TYPE_IS_ENUM (type), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set_enum (path, type, value, &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_set_flags:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @type: the type of the flags
 * @value: the flags to store
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with the nicks of flags, a sequence of strings, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_flags_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_flags (RunconfConfiguration *self, const char *path, GType type,
                                 guint value, GCancellable *cancellable,
                                 GAsyncReadyCallback callback, gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (G_TYPE_IS_FLAGS (type));

  arguments = make_set_flags (path, type, value, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_flags_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_flags]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_INVALID_VALUE is also reported for a number that isn't a value of the type.
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_flags_finish (RunconfConfiguration *self, GAsyncResult *result,
                                        guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_flags_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @type: the type of the flags
 * @value: the flags to store
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with the nicks of flags, a sequence of strings, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_INVALID_VALUE is also reported for a number that isn't a value of the type.
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_flags_sync (RunconfConfiguration *self, const char *path, GType type,
                                      guint value, guint64 *version, GCancellable *cancellable,
                                      GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (G_TYPE_IS_FLAGS (type), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set_flags (path, type, value, &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}
