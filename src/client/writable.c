/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/configuration.h>

#include <runconf/error.h>
#include <string.h>

#include "client/base.h"
#include "client/configuration-link.h"
#include "core/metadata.h"
#include "core/path.h"

/* Public functions that ask the service whether a path is writable. If there is no value yet, the path is
 * as writable as the value that would contain it.
 */

/* The outcome of a question for one path. */
typedef enum
{
  FAILED,
  ASK_PARENT,
  ANSWERED,
} Outcome;

/* @path: the path that was asked for; on %ASK_PARENT, it is shortened to the path above
 * @error: (transfer full): the error of the call, which is freed unless the outcome is %FAILED
 */
static Outcome
read_description (RunconfDescription *description, GError *error, char *path, gboolean *is_writable)
{
  char *slash = strrchr (path, '/');

  *is_writable = FALSE;
  if (description != NULL)
    {
      *is_writable = runconf_description_is_writable (description);
      return ANSWERED;
    }

  if (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND) && slash != NULL)
    {
      *slash = '\0';
      g_error_free (error);
      return ASK_PARENT;
    }

  return FAILED;
}

/* @is_ours: (out): whether the path leads to data that Runconf keeps for itself, which isn't writable */
static gboolean
check_path (const char *path, gboolean *is_ours, GError **error)
{
  g_autoptr (RunconfPath) parsed = NULL;

  if (g_utf8_validate (path, -1, NULL))
    parsed = runconf_path_new (path, error);
  else
    g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH,
                 "the path isn't valid UTF-8: text has to be in UTF-8");

  *is_ours = parsed != NULL && runconf_path_get_length (parsed) > 0
             && strcmp (runconf_path_get_segment (parsed, 0), RUNCONF_METADATA_KEY) == 0;

  return parsed != NULL;
}

/* Whether a part is writable may depend on a value above it. */
static RunconfConfiguration *
get_whole (RunconfConfiguration *self)
{
  RunconfConfiguration *whole = runconf_configuration_peek (self)->whole;

  return whole != NULL ? whole : self;
}

static char *
get_full_path (RunconfConfiguration *self, const char *path)
{
  const RunconfConfigurationLink *peek = runconf_configuration_peek (self);

  return runconf_base_join (peek->whole != NULL ? peek->base : "", path);
}

static void
on_described (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfConfiguration *configuration = RUNCONF_CONFIGURATION (object);
  g_autoptr (GTask) task = user_data;
  char *path = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (RunconfDescription) description
      = runconf_configuration_describe_finish (configuration, result, &error);
  gboolean is_writable;

  switch (read_description (description, error, path, &is_writable))
    {
    case ANSWERED:
      g_task_return_boolean (task, is_writable);
      break;
    case ASK_PARENT:
      runconf_configuration_describe (configuration, path, g_task_get_cancellable (task),
                                      on_described, g_object_ref (task));
      break;
    case FAILED:
    default:
      g_task_return_error (task, error);
      break;
    }
}

/**
 * runconf_configuration_is_writable:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait
 * @callback: (scope async): called when the call has finished
 * @user_data: data for @callback
 *
 * Asks the service whether this program may write a path now: the path isn't locked, and the user has
 * the right to change it.
 *
 * If there is no value at the path, the answer is that for the nearest existing value above. A
 * writable path can still refuse a value that the schema doesn't allow. The answer holds until
 * [signal@Configuration::writable-changed], unless the administrator changes the rights of the
 * user, which isn't reported.
 *
 * Never blocks. @callback is called in the thread-default main context of the caller; get the
 * result with [method@Configuration.is_writable_finish].
 *
 * Since: 1.0
 */
void
runconf_configuration_is_writable (RunconfConfiguration *self, const char *path,
                                   GCancellable *cancellable, GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  g_autofree char *full = NULL;
  GError *error = NULL;
  gboolean is_ours;

  g_return_if_fail (RUNCONF_IS_CONFIGURATION (self));
  g_return_if_fail (path != NULL);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, (gpointer) runconf_configuration_is_writable);
  full = get_full_path (self, path);
  g_task_set_task_data (task, g_strdup (full), g_free);

  if (!check_path (full, &is_ours, &error))
    g_task_return_error (task, error);
  else if (is_ours)
    g_task_return_boolean (task, FALSE);
  else
    runconf_configuration_describe (get_whole (self), full, cancellable, on_described,
                                    g_object_ref (task));
}

/**
 * runconf_configuration_is_writable_finish:
 * @self: a configuration
 * @result: the result that the callback received
 * @error: return location for an error
 *
 * Finishes a call of [method@Configuration.is_writable]. Never blocks.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: whether the path is writable; also %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_is_writable_finish (RunconfConfiguration *self, GAsyncResult *result,
                                          GError **error)
{
  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  g_return_val_if_fail (
      g_async_result_is_tagged (result, (gpointer) runconf_configuration_is_writable), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/**
 * runconf_configuration_is_writable_sync:
 * @self: a configuration
 * @path: a path, as a JSON Pointer
 * @cancellable: (nullable): cancels the wait
 * @error: return location for an error
 *
 * Asks the service whether this program may write a path now, as [method@Configuration.is_writable].
 *
 * May block until the service replies, at most 25 s for each path that it asks for: @path, and the
 * paths above without a value.
 *
 * For the errors, see [Errors of a read](class.Configuration.html#errors-of-a-read).
 *
 * Returns: whether the path is writable; also %FALSE if an error occurred
 *
 * Since: 1.0
 */
gboolean
runconf_configuration_is_writable_sync (RunconfConfiguration *self, const char *path,
                                        GCancellable *cancellable, GError **error)
{
  g_autofree char *asked = NULL;
  Outcome outcome = ASK_PARENT;
  gboolean is_writable = FALSE, is_ours;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), FALSE);
  g_return_val_if_fail (path != NULL, FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  asked = get_full_path (self, path);
  if (!check_path (asked, &is_ours, error) || is_ours)
    return FALSE;

  while (outcome == ASK_PARENT)
    {
      GError *failure = NULL;
      g_autoptr (RunconfDescription) description
          = runconf_configuration_describe_sync (get_whole (self), asked, cancellable, &failure);

      outcome = read_description (description, failure, asked, &is_writable);
      if (outcome == FAILED)
        g_propagate_error (error, failure);
    }

  return is_writable;
}
