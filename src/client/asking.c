/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/description-private.h"
#include "client/enums-private.h"
#include "client/reply.h"

#define CURRENT_VERSION G_MAXUINT64

/* Functions that ask the service: Reload, Get, Describe and Dump. Each has three forms, as in
 * setting.c.
 */

/* Takes ownership of @reply. */
static gboolean
read_reload (GVariant *reply, gboolean *changed)
{
  g_autoptr (GVariant) owned = reply;
  gboolean value;

  if (reply == NULL)
    return FALSE;

  g_variant_get (reply, "(b)", &value);
  if (changed != NULL)
    *changed = value;

  return TRUE;
}

/* @reply: (transfer full) (nullable): the reply of Describe */
static RunconfDescription *
take_description (const char *path, GVariant *reply)
{
  g_autoptr (GVariant) facts = runconf_reply_take_value (reply);

  return facts != NULL ? runconf_description_new (path, facts) : NULL;
}

/* The argument of Get and Describe is a path. */
static GVariant *
make_path (const char *path, GError **error)
{
  return runconf_argument_check_path (path, error) ? g_variant_new ("(s)", path) : NULL;
}

static GVariant *
make_dump (const char *path, RunconfLayer layer, RunconfFormat format, RunconfDumpFlags flags,
           guint64 version, GError **error)
{
  GVariantDict options;

  if (!runconf_argument_check_path (path, error))
    return NULL;

  g_variant_dict_init (&options, NULL);
  if (version != CURRENT_VERSION)
    g_variant_dict_insert (&options, "version", "t", version);
  if ((flags & RUNCONF_DUMP_SECRETS) != 0)
    g_variant_dict_insert (&options, "secrets", "b", TRUE);
  if ((flags & RUNCONF_DUMP_STACKED) != 0)
    g_variant_dict_insert (&options, "stacked", "b", TRUE);

  return g_variant_new ("(sss@a{sv})", path, runconf_enums_get_nick (RUNCONF_TYPE_LAYER, layer),
                        runconf_enums_get_nick (RUNCONF_TYPE_FORMAT, format),
                        g_variant_dict_end (&options));
}

static gboolean
is_layer (RunconfLayer layer)
{
  return layer != RUNCONF_LAYER_UNKNOWN
         && runconf_enums_get_nick (RUNCONF_TYPE_LAYER, layer) != NULL;
}

static gboolean
is_format (RunconfFormat format)
{
  return runconf_enums_get_nick (RUNCONF_TYPE_FORMAT, format) != NULL;
}

/**
 * runconf_configuration_reload:
 * @self: a configuration
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Makes the service read the files again now.
 *
 * Unless that is turned off, the service also reads the files by itself when they change. If a file
 * is broken, the error is returned after the service has recovered.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.reload_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_reload (RunconfConfiguration *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));

  runconf_call_start (self, RUNCONF_METHOD_RELOAD, g_variant_new ("()"), NULL, cancellable,
                      callback, user_data);
}

/**
 * runconf_configuration_reload_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @changed: (out) (optional): return location for whether an effective value changed
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.reload]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: %TRUE if the files are read, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_reload_finish (RunconfConfiguration *self, GAsyncResult *result,
                                     gboolean *changed, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return read_reload (runconf_call_finish (self, RUNCONF_METHOD_RELOAD, result, error), changed);
}

/**
 * runconf_configuration_reload_sync:
 * @self: a configuration
 * @changed: (out) (optional): return location for whether an effective value changed
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Makes the service read the files again now.
 *
 * Unless that is turned off, the service also reads the files by itself when they change. If a file
 * is broken, the error is returned after the service has recovered.
 *
 * May block until the service replies, at most 60 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_INVALID_VALUE reports a broken file, with its name, line and column;
 * %RUNCONF_ERROR_STORAGE_FAILED is also reported if a file can't be read.
 *
 * Returns: %TRUE if the files are read, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_reload_sync (RunconfConfiguration *self, gboolean *changed,
                                   GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return read_reload (runconf_call_run (self, RUNCONF_METHOD_RELOAD, g_variant_new ("()"), NULL,
                                        cancellable, error),
                      changed);
}

/**
 * runconf_configuration_fetch_value:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service for a value.
 *
 * Programs normally read with [method@Configuration.get_value], which makes no call. This function
 * reports why there is no value, and returns a secret to callers with the right to read it. Secrets
 * below the path are left out.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.fetch_value_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_fetch_value (RunconfConfiguration *self, const char *path,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_path (path, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_GET, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_fetch_value_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.fetch_value]. Never blocks.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: (transfer full) (nullable): the value; %NULL if an error occurred
 *
 * Since: 1.0
 */
GVariant *
runconf_configuration_fetch_value_finish (RunconfConfiguration *self, GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_value (runconf_call_finish (self, RUNCONF_METHOD_GET, result, error));
}

/**
 * runconf_configuration_fetch_value_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service for a value.
 *
 * Programs normally read with [method@Configuration.get_value], which makes no call. This function
 * reports why there is no value, and returns a secret to callers with the right to read it. Secrets
 * below the path are left out.
 *
 * May block until the service replies, at most 25 s.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 * %RUNCONF_ERROR_ACCESS_DENIED is reported for a secret that the caller may not read.
 *
 * Returns: (transfer full) (nullable): the value; %NULL if an error occurred
 *
 * Since: 1.0
 */
GVariant *
runconf_configuration_fetch_value_sync (RunconfConfiguration *self, const char *path,
                                        GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_path (path, &refusal);

  return runconf_reply_take_value (
      runconf_call_run (self, RUNCONF_METHOD_GET, arguments, refusal, cancellable, error));
}

/**
 * runconf_configuration_describe:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service for a description of a value: its type, its source and its rules.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.describe_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_describe (RunconfConfiguration *self, const char *path,
                                GCancellable *cancellable, GAsyncReadyCallback callback,
                                gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_path (path, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_DESCRIBE, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_describe_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.describe]. Never blocks.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: (transfer full) (nullable): the description, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfDescription *
runconf_configuration_describe_finish (RunconfConfiguration *self, GAsyncResult *result,
                                       GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  const char *path;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  reply = runconf_call_finish (self, RUNCONF_METHOD_DESCRIBE, result, error);
  if (reply == NULL)
    return NULL;

  g_variant_get_child (runconf_call_get_arguments (result), 0, "&s", &path);

  return take_description (path, g_steal_pointer (&reply));
}

/**
 * runconf_configuration_describe_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service for a description of a value: its type, its source and its rules.
 *
 * May block until the service replies, at most 25 s.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: (transfer full) (nullable): the description, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfDescription *
runconf_configuration_describe_sync (RunconfConfiguration *self, const char *path,
                                     GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_path (path, &refusal);

  return take_description (path, runconf_call_run (self, RUNCONF_METHOD_DESCRIBE, arguments,
                                                   refusal, cancellable, error));
}

/**
 * runconf_configuration_dump:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @layer: the layer
 * @format: the format of the text
 * @flags: flags
 * @version: a version, or %G_MAXUINT64 for the one in force
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service for a layer, or a part of it, as text.
 *
 * For all overrides as `yaml`, the text is that of their file, with its comments; if there are
 * secrets, it is without the secrets and the comments. JSON has no form for infinities, NaN and
 * binary data, so these are strings.
 *
 * With an earlier @version, %RUNCONF_LAYER_OVERRIDES gives the overrides of that version, without
 * comments, and %RUNCONF_LAYER_EFFECTIVE these overrides merged over the current defaults. Without
 * %RUNCONF_DUMP_STACKED, a layer has only the values in its own files, with those that have no effect.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.dump_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_dump (RunconfConfiguration *self, const char *path, RunconfLayer layer,
                            RunconfFormat format, RunconfDumpFlags flags, guint64 version,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (is_layer (layer));
  g_return_if_fail (is_format (format));

  arguments = make_dump (path, layer, format, flags, version, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_DUMP, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_dump_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.dump]. Never blocks.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: (transfer full) (nullable): the text, in UTF-8; %NULL if an error occurred
 *
 * Since: 1.0
 */
char *
runconf_configuration_dump_finish (RunconfConfiguration *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_text (runconf_call_finish (self, RUNCONF_METHOD_DUMP, result, error));
}

/**
 * runconf_configuration_dump_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @layer: the layer
 * @format: the format of the text
 * @flags: flags
 * @version: a version, or %G_MAXUINT64 for the one in force
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service for a layer, or a part of it, as text.
 *
 * For the form of the text and the options, see [method@Configuration.dump].
 *
 * May block until the service replies, at most 25 s.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 * %RUNCONF_ERROR_NOT_FOUND is also reported if the history doesn't reach back to the version, and
 * %RUNCONF_ERROR_INVALID_VALUE for an unknown layer or format.
 *
 * Returns: (transfer full) (nullable): the text, in UTF-8; %NULL if an error occurred
 *
 * Since: 1.0
 */
char *
runconf_configuration_dump_sync (RunconfConfiguration *self, const char *path, RunconfLayer layer,
                                 RunconfFormat format, RunconfDumpFlags flags, guint64 version,
                                 GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (is_layer (layer), NULL);
  g_return_val_if_fail (is_format (format), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_dump (path, layer, format, flags, version, &refusal);

  return runconf_reply_take_text (
      runconf_call_run (self, RUNCONF_METHOD_DUMP, arguments, refusal, cancellable, error));
}
