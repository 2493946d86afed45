/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"

/* Functions that hide the default of one path, in the three forms of those in setting.c. The service
 * has no method for each: they are operations of Apply.
 */

/* Takes ownership of @value. Returns: (transfer floating) (nullable): the arguments, or %NULL with the
 *   reason why they can't be sent
 */
static GVariant *
make_operation (const char *verb, const char *path, GVariant *value, GError **error)
{
  g_autoptr (GVariant) owned = value != NULL ? g_variant_take_ref (value) : NULL;
  GVariantBuilder operations;

  if (owned == NULL || !runconf_argument_check_path (path, error))
    return NULL;

  g_variant_builder_init (&operations, G_VARIANT_TYPE ("a(ssv)"));
  g_variant_builder_add (&operations, "(ssv)", verb, path, owned);

  return g_variant_new ("(a(ssv)a{sv})", &operations, NULL);
}

static GVariant *
make_unset (const char *path, GError **error)
{
  return make_operation ("unset", path, g_variant_new_signature (""), error);
}

static GVariant *
make_replace (const char *path, GVariant *value, GError **error)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (value);

  return make_operation ("replace", path, runconf_argument_make_value (path, owned, error), error);
}

static gboolean
finish (RunconfConfiguration *self, GAsyncResult *result, guint64 *version, GError **error)
{
  return runconf_reply_take_version (
      runconf_call_finish (self, RUNCONF_METHOD_APPLY, result, error), version);
}

/* Takes ownership of @refusal. */
static gboolean
run (RunconfConfiguration *self, GVariant *arguments, GError *refusal, guint64 *version,
     GCancellable *cancellable, GError **error)
{
  return runconf_reply_take_version (
      runconf_call_run (self, RUNCONF_METHOD_APPLY, arguments, refusal, cancellable, error),
      version);
}

/**
 * runconf_configuration_unset:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Takes the value at a path away on disk, including the default, so that there is no value.
 *
 * A value that is set at the path later, or [method@Configuration.reset], brings the path back. An
 * element of a sequence can't be unset alone, and neither can the whole configuration.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process find no value. Get the result with [method@Configuration.unset_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_unset (RunconfConfiguration *self, const char *path,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_unset (path, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_APPLY, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_unset_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.unset]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if there is no value at the path any more, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_unset_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish (self, result, version, error);
}

/**
 * runconf_configuration_unset_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Takes the value at a path away on disk, including the default, so that there is no value.
 *
 * A value that is set at the path later, or [method@Configuration.reset_sync], brings the path back.
 * An element of a sequence can't be unset alone, and neither can the whole configuration.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process find no
 * value.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_INVALID_PATH is also reported for an element of a sequence and for the whole
 * configuration, and %RUNCONF_ERROR_NOT_FOUND if there is no value at the path.
 *
 * Returns: %TRUE if there is no value at the path any more, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_unset_sync (RunconfConfiguration *self, const char *path, guint64 *version,
                                  GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_unset (path, &refusal);

  return run (self, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_replace_value:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store, as for [method@Configuration.set_value]; a floating reference is
 *   consumed
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides the value at a path as a whole, and stores the override on disk.
 *
 * Unlike [method@Configuration.set_value], a mapping isn't merged with the default: keys that it
 * doesn't contain have no value. For any other value the two do the same. The whole configuration
 * can't be replaced.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new value. Get the result with
 * [method@Configuration.replace_value_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_replace_value (RunconfConfiguration *self, const char *path, GVariant *value,
                                     GCancellable *cancellable, GAsyncReadyCallback callback,
                                     gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (value != NULL);

  arguments = make_replace (path, value, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_APPLY, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_replace_value_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.replace_value]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the override is stored, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_replace_value_finish (RunconfConfiguration *self, GAsyncResult *result,
                                            guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return finish (self, result, version, error);
}

/**
 * runconf_configuration_replace_value_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @value: the value to store, as for [method@Configuration.set_value]; a floating reference is
 *   consumed
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides the value at a path as a whole, and stores the override on disk.
 *
 * Unlike [method@Configuration.set_value_sync], a mapping isn't merged with the default: keys that
 * it doesn't contain have no value. For any other value the two do the same. The whole configuration
 * can't be replaced.
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
runconf_configuration_replace_value_sync (RunconfConfiguration *self, const char *path,
                                          GVariant *value, guint64 *version,
                                          GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (value != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  arguments = make_replace (path, value, &refusal);

  return run (self, arguments, refusal, version, cancellable, error);
}
