/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/reply.h"

/* The function for the layers of a configuration: which one has which value. */

static GVariant *
make_explain (const char *path, RunconfExplainFlags flags, GError **error)
{
  GVariantDict options;

  if (!runconf_argument_check_path (path, error))
    return NULL;

  g_variant_dict_init (&options, NULL);
  if ((flags & RUNCONF_EXPLAIN_ALL) != 0)
    g_variant_dict_insert (&options, "all", "b", TRUE);

  return g_variant_new ("(s@a{sv})", path, g_variant_dict_end (&options));
}

/**
 * runconf_configuration_explain:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @flags: the values to return
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service for the values that the layers of the configuration have at a path, the
 * strongest layer first.
 *
 * The keys of each value are:
 *
 * - `layer` s: `vendor`, `fleet`, `admin`, `user`, `override` or `boot`
 * - `path` s: @path, or a parent of it if the layer has a value there that is no mapping, and so
 *   hides the values of weaker layers; with %RUNCONF_EXPLAIN_ALL a path at or below @path
 * - `type` s: as in [method@Configuration.describe]
 * - `value` v: absent for a mapping and for a secret
 * - `file` s, `line` u and `column` u: the place of the value, counted from 1; a value without a
 *   known place has no `line` and no `column`
 * - `ignored` s: the reason why the value has no effect: a lock, the schema, or a file that
 *   replaces the whole file; absent if the value has an effect
 *
 * The first value that isn't ignored is in force.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.explain_finish].
 */
void
runconf_configuration_explain (RunconfConfiguration *self, const char *path,
                               RunconfExplainFlags flags, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  arguments = make_explain (path, flags, &refusal);
  runconf_call_start (self, RUNCONF_METHOD_EXPLAIN, arguments, refusal, cancellable, callback,
                      user_data);
}

/**
 * runconf_configuration_explain_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.explain]. Never blocks.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: (transfer full) (nullable): the values, an `aa{sv}`; %NULL if an error occurred
 */
GVariant *
runconf_configuration_explain_finish (RunconfConfiguration *self, GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);

  return runconf_reply_take_value (
      runconf_call_finish (self, RUNCONF_METHOD_EXPLAIN, result, error));
}

/**
 * runconf_configuration_explain_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @flags: the values to return
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service for the values that the layers of the configuration have at a path, the
 * strongest layer first.
 *
 * For the keys of each value, see [method@Configuration.explain].
 *
 * May block until the service replies, at most 25 s.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read). Without
 * %RUNCONF_EXPLAIN_ALL, %RUNCONF_ERROR_NOT_FOUND is reported if no layer has a value at the path.
 *
 * Returns: (transfer full) (nullable): the values, an `aa{sv}`; %NULL if an error occurred
 */
GVariant *
runconf_configuration_explain_sync (RunconfConfiguration *self, const char *path,
                                    RunconfExplainFlags flags, GCancellable *cancellable,
                                    GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);

  arguments = make_explain (path, flags, &refusal);

  return runconf_reply_take_value (
      runconf_call_run (self, RUNCONF_METHOD_EXPLAIN, arguments, refusal, cancellable, error));
}
