/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/change/change.h"
#include "cli/session/value.h"
#include "cli/verbs/verb.h"

/* `runconf revert`: reverts to a version. */

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  guint64 to;

  if (!cli_value_read_version (arguments[0], &to, error))
    return CLI_EXIT_FAILED;

  return cli_change_revert (session, to, error);
}

const CliVerb cli_verb_revert = {
  .name = "revert",
  .synopsis = N_ ("VERSION"),
  .summary = N_ ("go back to an older version"),
  .description = N_ ("Restores the overrides of VERSION, as a change of its own, which can be "
                     "reverted too. “runconf history” lists the versions.\n"
                     "\n"
                     "  runconf revert 7 --message 'as it was'"),
  .min_arguments = 1,
  .max_arguments = 1,
  .is_change = TRUE,
  .run = run,
};
