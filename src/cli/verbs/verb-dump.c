/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "cli/session/hint.h"
#include "cli/terminal/output.h"
#include "cli/session/value.h"
#include "cli/verbs/verb.h"

/* `runconf dump`: prints a configuration as a file. */

static char *layer;
static char *version;
static gboolean with_secrets;

static const GOptionEntry entries[] = {
  { "layer", 'l', 0, G_OPTION_ARG_FILENAME, &layer,
    N_ ("“effective” (default), “defaults” or “overrides”"), N_ ("LAYER") },
  { "version", 0, 0, G_OPTION_ARG_FILENAME, &version, N_ ("The configuration as of version N"),
    N_ ("N") },
  { "secrets", 0, 0, G_OPTION_ARG_NONE, &with_secrets,
    N_ ("With secrets, which are left out otherwise"), NULL },
  { NULL },
};

static gboolean
check_layer (GError **error)
{
  if (layer == NULL || strcmp (layer, "effective") == 0 || strcmp (layer, "defaults") == 0
      || strcmp (layer, "overrides") == 0)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("--layer %s: use “effective”, “defaults” or “overrides”"), layer);

  return FALSE;
}

static GVariant *
make_options (GError **error)
{
  GVariantDict options;
  guint64 number = 0;

  if (version != NULL && !cli_value_read_version (version, &number, error))
    return NULL;

  g_variant_dict_init (&options, NULL);
  if (version != NULL)
    g_variant_dict_insert (&options, "version", "t", number);
  if (with_secrets)
    g_variant_dict_insert (&options, "secrets", "b", TRUE);

  return g_variant_dict_end (&options);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const char *path = arguments[0] != NULL ? arguments[0] : "";
  RunconfConfiguration *configuration;
  g_autofree char *text = NULL;
  GError *failure = NULL;
  GVariant *options;

  if (!cli_value_check_path (path, error) || !check_layer (error))
    return CLI_EXIT_FAILED;

  options = make_options (error);
  if (options == NULL)
    return CLI_EXIT_FAILED;

  configuration = cli_session_reach (session, error);
  if (configuration == NULL)
    {
      g_variant_unref (g_variant_ref_sink (options));
      return CLI_EXIT_FAILED;
    }

  text = runconf_configuration_dump_sync (configuration, path, layer != NULL ? layer : "effective",
                                          cli_output_is_json () ? "json" : "yaml", options, NULL,
                                          &failure);
  if (text == NULL)
    {
      cli_hint_path (session, path, failure);
      g_propagate_error (error, failure);
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
  .description = N_ ("Prints YAML, or JSON with --json, that “runconf load” accepts. The overrides "
                     "are printed as in their file, comments included.\n"
                     "\n"
                     "  runconf dump > saved.yaml\n"
                     "  runconf dump --layer overrides\n"
                     "  runconf dump --version 7 /chat"),
  .max_arguments = 1,
  .entries = entries,
  .run = run,
};
