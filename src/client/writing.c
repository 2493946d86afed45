/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"
#include "client/transaction-private.h"

/* The methods that answer with a version and what changed: `(tas)`. */

/* Takes over @refusal. */
static char **
run (RunconfConfiguration *self, RunconfMethod method, GVariant *arguments, GError *refusal,
     guint64 *version, GCancellable *cancellable, GError **error)
{
  return runconf_reply_take_changed (
      runconf_call_run (self, method, arguments, refusal, cancellable, error), version);
}

static GVariant *
make_merge (GVariant *patch, GError **error)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (patch);
  GVariant *mapping = runconf_argument_make_mapping (owned, error);

  return mapping != NULL ? g_variant_new ("(@a{sv})", mapping) : NULL;
}

static GVariant *
make_merge_text (const char *text, GError **error)
{
  return runconf_argument_check_text ("the text", text, error) ? g_variant_new ("(s)", text) : NULL;
}

static GVariant *
make_save (GVariant *config, GError **error)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (config);
  GVariant *mapping = runconf_argument_make_mapping (owned, error);

  return mapping != NULL ? g_variant_new ("(@a{sv}a{sv})", mapping, NULL) : NULL;
}

static GVariant *
make_replace_text (const char *text, GVariant *options, GError **error)
{
  GVariant *taken = runconf_argument_make_options (options, error);
  g_autoptr (GVariant) owned = taken != NULL ? g_variant_ref_sink (taken) : NULL;

  if (owned == NULL || !runconf_argument_check_text ("the text", text, error))
    return NULL;

  return g_variant_new ("(s@a{sv})", text, owned);
}

/**
 * runconf_configuration_merge:
 * @self: a configuration
 * @patch: the changes, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Overrides every leaf of a patch (RFC 7396), as one change, on the disk: a mapping goes key by
 * key, a sequence replaces, and null (the empty signature) drops the overrides at and below its
 * path. What the patch leaves out stays as it is.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the change; take it with [method@Configuration.merge_finish].
 */
void
runconf_configuration_merge (RunconfConfiguration *self, GVariant *patch, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (patch != NULL);

  arguments = make_merge (patch, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_MERGE, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_merge_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @version: (out) (optional): the version at which it is so
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.merge]. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers; %NULL with an error of [method@Configuration.merge_sync]
 */
char **
runconf_configuration_merge_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_MERGE, result, error), version);
}

/**
 * runconf_configuration_merge_sync:
 * @self: a configuration
 * @patch: the changes, an `a{sv}`; a floating one is taken over
 * @version: (out) (optional): the version at which it is so
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Overrides every leaf of a patch (RFC 7396), as one change, on the disk: a mapping goes key by
 * key, a sequence replaces, and null (the empty signature) drops the overrides at and below its
 * path. What the patch leaves out stays as it is. When it returns, reads in this process see the
 * change.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers: every leaf, or where these are too many the deepest mappings that
 *   cover them; none if nothing changed; %NULL with %RUNCONF_ERROR_INVALID_VALUE where @patch is
 *   no mapping or a configuration can't hold a value of it, %RUNCONF_ERROR_TOO_LARGE past a limit
 *   of the service, %RUNCONF_ERROR_STORAGE_FAILED if it can't be stored,
 *   %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
char **
runconf_configuration_merge_sync (RunconfConfiguration *self, GVariant *patch, guint64 *version,
                                  GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (patch != NULL, NULL);

  arguments = make_merge (patch, &refusal);

  return run (self, RUNCONF_METHOD_MERGE, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_merge_text:
 * @self: a configuration
 * @text: a mapping in YAML or JSON, in UTF-8
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * The same as [method@Configuration.merge] with the patch as text, like `chat: {websocket: {port:
 * 9000}}`.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the change; take it with [method@Configuration.merge_text_finish].
 */
void
runconf_configuration_merge_text (RunconfConfiguration *self, const char *text,
                                  GCancellable *cancellable, GAsyncReadyCallback callback,
                                  gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (text != NULL);

  arguments = make_merge_text (text, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_MERGE_TEXT, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_merge_text_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @version: (out) (optional): the version at which it is so
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.merge_text]. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers; %NULL with an error of [method@Configuration.merge_text_sync]
 */
char **
runconf_configuration_merge_text_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_MERGE_TEXT, result, error), version);
}

/**
 * runconf_configuration_merge_text_sync:
 * @self: a configuration
 * @text: a mapping in YAML or JSON, in UTF-8
 * @version: (out) (optional): the version at which it is so
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * The same as [method@Configuration.merge] with the patch as text, like `chat: {websocket: {port:
 * 9000}}`. When it returns, reads in this process see the change.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers: every leaf, or where these are too many the deepest mappings that
 *   cover them; none if nothing changed; %NULL with %RUNCONF_ERROR_INVALID_VALUE with line and
 *   column where @text is no YAML or no mapping, %RUNCONF_ERROR_TOO_LARGE past a limit of the
 *   service, %RUNCONF_ERROR_STORAGE_FAILED if it can't be stored, %RUNCONF_ERROR_UNAVAILABLE if
 *   the service can't be reached or doesn't answer, %G_DBUS_ERROR_ACCESS_DENIED if the caller may
 *   not write, or %G_IO_ERROR_CANCELLED
 */
char **
runconf_configuration_merge_text_sync (RunconfConfiguration *self, const char *text,
                                       guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);

  arguments = make_merge_text (text, &refusal);

  return run (self, RUNCONF_METHOD_MERGE_TEXT, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_save:
 * @self: a configuration
 * @config: a whole configuration, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Makes the overrides what is needed for this configuration, as one change, on the disk, and
 * stores only what differs from the defaults. Keys that are left out go back to their default.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the change; take it with [method@Configuration.save_finish].
 */
void
runconf_configuration_save (RunconfConfiguration *self, GVariant *config, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (config != NULL);

  arguments = make_save (config, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_SAVE, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_save_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @version: (out) (optional): the version at which it is so
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.save]. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers; %NULL with an error of [method@Configuration.save_sync]
 */
char **
runconf_configuration_save_finish (RunconfConfiguration *self, GAsyncResult *result,
                                   guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_changed (runconf_call_finish (self, RUNCONF_METHOD_SAVE, result, error),
                                     version);
}

/**
 * runconf_configuration_save_sync:
 * @self: a configuration
 * @config: a whole configuration, an `a{sv}`; a floating one is taken over
 * @version: (out) (optional): the version at which it is so
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Makes the overrides what is needed for this configuration, as one change, on the disk, and
 * stores only what differs from the defaults. Keys that are left out go back to their default.
 * When it returns, reads in this process see the change.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers: every leaf, or where these are too many the deepest mappings that
 *   cover them; none if nothing changed; %NULL with %RUNCONF_ERROR_INVALID_VALUE where @config is
 *   no mapping or a configuration can't hold a value of it, %RUNCONF_ERROR_TOO_LARGE past a limit
 *   of the service, %RUNCONF_ERROR_STORAGE_FAILED if it can't be stored,
 *   %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
char **
runconf_configuration_save_sync (RunconfConfiguration *self, GVariant *config, guint64 *version,
                                 GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (config != NULL, NULL);

  arguments = make_save (config, &refusal);

  return run (self, RUNCONF_METHOD_SAVE, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_apply:
 * @self: a configuration
 * @transaction: what is to be done
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Makes the operations of a transaction, in order, as one change, on the disk: all of them or
 * none. The transaction is read at once; it stays as it is and may be applied again.
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in
 * this process see the change; take it with [method@Configuration.apply_finish].
 */
void
runconf_configuration_apply (RunconfConfiguration *self, RunconfTransaction *transaction,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (RUNCONF_IS_TRANSACTION (transaction));

  arguments = runconf_transaction_make_arguments (transaction, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_APPLY, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_apply_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @version: (out) (optional): the version at which it is so, or for a dry run the present one
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.apply]. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run that would change, as JSON Pointers; %NULL with an error of
 *   [method@Configuration.apply_sync]
 */
char **
runconf_configuration_apply_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_APPLY, result, error), version);
}

/**
 * runconf_configuration_apply_sync:
 * @self: a configuration
 * @transaction: what is to be done
 * @version: (out) (optional): the version at which it is so, or for a dry run the present one
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Makes the operations of a transaction, in order, as one change, on the disk: all of them or
 * none. The transaction is read at once; it stays as it is and may be applied again. When it
 * returns, reads in this process see the change.
 *
 * May block: for as long as the service needs to answer, at most 35 s.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run that would change, as JSON Pointers: every leaf, or where these are
 *   too many the deepest mappings that cover them; none if nothing changed; %NULL with an error of
 *   the operation that can't be done, with its number, %RUNCONF_ERROR_VERSION_MISMATCH if the
 *   configuration is at another version than the transaction asks for,
 *   %RUNCONF_ERROR_INVALID_VALUE where a value or the message can't be taken,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it
 *   can't be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
char **
runconf_configuration_apply_sync (RunconfConfiguration *self, RunconfTransaction *transaction,
                                  guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (RUNCONF_IS_TRANSACTION (transaction), NULL);

  arguments = runconf_transaction_make_arguments (transaction, &refusal);

  return run (self, RUNCONF_METHOD_APPLY, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_replace_text:
 * @self: a configuration
 * @text: the overrides, a mapping in YAML or JSON, in UTF-8
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @callback: (scope async): called when it is done
 * @user_data: for @callback
 *
 * Replaces the whole document of the overrides, as one change, on the disk. The text is stored as
 * it is, comments included; what stands under `_runtime_config` in it doesn't count.
 *
 * The options are `if-version` t, `message` s, `dry-run` b, `confirm-timeout` u in seconds and
 * `report-overrides` b, and mean what they do for a [class@Transaction].
 *
 * Never blocks. The outcome is told in the thread-default context of the caller, when reads in this
 * process see the change; take it with [method@Configuration.replace_text_finish].
 */
void
runconf_configuration_replace_text (RunconfConfiguration *self, const char *text, GVariant *options,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (text != NULL);

  arguments = make_replace_text (text, options, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_REPLACE_TEXT, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_replace_text_finish:
 * @self: a configuration
 * @result: what the callback was given
 * @version: (out) (optional): the version at which it is so, or for a dry run the present one
 * @error: what went wrong
 *
 * Takes the outcome of [method@Configuration.replace_text]. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run that would change, as JSON Pointers; %NULL with an error of
 *   [method@Configuration.replace_text_sync]
 */
char **
runconf_configuration_replace_text_finish (RunconfConfiguration *self, GAsyncResult *result,
                                           guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_REPLACE_TEXT, result, error), version);
}

/**
 * runconf_configuration_replace_text_sync:
 * @self: a configuration
 * @text: the overrides, a mapping in YAML or JSON, in UTF-8
 * @options: (nullable): what is asked for besides, an `a{sv}`; a floating one is taken over
 * @version: (out) (optional): the version at which it is so, or for a dry run the present one
 * @cancellable: (nullable): ends the waiting; the write may be done all the same
 * @error: what went wrong
 *
 * Replaces the whole document of the overrides, as one change, on the disk. The text is stored as
 * it is, comments included; what stands under `_runtime_config` in it doesn't count.
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
 *   %RUNCONF_ERROR_INVALID_VALUE with line and column where @text is no YAML or no mapping, or for
 *   an option that there isn't, %RUNCONF_ERROR_SCHEMA_VIOLATION or %RUNCONF_ERROR_LOCKED where it
 *   may not be so, %RUNCONF_ERROR_VERSION_MISMATCH at another version than `if-version`,
 *   %RUNCONF_ERROR_TOO_LARGE past a limit of the service, %RUNCONF_ERROR_STORAGE_FAILED if it can't
 *   be stored, %RUNCONF_ERROR_UNAVAILABLE if the service can't be reached or doesn't answer,
 *   %G_DBUS_ERROR_ACCESS_DENIED if the caller may not write, or %G_IO_ERROR_CANCELLED
 */
char **
runconf_configuration_replace_text_sync (RunconfConfiguration *self, const char *text,
                                         GVariant *options, guint64 *version,
                                         GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);

  arguments = make_replace_text (text, options, &refusal);

  return run (self, RUNCONF_METHOD_REPLACE_TEXT, arguments, refusal, version, cancellable, error);
}
