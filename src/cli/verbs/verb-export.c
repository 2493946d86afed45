/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/dconf.h"
#include "cli/session/layers.h"
#include "cli/verbs/verb.h"

/* `runconf export`: prints the overrides in the form of another program. */

static char *
dump_overrides (CliSession *session, GError **error)
{
  RunconfConfiguration *configuration = cli_session_reach (session, error);

  return configuration != NULL
             ? runconf_configuration_dump_sync (configuration, "", cli_layers_find ("overrides"),
                                                RUNCONF_FORMAT_YAML, 0, G_MAXUINT64, NULL, error)
             : NULL;
}

static CliExit
convert (CliSession *session, GError **error)
{
  static const char *const words[] = { "export", NULL };
  g_autofree char *text = dump_overrides (session, error);
  g_autoptr (GBytes) input = NULL;
  CliExit status;

  if (text == NULL)
    return CLI_EXIT_FAILED;

  input = g_bytes_new (text, strlen (text));

  return cli_dconf_run (words, input, NULL, &status, error) ? status : CLI_EXIT_FAILED;
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  return cli_dconf_check_format (arguments[0], error) ? cli_dconf_perform (session, convert, error)
                                                      : CLI_EXIT_FAILED;
}

const CliVerb cli_verb_export = {
  .name = "export",
  .synopsis = N_ ("FORMAT"),
  .summary = N_ ("print the overrides for another program"),
  .description
  = N_ ("FORMAT is “dconf”: prints the overrides of the configuration “gsettings” in the session, "
        "so that “dconf load” reads them. The types of keys are those of the installed schemas of "
        "GSettings. The program for this is in the package gsettings-backend-runconf.\n"
        "\n"
        "  runconf export dconf | dconf load /"),
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run,
};
