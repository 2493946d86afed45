/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/apply.h"

#include <glib/gi18n.h>

/* The changes of a basket become one change of the configuration, or two if some of them are for this
 * boot only. The service makes it only on the version whose values the basket was compared with: so a
 * change that somebody makes at this moment isn't overwritten.
 */

/* changes of others that may come between a look at the values and the call, one after the other */
#define ATTEMPTS_MAX 10

/* what the service reports if the change made a version */
#define OVERRIDES "overrides"

typedef struct
{
  char *message;
  guint confirm_timeout;
  EditorPendingFlags kind;
  GPtrArray *sent;  /* of EditorPending */
  GArray *versions; /* of guint64: those that were made */
  guint n_attempts;
} Apply;

static void send (GTask *task);

static void
apply_free (Apply *self)
{
  g_free (self->message);
  g_ptr_array_unref (self->sent);
  g_array_unref (self->versions);
  g_free (self);
}

static EditorBasket *
get_basket (GTask *task)
{
  return editor_place_get_basket (g_task_get_source_object (task));
}

/* Remembers the changes that are sent: the user may make others meanwhile. */
static void
remember (GTask *task)
{
  Apply *self = g_task_get_task_data (task);
  GListModel *model = G_LIST_MODEL (get_basket (task));
  guint n = g_list_model_get_n_items (model);

  g_ptr_array_set_size (self->sent, 0);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (EditorPending) pending = g_list_model_get_item (model, i);

      if ((editor_pending_get_flags (pending) & EDITOR_PENDING_BOOT) == self->kind)
        g_ptr_array_add (self->sent, g_steal_pointer (&pending));
    }
}

/* Takes what was applied out of the basket. A newer change of the same path stays, and was made on the
 * value that is in force now.
 */
static void
drop_sent (GTask *task)
{
  Apply *self = g_task_get_task_data (task);
  EditorBasket *basket = get_basket (task);

  editor_basket_compare (basket);
  for (guint i = 0; i < self->sent->len; i++)
    {
      const char *path = editor_pending_get_path (self->sent->pdata[i]);

      if (editor_basket_lookup (basket, path) == self->sent->pdata[i])
        editor_basket_drop (basket, path);
      else
        editor_basket_keep (basket, path);
    }
}

static void
take_version (GTask *task, guint64 version)
{
  Apply *self = g_task_get_task_data (task);

  g_array_append_val (self->versions, version);
  editor_undo_note (editor_place_get_undo (g_task_get_source_object (task)), version);
}

/* @paths: what the service has reported, overrides included
 *
 * Returns: whether the change made a version
 */
gboolean
editor_apply_made_version (char **paths)
{
  return g_strv_contains ((const char *const *) paths, OVERRIDES);
}

static void
go_on (GTask *task)
{
  Apply *self = g_task_get_task_data (task);

  if (self->kind == EDITOR_PENDING_BOOT)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  self->kind = EDITOR_PENDING_BOOT;
  send (task);
}

/* @n_attempts: the calls until now
 *
 * Returns: whether a call failed only because the configuration has another version by now
 */
gboolean
editor_apply_may_try_again (const GError *error, guint n_attempts)
{
  return g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH)
         && n_attempts < ATTEMPTS_MAX;
}

static void
on_applied (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Apply *self = g_task_get_task_data (task);
  GError *error = NULL;
  guint64 version = 0;
  g_auto (GStrv) paths = runconf_configuration_apply_finish (RUNCONF_CONFIGURATION (object), result,
                                                             &version, &error);

  if (editor_apply_may_try_again (error, self->n_attempts))
    {
      g_clear_error (&error);
      send (task);
      return;
    }
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  if (editor_apply_made_version (paths))
    take_version (task, version);
  drop_sent (task);
  go_on (task);
}

static void
set_options (GTask *task, RunconfTransaction *transaction, guint64 version)
{
  Apply *self = g_task_get_task_data (task);

  runconf_transaction_set_if_version (transaction, version);
  runconf_transaction_set_report_overrides (transaction, TRUE);
  runconf_transaction_set_confirm_timeout (transaction, self->confirm_timeout);
  if (*self->message != '\0')
    runconf_transaction_set_message (transaction, self->message);
}

static void
send (GTask *task)
{
  Apply *self = g_task_get_task_data (task);
  EditorBasket *basket = get_basket (task);
  guint64 version = editor_basket_compare (basket);
  g_autoptr (RunconfTransaction) transaction = editor_basket_make_transaction (basket, self->kind);

  if (editor_basket_get_conflicting (basket))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_EXISTS,
                               _ ("Somebody else has changed the same value. Decide which one is "
                                  "to stay."));
      return;
    }
  if (transaction == NULL)
    {
      go_on (task);
      return;
    }

  self->n_attempts++;
  remember (task);
  set_options (task, transaction, version);
  runconf_configuration_apply (editor_place_get_configuration (g_task_get_source_object (task)),
                               transaction, NULL, on_applied, g_object_ref (task));
}

/**
 * editor_apply:
 * @place: a place with a configuration
 * @message: the reason for the history; may be empty
 * @confirm_timeout: after this time, in seconds, the service reverts the changes unless they are
 *   confirmed; 0 for no confirmation
 *
 * Applies all changes in the basket of a place. After an error, those that weren't applied are still
 * there.
 */
void
editor_apply (EditorPlace *place, const char *message, guint confirm_timeout,
              GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (place, NULL, callback, user_data);
  Apply *self = g_new0 (Apply, 1);

  self->message = g_strdup (message);
  self->confirm_timeout = confirm_timeout;
  self->sent = g_ptr_array_new_with_free_func (g_object_unref);
  self->versions = g_array_new (FALSE, FALSE, sizeof (guint64));
  g_task_set_task_data (task, self, (GDestroyNotify) apply_free);
  send (task);
}

/* Returns: (transfer full) (element-type guint64): the versions that were made, also if there is an
 *   error afterwards; none if the configuration was like that already
 */
GArray *
editor_apply_finish (EditorPlace *place, GAsyncResult *result, GError **error)
{
  Apply *self = g_task_get_task_data (G_TASK (result));

  g_task_propagate_boolean (G_TASK (result), error);

  return g_array_ref (self->versions);
}
