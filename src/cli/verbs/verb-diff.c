/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/deltas.h"
#include "cli/session/fetch.h"
#include "cli/session/layers.h"
#include "cli/session/text.h"
#include "cli/session/value.h"
#include "cli/terminal/delta.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/output.h"
#include "cli/verbs/verb.h"
#include "core/mapping.h"
#include "core/merge.h"

/* `runconf diff`: prints the differences between layers, versions or a file. */

static gboolean are_layers;

static const GOptionEntry entries[] = {
  { "layers", 0, 0, G_OPTION_ARG_NONE, &are_layers,
    N_ ("Compare layers, each with all weaker ones, instead of versions"), NULL },
  { NULL },
};

/* Returns: (transfer full): all values of a layer, with those of all weaker ones if @is_stacked */
static RunconfNode *
fetch_layer (CliSession *session, const char *layer, gboolean is_stacked, GError **error)
{
  RunconfNode *values;

  if (!cli_fetch_layer (session, "", layer, is_stacked, &values, error))
    return NULL;

  return values != NULL ? values : runconf_mapping_new_empty ();
}

static RunconfNode *
fetch_defaults (CliSession *session, GError **error)
{
  return fetch_layer (session, "defaults", FALSE, error);
}

/* Compares two layers, each with all weaker ones; without @to, with the values in force. */
static GPtrArray *
compare_stacks (CliSession *session, const char *from, const char *to, GError **error)
{
  g_autoptr (RunconfNode) before = NULL;
  g_autoptr (RunconfNode) after = NULL;

  if (!cli_layers_check (cli_layers_list (), "--layers", from, error)
      || (to != NULL && !cli_layers_check (cli_layers_list (), "--layers", to, error)))
    return NULL;

  before = fetch_layer (session, from, TRUE, error);
  if (before != NULL)
    after = to != NULL ? fetch_layer (session, to, TRUE, error) : cli_fetch (session, "", error);

  return after != NULL ? runconf_diff (before, after) : NULL;
}

/* Compares the effective values with the defaults. */
static GPtrArray *
compare_layers (CliSession *session, GError **error)
{
  g_autoptr (RunconfNode) defaults = fetch_defaults (session, error);
  g_autoptr (RunconfNode) effective = defaults != NULL ? cli_fetch (session, "", error) : NULL;

  return effective != NULL ? runconf_diff (defaults, effective) : NULL;
}

/* Compares the effective values with those after loading the file. */
static GPtrArray *
compare_file (CliSession *session, const char *file, GError **error)
{
  g_autoptr (RunconfNode) config = cli_text_read_mapping (file, error);
  g_autoptr (RunconfNode) defaults = config != NULL ? fetch_defaults (session, error) : NULL;
  g_autoptr (RunconfNode) effective = defaults != NULL ? cli_fetch (session, "", error) : NULL;
  g_autoptr (RunconfNode) wanted = NULL;

  if (effective == NULL)
    return NULL;

  wanted = runconf_merge (defaults, config);

  return runconf_diff (effective, wanted);
}

/* Compares two versions; without @to, a version with the one in force. */
static GPtrArray *
compare_versions (CliSession *session, guint64 from, const guint64 *to, GError **error)
{
  RunconfConfiguration *configuration = cli_session_open (session, error);
  g_autoptr (RunconfChange) change = NULL;

  if (configuration == NULL)
    return NULL;

  change = runconf_configuration_diff_sync (
      configuration, from, to != NULL ? *to : runconf_configuration_get_version (configuration),
      NULL, error);

  return change != NULL ? cli_deltas_from_change (change, error) : NULL;
}

static GPtrArray *
compare (CliSession *session, char **arguments, GError **error)
{
  guint64 from, to;

  if (are_layers && arguments[0] == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("--layers: give one or two layers"));
      return NULL;
    }
  if (are_layers)
    return compare_stacks (session, arguments[0], arguments[1], error);

  if (arguments[0] == NULL)
    return compare_layers (session, error);

  if (arguments[1] != NULL)
    {
      if (!cli_value_read_version (arguments[0], &from, error)
          || !cli_value_read_version (arguments[1], &to, error))
        return NULL;
      return compare_versions (session, from, &to, error);
    }

  if (cli_value_read_number (arguments[0], G_MAXUINT64 - 1, &from))
    return compare_versions (session, from, NULL, error);

  return compare_file (session, arguments[0], error);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (GPtrArray) deltas = compare (session, arguments, error);

  if (deltas == NULL)
    return CLI_EXIT_FAILED;

  cli_deltas_report (deltas);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_diff = {
  .name = "diff",
  .synopsis = N_ ("[VERSION [VERSION] | FILE | --layers LAYER [LAYER]]"),
  .summary = N_ ("print differences"),
  .description
  = N_ ("Compares the defaults with the values in force; an older version with the values in "
        "force; two versions; the values in force with those after “runconf load FILE”; or, with "
        "--layers, the values that the layers up to one give with those up to another one, or with "
        "the values in force. Each path has a line: “+” for a new value, “-” for a removed one, "
        "“~” for a changed one. A "
        "file whose name is a number is given as ./12.\n"
        "\n"
        "  runconf diff\n"
        "  runconf diff 7\n"
        "  runconf diff 7 9\n"
        "  runconf diff saved.yaml\n"
        "  runconf diff --layers vendor admin"),
  .max_arguments = 2,
  .entries = entries,
  .run = run,
};
