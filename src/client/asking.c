/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"

/* Takes over @reply. */
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

/* Get and Describe take a path alone. */
static GVariant *
make_path (const char *path, GError **error)
{
  return runconf_argument_check_path (path, error) ? g_variant_new ("(s)", path) : NULL;
}

static GVariant *
make_dump (const char *path, const char *layer, const char *format, GVariant *options,
           GError **error)
{
  GVariant *taken = runconf_argument_make_options (options, error);
  g_autoptr (GVariant) owned = taken != NULL ? g_variant_ref_sink (taken) : NULL;

  if (owned == NULL || !runconf_argument_check_path (path, error)
      || !runconf_argument_check_text ("the layer", layer, error)
      || !runconf_argument_check_text ("the format", format, error))
    return NULL;

  return g_variant_new ("(sss@a{sv})", path, layer, format, owned);
}

/**
 * runconf_configuration_reload:
 * @self: a configuration
 * @cancellable: (nullable): ends the waiting
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Has the service read the files again, now. It does so by itself when they change, unless that
 * was turned off. Of a broken file the error is told, after the recovery.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see what was found; take it with [method@Configuration.reload_finish].
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
 * @result: what the callback was given
 * @changed: (out) (optional): whether an effective value changed
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.reload]. Never blocks.
 *
 * Returns: whether the files are read; %FALSE with an error of [method@Configuration.reload_sync]
 */
gboolean
runconf_configuration_reload_finish (RunconfConfiguration *self, GAsyncResult *result,
                                     gboolean *changed, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return read_reload (runconf_call_finish (self, RUNCONF_METHOD_RELOAD, result, error), changed);
}

/**
 * runconf_configuration_reload_sync:
 * @self: a configuration
 * @changed: (out) (optional): whether an effective value changed
 * @cancellable: (nullable): ends the waiting
 * @error: what went wrong
 *
 * Has the service read the files again, now. It does so by itself when they change, unless that
 * was turned off. Of a broken file the error is told, after the recovery.
 *
 * When it returns, reads in this process see what was found. May block: for as long as the service
 * needs to answer, at most 60 s.
 *
 * Returns: whether the files are read; %FALSE with %RUNCONF_ERROR_INVALID_VALUE, with file, line
 *   and column, of a broken file, %RUNCONF_ERROR_STORAGE_FAILED where one can't be read,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, %RUNCONF_ERROR_UNAVAILABLE if the
 *   service can't be reached or doesn't answer, or %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_reload_sync (RunconfConfiguration *self, gboolean *changed,
                                   GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return read_reload (runconf_call_run (self, RUNCONF_METHOD_RELOAD, g_variant_new ("()"), NULL,
                                        cancellable, error),
                      changed);
}

/**
 * runconf_configuration_fetch_value:
 * @self: a configuration
 * @path: a JSON Pointer
 * @cancellable: (nullable): ends the waiting
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Asks the service for a value. Programs read with [method@Configuration.get_value], which takes no
 * time; this tells why there is no value, and gives a secret to who may read it. Secrets below the
 * path are left out.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller; take it with
 * [method@Configuration.fetch_value_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.fetch_value]. Never blocks.
 *
 * Returns: (transfer full) (nullable): the value; %NULL with an error of
 *   [method@Configuration.fetch_value_sync]
 */
GVariant *
runconf_configuration_fetch_value_finish (RunconfConfiguration *self, GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_value (runconf_call_finish (self, RUNCONF_METHOD_GET, result, error));
}

/**
 * runconf_configuration_fetch_value_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @cancellable: (nullable): ends the waiting
 * @error: what went wrong
 *
 * Asks the service for a value. Programs read with [method@Configuration.get_value], which takes no
 * time; this tells why there is no value, and gives a secret to who may read it. Secrets below the
 * path are left out.
 *
 * May block: for as long as the service needs to answer, at most 25 s.
 *
 * Returns: (transfer full) (nullable): the value; %NULL with %RUNCONF_ERROR_INVALID_PATH where
 *   @path is no JSON Pointer, %RUNCONF_ERROR_NOT_FOUND if nothing stands there,
 *   %RUNCONF_ERROR_TOO_LARGE where it fits no message of the bus, %G_DBUS_ERROR_ACCESS_DENIED of a
 *   secret that the caller may not read, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached
 *   or doesn't answer, or %G_IO_ERROR_CANCELLED
 */
GVariant *
runconf_configuration_fetch_value_sync (RunconfConfiguration *self, const char *path,
                                        GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  arguments = make_path (path, &refusal);

  return runconf_reply_take_value (
      runconf_call_run (self, RUNCONF_METHOD_GET, arguments, refusal, cancellable, error));
}

/**
 * runconf_configuration_describe:
 * @self: a configuration
 * @path: a JSON Pointer
 * @cancellable: (nullable): ends the waiting
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Asks the service what is known of a value. An `a{sv}`: `value` v, `default` v (absent where the
 * defaults have none), `type` s (`mapping`, `sequence`, `string`, `integer`, `float`, `boolean`,
 * `null` or `binary`), `source` s (`default`, `override`, or `locked` where the default is fixed),
 * `file` s, `line` u and `column` u of where the value stands, both from 1, `version` t and `time` t
 * (µs since the epoch) of the last change that the history knows, `writable` b: whether the caller
 * may write it, `secret` b, in which case there is no `value` and no `default`, and what the schema
 * says.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller; take it with
 * [method@Configuration.describe_finish].
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
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.describe]. Never blocks.
 *
 * Returns: (transfer full) (nullable): what is known, an `a{sv}`; %NULL with an error of
 *   [method@Configuration.describe_sync]
 */
GVariant *
runconf_configuration_describe_finish (RunconfConfiguration *self, GAsyncResult *result,
                                       GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_value (
      runconf_call_finish (self, RUNCONF_METHOD_DESCRIBE, result, error));
}

/**
 * runconf_configuration_describe_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @cancellable: (nullable): ends the waiting
 * @error: what went wrong
 *
 * Asks the service what is known of a value. An `a{sv}`: `value` v, `default` v (absent where the
 * defaults have none), `type` s (`mapping`, `sequence`, `string`, `integer`, `float`, `boolean`,
 * `null` or `binary`), `source` s (`default`, `override`, or `locked` where the default is fixed),
 * `file` s, `line` u and `column` u of where the value stands, both from 1, `version` t and `time` t
 * (µs since the epoch) of the last change that the history knows, `writable` b: whether the caller
 * may write it, `secret` b, in which case there is no `value` and no `default`, and what the schema
 * says.
 *
 * May block: for as long as the service needs to answer, at most 25 s.
 *
 * Returns: (transfer full) (nullable): what is known, an `a{sv}`; %NULL with
 *   %RUNCONF_ERROR_INVALID_PATH where @path is no JSON Pointer, %RUNCONF_ERROR_NOT_FOUND if
 *   nothing stands there, %RUNCONF_ERROR_TOO_LARGE where it fits no message of the bus,
 *   %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer, or
 *   %G_IO_ERROR_CANCELLED
 */
GVariant *
runconf_configuration_describe_sync (RunconfConfiguration *self, const char *path,
                                     GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  arguments = make_path (path, &refusal);

  return runconf_reply_take_value (
      runconf_call_run (self, RUNCONF_METHOD_DESCRIBE, arguments, refusal, cancellable, error));
}

/**
 * runconf_configuration_dump:
 * @self: a configuration
 * @path: a JSON Pointer
 * @layer: `effective`, `defaults` or `overrides`
 * @format: `yaml` or `json`
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Asks the service for a layer, or a part of it, as text. The overrides as a whole, as `yaml`,
 * come as they stand in their file, comments included, or without comments and secrets where there
 * are secrets. JSON has no form for infinities, NaN and binary: they are strings.
 *
 * The options are `version` t, for the overrides as they were at an older version and what they make
 * with the defaults of today; and `secrets` b, for who may read them.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller; take it with
 * [method@Configuration.dump_finish].
 */
void
runconf_configuration_dump (RunconfConfiguration *self, const char *path, const char *layer,
                            const char *format, GVariant *options, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);
  g_return_if_fail (layer != NULL);
  g_return_if_fail (format != NULL);

  arguments = make_dump (path, layer, format, options, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_DUMP, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_dump_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.dump]. Never blocks.
 *
 * Returns: (transfer full) (nullable): the text, in UTF-8; %NULL with an error of
 *   [method@Configuration.dump_sync]
 */
char *
runconf_configuration_dump_finish (RunconfConfiguration *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_text (runconf_call_finish (self, RUNCONF_METHOD_DUMP, result, error));
}

/**
 * runconf_configuration_dump_sync:
 * @self: a configuration
 * @path: a JSON Pointer
 * @layer: `effective`, `defaults` or `overrides`
 * @format: `yaml` or `json`
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting
 * @error: what went wrong
 *
 * Asks the service for a layer, or a part of it, as text. The overrides as a whole, as `yaml`,
 * come as they stand in their file, comments included, or without comments and secrets where there
 * are secrets. JSON has no form for infinities, NaN and binary: they are strings.
 *
 * The options are `version` t, for the overrides as they were at an older version and what they make
 * with the defaults of today; and `secrets` b, for who may read them.
 *
 * May block: for as long as the service needs to answer, at most 25 s.
 *
 * Returns: (transfer full) (nullable): the text, in UTF-8; %NULL with %RUNCONF_ERROR_INVALID_PATH
 *   where @path is no JSON Pointer, %RUNCONF_ERROR_NOT_FOUND if nothing stands there in this
 *   layer, or the history doesn't go back so far, %RUNCONF_ERROR_INVALID_VALUE for another layer,
 *   format or option, %RUNCONF_ERROR_TOO_LARGE where the text fits no message of the bus,
 *   %G_DBUS_ERROR_ACCESS_DENIED of what the caller may not read, %RUNCONF_ERROR_UNAVAILABLE if the
 *   service can't be reached or doesn't answer, or %G_IO_ERROR_CANCELLED
 */
char *
runconf_configuration_dump_sync (RunconfConfiguration *self, const char *path, const char *layer,
                                 const char *format, GVariant *options, GCancellable *cancellable,
                                 GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (layer != NULL, NULL);
  g_return_val_if_fail (format != NULL, NULL);

  arguments = make_dump (path, layer, format, options, &refusal);

  return runconf_reply_take_text (
      runconf_call_run (self, RUNCONF_METHOD_DUMP, arguments, refusal, cancellable, error));
}
