/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n.h>

#include "cli/session/properties.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"

/* `runconf configurations`: lists the configurations of a service. */

static void
add_row (CliTable *table, const char *name, GVariant *properties)
{
  guint64 modified = cli_property_get_number (properties, "LastModified");
  g_autofree char *version = cli_format_number (cli_property_get_number (properties, "Version"));
  g_autofree char *time = modified > 0 ? cli_format_time (modified) : g_strdup (_ ("never"));

  cli_table_add (table, name, version, cli_property_get_text (properties, "State"), time,
                 cli_property_get_text (properties, "DefaultConfigPath"), NULL);
}

static void
print_table (GVariant *configurations)
{
  g_autoptr (CliTable) table = cli_table_new (5);
  GVariantIter iter;
  GVariant *properties;
  const char *name;

  cli_table_set_heading (table, 0, _ ("NAME"));
  cli_table_set_heading (table, 1, _ ("VERSION"));
  cli_table_set_heading (table, 2, _ ("STATE"));
  cli_table_set_heading (table, 3, _ ("CHANGED"));
  cli_table_set_heading (table, 4, _ ("DEFAULTS"));
  cli_table_set_right (table, 1);

  g_variant_iter_init (&iter, configurations);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &name, &properties))
    add_row (table, name, properties);
  cli_table_print (table);
}

static void
print_json (GVariant *configurations)
{
  g_autoptr (GPtrArray) records = cli_records_new ();
  g_autoptr (RunconfNode) answer = NULL;
  GVariantIter iter;
  GVariant *properties;

  g_variant_iter_init (&iter, configurations);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", NULL, &properties))
    g_ptr_array_add (records, cli_properties_to_node (properties));
  answer = cli_records_end (records);
  cli_print_json (answer);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  g_autoptr (GVariant) configurations = cli_properties_fetch_all (session, error);

  if (configurations == NULL)
    return CLI_EXIT_FAILED;

  if (cli_output_is_json ())
    print_json (configurations);
  else
    print_table (configurations);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_configurations = {
  .name = "configurations",
  .summary = N_ ("list the configurations of a service"),
  .description = N_ ("Prints the name, the version, the state, the time of the last change and the "
                     "file of the defaults of each configuration.\n"
                     "\n"
                     "  runconf configurations\n"
                     "  runconf --session --json configurations"),
  .run = run,
};
