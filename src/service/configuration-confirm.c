/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration-private.h"

#include "core/error.h"
#include "service/log.h"
/* A change that waits is kept in three places: in the history until it is decided, so that it goes
 * back over a restart too; in memory, with its timer; and as a request once it is due.
 */

typedef struct
{
  RunconfdConfiguration *configuration;
  guint64 version;
  GTask *confirmation; /* NULL if the change went back */
  GError *error;
} Drop;

static void
drop_free (Drop *self)
{
  g_object_unref (self->configuration);
  g_clear_object (&self->confirmation);
  g_clear_error (&self->error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Drop, drop_free)

static void
run_drop (gpointer data)
{
  Drop *drop = data;

  runconfd_archive_drop_waiting (drop->configuration->archive, drop->version, &drop->error);
}

static void
confirm (RunconfdConfiguration *self, const Drop *drop)
{
  if (drop->error == NULL)
    {
      runconfd_waiting_remove (self->waiting, drop->version);
      g_task_return_boolean (drop->confirmation, TRUE);
      return;
    }

  runconfd_waiting_resume (self->waiting, drop->version);
  g_task_return_new_error (drop->confirmation, RUNCONF_ERROR, RUNCONF_ERROR_STORAGE_FAILED, "%s",
                           drop->error->message);
}

static void
finish_drop (gpointer data)
{
  g_autoptr (Drop) drop = data;
  RunconfdConfiguration *self = drop->configuration;

  /* told again at the next start, a change that went back has nothing to put back any more */
  if (drop->confirmation != NULL)
    confirm (self, drop);
  else if (drop->error != NULL)
    runconfd_log (LOG_WARNING, self->settings.name, self->current->version, NULL, "%s",
                  drop->error->message);
}

static void
start_drop (RunconfdConfiguration *self, guint64 version, GTask *confirmation)
{
  Drop *drop = g_new0 (Drop, 1);

  drop->configuration = g_object_ref (self);
  drop->version = version;
  drop->confirmation = confirmation;
  runconfd_work_start (run_drop, finish_drop, drop);
}

static void
forget (RunconfdConfiguration *self, guint64 version)
{
  if (runconfd_waiting_is_covered (self->waiting, version))
    return;

  runconfd_waiting_remove (self->waiting, version);
  start_drop (self, version, NULL);
}

static void
on_taken_back (GObject *object, GAsyncResult *result, gpointer user_data)
{
  RunconfdConfiguration *self = RUNCONFD_CONFIGURATION (object);
  g_autofree guint64 *version = user_data;
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  guint64 now;

  if (runconfd_configuration_write_finish (self, result, &now, &paths, &error))
    forget (self, *version);
  else if (!g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE))
    runconfd_log (LOG_ERR, self->settings.name, self->current->version, NULL,
                  "version %" G_GUINT64_FORMAT " wasn't confirmed, and can't go back: %s", *version,
                  error->message);
}

/* Puts back what a change did that nobody confirmed. */
void
runconfd_configuration_take_back (const RunconfHistoryRecord *record, gpointer user_data)
{
  RunconfdConfiguration *self = user_data;
  RunconfdRequest *request = runconfd_request_new ("revert", RUNCONFD_UID_UNKNOWN, NULL);

  request->message = g_strdup_printf ("not confirmed: version %" G_GUINT64_FORMAT "%s%s",
                                      record->version, record->message != NULL ? ": " : "",
                                      record->message != NULL ? record->message : "");
  request->take_back = g_ptr_array_ref (record->deltas);
  runconfd_configuration_write_async (self, request, on_taken_back,
                                      g_memdup2 (&record->version, sizeof record->version));
}

/* Lets a change wait that was just made. */
void
runconfd_configuration_add_waiting (RunconfdConfiguration *self, const RunconfdStaged *staged)
{
  RunconfHistoryRecord *record = runconfd_record_new (staged->before, staged->after,
                                                      staged->request->origin, staged->request);

  runconfd_waiting_add (self->waiting, record, record->timeout);
}

/* Lets the changes wait on that waited when the service ended. The clock may have jumped since: none
 * waits longer than it was given.
 */
void
runconfd_configuration_resume_waiting (RunconfdConfiguration *self)
{
  g_autoptr (GPtrArray) waiting = runconfd_archive_list_waiting (self->archive);
  gint64 now = g_get_real_time ();

  g_ptr_array_set_free_func (waiting, NULL);
  for (guint i = 0; i < waiting->len; i++)
    {
      RunconfHistoryRecord *record = waiting->pdata[i];

      runconfd_waiting_add (self->waiting, record,
                            CLAMP (record->deadline - now, 0, record->timeout));
    }
}

/**
 * runconfd_configuration_find_waiting:
 *
 * Returns: (transfer none) (nullable): the change that made a version, if it waits
 */
const RunconfHistoryRecord *
runconfd_configuration_find_waiting (RunconfdConfiguration *self, guint64 version)
{
  return runconfd_waiting_find (self->waiting, version);
}

static gboolean
check_may_confirm (RunconfdConfiguration *self, guint64 version, guint uid, GError **error)
{
  const RunconfHistoryRecord *record = runconfd_waiting_find (self->waiting, version);

  if (record == NULL)
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND,
                   "version %" G_GUINT64_FORMAT
                   " isn't a change that waits to be confirmed: it was "
                   "confirmed, went back, or was made without “confirm-timeout”",
                   version);
      return FALSE;
    }

  if (uid == 0 || record->uid == uid)
    return TRUE;

  g_set_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
               "only root and the user who made version %" G_GUINT64_FORMAT " may confirm it",
               version);

  return FALSE;
}

/**
 * runconfd_configuration_confirm_async:
 * @version: of the change
 * @uid: who confirms it
 *
 * Keeps a change that waits. It is done when that is on the disk.
 */
void
runconfd_configuration_confirm_async (RunconfdConfiguration *self, guint64 version, guint uid,
                                      GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GError) error = NULL;

  if (!check_may_confirm (self, version, uid, &error))
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  /* it must not go back while it is being confirmed */
  runconfd_waiting_pause (self->waiting, version);
  start_drop (self, version, g_steal_pointer (&task));
}

gboolean
runconfd_configuration_confirm_finish (RunconfdConfiguration *self, GAsyncResult *result,
                                       GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
