/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/change-private.h"
#include "client/reply.h"
#include "core/limits.h"

/* Functions for the past of a configuration: the changes, the differences between versions, and
 * back to an earlier version.
 */

static GVariant *
make_history (const char *path, guint64 since_version, guint limit, GError **error)
{
  GVariantDict options;

  if (!runconf_argument_check_path (path, error))
    return NULL;

  g_variant_dict_init (&options, NULL);
  g_variant_dict_insert (&options, "limit", "u", limit != 0 ? limit : RUNCONF_MAX_HISTORY);
  if (since_version != 0)
    g_variant_dict_insert (&options, "since-version", "t", since_version);

  return g_variant_new ("(s@a{sv})", path, g_variant_dict_end (&options));
}

/* @reply: (transfer full) (nullable): the reply of History */
static GList *
take_history (GVariant *reply)
{
  g_autoptr (GVariant) entries = runconf_reply_take_value (reply);
  GList *changes = NULL;

  for (gsize i = entries != NULL ? g_variant_n_children (entries) : 0; i > 0; i--)
    {
      g_autoptr (GVariant) entry = g_variant_get_child_value (entries, i - 1);

      changes = g_list_prepend (changes, runconf_change_new_recorded (entry));
    }

  return changes;
}

/* @reply: (transfer full) (nullable): the reply of Diff */
static RunconfChange *
take_difference (guint64 to, GVariant *reply)
{
  g_autoptr (GVariant) differences = runconf_reply_take_value (reply);

  return differences != NULL ? runconf_change_new_difference (to, differences) : NULL;
}

/**
 * runconf_configuration_history:
 * @self: a configuration
 * @path: a path, as a JSON Pointer; the empty string selects all changes
 * @since_version: selects the changes after this version; 0 for all
 * @limit: the greatest number of changes, at most 10,000; 0 for as many as the service returns
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service for the changes of the overrides at, below and above a path, newest first.
 *
 * The values of the changes are overrides, see [struct@Change]. The service returns fewer changes if
 * more don't fit its reply.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.history_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_history (RunconfConfiguration *self, const char *path, guint64 since_version,
                               guint limit, GCancellable *cancellable, GAsyncReadyCallback callback,
                               gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_history (path, since_version, limit, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_HISTORY, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_history_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.history]. Never blocks.
 *
 * For the errors, see [method@Configuration.history_sync].
 *
 * Returns: (transfer full) (element-type RunconfChange): the changes, newest first; empty, which is
 *   %NULL, if there are none or an error occurred
 *
 * Since: 1.0
 */
GList *
runconf_configuration_history_finish (RunconfConfiguration *self, GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return take_history (runconf_call_finish (self, RUNCONF_METHOD_HISTORY, result, error));
}

/**
 * runconf_configuration_history_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer; the empty string selects all changes
 * @since_version: selects the changes after this version; 0 for all
 * @limit: the greatest number of changes, at most 10,000; 0 for as many as the service returns
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service for the changes of the overrides at, below and above a path, newest first.
 *
 * For the values and the number of the changes, see [method@Configuration.history].
 *
 * May block until the service replies, at most 25 s.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 * %RUNCONF_ERROR_UNAVAILABLE is also reported if no history is kept, and
 * %RUNCONF_ERROR_INVALID_VALUE if @limit is too great.
 *
 * Returns: (transfer full) (element-type RunconfChange): the changes, newest first; empty, which is
 *   %NULL, if there are none or an error occurred
 *
 * Since: 1.0
 */
GList *
runconf_configuration_history_sync (RunconfConfiguration *self, const char *path,
                                    guint64 since_version, guint limit, GCancellable *cancellable,
                                    GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_history (path, since_version, limit, &refusal);

  return take_history (
      runconf_call_run (self, RUNCONF_METHOD_HISTORY, arguments, refusal, cancellable, error));
}

/**
 * runconf_configuration_diff:
 * @self: a configuration
 * @from: a version
 * @to: another version, older or newer
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service for the differences between two versions.
 *
 * The old values are those at @from, and the new values are those at @to. These are effective
 * values: the overrides of each version, merged over the current defaults.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.diff_finish].
 *
 * Since: 1.0
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
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.diff]. Never blocks.
 *
 * For the errors, see [method@Configuration.diff_sync].
 *
 * Returns: (transfer full) (nullable): the differences as one change, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfChange *
runconf_configuration_diff_finish (RunconfConfiguration *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  guint64 to;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  reply = runconf_call_finish (self, RUNCONF_METHOD_DIFF, result, error);
  if (reply == NULL)
    return NULL;

  g_variant_get_child (runconf_call_get_arguments (result), 1, "t", &to);

  return take_difference (to, g_steal_pointer (&reply));
}

/**
 * runconf_configuration_diff_sync:
 * @self: a configuration
 * @from: a version
 * @to: another version, older or newer
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service for the differences between two versions.
 *
 * The old values are those at @from, and the new values are those at @to. These are effective
 * values: the overrides of each version, merged over the current defaults.
 *
 * May block until the service replies, at most 25 s.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 * %RUNCONF_ERROR_NOT_FOUND is reported if the history doesn't reach back to a version, and
 * %RUNCONF_ERROR_UNAVAILABLE if no history is kept.
 *
 * Returns: (transfer full) (nullable): the differences as one change, or %NULL if an error occurred
 *
 * Since: 1.0
 */
RunconfChange *
runconf_configuration_diff_sync (RunconfConfiguration *self, guint64 from, guint64 to,
                                 GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return take_difference (to, runconf_call_run (self, RUNCONF_METHOD_DIFF,
                                                g_variant_new ("(tt)", from, to), NULL, cancellable,
                                                error));
}

/**
 * runconf_configuration_revert:
 * @self: a configuration
 * @to: a version
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Restores the overrides of an earlier version, as a new change, on disk.
 *
 * Secrets keep their current values.
 *
 * [method@Transaction.revert] does the same with a message, a dry run and other options.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; by then,
 * reads in this process return the new values. Get the result with
 * [method@Configuration.revert_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_revert (RunconfConfiguration *self, guint64 to, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));

  runconf_call_start (self, RUNCONF_METHOD_REVERT, g_variant_new ("(ta{sv})", to, NULL), NULL,
                      cancellable, callback, user_data);
}

/**
 * runconf_configuration_revert_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @version: (out) (optional): return location for the version that contains the change, or for a
 *   dry run the current version
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.revert]. Never blocks.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run would change, as JSON Pointers; %NULL if an error occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_revert_finish (RunconfConfiguration *self, GAsyncResult *result,
                                     guint64 *version, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_changed (
      runconf_call_finish (self, RUNCONF_METHOD_REVERT, result, error), version);
}

/**
 * runconf_configuration_revert_sync:
 * @self: a configuration
 * @to: a version
 * @version: (out) (optional): return location for the version that contains the change, or for a
 *   dry run the current version
 * @cancellable: (nullable): cancels the wait; the write may still be done
 * @error: return location for an error
 *
 * Restores the overrides of an earlier version, as a new change, on disk.
 *
 * Secrets keep their current values.
 *
 * May block until the service replies, at most 35 s. When it returns, reads in this process return
 * the new values.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_NOT_FOUND is reported if the history doesn't reach back to the version, and
 * %RUNCONF_ERROR_UNAVAILABLE if no history is kept. The service checks the restored overrides
 * against its current schema and locks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the paths whose effective value
 *   changed, or for a dry run would change, as JSON Pointers: every leaf, or for more than 1,024
 *   leaves the deepest mappings that contain them; empty if nothing changed; %NULL if an error
 *   occurred
 *
 * Since: 1.0
 */
char **
runconf_configuration_revert_sync (RunconfConfiguration *self, guint64 to, guint64 *version,
                                   GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return runconf_reply_take_changed (runconf_call_run (self, RUNCONF_METHOD_REVERT,
                                                       g_variant_new ("(ta{sv})", to, NULL), NULL,
                                                       cancellable, error),
                                     version);
}

/**
 * runconf_configuration_confirm:
 * @self: a configuration
 * @version: the version that the change made
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Keeps a change that would otherwise be reverted when its `confirm-timeout` ends.
 *
 * Only the user who made the change and root can confirm it.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.confirm_finish].
 *
 * Since: 1.0
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
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.confirm]. Never blocks.
 *
 * For the errors, see [method@Configuration.confirm_sync].
 *
 * Returns: %TRUE if the change is kept, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_confirm_finish (RunconfConfiguration *self, GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return runconf_reply_take_empty (
      runconf_call_finish (self, RUNCONF_METHOD_CONFIRM, result, error));
}

/**
 * runconf_configuration_confirm_sync:
 * @self: a configuration
 * @version: the version that the change made
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Keeps a change that would otherwise be reverted when its `confirm-timeout` ends.
 *
 * Only the user who made the change and root can confirm it.
 *
 * May block until the service replies, at most 25 s.
 *
 * For the errors, see [Errors of a write](class.Configuration.html#errors-of-a-write).
 * %RUNCONF_ERROR_NOT_FOUND is reported if no such change waits: it was confirmed or reverted.
 * %RUNCONF_ERROR_ACCESS_DENIED is also reported if another user made the change.
 *
 * Returns: %TRUE if the change is kept, %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_confirm_sync (RunconfConfiguration *self, guint64 version,
                                    GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return runconf_reply_take_empty (runconf_call_run (
      self, RUNCONF_METHOD_CONFIRM, g_variant_new ("(t)", version), NULL, cancellable, error));
}
