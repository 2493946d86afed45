/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/change/change.h"
#include "cli/session/value.h"
#include "cli/verbs/verb.h"
#include "core/variant.h"

/* `runconf set`: overrides values. */

static gboolean is_literal, is_whole;

static const GOptionEntry entries[] = {
  { "string", 's', 0, G_OPTION_ARG_NONE, &is_literal,
    N_ ("Take each VALUE as a string, and not as YAML"), NULL },
  { "replace", 0, 0, G_OPTION_ARG_NONE, &is_whole,
    N_ ("Let a mapping take the place of the default as a whole, instead of merging the two"),
    NULL },
  CLI_CHANGE_OPTION_BOOT,
  { NULL },
};

static gboolean
add_pair (RunconfTransaction *transaction, const char *path, const char *text, GError **error)
{
  g_autoptr (RunconfNode) value = cli_value_read_pair (path, text, is_literal, error);

  if (value == NULL)
    return FALSE;

  if (is_whole)
    runconf_transaction_replace_value (transaction, path, runconf_node_to_variant (value));
  else
    runconf_transaction_set_value (transaction, path, runconf_node_to_variant (value));

  return TRUE;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();

  for (char **pair = arguments; *pair != NULL; pair += 2)
    if (!add_pair (transaction, pair[0], pair[1], error))
      return CLI_EXIT_FAILED;

  return cli_change_apply (session, transaction, error);
}

const CliVerb cli_verb_set = {
  .name = "set",
  .synopsis = N_ ("PATH VALUE [PATH VALUE…]"),
  .summary = N_ ("override values"),
  .description = N_ ("VALUE is YAML: 9000 is a number, true a boolean, [a, b] a sequence, and any "
                     "other text is a string. A value that would lose a part, such as a comment, "
                     "is refused. Several values are one change: all of them or none.\n"
                     "\n"
                     "  runconf set /chat/websocket/port 9000\n"
                     "  runconf set /tags '[a, b]' /title 'A title'\n"
                     "  runconf set --string /build 0123 /color '#ff8800'\n"
                     "  runconf set --replace /servers '{clock: ntp1}'"),
  .min_arguments = 2,
  .max_arguments = CLI_ANY,
  .entries = entries,
  .is_change = TRUE,
  .takes_values = TRUE,
  .run = run,
};
