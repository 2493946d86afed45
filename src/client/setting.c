/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"

/* Functions that write one path. Each has three forms: one starts the call, one returns its result,
 * and one does both and waits. The code that they share is in call.c; this file makes the
 * arguments.
 */

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

/* Returns: (transfer floating) (nullable): the arguments, or %NULL with the reason why they can't
 *   be sent
 */
static GVariant *
make_set (const char *path, GVariant *value, GError **error)
{
  g_autoptr (GVariant) owned = value != NULL ? g_variant_take_ref (value) : NULL;

  if (owned == NULL || !runconf_argument_check_path (path, error))
    return NULL;

  return g_variant_new ("(sv)", path, owned);
}

static GVariant *
make_set_value (const char *path, GVariant *value, GError **error)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);

  return make_set (path, runconf_argument_make_value (path, owned, error), error);
}

static GVariant *
make_set_string (const char *path, const char *value, GError **error)
{
  return make_set (path, runconf_argument_make_string (path, value, error), error);
}

static GVariant *
make_set_strv (const char *path, const char *const *value, GError **error)
{
  return make_set (path, runconf_argument_make_strv (path, value, error), error);
}

static GVariant *
make_reset (const char *path, GError **error)
{
  return runconf_argument_check_path (path, error) ? g_variant_new ("(s)", path) : NULL;
}

/**
 * runconf_configuration_set_value:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store; a floating reference is consumed
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path, and stores the override on disk.
 *
 * @value can be of any integer type, a float, a boolean, a string or an object path; any array or
 * tuple, which is stored as a sequence; any dictionary with string keys, which is stored as a
 * mapping; `ay` for binary data; or the empty signature for null. A mapping replaces the overrides
 * at and below the path; keys of the defaults that it doesn't contain keep their default. An
 * element of a sequence is set by its index, and `-` instead of the index appends an element:
 * `/list/-`.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_value_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_value (RunconfConfiguration *self, const char *path, GVariant *value,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (value != NULL);

  arguments = make_set_value (path, value, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_value_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_value]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_value_finish (RunconfConfiguration *self, GAsyncResult *result,
                                        guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_value_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store; a floating reference is consumed
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path, and stores the override on disk.
 *
 * For the types of @value and the meaning of @path, see [method@Configuration.set_value].
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_value_sync (RunconfConfiguration *self, const char *path, GVariant *value,
                                      guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set_value (path, value, &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_set_boolean:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with a boolean, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_boolean_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_boolean (RunconfConfiguration *self, const char *path, gboolean value,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_set (path, g_variant_new_boolean (value), &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_boolean_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_boolean]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_boolean_finish (RunconfConfiguration *self, GAsyncResult *result,
                                          guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_boolean_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with a boolean, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_boolean_sync (RunconfConfiguration *self, const char *path,
                                        gboolean value, guint64 *version, GCancellable *cancellable,
                                        GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set (path, g_variant_new_boolean (value), &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_set_int64:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with an integer, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_int64_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_int64 (RunconfConfiguration *self, const char *path, gint64 value,
                                 GCancellable *cancellable, GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_set (path, g_variant_new_int64 (value), &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_int64_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_int64]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_int64_finish (RunconfConfiguration *self, GAsyncResult *result,
                                        guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_int64_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with an integer, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_int64_sync (RunconfConfiguration *self, const char *path, gint64 value,
                                      guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set (path, g_variant_new_int64 (value), &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_set_uint64:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with an integer, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_uint64_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_uint64 (RunconfConfiguration *self, const char *path, guint64 value,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_set (path, g_variant_new_uint64 (value), &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_uint64_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_uint64]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_uint64_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_uint64_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with an integer, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_uint64_sync (RunconfConfiguration *self, const char *path, guint64 value,
                                       guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set (path, g_variant_new_uint64 (value), &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_set_double:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store; infinities and NaN are allowed
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with a float, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_double_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_double (RunconfConfiguration *self, const char *path, double value,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_set (path, g_variant_new_double (value), &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_double_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_double]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_double_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_double_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store; infinities and NaN are allowed
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with a float, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_double_sync (RunconfConfiguration *self, const char *path, double value,
                                       guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set (path, g_variant_new_double (value), &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_set_string:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store, in UTF-8
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with a string, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_string_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_string (RunconfConfiguration *self, const char *path, const char *value,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (value != NULL);

  arguments = make_set_string (path, value, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_string_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_string]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_string_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_string_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store, in UTF-8
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with a string, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_string_sync (RunconfConfiguration *self, const char *path,
                                       const char *value, guint64 *version,
                                       GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set_string (path, value, &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_set_strv:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: (array zero-terminated=1): the value to store, in UTF-8
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path with a sequence of strings, and stores the override on disk.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.set_strv_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_set_strv (RunconfConfiguration *self, const char *path,
                                const char *const *value, GCancellable *cancellable,
                                GAsyncReadyCallback callback, gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (value != NULL);

  arguments = make_set_strv (path, value, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_set_strv_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.set_strv]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_strv_finish (RunconfConfiguration *self, GAsyncResult *result,
                                       guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish_set (self, result, version, error);
}

/**
 * runconf_configuration_set_strv_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: (array zero-terminated=1): the value to store, in UTF-8
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path with a sequence of strings, and stores the override on disk.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_set_strv_sync (RunconfConfiguration *self, const char *path,
                                     const char *const *value, guint64 *version,
                                     GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_set_strv (path, value, &refusal);

  return run_set (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_reset:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Removes the overrides at and below a path on disk, so that the defaults are in force there.
 *
 * The empty string resets the whole configuration. An element of a sequence can't be reset alone.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.reset_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_reset (RunconfConfiguration *self, const char *path,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_reset (path, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_RESET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_reset_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.reset]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the overrides are removed, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_reset_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return runconf_reply_take_version (
      runconf_call_finish (self, RUNCONF_METHOD_RESET, result, error), version);
}

/**
 * runconf_configuration_reset_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Removes the overrides at and below a path on disk, so that the defaults are in force there.
 *
 * The empty string resets the whole configuration. An element of a sequence can't be reset alone.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_INVALID_PATH is also reported for an element of a sequence, and
 * %RUNCONF_ERROR_NOT_FOUND if there is no value at the path.
 *
 * Returns: %TRUE if the overrides are removed, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_reset_sync (RunconfConfiguration *self, const char *path, guint64 *version,
                                  GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_reset (path, &refusal);

  return runconf_reply_take_version (
      runconf_call_run (self, RUNCONF_METHOD_RESET, arguments, refusal, cancellable, error),
      version);
}
