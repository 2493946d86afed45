/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "core/error.h"
#include "fleet/control/controller.h"

/* Rollouts whose command is gone. */

static char *
describe_start (const RunconfFleetRollout *rollout)
{
  return g_strdup_printf (_ ("taken up at step %u of %u"), (guint) rollout->step + 1,
                          g_strv_length (rollout->steps));
}

static char *
describe_end (const RunconfFleetRollout *rollout)
{
  if (rollout->phase == RUNCONF_FLEET_FINISHED)
    return g_strdup (_ ("finished"));

  return g_strdup_printf (_ ("undone: %s%s%s"), rollout->host != NULL ? rollout->host : "",
                          rollout->host != NULL ? ": " : "", rollout->reason);
}

/* Returns: whether the error says that the rollout has ended, or has a controller */
static gboolean
is_kept (const GError *error)
{
  return g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND)
         || g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_VERSION_MISMATCH);
}

/* Returns: %FALSE with an error */
static gboolean
lead (FleetController *controller, const FleetPlace *place, gboolean is_undone, FleetKeepFunc tell,
      gpointer data, GError **error)
{
  const RunconfFleetRollout *rollout = fleet_controller_get_rollout (controller);
  g_autofree char *start = describe_start (rollout);
  g_autofree char *end = NULL;

  tell (place, start, data);
  if (is_undone ? !fleet_controller_undo (controller, NULL, "its controller was gone", error)
                : !fleet_controller_run (controller, NULL, NULL, error))
    return FALSE;

  end = describe_end (rollout);
  tell (place, end, data);

  return TRUE;
}

/**
 * fleet_rollout_keep:
 * @key: the key of the rollout
 * @is_undone: whether the rollout is undone, instead of led to its end
 * @tell: is told the beginning and the end
 *
 * Takes a rollout up whose controller is gone, and leads it to its end. A rollout that has ended, or
 * that has a controller, is left alone.
 *
 * Returns: %FALSE with an error; then the rollout may still run
 */
gboolean
fleet_rollout_keep (FleetStore *store, const RunconfFleetKey *key, gboolean is_undone,
                    FleetKeepFunc tell, gpointer data, GError **error)
{
  g_autoptr (FleetPlace) place
      = fleet_place_new (store, RUNCONF_FLEET_KEY_CONFIG, key->name, key->scope);
  GError *failure = NULL;
  g_autoptr (FleetController) controller = fleet_controller_take (store, place, &failure);

  if (controller != NULL)
    lead (controller, place, is_undone, tell, data, &failure);
  if (failure == NULL)
    return TRUE;
  if (!is_kept (failure))
    {
      g_propagate_error (error, failure);
      return FALSE;
    }

  g_error_free (failure);

  return TRUE;
}
