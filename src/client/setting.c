/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"

/* Each method has three forms: one that starts the call, one that takes its outcome, and one that
 * does both and waits. What they share is in call.c; here the arguments are made.
 */

static gboolean
finish_set (RunconfConfiguration *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = runconf_call_finish (self, RUNCONF_METHOD_SET, result, error);

  return reply != NULL;
}

/* Takes over @refusal. */
static gboolean
run_set (RunconfConfiguration *self, GVariant *arguments, GError *refusal,
         GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) reply
      = runconf_call_run (self, RUNCONF_METHOD_SET, arguments, refusal, cancellable, error);

  return reply != NULL;
}

/* Returns: (transfer floating) (nullable): the arguments, or %NULL with why they can't be sent */
static GVariant *
make_set (const char *path, GVariant *value, GError **error)
{
  g_autoptr (GVariant) owned = value != NULL ? g_variant_ref_sink (value) : NULL;

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
 * @path: a JSON Pointer
 * @value: what to set there; a floating one is taken over
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Overrides what stands at a path by a value, on the disk.
 *
 * A value of any type that the service takes: every integer type, floats, booleans, strings and
 * object paths, any array or tuple as a sequence, any dictionary with string keys as a mapping,
 * `ay` as binary, and the empty signature as null. A mapping replaces the overrides at and below
 * the path, and keys of the defaults that it leaves out show through. An element of a sequence is
 * set by its index, and `-` in its place appends: `/list/-`.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the value; take it with [method@Configuration.set_value_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.set_value]. Never blocks.
 *
 * Returns: whether it is set; %FALSE with an error of [method@Configuration.set_value_sync]
 */
gboolean
runconf_configuration_set_value_finish (RunconfConfiguration *self, GAsyncResult *result,
                                        GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return finish_set (self, result, error);
}

/**
 * runconf_configuration_set_value_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there; a floating one is taken over
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Overrides what stands at a path by a value, on the disk. When it returns, reads in this process
 * see the value.
 *
 * A value of any type that the service takes: every integer type, floats, booleans, strings and
 * object paths, any array or tuple as a sequence, any dictionary with string keys as a mapping,
 * `ay` as binary, and the empty signature as null. A mapping replaces the overrides at and below
 * the path, and keys of the defaults that it leaves out show through. An element of a sequence is
 * set by its index, and `-` in its place appends: `/list/-`.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: whether it is set; %FALSE with %RUNCONF_ERROR_INVALID_PATH where @path is no JSON
 *   Pointer or leads through a scalar, %RUNCONF_ERROR_NOT_FOUND for an index past the end of a
 *   sequence, %RUNCONF_ERROR_INVALID_VALUE where a configuration can't hold the value,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_set_value_sync (RunconfConfiguration *self, const char *path, GVariant *value,
                                      GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  arguments = make_set_value (path, value, &refusal);

  return run_set (self, arguments, refusal, cancellable, error);
}

/**
 * runconf_configuration_set_boolean:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Overrides what stands at a path by a boolean, on the disk.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the value; take it with [method@Configuration.set_boolean_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.set_boolean]. Never blocks.
 *
 * Returns: whether it is set; %FALSE with an error of [method@Configuration.set_boolean_sync]
 */
gboolean
runconf_configuration_set_boolean_finish (RunconfConfiguration *self, GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return finish_set (self, result, error);
}

/**
 * runconf_configuration_set_boolean_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Overrides what stands at a path by a boolean, on the disk. When it returns, reads in this
 * process see the value.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: whether it is set; %FALSE with %RUNCONF_ERROR_INVALID_PATH where @path is no JSON
 *   Pointer or leads through a scalar, %RUNCONF_ERROR_NOT_FOUND for an index past the end of a
 *   sequence, %RUNCONF_ERROR_INVALID_VALUE where a configuration can't hold the value,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_set_boolean_sync (RunconfConfiguration *self, const char *path,
                                        gboolean value, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  arguments = make_set (path, g_variant_new_boolean (value), &refusal);

  return run_set (self, arguments, refusal, cancellable, error);
}

/**
 * runconf_configuration_set_int64:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Overrides what stands at a path by an integer, on the disk.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the value; take it with [method@Configuration.set_int64_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.set_int64]. Never blocks.
 *
 * Returns: whether it is set; %FALSE with an error of [method@Configuration.set_int64_sync]
 */
gboolean
runconf_configuration_set_int64_finish (RunconfConfiguration *self, GAsyncResult *result,
                                        GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return finish_set (self, result, error);
}

/**
 * runconf_configuration_set_int64_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Overrides what stands at a path by an integer, on the disk. When it returns, reads in this
 * process see the value.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: whether it is set; %FALSE with %RUNCONF_ERROR_INVALID_PATH where @path is no JSON
 *   Pointer or leads through a scalar, %RUNCONF_ERROR_NOT_FOUND for an index past the end of a
 *   sequence, %RUNCONF_ERROR_INVALID_VALUE where a configuration can't hold the value,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_set_int64_sync (RunconfConfiguration *self, const char *path, gint64 value,
                                      GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  arguments = make_set (path, g_variant_new_int64 (value), &refusal);

  return run_set (self, arguments, refusal, cancellable, error);
}

/**
 * runconf_configuration_set_double:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there; infinities and NaN are taken too
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Overrides what stands at a path by a float, on the disk.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the value; take it with [method@Configuration.set_double_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.set_double]. Never blocks.
 *
 * Returns: whether it is set; %FALSE with an error of [method@Configuration.set_double_sync]
 */
gboolean
runconf_configuration_set_double_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return finish_set (self, result, error);
}

/**
 * runconf_configuration_set_double_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there; infinities and NaN are taken too
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Overrides what stands at a path by a float, on the disk. When it returns, reads in this process
 * see the value.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: whether it is set; %FALSE with %RUNCONF_ERROR_INVALID_PATH where @path is no JSON
 *   Pointer or leads through a scalar, %RUNCONF_ERROR_NOT_FOUND for an index past the end of a
 *   sequence, %RUNCONF_ERROR_INVALID_VALUE where a configuration can't hold the value,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_set_double_sync (RunconfConfiguration *self, const char *path, double value,
                                       GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  arguments = make_set (path, g_variant_new_double (value), &refusal);

  return run_set (self, arguments, refusal, cancellable, error);
}

/**
 * runconf_configuration_set_string:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there, in UTF-8
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Overrides what stands at a path by a string, on the disk.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the value; take it with [method@Configuration.set_string_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.set_string]. Never blocks.
 *
 * Returns: whether it is set; %FALSE with an error of [method@Configuration.set_string_sync]
 */
gboolean
runconf_configuration_set_string_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return finish_set (self, result, error);
}

/**
 * runconf_configuration_set_string_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: what to set there, in UTF-8
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Overrides what stands at a path by a string, on the disk. When it returns, reads in this process
 * see the value.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: whether it is set; %FALSE with %RUNCONF_ERROR_INVALID_PATH where @path is no JSON
 *   Pointer or leads through a scalar, %RUNCONF_ERROR_NOT_FOUND for an index past the end of a
 *   sequence, %RUNCONF_ERROR_INVALID_VALUE where a configuration can't hold the value,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_set_string_sync (RunconfConfiguration *self, const char *path,
                                       const char *value, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  arguments = make_set_string (path, value, &refusal);

  return run_set (self, arguments, refusal, cancellable, error);
}

/**
 * runconf_configuration_set_strv:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: (array zero-terminated=1): what to set there, in UTF-8
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Overrides what stands at a path by a sequence of strings, on the disk.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the value; take it with [method@Configuration.set_strv_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.set_strv]. Never blocks.
 *
 * Returns: whether it is set; %FALSE with an error of [method@Configuration.set_strv_sync]
 */
gboolean
runconf_configuration_set_strv_finish (RunconfConfiguration *self, GAsyncResult *result,
                                       GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return finish_set (self, result, error);
}

/**
 * runconf_configuration_set_strv_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @value: (array zero-terminated=1): what to set there, in UTF-8
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Overrides what stands at a path by a sequence of strings, on the disk. When it returns, reads in
 * this process see the value.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: whether it is set; %FALSE with %RUNCONF_ERROR_INVALID_PATH where @path is no JSON
 *   Pointer or leads through a scalar, %RUNCONF_ERROR_NOT_FOUND for an index past the end of a
 *   sequence, %RUNCONF_ERROR_INVALID_VALUE where a configuration can't hold the value,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_set_strv_sync (RunconfConfiguration *self, const char *path,
                                     const char *const *value, GCancellable *cancellable,
                                     GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);

  arguments = make_set_strv (path, value, &refusal);

  return run_set (self, arguments, refusal, cancellable, error);
}

/**
 * runconf_configuration_reset:
 * @self: a configuration
 * @path: a JSON Pointer
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Drops the overrides at and below a path, so that the defaults show through, on the disk. The
 * empty string resets everything. An element of a sequence can't be reset alone.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the change; take it with [method@Configuration.reset_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.reset]. Never blocks.
 *
 * Returns: whether it is reset; %FALSE with an error of [method@Configuration.reset_sync]
 */
gboolean
runconf_configuration_reset_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    GError **error)
{
  g_autoptr (GVariant) reply = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  reply = runconf_call_finish (self, RUNCONF_METHOD_RESET, result, error);

  return reply != NULL;
}

/**
 * runconf_configuration_reset_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Drops the overrides at and below a path, so that the defaults show through, on the disk. The
 * empty string resets everything. An element of a sequence can't be reset alone. When it returns,
 * reads in this process see the change.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: whether it is reset; %FALSE with %RUNCONF_ERROR_INVALID_PATH where @path is no JSON
 *   Pointer or an element of a sequence, %RUNCONF_ERROR_NOT_FOUND if nothing stands there,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_reset_sync (RunconfConfiguration *self, const char *path,
                                  GCancellable *cancellable, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);

  arguments = make_reset (path, &refusal);
  reply = runconf_call_run (self, RUNCONF_METHOD_RESET, arguments, refusal, cancellable, error);

  return reply != NULL;
}
