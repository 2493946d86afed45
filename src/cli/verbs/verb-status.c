/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/properties.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"

/* `runconf status`: prints the state of a configuration. */

static void
add (CliTable *table, const char *label, const char *text)
{
  if (*text != '\0')
    cli_table_add (table, label, text, NULL);
}

static void
print (const char *name, GVariant *properties)
{
  g_autoptr (CliTable) table = cli_table_new (2);
  guint64 version = cli_property_get_number (properties, "Version");
  guint64 modified = cli_property_get_number (properties, "LastModified");
  g_autofree char *number = cli_format_number (version);
  g_autofree char *time = modified > 0 ? cli_format_time (modified) : g_strdup (_ ("never"));

  add (table, _ ("Configuration:"), name);
  add (table, _ ("State:"), cli_property_get_text (properties, "State"));
  add (table, _ ("Reason:"), cli_property_get_text (properties, "StateMessage"));
  add (table, _ ("Version:"), number);
  add (table, _ ("Changed:"), time);
  add (table, _ ("Defaults:"), cli_property_get_text (properties, "DefaultConfigPath"));
  add (table, _ ("Overrides:"), cli_property_get_text (properties, "RuntimeConfigPath"));
  cli_table_print_whole (table);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (GVariant) properties = cli_properties_fetch (session, error);
  g_autoptr (RunconfNode) node = NULL;

  if (properties == NULL)
    return CLI_EXIT_FAILED;

  if (!cli_output_is_json ())
    {
      print (cli_session_get_name (session), properties);
      return CLI_EXIT_DONE;
    }

  node = cli_properties_to_node (properties);
  cli_print_json (node);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_status = {
  .name = "status",
  .summary = N_ ("print the state of a configuration"),
  .description = N_ ("Prints the state, the version, the time of the last change, and the files of "
                     "the configuration. The state is “ok”, “recovered” after a broken file was "
                     "put aside, or “degraded” while there is a problem, with the reason.\n"
                     "\n"
                     "  runconf status\n"
                     "  runconf --json -c chatbot status"),
  .run = run,
};
