/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/rollouts.h"

#include <glib/gi18n.h>

#include "cli/terminal/output.h"
#include "fleet/control/place.h"
#include "fleet/model/rollout.h"

/* The rollouts that run, and who leads them. */

/* Returns: (transfer full): the author of the controller, or a hint if there is none */
static char *
describe_controller (const FleetPlace *place, GBytes *author)
{
  g_autofree char *option = fleet_place_get_option (place);
  gsize size;
  const char *text = author != NULL ? g_bytes_get_data (author, &size) : NULL;
  g_autofree char *name = text != NULL ? g_utf8_make_valid (text, (gssize) size) : NULL;

  if (name != NULL)
    return g_strdup_printf (_ ("led by %s"), name);

  return g_strdup_printf (
      _ ("its command is gone: wait for an agent, or call “runconf fleet rollout "
         "%s --resume” or “--undo”"),
      option);
}

static void
print (const FleetPlace *place, const RunconfFleetRollout *rollout, GBytes *author)
{
  g_autofree char *controller = describe_controller (place, author);
  g_autofree char *line = g_strdup_printf (_ ("%s: a rollout is at step %u of %u, %s"), place->name,
                                           (guint) rollout->step + 1,
                                           MAX (g_strv_length (rollout->steps), 1), controller);

  cli_print_line (line);
}

static gboolean
is_wanted (const RunconfFleetKey *key, const RunconfFleetScope *scope, const char *configuration)
{
  return key != NULL && key->type == RUNCONF_FLEET_KEY_ROLLOUT
         && (scope == NULL || runconf_fleet_scope_equal (key->scope, scope))
         && (configuration == NULL || g_str_equal (key->name, configuration));
}

/* Prints a rollout, if it runs. @values: (element-type utf8 GBytes): by the keys as in etcd */
static void
print_if_running (FleetStore *store, const RunconfFleetKey *key, const RunconfEtcdItem *item,
                  GHashTable *values)
{
  g_autoptr (FleetPlace) place
      = fleet_place_new (store, RUNCONF_FLEET_KEY_CONFIG, key->name, key->scope);
  g_autofree char *controller = runconf_fleet_key_for_scope (
      fleet_store_get_prefix (store), RUNCONF_FLEET_KEY_CONTROLLER, key->name, key->scope);
  g_autoptr (GError) mistake = NULL;
  g_autoptr (RunconfFleetRollout) rollout
      = runconf_fleet_rollout_read (item->value, fleet_store_shorten (store, item->key), &mistake);

  if (rollout == NULL)
    cli_output_complain (mistake->message);
  else if (rollout->phase == RUNCONF_FLEET_RUNNING)
    print (place, rollout, g_hash_table_lookup (values, controller));
}

/**
 * fleet_rollouts_print:
 * @scope: (nullable): the hosts of the rollouts; %NULL for any
 * @configuration: (nullable): their configuration; %NULL for any
 *
 * Prints a line for each rollout that runs.
 *
 * Returns: %FALSE with an error
 */
gboolean
fleet_rollouts_print (FleetStore *store, const RunconfFleetScope *scope, const char *configuration,
                      GError **error)
{
  const char *prefix = fleet_store_get_prefix (store);
  g_autofree char *rollouts
      = runconf_fleet_key_prefix (prefix, RUNCONF_FLEET_KEY_ROLLOUT, NULL, NULL);
  g_autoptr (RunconfEtcdRange) range = fleet_store_list (store, rollouts, NULL, error);
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);

  if (range == NULL)
    return FALSE;

  for (guint i = 0; i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];

      g_hash_table_insert (values, item->key, item->value);
    }
  for (guint i = 0; i < range->items->len; i++)
    {
      const RunconfEtcdItem *item = range->items->pdata[i];
      g_autoptr (RunconfFleetKey) key = runconf_fleet_key_parse (prefix, item->key);

      if (is_wanted (key, scope, configuration))
        print_if_running (store, key, item, values);
    }

  return TRUE;
}
