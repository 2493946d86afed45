/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/configuration-private.h"

#include "core/error.h"
#include "service/base/log.h"

/* The confirmations ask here for the write that reverts a change. */

static void
on_reverted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdConfiguration *self = RUNCONFD_CONFIGURATION (object);
  g_autofree guint64 *version = user_data;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  guint64 now;
  gboolean is_written = runconfd_configuration_write_finish (self, result, &now, &paths, &error);

  if (!is_written && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE))
    runconfd_log (LOG_ERR, self->settings.name, get_current (self)->version, NULL,
                  "version %" G_GUINT64_FORMAT " wasn't confirmed, and can't go back: %s", *version,
                  error->message);

  runconfd_confirmations_finish_revert (self->confirmations, *version, is_written);
}

static void
write_revert (guint64 version, RunconfdRequest *request, gpointer user_data)
{
  runconfd_configuration_write_async (user_data, request, on_reverted,
                                      g_memdup2 (&version, sizeof version));
}

static void
warn (const char *message, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;

  runconfd_in_force_log (self->in_force, LOG_WARNING, message);
}

/* Needs the archive. */
void
runconfd_configuration_init_confirmations (RunconfdConfiguration *self)
{
  const RunconfdConfirmationsHooks hooks = {
    .write = write_revert,
    .warn = warn,
    .owner = G_OBJECT (self),
    .user_data = self,
  };

  self->confirmations = runconfd_confirmations_new (self->archive, &hooks);
}

void
runconfd_configuration_recall_waiting (RunconfdConfiguration *self)
{
  runconfd_confirmations_recall (self->confirmations, g_get_real_time (), g_get_monotonic_time ());
}

/**
 * runconfd_configuration_find_waiting:
 *
 * Returns: (transfer none) (nullable): the change that made a version, if it can still be confirmed
 */
const RunconfHistoryRecord *
runconfd_configuration_find_waiting (RunconfdConfiguration *self, guint64 version)
{
  return runconfd_confirmations_find (self->confirmations, version);
}

/**
 * runconfd_configuration_confirm_async:
 * @version: of the change
 * @uid: of the caller
 *
 * Keeps a change that waits. This is done when the confirmation is on the disk.
 */
void
runconfd_configuration_confirm_async (RunconfdConfiguration *self, guint64 version, guint uid,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  runconfd_confirmations_confirm (self->confirmations, version, uid,
                                  g_task_new (self, NULL, callback, user_data));
}

gboolean
runconfd_configuration_confirm_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                       GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
