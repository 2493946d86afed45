/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/hint.h"
#include "cli/session/properties.h"
#include "cli/session/value.h"
#include "cli/terminal/format.h"
#include "cli/terminal/output.h"
#include "cli/terminal/record.h"
#include "cli/terminal/table.h"
#include "cli/verbs/verb.h"
#include "core/variant.h"

/* `runconf describe`: prints all that the service knows of a value. */

/* The fields of the service's reply, in the order that is easiest to read. Fields without a label are
 * printed with another one, or by another verb; unknown fields follow under their own names.
 */
static const struct
{
  const char *key;
  const char *label;
} fields[] = {
  { "title", N_ ("Title:") },
  { "description", N_ ("Description:") },
  { "deprecated", N_ ("Deprecated:") },
  { "value", N_ ("Value:") },
  { "default", N_ ("Default:") },
  { "type", N_ ("Type:") },
  { "source", N_ ("Source:") },
  { "lock", N_ ("Locked by:") },
  { "file", N_ ("File:") },
  { "line", NULL },
  { "column", NULL },
  { "document", N_ ("Fleet document:") },
  { "revision", N_ ("Fleet revision:") },
  { "author", N_ ("Fleet author:") },
  { "version", N_ ("Version:") },
  { "time", N_ ("Changed:") },
  { "writable", N_ ("Writable:") },
  { "layers", NULL },
  { "secret", N_ ("Secret:") },
  { "hidden", N_ ("Hidden:") },
  { "keys", NULL },
  { "types", N_ ("Allowed types:") },
  { "enum", N_ ("Allowed values:") },
  { "const", N_ ("Only value:") },
  { "minimum", N_ ("Minimum:") },
  { "maximum", N_ ("Maximum:") },
  { "exclusiveMinimum", N_ ("More than:") },
  { "exclusiveMaximum", N_ ("Less than:") },
  { "multipleOf", N_ ("Multiple of:") },
  { "minLength", N_ ("Minimum length:") },
  { "maxLength", N_ ("Maximum length:") },
  { "pattern", N_ ("Pattern:") },
  { "format", N_ ("Format:") },
  { "minItems", N_ ("Minimum items:") },
  { "maxItems", N_ ("Maximum items:") },
  { "uniqueItems", N_ ("Unique items:") },
  { "examples", N_ ("Examples:") },
};

static char *
format_field (GVariant *description, const char *key, GVariant *field)
{
  g_autoptr (RunconfNode) value = NULL;

  if (strcmp (key, "file") == 0)
    return cli_property_format_place (description);
  if (strcmp (key, "time") == 0)
    return cli_format_time (cli_property_get_number (description, key));
  if (g_variant_is_of_type (field, G_VARIANT_TYPE_BOOLEAN) && strcmp (key, "value") != 0
      && strcmp (key, "default") != 0 && strcmp (key, "const") != 0)
    return g_strdup (g_variant_get_boolean (field) ? _ ("yes") : _ ("no"));
  if (g_variant_is_of_type (field, G_VARIANT_TYPE_STRING)
      && (strcmp (key, "title") == 0 || strcmp (key, "description") == 0
          || strcmp (key, "lock") == 0))
    return g_variant_dup_string (field, NULL);

  value = runconf_node_from_variant (field, "", NULL);

  return value != NULL ? cli_format_value (value) : g_variant_print (field, FALSE);
}

static gboolean
is_known (const char *key)
{
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (strcmp (fields[i].key, key) == 0)
      return TRUE;

  return FALSE;
}

static void
add_field (CliTable *table, const char *label, GVariant *description, const char *key)
{
  g_autoptr (GVariant) field = g_variant_lookup_value (description, key, NULL);
  g_autofree char *text = NULL;

  if (field == NULL)
    return;

  text = format_field (description, key, field);
  cli_table_add (table, label, text, NULL);
}

static void
print (const char *path, GVariant *description)
{
  g_autoptr (CliTable) table = cli_table_new (2);
  GVariantIter iter;
  const char *key;

  cli_table_add (table, _ ("Path:"), *path != '\0' ? path : _ ("everything"), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    if (fields[i].label != NULL)
      add_field (table, _ (fields[i].label), description, fields[i].key);

  g_variant_iter_init (&iter, description);
  while (g_variant_iter_next (&iter, "{&sv}", &key, NULL))
    {
      g_autofree char *label = g_strdup_printf ("%s:", key);

      if (!is_known (key))
        add_field (table, label, description, key);
    }
  cli_table_print_whole (table);
}

static void
print_json (const char *path, GVariant *description)
{
  g_autoptr (RunconfMappingBuilder) record = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) answer = NULL;
  GVariantIter iter;
  const char *key;

  cli_record_add_text (record, "path", path);
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
    cli_property_record (record, description, fields[i].key);

  g_variant_iter_init (&iter, description);
  while (g_variant_iter_next (&iter, "{&sv}", &key, NULL))
    if (!is_known (key))
      cli_property_record (record, description, key);

  answer = cli_record_end (record);
  cli_print_json (answer);
}

static CliExit
run (CliSession *session, char **arguments, GError **error)
{
  const char *path = arguments[0];
  RunconfConfiguration *configuration;
  g_autoptr (RunconfDescription) description = NULL;
  GVariant *facts;
  GError *failure = NULL;

  if (!cli_value_check_path (path, error))
    return CLI_EXIT_FAILED;

  configuration = cli_session_reach (session, error);
  if (configuration == NULL)
    return CLI_EXIT_FAILED;

  description = runconf_configuration_describe_sync (configuration, path, NULL, &failure);
  if (description == NULL)
    {
      cli_hint_propagate_error (session, path, error, failure);
      return CLI_EXIT_FAILED;
    }

  facts = runconf_description_get_facts (description);
  if (cli_output_is_json ())
    print_json (path, facts);
  else
    print (path, facts);

  return CLI_EXIT_DONE;
}

const CliVerb cli_verb_describe = {
  .name = "describe",
  .synopsis = N_ ("PATH"),
  .summary = N_ ("print all details of a value"),
  .description
  = N_ ("Prints the value, its default, its source, the lock that forbids to change it, "
        "the time of its last change, your right to change it, and its description and "
        "limits in the schema. “runconf explain” prints the values of all layers.\n"
        "\n"
        "  runconf describe /chat/websocket/port"),
  .min_arguments = 1,
  .max_arguments = 1,
  .run = run,
};
