/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/patch.h"
#include "cli/session/value.h"
#include "core/operations.h"
#include "fleet/command/change.h"
#include "fleet/command/verb.h"

/* `runconf fleet merge`: sets the values that a text contains. */

static char *file;
static char *at;

static const GOptionEntry entries[] = {
  { "file", 'f', 0, G_OPTION_ARG_FILENAME, &file, N_ ("Take the text from FILE"), N_ ("FILE") },
  { "at", 0, 0, G_OPTION_ARG_FILENAME, &at, N_ ("Merge at PATH, and not into the whole document"),
    N_ ("PATH") },
  { NULL },
};

static CliExit
run (FleetSession *session, char **arguments, GError **error)
{
  g_autoptr (GPtrArray) operations = runconf_operations_new ();
  const char *path = at != NULL ? at : "";
  g_autoptr (RunconfNode) patch = NULL;
  RunconfOperation *operation;

  if (!cli_value_check_path (path, error))
    return CLI_EXIT_FAILED;

  patch = cli_patch_read (arguments[0], file, path, error);
  if (patch == NULL)
    return CLI_EXIT_FAILED;

  operation = runconf_operation_new (RUNCONF_VERB_MERGE, path, patch, error);
  if (operation == NULL)
    return CLI_EXIT_FAILED;
  g_ptr_array_add (operations, operation);

  return fleet_change_apply_operations (session, "merge", operations, error);
}

const FleetVerb fleet_verb_merge = {
  .name = "merge",
  .synopsis = N_ ("[TEXT | -]"),
  .summary = N_ ("set several values at once"),
  .description
  = N_ ("TEXT is YAML or JSON. Values in it are set, values that it leaves out don't "
        "change, and null removes one from the document. With “-” the text is read from "
        "standard input.\n"
        "\n"
        "  runconf fleet merge --all 'llm: {active: groq}'\n"
        "  runconf fleet merge --group web --file site.yaml"),
  .max_arguments = 1,
  .entries = entries,
  .has_scope = TRUE,
  .is_change = TRUE,
  .run = run,
};
