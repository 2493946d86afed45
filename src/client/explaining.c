/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"
#include "client/call.h"
#include "client/description-private.h"
#include "client/reply.h"

/* The function for the layers of a configuration: which one has which value. */

/* @reply: (transfer full) (nullable): the reply of Explain */
static GList *
take_values (GVariant *reply)
{
  g_autoptr (GVariant) values = runconf_reply_take_value (reply);

  return values != NULL ? runconf_description_new_list (values) : NULL;
}

static GVariant *
make_explain (const char *path, RunconfExplainFlags flags, GError **error)
{
  GVariantDict options;

  if (!runconf_argument_check_path (path, error))
    return NULL;

  g_variant_dict_init (&options, NULL);
  if ((flags & RUNCONF_EXPLAIN_ALL) != 0)
    g_variant_dict_insert (&options, "all", "b", TRUE);
  if ((flags & RUNCONF_EXPLAIN_SECRETS) != 0)
    g_variant_dict_insert (&options, "secrets", "b", TRUE);

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
 * The first value that isn't ignored is in force.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.explain_finish].
 *
 * Since: 1.0
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
 * Returns: (transfer full) (element-type RunconfDescription): the values, the strongest layer first;
 *   empty, which is %NULL, if there are none with any of the flags, or an error occurred
 *
 * Since: 1.0
 */
GList *
runconf_configuration_explain_finish (RunconfConfiguration *self, GAsyncResult *result,
                                      GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  return take_values (runconf_call_finish (self, RUNCONF_METHOD_EXPLAIN, result, error));
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
 * Returns: (transfer full) (element-type RunconfDescription): the values, the strongest layer first;
 *   empty, which is %NULL, if there are none with any of the flags, or an error occurred
 *
 * Since: 1.0
 */
GList *
runconf_configuration_explain_sync (RunconfConfiguration *self, const char *path,
                                    RunconfExplainFlags flags, GCancellable *cancellable,
                                    GError **error)
{
  GError *refusal = NULL;
  GVariant *arguments;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  arguments = make_explain (path, flags, &refusal);

  return take_values (
      runconf_call_run (self, RUNCONF_METHOD_EXPLAIN, arguments, refusal, cancellable, error));
}
