/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"
#include "client/transaction-private.h"

/* Functions whose reply has the version and the changed paths: `(tas)`. */

/* Takes ownership of @refusal. */
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

/* The arguments of MergeText and ReplaceText, without options */
static GVariant *
make_text (const char *text, GError **error)
{
  return runconf_argument_check_text ("the text", text, error)
             ? g_variant_new ("(sa{sv})", text, NULL)
             : NULL;
}

static GVariant *
make_save (GVariant *config, GError **error)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (config);
  GVariant *mapping = runconf_argument_make_mapping (owned, error);

  return mapping != NULL ? g_variant_new ("(@a{sv}a{sv})", mapping, NULL) : NULL;
}

/**
 * runconf_configuration_merge:
 * @self: a configuration
 * @patch: the changes, an `a{sv}`; a floating reference is consumed
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides every leaf of a patch (RFC 7396), as one change, on disk.
 *
 * Mappings are merged key by key, a sequence replaces the value at its path, and null (the empty
 * signature) removes the overrides at and below its path. Values that the patch doesn't contain
 * don't change.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.merge_finish].
 *
 * Since: 1.0
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
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.merge]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_merge_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_MERGE, result, error), version);
}

/**
 * runconf_configuration_merge_sync:
 * @self: a configuration
 * @patch: the changes, an `a{sv}`; a floating reference is consumed
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides every leaf of a patch (RFC 7396), as one change, on disk.
 *
 * For the rules of a patch, see [method@Configuration.merge].
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers: every leaf, or for more than 1,024 leaves the deepest mappings that
 *   contain them; empty if nothing changed; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_merge_sync (RunconfConfiguration *self, GVariant *patch, guint64 *version,
                                  GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (patch != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_merge (patch, &refusal);

  return run (self, RUNCONF_METHOD_MERGE, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_merge_text:
 * @self: a configuration
 * @text: a mapping in YAML or JSON, in UTF-8
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Overrides every leaf of a patch that is given as text, such as `chat: {websocket: {port: 9000}}`.
 *
 * Apart from the form of the patch, this is [method@Configuration.merge].
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.merge_text_finish].
 *
 * Since: 1.0
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

  arguments = make_text (text, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_MERGE_TEXT, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_merge_text_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.merge_text]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_merge_text_finish (RunconfConfiguration *self, GAsyncResult *result,
                                         guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_MERGE_TEXT, result, error), version);
}

/**
 * runconf_configuration_merge_text_sync:
 * @self: a configuration
 * @text: a mapping in YAML or JSON, in UTF-8
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Overrides every leaf of a patch that is given as text, such as `chat: {websocket: {port: 9000}}`.
 *
 * Apart from the form of the patch, this is [method@Configuration.merge].
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers: every leaf, or for more than 1,024 leaves the deepest mappings that
 *   contain them; empty if nothing changed; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_merge_text_sync (RunconfConfiguration *self, const char *text,
                                       guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_text (text, &refusal);

  return run (self, RUNCONF_METHOD_MERGE_TEXT, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_save:
 * @self: a configuration
 * @config: a whole configuration, an `a{sv}`; a floating reference is consumed
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Changes the overrides so that the effective configuration equals a given configuration, as one
 * change, on disk.
 *
 * Only values that differ from the defaults are stored. Keys that @config doesn't contain are reset
 * to their default.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.save_finish].
 *
 * Since: 1.0
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
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.save]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_save_finish (RunconfConfiguration *self, GAsyncResult *result,
                                   guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_changed (runconf_call_finish (self, RUNCONF_METHOD_SAVE, result, error),
                                     version);
}

/**
 * runconf_configuration_save_sync:
 * @self: a configuration
 * @config: a whole configuration, an `a{sv}`; a floating reference is consumed
 * @version: (out) (optional): return location for the version that contains the change
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Changes the overrides so that the effective configuration equals a given configuration, as one
 * change, on disk.
 *
 * Only values that differ from the defaults are stored. Keys that @config doesn't contain are reset
 * to their default.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, as JSON Pointers: every leaf, or for more than 1,024 leaves the deepest mappings that
 *   contain them; empty if nothing changed; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_save_sync (RunconfConfiguration *self, GVariant *config, guint64 *version,
                                 GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (config != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_save (config, &refusal);

  return run (self, RUNCONF_METHOD_SAVE, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_apply:
 * @self: a configuration
 * @transaction: the transaction
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Applies the operations of a transaction, in order, as one change, on disk: all of them or none.
 *
 * The transaction is read at once. It isn't changed, and can be applied again.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.apply_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_apply (RunconfConfiguration *self, RunconfTransaction *transaction,
                             GCancellable *cancellable, GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GError *refusal = NULL;
  RunconfMethod method;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (RUNCONF_IS_TRANSACTION (transaction));

  arguments = runconf_transaction_make_arguments (transaction, &method, &refusal);
  runconf_call_start (self, method, arguments, refusal, cancellable, callback, user_data);
}

/**
 * runconf_configuration_apply_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change, or for a
 *   dry run the current version
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.apply]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run would change, as JSON Pointers; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_apply_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, runconf_transaction_find_method (result), result, error), version);
}

/**
 * runconf_configuration_apply_sync:
 * @self: a configuration
 * @transaction: the transaction
 * @version: (out) (optional): return location for the version that contains the change, or for a
 *   dry run the current version
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Applies the operations of a transaction, in order, as one change, on disk: all of them or none.
 *
 * The transaction is read at once. It isn't changed, and can be applied again.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write). The message
 * of an error begins with the number of the operation that failed.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run would change, as JSON Pointers: every leaf, or for more than 1,024
 *   leaves the deepest mappings that contain them; empty if nothing changed; %NULL if an error
 *   occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_apply_sync (RunconfConfiguration *self, RunconfTransaction *transaction,
                                  guint64 *version, GCancellable *cancellable, GError **error)
{
  GError *refusal = NULL;
  RunconfMethod method;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (RUNCONF_IS_TRANSACTION (transaction), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = runconf_transaction_make_arguments (transaction, &method, &refusal);

  return run (self, method, arguments, refusal, version, cancellable, error);
}

/**
 * runconf_configuration_replace_text:
 * @self: a configuration
 * @text: the overrides, a mapping in YAML or JSON, in UTF-8
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Replaces the whole document of the overrides with a text, as one change, on disk.
 *
 * The text is stored as it is, with its comments; a key `_runtime_config` in it is ignored.
 *
 * [method@Transaction.replace_text] does the same with a message, a dry run and other options.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.replace_text_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_replace_text (RunconfConfiguration *self, const char *text,
                                    GCancellable *cancellable, GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (text != NULL);

  arguments = make_text (text, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_REPLACE_TEXT, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_replace_text_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change, or for a
 *   dry run the current version
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.replace_text]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run would change, as JSON Pointers; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_replace_text_finish (RunconfConfiguration *self, GAsyncResult *result,
                                           guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_REPLACE_TEXT, result, error), version);
}

/**
 * runconf_configuration_replace_text_sync:
 * @self: a configuration
 * @text: the overrides, a mapping in YAML or JSON, in UTF-8
 * @version: (out) (optional): return location for the version that contains the change, or for a
 *   dry run the current version
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Replaces the whole document of the overrides with a text, as one change, on disk.
 *
 * For the text, see [method@Configuration.replace_text].
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run would change, as JSON Pointers: every leaf, or for more than 1,024
 *   leaves the deepest mappings that contain them; empty if nothing changed; %NULL if an error
 *   occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_replace_text_sync (RunconfConfiguration *self, const char *text,
                                         guint64 *version, GCancellable *cancellable,
                                         GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (text != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_text (text, &refusal);

  return run (self, RUNCONF_METHOD_REPLACE_TEXT, arguments, refusal, version, cancellable, error);
}
