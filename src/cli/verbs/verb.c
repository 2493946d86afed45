/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/verb.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/nearest.h"
#include "cli/terminal/failure.h"

/* The list of all verbs, and the search for a verb by name. */

/* in the order of the help */
static const CliVerb *const verbs[] = {
  &cli_verb_get,      &cli_verb_list,    &cli_verb_tree,
  &cli_verb_describe, &cli_verb_explain, &cli_verb_watch,
  &cli_verb_set,      &cli_verb_merge,   &cli_verb_reset,
  &cli_verb_unset,    &cli_verb_edit,    &cli_verb_load,
  &cli_verb_dump,     &cli_verb_import,  &cli_verb_export,
  &cli_verb_diff,     &cli_verb_history, &cli_verb_revert,
  &cli_verb_confirm,  &cli_verb_status,  &cli_verb_configurations,
  &cli_verb_validate, &cli_verb_fleet,   &cli_verb_demo,
  &cli_verb_complete,
};

const CliVerb *const *
cli_verbs_get (guint *n_verbs)
{
  *n_verbs = G_N_ELEMENTS (verbs);

  return verbs;
}

/**
 * cli_verb_find:
 *
 * Returns: (transfer none): the verb, or %NULL with an error that suggests the nearest one
 */
const CliVerb *
cli_verb_find (const char *name, GError **error)
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
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("there is no verb “%s”; did you mean “%s”?"),
                 name, nearest.found);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("there is no verb “%s”; “runconf help” lists the verbs"), name);

  return NULL;
}
