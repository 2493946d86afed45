/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "core/operations.h"
#include "fleet/command/change.h"
#include "fleet/command/verb.h"

/* `runconf fleet reset`: removes values from a document. */

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (GPtrArray) operations = runconf_operations_new ();

  for (char **path = arguments; *path != NULL; path++)
    {
      RunconfOperation *operation
          = cli_value_check_path (*path, error)
                ? runconf_operation_new (RUNCONF_VERB_RESET, *path, NULL, error)
                : NULL;

      if (operation == NULL)
        return CLI_EXIT_FAILED;
      g_ptr_array_add (operations, operation);
    }

  return fleet_change_apply_operations (session, "reset", operations, error);
}

const FleetVerb fleet_verb_reset = {
  .name = "reset",
  .synopsis = N_ ("PATH…"),
  .summary = N_ ("remove values from a document"),
  .description
  = N_ ("Removes the values at and below each PATH from the document, as one change: "
        "hosts get those of weaker documents and of their own files. The empty path is "
        "the whole document.\n"
        "\n"
        "  runconf fleet reset --host db1 /chat/websocket/port\n"
        "  runconf fleet reset --group web ''"),
  .min_arguments = 1,
  .max_arguments = FLEET_ANY,
  .has_scope = TRUE,
  .is_change = TRUE,
  .run = run,
};
