/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/change/change.h"
#include "cli/verbs/verb.h"

/* `runconf unset`: hides defaults. */

static const GOptionEntry entries[] = {
  CLI_CHANGE_OPTION_BOOT,
  { NULL },
};

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  return cli_change_apply_paths (session, runconf_transaction_unset, arguments, error);
}

const CliVerb cli_verb_unset = {
  .name = "unset",
  .synopsis = N_ ("PATH…"),
  .summary = N_ ("take values away, defaults too"),
  .description = N_ ("Takes the value at each PATH away, as one change: its overrides are removed, "
                     "and its default is hidden. “runconf reset” brings the default back.\n"
                     "\n"
                     "  runconf unset /servers/clock\n"
                     "  runconf reset /servers/clock"),
  .min_arguments = 1,
  .max_arguments = CLI_ANY,
  .entries = entries,
  .is_change = TRUE,
  .run = run,
};
