/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/change/change-options.h"
#include "cli/change/change.h"
#include "cli/session/patch.h"
#include "cli/session/value.h"
#include "cli/verbs/verb.h"
#include "core/variant.h"

/* `runconf merge`: overrides the values that a text contains. */

static char *file;
static char *at;

static const GOptionEntry entries[] = {
  { "file", 'f', 0, G_OPTION_ARG_FILENAME, &file, N_ ("Take the text from FILE"), N_ ("FILE") },
  { "at", 0, 0, G_OPTION_ARG_FILENAME, &at,
    N_ ("Merge at PATH, and not into the whole configuration"), N_ ("PATH") },
  CLI_CHANGE_OPTION_BOOT,
  { NULL },
};

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (RunconfNode) patch = NULL;
  const char *path = at != NULL ? at : "";

  if (!cli_value_check_path (path, error))
    return CLI_EXIT_FAILED;

  patch = cli_patch_read (arguments[0], file, path, error);
  if (patch == NULL)
    return CLI_EXIT_FAILED;

  runconf_transaction_merge (transaction, path, runconf_node_to_variant (patch));

  return cli_change_apply (session, transaction, error);
}

const CliVerb cli_verb_merge = {
  .name = "merge",
  .synopsis = N_ ("[TEXT | -]"),
  .summary = N_ ("override several values at once"),
  .description
  = N_ ("TEXT is YAML or JSON. Values in it become overrides, values that it leaves out don't "
        "change, and null restores the default. With “-” the text is read from standard input.\n"
        "\n"
        "  runconf merge 'llm: {active: groq, providers: {groq: {temperature: 0.25}}}'\n"
        "  runconf merge --file site.yaml\n"
        "  runconf merge --at /chat/websocket 'port: 9000'"),
  .max_arguments = 1,
  .entries = entries,
  .is_change = TRUE,
  .run = run,
};
