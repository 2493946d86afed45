/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/change.h"
#include "cli/failure.h"
#include "cli/text.h"
#include "cli/verb.h"
#include "core/variant.h"

static gboolean is_overrides;

static const GOptionEntry entries[] = {
  { "overrides", 0, 0, G_OPTION_ARG_NONE, &is_overrides,
    N_ ("FILE is the text of the overrides, and is kept as it is, comments included"), NULL },
  { NULL },
};

static CliExit
load_overrides (CliSession *session, const char *file, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read (file, error);
  g_autofree char *copy = NULL;

  if (text == NULL)
    return CLI_EXIT_FAILED;

  copy = g_strndup (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  if (strlen (copy) == g_bytes_get_size (text) && g_utf8_validate (copy, -1, NULL))
    return cli_change_replace_text (session, copy, error);

  g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED, _ ("%s: this is no text in UTF-8"), file);

  return CLI_EXIT_FAILED;
}

static CliExit
load_configuration (CliSession *session, const char *file, GError **error)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  g_autoptr (RunconfNode) config = cli_text_read_mapping (file, error);

  if (config == NULL)
    return CLI_EXIT_FAILED;

  runconf_transaction_save (transaction, runconf_node_to_variant (config));

  return cli_change_apply (session, transaction, error);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  return is_overrides ? load_overrides (session, arguments[0], error)
                      : load_configuration (session, arguments[0], error);
}

const CliVerb cli_verb_load = {
  .name = "load",
  .synopsis = N_ ("FILE | -"),
  .summary = N_ ("make a file the configuration"),
  .description
  = N_ ("FILE holds a whole configuration, as “runconf dump” prints it. Only what "
        "differs from the defaults becomes an override, and what it leaves out gets its "
        "default back, but for secrets.\n"
        "\n"
        "  runconf dump > saved.yaml\n"
        "  runconf load saved.yaml\n"
        "  runconf load --overrides runtime_config.yaml"),
  .min_arguments = 1,
  .max_arguments = 1,
  .entries = entries,
  .is_change = TRUE,
  .run = run,
};
