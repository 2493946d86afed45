/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/revert.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "editor/apply.h"
#include "editor/equal.h"
#include "editor/override.h"
#include "editor/path.h"

/* The service reverts to a version. A single change is reverted here: each of its paths gets the
 * override that it had before, if it still has the one of the change.
 */

/* changes since the one to revert; the most that a history returns */
#define CHANGES_MAX 10000

typedef struct
{
  guint64 version; /* of the change, or the one to revert to */
  guint64 base;    /* the version that the call is made on */
  guint n_attempts;
  gboolean is_whole;         /* all changes after the version, as they were on the screen */
  EditorDirection direction; /* of an own change */
} Revert;

static void read_history (GTask *task);

static RunconfConfiguration *
get_configuration (GTask *task)
{
  return editor_place_get_configuration (g_task_get_source_object (task));
}

static guint64
get_version (GTask *task)
{
  g_autoptr (RunconfSnapshot) snapshot
      = runconf_configuration_get_snapshot (get_configuration (task));

  return runconf_snapshot_get_version (snapshot);
}

static void
add_inverse (RunconfTransaction *transaction, const char *path, GVariant *old)
{
  g_autoptr (GVariant) replacement = old != NULL ? editor_override_get_replacement (old) : NULL;

  if (old == NULL)
    runconf_transaction_reset (transaction, path);
  else if (editor_override_is_unset (old))
    runconf_transaction_unset (transaction, path);
  else if (replacement != NULL)
    runconf_transaction_replace_value (transaction, path, replacement);
  else
    runconf_transaction_set_value (transaction, path, old);
}

static RunconfTransaction *
make_inverse (RunconfChange *change)
{
  RunconfTransaction *transaction = runconf_transaction_new ();
  const char *const *paths = runconf_change_get_paths (change);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      g_autoptr (GVariant) old = runconf_change_get_old_value (change, paths[i]);

      add_inverse (transaction, paths[i], old);
    }
  runconf_transaction_set_boot (transaction,
                                runconf_change_get_layer (change) == RUNCONF_LAYER_BOOT);

  return transaction;
}

/* Returns: whether a later change left a path as this change had made it */
static gboolean
is_same_there (RunconfChange *change, RunconfChange *later, const char *path)
{
  g_autoptr (GVariant) made = runconf_change_get_new_value (change, path);
  g_autoptr (GVariant) now = NULL;

  if (!g_strv_contains (runconf_change_get_paths (later), path))
    return FALSE;

  now = runconf_change_get_new_value (later, path);

  return editor_equal (made, now);
}

/* Returns: (nullable): the last change of a path after this one, in a history with the newest first */
static RunconfChange *
find_later (GList *history, RunconfChange *change, const char *path)
{
  RunconfLayer layer = runconf_change_get_layer (change);

  for (GList *item = history; item->data != change; item = item->next)
    if (runconf_change_get_layer (item->data) == layer
        && editor_path_is_touched (path, runconf_change_get_paths (item->data)))
      return item->data;

  return NULL;
}

/* Checks that nobody has changed the same paths since. */
static gboolean
check_later (GList *history, RunconfChange *change, GError **error)
{
  const char *const *paths = runconf_change_get_paths (change);

  for (guint i = 0; paths[i] != NULL; i++)
    {
      RunconfChange *later = find_later (history, change, paths[i]);

      if (later == NULL || is_same_there (change, later, paths[i]))
        continue;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS,
                   _ ("%s was changed again, in version %" PRIu64 ". Nothing was reverted."),
                   paths[i], runconf_change_get_version (later));
      return FALSE;
    }

  return TRUE;
}

/* Returns: (nullable): the change that made a version */
static RunconfChange *
find_change (GList *history, guint64 version, GError **error)
{
  for (GList *item = history; item != NULL; item = item->next)
    if (runconf_change_get_version (item->data) == version)
      {
        if (runconf_change_get_paths (item->data)[0] != NULL)
          return item->data;
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                     _ ("Version %" PRIu64 " changed no values that can be reverted."), version);
        return NULL;
      }

  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               _ ("The history doesn’t have version %" PRIu64 "."), version);

  return NULL;
}

static void
return_version (GTask *task, guint64 version)
{
  guint64 *made = g_new (guint64, 1);

  *made = version;
  g_task_return_pointer (task, made, g_free);
}

static void
on_applied (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Revert *self = g_task_get_task_data (task);
  GError *error = NULL;
  guint64 version = 0;
  g_auto (GStrv) paths = runconf_configuration_apply_finish (RUNCONF_CONFIGURATION (object), result,
                                                             &version, &error);

  if (!self->is_whole && editor_apply_may_try_again (error, self->n_attempts))
    {
      g_clear_error (&error);
      read_history (task);
    }
  else if (error != NULL)
    g_task_return_error (task, error);
  else
    return_version (task, editor_apply_made_version (paths) ? version : 0);
}

static void
apply (GTask *task, RunconfTransaction *transaction)
{
  Revert *self = g_task_get_task_data (task);

  runconf_transaction_set_if_version (transaction, self->base);
  runconf_transaction_set_report_overrides (transaction, TRUE);
  runconf_configuration_apply (get_configuration (task), transaction, NULL, on_applied,
                               g_object_ref (task));
}

static void
on_history (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Revert *self = g_task_get_task_data (task);
  GError *error = NULL;
  g_autolist (RunconfChange) history
      = runconf_configuration_history_finish (RUNCONF_CONFIGURATION (object), result, &error);
  RunconfChange *change = error == NULL ? find_change (history, self->version, &error) : NULL;
  g_autoptr (RunconfTransaction) transaction = NULL;
  g_autofree char *message = NULL;

  if (change == NULL || !check_later (history, change, &error))
    {
      g_task_return_error (task, error);
      return;
    }

  transaction = make_inverse (change);
  message = g_strdup_printf (_ ("Revert of version %" PRIu64), self->version);
  runconf_transaction_set_message (transaction, message);
  apply (task, transaction);
}

static void
read_history (GTask *task)
{
  Revert *self = g_task_get_task_data (task);

  self->n_attempts++;
  self->base = get_version (task);
  runconf_configuration_history (get_configuration (task), "", self->version - 1, CHANGES_MAX, NULL,
                                 on_history, g_object_ref (task));
}

static GTask *
make_task (EditorPlace *place, guint64 version, GAsyncReadyCallback callback, gpointer user_data)
{
  GTask *task = g_task_new (place, NULL, callback, user_data);
  Revert *self = g_new0 (Revert, 1);

  self->version = version;
  g_task_set_task_data (task, self, g_free);

  return task;
}

/* Reverts one change, unless somebody has changed the same paths since. */
void
editor_revert_change (EditorPlace *place, guint64 version, GAsyncReadyCallback callback,
                      gpointer user_data)
{
  g_autoptr (GTask) task = make_task (place, version, callback, user_data);

  read_history (task);
}

/* Reverts all changes after a version, as they are on the screen. */
void
editor_revert_to (EditorPlace *place, guint64 version, GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GTask) task = make_task (place, version, callback, user_data);
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autofree char *message = g_strdup_printf (_ ("Revert to version %" PRIu64), version);
  Revert *self = g_task_get_task_data (task);

  self->base = get_version (task);
  self->is_whole = TRUE;
  runconf_transaction_revert (transaction, version);
  runconf_transaction_set_message (transaction, message);
  apply (task, transaction);
}

/* Returns: the version that the revert made; 0 if it changed nothing, or with an error */
guint64
editor_revert_finish (EditorPlace *place, GAsyncResult *result, GError **error)
{
  g_autofree guint64 *version = g_task_propagate_pointer (G_TASK (result), error);

  return version != NULL ? *version : 0;
}

/* Returns: whether a change can't be reverted later either */
static gboolean
is_final (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_EXISTS)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND)
         || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED);
}

/* What was undone can be done again. What couldn't be undone is still the next, unless it would be in
 * the way of the changes before it for ever.
 */
static void
note_own (Revert *self, EditorUndo *undo, guint64 version, const GError *error)
{
  EditorDirection other
      = self->direction == EDITOR_DIRECTION_UNDO ? EDITOR_DIRECTION_REDO : EDITOR_DIRECTION_UNDO;

  if (error == NULL && version != 0)
    editor_undo_put (undo, other, version);
  else if (error != NULL && !is_final (error))
    editor_undo_put (undo, self->direction, self->version);
}

static void
on_own_reverted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  EditorPlace *place = EDITOR_PLACE (object);
  Revert *self = g_task_get_task_data (task);
  GError *error = NULL;
  guint64 version = editor_revert_finish (place, result, &error);

  note_own (self, editor_place_get_undo (place), version, error);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    return_version (task, self->version);
}

/* Reverts the last change that the user has made here, or the last such revert. The result is the
 * version that was reverted, or 0 if there is none.
 */
void
editor_revert_own (EditorPlace *place, EditorDirection direction, GAsyncReadyCallback callback,
                   gpointer user_data)
{
  guint64 version = editor_undo_take (editor_place_get_undo (place), direction);
  g_autoptr (GTask) task = make_task (place, version, callback, user_data);
  Revert *self = g_task_get_task_data (task);

  self->direction = direction;
  if (version == 0)
    return_version (task, 0);
  else
    editor_revert_change (place, version, on_own_reverted, g_object_ref (task));
}
