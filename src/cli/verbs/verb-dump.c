/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/hint.h"
#include "cli/session/layers.h"
#include "cli/session/value.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "cli/verbs/verb.h"

/* `runconf dump`: prints a configuration as a file. */

static char *layer;
static gboolean is_stacked;
static char *version;
static gboolean with_secrets;

static const GOptionEntry entries[] = {
  { "layer", 'l', 0, G_OPTION_ARG_FILENAME, &layer,
    N_ ("“effective” (default), “defaults”, “overrides”, or the name of a layer"), N_ ("LAYER") },
  { "stacked", 0, 0, G_OPTION_ARG_NONE, &is_stacked,
    N_ ("With the values of all weaker layers, as of a stack that ends with LAYER"), NULL },
  { "version", 0, 0, G_OPTION_ARG_FILENAME, &version, N_ ("The configuration as of version N"),
    N_ ("N") },
  { "secrets", 0, 0, G_OPTION_ARG_NONE, &with_secrets,
    N_ ("With secrets, which are left out otherwise"), NULL },
  { NULL },
};

static gboolean
check_layer (GError **error)
{
  if (layer != NULL && !cli_layers_check (cli_layers_list_all (), "--layer", layer, error))
    return FALSE;
  if (!is_stacked || (layer != NULL && g_strv_contains (cli_layers_list (), layer)))
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("--stacked needs the name of a layer: give --layer=%s, or another one"),
               cli_layers_list ()[0]);

  return FALSE;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const char *path = arguments[0] != NULL ? arguments[0] : "";
  RunconfConfiguration *configuration;
  g_autofree char *text = NULL;
  GError *failure = NULL;
  guint64 number = G_MAXUINT64;

  if (!cli_value_check_path (path, error) || !check_layer (error)
      || (version != NULL && !cli_value_read_version (version, &number, error)))
    return CLI_EXIT_FAILED;

  configuration = cli_session_reach (session, error);
  if (configuration == NULL)
    return CLI_EXIT_FAILED;

  text = runconf_configuration_dump_sync (
      configuration, path, cli_layers_find (layer != NULL ? layer : "effective"),
      cli_output_is_json () ? RUNCONF_FORMAT_JSON : RUNCONF_FORMAT_YAML,
      (with_secrets ? RUNCONF_DUMP_SECRETS : 0) | (is_stacked ? RUNCONF_DUMP_STACKED : 0), number,
      NULL, &failure);
  if (text == NULL)
    {
      cli_hint_propagate_error (session, path, error, failure);
      return CLI_EXIT_FAILED;
    }

  cli_print (text);
  if (!g_str_has_suffix (text, "\n"))
    cli_print_line ("");

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_dump = {
  .name = "dump",
  .synopsis = N_ ("[PATH]"),
  .summary = N_ ("print a configuration as a file"),
  .description
  = N_ ("Prints YAML, or JSON with --json, that “runconf load” accepts. The overrides "
        "are printed as in their file, comments included. A layer has the values in its "
        "own files, with those that have no effect.\n"
        "\n"
        "  runconf dump > saved.yaml\n"
        "  runconf dump --layer overrides\n"
        "  runconf dump --layer admin --stacked\n"
        "  runconf dump --version 7 /chat"),
  .max_arguments = 1,
  .entries = entries,
  .run = run,
};
