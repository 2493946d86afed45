/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "fleet/command/change.h"
#include "fleet/command/verb.h"

/* `runconf fleet set`: sets values. */

static gboolean is_literal, is_whole;

static const GOptionEntry entries[] = {
  { "string", 's', 0, G_OPTION_ARG_NONE, &is_literal,
    N_ ("Take each VALUE as a string, and not as YAML"), NULL },
  { "replace", 0, 0, G_OPTION_ARG_NONE, &is_whole,
    N_ ("Let a mapping take the place of weaker values as a whole, instead of merging the two"),
    NULL },
  { NULL },
};

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  RunconfVerb verb = is_whole ? RUNCONF_VERB_REPLACE : RUNCONF_VERB_SET;
  g_autoptr (GPtrArray) operations = fleet_change_read_pairs (verb, arguments, is_literal, error);

  if (operations == NULL)
    return CLI_EXIT_FAILED;

  return fleet_change_apply_operations (session, "set", operations, error);
}

const FleetVerb fleet_verb_set = {
  .name = "set",
  .synopsis = N_ ("PATH VALUE [PATH VALUE…]"),
  .summary = N_ ("set values"),
  .description
  = N_ ("VALUE is YAML: 9000 is a number, true a boolean, [a, b] a sequence, and any "
        "other text is a string. Several values are one change: all of them or none. The "
        "comments of the document stay.\n"
        "\n"
        "  runconf fleet set --all /chat/websocket/port 9000\n"
        "  runconf fleet set --group web /workers 8 --wait --message 'for the sale'"),
  .min_arguments = 2,
  .max_arguments = FLEET_ANY,
  .entries = entries,
  .has_scope = TRUE,
  .is_change = TRUE,
  .takes_values = TRUE,
  .run = run,
};
