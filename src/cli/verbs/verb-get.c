/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/fetch.h"
#include "cli/terminal/output.h"
#include "cli/verbs/verb.h"

/* `runconf get`: prints a value. */

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (RunconfNode) value
      = cli_fetch (session, arguments[0] != NULL ? arguments[0] : "", error);

  if (value == NULL)
    return CLI_EXIT_FAILED;

  cli_print_value (value);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_get = {
  .name = "get",
  .synopsis = N_ ("[PATH]"),
  .summary = N_ ("print a value"),
  .description = N_ ("A text, number or other scalar is printed as it is, anything else in YAML. "
                     "Without PATH, the whole configuration is printed.\n"
                     "\n"
                     "  runconf get /chat/websocket/port\n"
                     "  runconf get --json /llm/providers"),
  .max_arguments = 1,
  .run = run,
};
