/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/terminal/delta.h"
#include "cli/terminal/failure.h"
#include "cli/session/fetch.h"
#include "cli/terminal/output.h"
#include "cli/session/text.h"
#include "cli/session/value.h"
#include "cli/verbs/verb.h"
#include "core/mapping.h"
#include "core/merge.h"

/* `runconf diff`: prints the differences between layers, versions or a file. */

/* Returns: (transfer full): all values of the defaults */
static RunconfNode *
fetch_defaults (CliSession *session, GError **error)
{
  RunconfNode *defaults;

  if (!cli_fetch_layer (session, "", "defaults", &defaults, error))
    return NULL;

  return defaults != NULL ? defaults : runconf_mapping_new_empty ();
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
  g_autoptr (GVariant) changes = NULL;

  if (configuration == NULL)
    return NULL;

  changes = runconf_configuration_diff_sync (
      configuration, from, to != NULL ? *to : runconf_configuration_get_version (configuration),
      NULL, error);

  return changes != NULL ? cli_deltas_from_variant (changes, error) : NULL;
}

static GPtrArray *
compare (CliSession *session, char **arguments, GError **error)
{
  guint64 from, to;

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
  g_autoptr (RunconfNode) answer = NULL;

  if (deltas == NULL)
    return CLI_EXIT_FAILED;

  if (!cli_output_is_json ())
    {
      cli_deltas_print (deltas);
      return CLI_EXIT_DONE;
    }

  answer = cli_deltas_to_node (deltas);
  cli_print_json (answer);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_diff = {
  .name = "diff",
  .synopsis = N_ ("[VERSION [VERSION] | FILE]"),
  .summary = N_ ("print differences"),
  .description
  = N_ ("Compares the defaults with the values in force; an older version with the values in "
        "force; two versions; or the values in force with those after “runconf load FILE”. Each "
        "path has a line: “+” for a new value, “-” for a removed one, “~” for a changed one. A "
        "file whose name is a number is given as ./12.\n"
        "\n"
        "  runconf diff\n"
        "  runconf diff 7\n"
        "  runconf diff 7 9\n"
        "  runconf diff saved.yaml"),
  .max_arguments = 2,
  .run = run,
};
