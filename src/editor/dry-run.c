/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/dry-run.h"

#include <string.h>

#include "editor/path.h"
#include "editor/quiet.h"

/* A dry run asks the service about changes while the user makes them. */

/* A password is asked for when the changes are applied, not with each letter that the user types. */
void
editor_dry_run_start (RunconfConfiguration *configuration, RunconfTransaction *transaction,
                      GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  gboolean was_interactive = editor_quiet_begin (configuration);

  runconf_transaction_set_dry_run (transaction, TRUE);
  runconf_configuration_apply (configuration, transaction, cancellable, callback, user_data);
  editor_quiet_end (configuration, was_interactive);
}

/* A right that the user has to give a password for is no reason against the changes: applying them asks
 * for it. A service that isn't there, or has too much to do, has nothing to say about them.
 */
static gboolean
is_refusal (const GError *error)
{
  return error != NULL
         && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_AUTHORIZATION_REQUIRED)
         && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE)
         && !g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_LIMITS_EXCEEDED);
}

/* @refusal: (out) (transfer full): why the service refuses the changes; empty if it doesn't
 *
 * Returns: %FALSE if the dry run was cancelled, so that whoever started it may be gone
 */
gboolean
editor_dry_run_finish (RunconfConfiguration *configuration, GAsyncResult *result, char **refusal)
{
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths = runconf_configuration_apply_finish (configuration, result, NULL, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;

  *refusal = g_strdup (is_refusal (error) ? error->message : "");

  return TRUE;
}

/* Returns: whether a line of a refusal is about a path: one at, below or above the path of the change */
gboolean
editor_dry_run_is_about (const char *line, const char *path)
{
  const char *end = strstr (line, ": ");
  g_autofree char *place = end != NULL ? g_strndup (line, (gsize) (end - line)) : NULL;

  return place != NULL && *place == '/'
         && (editor_path_is_below (place, path) || editor_path_is_below (path, place));
}
