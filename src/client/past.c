/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"

/* What was before, and back to it. */

static GVariant *
make_history (const char *path, GVariant *options, GError **error)
{
  GVariant *taken = runconf_argument_make_options (options, error);
  g_autoptr (GVariant) owned = taken != NULL ? g_variant_ref_sink (taken) : NULL;

  if (owned == NULL || !runconf_argument_check_path (path, error))
    return NULL;

  return g_variant_new ("(s@a{sv})", path, owned);
}

static GVariant *
make_revert (guint64 to, GVariant *options, GError **error)
{
  GVariant *taken = runconf_argument_make_options (options, error);

  return taken != NULL ? g_variant_new ("(t@a{sv})", to, taken) : NULL;
}

/**
 * runconf_configuration_history:
 * @self: a configuration
 * @path: a JSON Pointer; the empty string for all changes
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Asks the service for the changes of the overrides at, below and above a path, newest first. An
 * `aa{sv}`, of which each has `version` t, `time` t (µs since the epoch) and `origin` s; `uid` u,
 * `caller` s and `message` s where there was somebody who asked for it; and `changes` a(svv): path,
 * old override and new override. Where there was or is none the variant holds `(b)`, which no value
 * is.
 *
 * The options are `limit` u, how many at most, and `since-version` t, only later ones.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller; take it with
 * [method@Configuration.history_finish].
 */
void
runconf_configuration_history (RunconfConfiguration *self, const char *path, GVariant *options,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_history (path, options, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_HISTORY, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_history_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.history]. Never blocks.
 *
 * Returns: (transfer full) (nullable): the changes, an `aa{sv}`; %NULL with an error of
 *   [method@Configuration.history_sync]
 */
GVariant *
runconf_configuration_history_finish (RunconfConfiguration *self, GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_value (
      runconf_call_finish (self, RUNCONF_METHOD_HISTORY, result, error));
}

/**
 * runconf_configuration_history_sync:
 * @self: a configuration
 * @path: a JSON Pointer; the empty string for all changes
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting
 * @error: what went wrong
 *
 * Asks the service for the changes of the overrides at, below and above a path, newest first. An
 * `aa{sv}`, of which each has `version` t, `time` t (µs since the epoch) and `origin` s; `uid` u,
 * `caller` s and `message` s where there was somebody who asked for it; and `changes` a(svv): path,
 * old override and new override. Where there was or is none the variant holds `(b)`, which no value
 * is.
 *
 * The options are `limit` u, how many at most, and `since-version` t, only later ones.
 *
 * May block: for as long as the service needs to answer, at most 25 s.
 *
 * Returns: (transfer full) (nullable): the changes, an `aa{sv}`; %NULL with
 *   %RUNCONF_ERROR_INVALID_PATH where @path is no JSON Pointer, %RUNCONF_ERROR_INVALID_VALUE for an
 *   option that there isn't, %RUNCONF_ERROR_UNAVAILABLE if no history is kept, or the service can't
 *   be reached or doesn't answer, %G_DBUS_ERROR_ACCESS_DENIED if the caller may not read it, or
 *   %G_IO_ERROR_CANCELLED
 */
GVariant *
runconf_configuration_history_sync (RunconfConfiguration *self, const char *path, GVariant *options,
                                    GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  arguments = make_history (path, options, &refusal);

  return runconf_reply_take_value (
      runconf_call_run (self, RUNCONF_METHOD_HISTORY, arguments, refusal, cancellable, error));
}

/**
 * runconf_configuration_diff:
 * @self: a configuration
 * @from: a version
 * @to: another one, older or newer
 * @cancellable: (nullable): ends the waiting
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Asks the service what tells two versions apart. An `a(svv)`: path, value at @from and value at
 * @to, as readers see them with the defaults of today. Where nothing stood the variant holds `(b)`,
 * which no value is.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller; take it with
 * [method@Configuration.diff_finish].
 */
void
runconf_configuration_diff (RunconfConfiguration *self, guint64 from, guint64 to,
                            GCancellable *cancellable, GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));

  runconf_call_start (self, RUNCONF_METHOD_DIFF, g_variant_new ("(tt)", from, to), NULL,
                      cancellable, callback, user_data);
}

/**
 * runconf_configuration_diff_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.diff]. Never blocks.
 *
 * Returns: (transfer full) (nullable): what differs, an `a(svv)`; %NULL with an error of
 *   [method@Configuration.diff_sync]
 */
GVariant *
runconf_configuration_diff_finish (RunconfConfiguration *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_value (runconf_call_finish (self, RUNCONF_METHOD_DIFF, result, error));
}

/**
 * runconf_configuration_diff_sync:
 * @self: a configuration
 * @from: a version
 * @to: another one, older or newer
 * @cancellable: (nullable): ends the waiting
 * @error: what went wrong
 *
 * Asks the service what tells two versions apart. An `a(svv)`: path, value at @from and value at
 * @to, as readers see them with the defaults of today. Where nothing stood the variant holds `(b)`,
 * which no value is.
 *
 * May block: for as long as the service needs to answer, at most 25 s.
 *
 * Returns: (transfer full) (nullable): what differs, an `a(svv)`; %NULL with
 *   %RUNCONF_ERROR_NOT_FOUND if the history doesn't go back so far, %RUNCONF_ERROR_TOO_LARGE where
 *   it fits no message of the bus, %RUNCONF_ERROR_UNAVAILABLE if no history is kept, or the service
 *   can't be reached or doesn't answer, %G_DBUS_ERROR_ACCESS_DENIED if the caller may not read it,
 *   or %G_IO_ERROR_CANCELLED
 */
GVariant *
runconf_configuration_diff_sync (RunconfConfiguration *self, guint64 from, guint64 to,
                                 GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_value (runconf_call_run (
      self, RUNCONF_METHOD_DIFF, g_variant_new ("(tt)", from, to), NULL, cancellable, error));
}

/**
 * runconf_configuration_revert:
 * @self: a configuration
 * @to: a version
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Puts the overrides back to what they were at a version, as a new change, on the disk. Secrets
 * stay as they are.
 *
 * The options are `if-version` t, `message` s, `dry-run` b, `confirm-timeout` u in seconds and
 * `report-overrides` b, and mean what they do for a [class@Transaction].
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in this
 * process see the change; take it with [method@Configuration.revert_finish].
 */
void
runconf_configuration_revert (RunconfConfiguration *self, guint64 to, GVariant *options,
                              GCancellable *cancellable, GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));

  arguments = make_revert (to, options, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_REVERT, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_revert_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @version: (out) (optional): the version at which it is so, or for a dry run the present one
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.revert]. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run that would change, as JSON Pointers; %NULL with an error of
 *   [method@Configuration.revert_sync]
 */
char **
runconf_configuration_revert_finish (RunconfConfiguration *self, GAsyncResult *result,
                                     guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_REVERT, result, error), version);
}

/**
 * runconf_configuration_revert_sync:
 * @self: a configuration
 * @to: a version
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @version: (out) (optional): the version at which it is so, or for a dry run the present one
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Puts the overrides back to what they were at a version, as a new change, on the disk. Secrets
 * stay as they are.
 *
 * The options are `if-version` t, `message` s, `dry-run` b, `confirm-timeout` u in seconds and
 * `report-overrides` b, and mean what they do for a [class@Transaction]. When it returns, reads in this process see the
 * change.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run that would change, as JSON Pointers: every leaf, or where these are
 *   too many the deepest mappings that cover them; none if nothing changed; %NULL with
 *   %RUNCONF_ERROR_NOT_FOUND if the history doesn't go back so far, %RUNCONF_ERROR_INVALID_VALUE
 *   for an option that there isn't, %RUNCONF_ERROR_SCHEMA_VIOLATION or %RUNCONF_ERROR_LOCKED where
 *   what was there isn't allowed any more, %RUNCONF_ERROR_VERSION_MISMATCH at another version than
 *   `if-version`, %RUNCONF_ERROR_STORAGE_FAILED if it can't be stored, %RUNCONF_ERROR_UNAVAILABLE
 *   if no history is kept, or the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not revert, or %G_IO_ERROR_CANCELLED
 */
char **
runconf_configuration_revert_sync (RunconfConfiguration *self, guint64 to, GVariant *options,
                                   guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  arguments = make_revert (to, options, &refusal);

  return runconf_reply_take_changed (
      runconf_call_run (self, RUNCONF_METHOD_REVERT, arguments, refusal, cancellable, error),
      version);
}

/**
 * runconf_configuration_confirm:
 * @self: a configuration
 * @version: the one that the change made
 * @cancellable: (nullable): ends the waiting
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Keeps a change that was made with a time in which it has to be confirmed, and would go back
 * otherwise. Only who made it, and root, may.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller; take it with
 * [method@Configuration.confirm_finish].
 */
void
runconf_configuration_confirm (RunconfConfiguration *self, guint64 version,
                               GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));

  runconf_call_start (self, RUNCONF_METHOD_CONFIRM, g_variant_new ("(t)", version), NULL,
                      cancellable, callback, user_data);
}

/**
 * runconf_configuration_confirm_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.confirm]. Never blocks.
 *
 * Returns: whether it is kept; %FALSE with an error of [method@Configuration.confirm_sync]
 */
gboolean
runconf_configuration_confirm_finish (RunconfConfiguration *self, GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return runconf_reply_take_empty (
      runconf_call_finish (self, RUNCONF_METHOD_CONFIRM, result, error));
}

/**
 * runconf_configuration_confirm_sync:
 * @self: a configuration
 * @version: the one that the change made
 * @cancellable: (nullable): ends the waiting
 * @error: what went wrong
 *
 * Keeps a change that was made with a time in which it has to be confirmed, and would go back
 * otherwise. Only who made it, and root, may.
 *
 * May block: for as long as the service needs to answer, at most 25 s.
 *
 * Returns: whether it is kept; %FALSE with %RUNCONF_ERROR_NOT_FOUND if no such change waits, since
 *   it was confirmed already or went back, %G_DBUS_ERROR_ACCESS_DENIED if the caller may not
 *   confirm it, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer, or
 *   %G_IO_ERROR_CANCELLED
 */
gboolean
runconf_configuration_confirm_sync (RunconfConfiguration *self, guint64 version,
                                    GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);

  return runconf_reply_take_empty (runconf_call_run (
      self, RUNCONF_METHOD_CONFIRM, g_variant_new ("(t)", version), NULL, cancellable, error));
}
