/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/deltas.h"

#include "core/diff.h"
#include "core/variant.h"

/* Reads the values of a change. Apart from the functions that print them, since `runconf-fleet` uses
 * those without the library.
 */

/* @value: (transfer full) (nullable): the value at one side of a change */
static gboolean
take_side (GVariant *value, const char *path, RunconfNode **node, GError **error)
{
  g_autoptr (GVariant) owned = value;

  *node = value != NULL ? runconf_node_from_variant (value, path, error) : NULL;

  return value == NULL || *node != NULL;
}

/**
 * cli_deltas_from_change:
 * @change: a change from the history, or a difference of two versions
 *
 * Returns: (transfer full) (element-type RunconfDelta): the changes, or %NULL with an error
 */
GPtrArray *
cli_deltas_from_change (RunconfChange *change, GError **error)
{
  g_autoptr (GPtrArray) deltas = runconf_deltas_new ();

  for (const char *const *path = runconf_change_get_paths (change); *path != NULL; path++)
    {
      RunconfDelta *delta = runconf_delta_new (*path, NULL, NULL);

      g_ptr_array_add (deltas, delta);
      if (!take_side (runconf_change_get_old_value (change, *path), *path, &delta->old_value, error)
          || !take_side (runconf_change_get_new_value (change, *path), *path, &delta->new_value,
                         error))
        return NULL;
    }

  return g_steal_pointer (&deltas);
}
