/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/configuration-private.h"
#include "client/pending.h"
#include "client/usable.h"

/* The functions that wait for all asynchronous writes of a configuration. */

static gboolean
wait (RunconfConfiguration *self, GPtrArray *writes, GCancellable *cancellable, GError **error)
{
  guint64 version;
  gboolean is_done = runconf_pending_wait (runconf_configuration_get_pending (self), writes,
                                           &version, cancellable, error);

  if (!is_done || version == 0)
    return is_done;

  return runconf_configuration_catch_up (self, version, cancellable, error);
}

/* Returns: (transfer full) (nullable): the writes to wait for, %NULL with an error */
static GPtrArray *
begin (RunconfConfiguration *self, GError **error)
{
  RunconfPending *pending = runconf_configuration_get_pending (self);

  if (!runconf_configuration_check_callable (self, error))
    return NULL;

  runconf_pending_send_held (pending);

  return runconf_pending_list (pending);
}

static void
run (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  GError *error = NULL;

  if (wait (object, data, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

/**
 * runconf_configuration_flush:
 * @self: a configuration
 * @cancellable: (nullable): cancels the wait; the writes may still be done
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Waits until the service has replied to all earlier asynchronous writes of this object: those of
 * bound properties, also the new values that wait for the reply to a previous one, and those of
 * functions with a callback.
 *
 * Call it in the thread in which the bindings were made.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.flush_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_flush (RunconfConfiguration *self, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  GError *error = NULL;
  GPtrArray *writes;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable));

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, runconf_configuration_flush);
  writes = begin (self, &error);
  if (writes == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  g_task_set_task_data (task, writes, (GDestroyNotify) g_ptr_array_unref);
  if (writes->len == 0)
    g_task_return_boolean (task, TRUE);
  else
    g_task_run_in_thread (task, run);
}

/**
 * runconf_configuration_flush_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.flush]. Never blocks.
 *
 * For the errors, see [method@Configuration.flush_sync].
 *
 * Returns: whether all writes were done
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_flush_finish (RunconfConfiguration *self, GAsyncResult *result,
                                    GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * runconf_configuration_flush_sync:
 * @self: a configuration
 * @cancellable: (nullable): cancels the wait; the writes may still be done
 * @error: return location for an error
 *
 * Waits until the service has replied to all earlier asynchronous writes of this object, like
 * [method@Configuration.flush].
 *
 * A program that ends without running its main loop calls this function first. Otherwise, a value
 * that was set just before may be lost. The main context doesn't run meanwhile, so no callback is
 * called; the callbacks of the writes are called when it runs again.
 *
 * May block until the service replies, at most 25 s.
 *
 * If a write failed and its callback hasn't been called yet, the error is that of the first such
 * write, see [Errors of a write](class.Configuration.html#errors-of-a-write). It is
 * %RUNCONF_ERROR_UNAVAILABLE, too, if the writes are done, but this process can't read their values.
 *
 * Returns: whether all writes were done
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_flush_sync (RunconfConfiguration *self, GCancellable *cancellable,
                                  GError **error)
{
  g_autoptr (GPtrArray) writes = NULL;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (cancellable == NULL || G_IS_CANCELLABLE (cancellable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  writes = begin (self, error);

  return writes != NULL && wait (self, writes, cancellable, error);
}
