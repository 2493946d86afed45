/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/verb.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/session/nearest.h"
#include "cli/terminal/failure.h"

/* The list of all verbs, and the search for a verb by name. */

/* in the order of the help */
static const FleetVerb *const verbs[] = {
  &fleet_verb_get,    &fleet_verb_set,     &fleet_verb_merge,    &fleet_verb_reset,
  &fleet_verb_edit,   &fleet_verb_load,    &fleet_verb_diff,     &fleet_verb_history,
  &fleet_verb_revert, &fleet_verb_rollout, &fleet_verb_keep,     &fleet_verb_status,
  &fleet_verb_hosts,  &fleet_verb_group,   &fleet_verb_complete,
};

const FleetVerb *const *
fleet_verbs_get (guint *n_verbs)
{
  *n_verbs = G_N_ELEMENTS (verbs);

  return verbs;
}

/**
 * fleet_verb_find:
 *
 * Returns: (transfer none): the verb, or %NULL with an error that suggests the nearest one
 */
const FleetVerb *
fleet_verb_find (const char *name, GError **error)
{
  CliNearest nearest;

  cli_nearest_begin (&nearest, name);
  for (guint i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (strcmp (verbs[i]->name, name) == 0)
        return verbs[i];
      cli_nearest_offer (&nearest, verbs[i]->name);
    }

  if (nearest.found != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("fleet: there is no verb “%s”; did you mean “%s”?"), name, nearest.found);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("fleet: there is no verb “%s”; “runconf fleet help” lists the verbs"), name);

  return NULL;
}

/**
 * fleet_verb_get_change_entries:
 *
 * Returns: (transfer none): the options of a change. A fleet has no confirmation: a rollout goes back
 *   by itself
 */
const GOptionEntry *
fleet_verb_get_change_entries (void)
{
  static GArray *entries;

  if (entries != NULL)
    return (const GOptionEntry *) (gconstpointer) entries->data;

  entries = g_array_new (TRUE, FALSE, sizeof (GOptionEntry));
  for (const GOptionEntry *entry = cli_change_options_get_entries (); entry->long_name != NULL;
       entry++)
    if (strcmp (entry->long_name, "confirm-timeout") != 0)
      g_array_append_vals (entries, entry, 1);

  return (const GOptionEntry *) (gconstpointer) entries->data;
}
