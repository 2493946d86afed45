/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/properties.h"

#include <glib/gi18n.h>

#include "cli/session/nearest.h"
#include "cli/terminal/failure.h"
#include "cli/terminal/record.h"
#include "core/variant.h"

/* Reads the properties of configurations from the service. */

/**
 * cli_properties_fetch_all:
 *
 * Returns: (transfer full): the properties of each configuration as on the bus, an `a{sa{sv}}` in
 *   the order of the names, or %NULL with an error
 */
GVariant *
cli_properties_fetch_all (CliSession *session, GError **error)
{
  GDBusConnection *connection = cli_session_connect (session, error);
  g_autolist (RunconfInfo) configurations = NULL;
  g_autoptr (GError) failure = NULL;
  GVariantBuilder all;

  if (connection == NULL)
    return NULL;

  configurations = runconf_list_configurations_sync (connection, NULL, &failure);
  if (failure != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&failure));
      return NULL;
    }

  g_variant_builder_init (&all, G_VARIANT_TYPE ("a{sa{sv}}"));
  for (const GList *each = configurations; each != NULL; each = each->next)
    g_variant_builder_add (&all, "{s@a{sv}}", runconf_info_get_name (each->data),
                           runconf_info_get_properties (each->data));

  return g_variant_ref_sink (g_variant_builder_end (&all));
}

static void
explain (GVariant *configurations, const char *wanted, GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  CliNearest nearest;
  GVariantIter iter;
  const char *name;

  cli_nearest_begin (&nearest, wanted);
  g_variant_iter_init (&iter, configurations);
  while (g_variant_iter_next (&iter, "{&s@a{sv}}", &name, NULL))
    {
      cli_nearest_offer (&nearest, name);
      g_string_append_printf (names, names->len > 0 ? ", “%s”" : "“%s”", name);
    }

  if (nearest.found != NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND,
                 _ ("there is no configuration “%s”; did you mean “%s”?"), wanted, nearest.found);
  else if (names->len > 0)
    g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND,
                 _ ("there is no configuration “%s”; available: %s"), wanted, names->str);
  else
    g_set_error (error, CLI_ERROR, CLI_ERROR_NOT_FOUND,
                 _ ("there is no configuration “%s”, and no other"), wanted);
}

/**
 * cli_properties_fetch:
 *
 * Returns: (transfer full): the properties of the session's configuration as on the bus, or %NULL
 *   with an error
 */
GVariant *
cli_properties_fetch (CliSession *session, GError **error)
{
  g_autoptr (GVariant) configurations = cli_properties_fetch_all (session, error);
  GVariant *properties;

  if (configurations == NULL)
    return NULL;

  properties = g_variant_lookup_value (configurations, cli_session_get_name (session),
                                       G_VARIANT_TYPE_VARDICT);
  if (properties == NULL)
    explain (configurations, cli_session_get_name (session), error);

  return properties;
}

/**
 * cli_property_get_text:
 *
 * Returns: (transfer none): a property, empty if it doesn't exist
 */
const char *
cli_property_get_text (GVariant *properties, const char *name)
{
  const char *text = "";

  g_variant_lookup (properties, name, "&s", &text);

  return text;
}

guint64
cli_property_get_number (GVariant *properties, const char *name)
{
  guint64 number = 0;

  g_variant_lookup (properties, name, "t", &number);

  return number;
}

/**
 * cli_property_format_place:
 * @properties: the properties of a value, with its `file`, and `line` and `column` if they are known
 *
 * Returns: (transfer full): the place of the value, as compilers write it
 */
char *
cli_property_format_place (GVariant *properties)
{
  const char *file = cli_property_get_text (properties, "file");
  guint32 line, column;

  if (g_variant_lookup (properties, "line", "u", &line)
      && g_variant_lookup (properties, "column", "u", &column))
    return g_strdup_printf ("%s:%u:%u", file, line, column);

  return g_strdup (file);
}

/**
 * cli_property_record:
 *
 * Adds a property to a record under its own name, if it exists.
 */
void
cli_property_record (RunconfMappingBuilder *record, GVariant *properties, const char *name)
{
  g_autoptr (GVariant) field = g_variant_lookup_value (properties, name, NULL);
  RunconfNode *value = field != NULL ? runconf_node_from_variant (field, "", NULL) : NULL;

  if (value != NULL)
    cli_record_take (record, name, value);
}

/**
 * cli_properties_to_node:
 *
 * Returns: (transfer full): the properties in the form for JSON output
 */
RunconfNode *
cli_properties_to_node (GVariant *properties)
{
  g_autoptr (RunconfMappingBuilder) answer = runconf_mapping_builder_new ();

  cli_record_add_text (answer, "name", cli_property_get_text (properties, "Name"));
  cli_record_add_text (answer, "state", cli_property_get_text (properties, "State"));
  cli_record_add_text (answer, "reason", cli_property_get_text (properties, "StateMessage"));
  cli_record_take (answer, "version",
                   runconf_node_new_unsigned (cli_property_get_number (properties, "Version")));
  cli_record_take (
      answer, "changed",
      runconf_node_new_unsigned (cli_property_get_number (properties, "LastModified")));
  cli_record_add_text (answer, "defaults", cli_property_get_text (properties, "DefaultConfigPath"));
  cli_record_add_text (answer, "overrides",
                       cli_property_get_text (properties, "RuntimeConfigPath"));

  return cli_record_end (answer);
}
