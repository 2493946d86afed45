/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/fleet.h"
#include "cli/verbs/verb.h"

/* `runconf fleet`: executes the command for fleets. */

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  cli_fleet_execute (cli_session_get_options (session), NULL, arguments, error);

  return CLI_EXIT_FAILED;
}

const CliVerb cli_verb_fleet = {
  .name = "fleet",
  .synopsis = N_ ("VERB [ARGUMENT…]"),
  .summary = N_ ("change the configurations of many machines"),
  .description = N_ ("Changes the documents that the agents of a fleet read from etcd. The command "
                     "is in the package runconf-fleet; it has verbs and options of its own.\n"
                     "\n"
                     "  runconf fleet help\n"
                     "  runconf fleet set --all /chat/websocket/port 9000\n"
                     "  runconf fleet status"),
  .max_arguments = CLI_ANY,
  .takes_all = TRUE,
  .run = run,
};
