/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/value.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/verbs/verb.h"

/* `runconf confirm`: keeps a change that would otherwise be reverted. */

static void
print_version (guint64 version)
{
  g_autoptr (RunconfMappingBuilder) answer = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = NULL;
  g_autofree char *number = cli_format_number (version);
  g_autofree char *line = NULL;

  if (cli_output_is_json ())
    {
      cli_record_take (answer, "confirmed", runconf_node_new_unsigned (version));
      node = cli_record_end (answer);
      cli_print_json (node);
    }
  else if (!cli_output_is_quiet ())
    {
      line = g_strdup_printf (_ ("confirmed version %s"), number);
      cli_print_line (line);
    }
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  RunconfConfiguration *configuration;
  guint64 version;

  if (!cli_value_read_version (arguments[0], &version, error))
    return CLI_EXIT_FAILED;

  configuration = cli_session_reach (session, error);
  if (configuration == NULL
      || !runconf_configuration_confirm_sync (configuration, version, NULL, error))
    return CLI_EXIT_FAILED;

  print_version (version);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_confirm = {
  .name = "confirm",
  .synopsis = N_ ("VERSION"),
  .summary = N_ ("keep a change that would be undone automatically"),
  .description = N_ ("VERSION is the version that a change with --confirm-timeout printed.\n"
                     "\n"
                     "  runconf set --confirm-timeout 10m /chat/websocket/host 0.0.0.0\n"
                     "  runconf confirm 12"),
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run,
};
