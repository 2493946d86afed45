/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/change/change.h"
#include "cli/change/change-options.h"
#include "cli/session/hint.h"
#include "cli/session/value.h"
#include "cli/verbs/verb.h"

/* `runconf reset`: removes overrides. */

static const GOptionEntry entries[] = {
  CLI_CHANGE_OPTION_BOOT,
  { NULL },
};

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  GError *failure = NULL;
  CliExit status;

  for (char **path = arguments; *path != NULL; path++)
    {
      if (!cli_value_check_path (*path, error))
        return CLI_EXIT_FAILED;
      runconf_transaction_reset (transaction, *path);
    }

  status = cli_change_apply (session, transaction, &failure);
  if (failure != NULL)
    {
      if (arguments[1] == NULL)
        cli_hint_path (session, arguments[0], failure);
      g_propagate_error (error, failure);
    }

  return status;
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
