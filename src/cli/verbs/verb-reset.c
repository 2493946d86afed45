/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/change/change.h"
#include "cli/verbs/verb.h"

/* `runconf reset`: removes overrides. */

static const GOptionEntry entries[] = {
  CLI_CHANGE_OPTION_BOOT,
  { NULL },
};

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  return cli_change_apply_paths (session, runconf_transaction_reset, arguments, error);
}

const CliVerb cli_verb_reset = {
  .name = "reset",
  .synopsis = N_ ("PATH…"),
  .summary = N_ ("restore the defaults"),
  .description = N_ ("Removes the overrides at and below each PATH, as one change. The empty path "
                     "is the whole configuration.\n"
                     "\n"
                     "  runconf reset /chat/websocket/port\n"
                     "  runconf reset ''"),
  .min_arguments = 1,
  .max_arguments = CLI_ANY,
  .entries = entries,
  .is_change = TRUE,
  .run = run,
};
