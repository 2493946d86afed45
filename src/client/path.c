/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <runconf/path.h>

#include "client/argument.h"
#include "core/path.h"

/* Makes paths from keys, and splits paths into keys. */

/**
 * runconf_path_join:
 * @keys: (array zero-terminated=1): keys, and indices in decimal
 *
 * Makes a path from keys: `/modules/a~1b` from `modules` and `a/b`. Without keys, the result is the
 * empty string, the path of the whole configuration. Never blocks.
 *
 * Returns: (transfer full): the path, as a JSON Pointer
 *
 * Since: 1.0
 */
char *
runconf_path_join (const char *const *keys)
{
  g_autoptr (GString) pointer = NULL;

  g_return_val_if_fail (keys != NULL, NULL);

  pointer = g_string_new (NULL);
  for (guint i = 0; keys[i] != NULL; i++)
    runconf_path_append (pointer, keys[i]);

  return g_string_free (g_steal_pointer (&pointer), FALSE);
}

/**
 * runconf_path_split:
 * @path: a path, as a JSON Pointer
 * @error: return location for an error
 *
 * Splits a path into its keys: `/modules/a~1b` into `modules` and `a/b`. Never blocks.
 *
 * Returns: (transfer full) (nullable) (array zero-terminated=1): the keys; %NULL with
 *   %RUNCONF_ERROR_INVALID_PATH if @path isn't a JSON Pointer, or %RUNCONF_ERROR_TOO_LARGE if it is
 *   deeper than a configuration can be
 *
 * Since: 1.0
 */
char **
runconf_path_split (const char *path, GError **error)
{
  g_autoptr (RunconfPath) parsed = NULL;
  g_autoptr (GStrvBuilder) keys = NULL;

  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  if (!runconf_argument_check_path (path, error))
    return NULL;

  parsed = runconf_path_new (path, error);
  if (parsed == NULL)
    return NULL;

  keys = g_strv_builder_new ();
  for (guint i = 0; i < runconf_path_get_length (parsed); i++)
    g_strv_builder_add (keys, runconf_path_get_segment (parsed, i));

  return g_strv_builder_end (keys);
}
