/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/fetch.h"

#include "cli/session/hint.h"
#include "cli/session/layers.h"
#include "cli/session/value.h"
#include "core/mapping.h"
#include "core/metadata.h"
#include "core/variant.h"
#include "yaml/document.h"

/* Reads values from the service. */

/* A value too large for a message of the bus is read from the shared memory, which has all values
 * but secrets.
 */
static GVariant *
fetch (CliSession *session, const char *path, GError **error)
{
  RunconfConfiguration *configuration = cli_session_reach (session, error);
  g_autoptr (GError) failure = NULL;
  GVariant *value;

  if (configuration == NULL)
    return NULL;

  value = runconf_configuration_fetch_value_sync (configuration, path, NULL, &failure);
  if (value == NULL && g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE))
    {
      configuration = cli_session_open (session, NULL);
      if (configuration != NULL)
        value = runconf_configuration_get_value (configuration, path);
    }

  if (value == NULL)
    g_propagate_error (error, g_steal_pointer (&failure));

  return value;
}

/**
 * cli_fetch:
 * @path: the path from the command line
 *
 * Reads a value from the service.
 *
 * Returns: (transfer full): the value, or %NULL with an error, which suggests a similar path
 */
RunconfNode *
cli_fetch (CliSession *session, const char *path, GError **error)
{
  g_autoptr (GVariant) value = NULL;
  GError *failure = NULL;

  if (!cli_value_check_path (path, error))
    return NULL;

  value = fetch (session, path, &failure);
  if (value != NULL)
    return runconf_node_from_variant (value, path, error);

  cli_hint_propagate_error (session, path, error, failure);

  return NULL;
}

/**
 * cli_fetch_layer:
 * @path: a JSON Pointer
 * @layer: the name of a layer, as in the service's method Dump
 * @is_stacked: whether to add the values of all weaker layers
 * @value: (out) (nullable): the value in this layer, %NULL if there is none
 *
 * Reads a part of a layer from the service.
 *
 * Returns: %FALSE with an error if the layer can't be read
 */
gboolean
cli_fetch_layer (CliSession *session, const char *path, const char *layer, gboolean is_stacked,
                 RunconfNode **value, GError **error)
{
  RunconfConfiguration *configuration = cli_session_reach (session, error);
  g_autoptr (RunconfNode) node = NULL;
  g_autoptr (GError) failure = NULL;
  g_autofree char *text = NULL;

  *value = NULL;
  if (configuration == NULL)
    return FALSE;

  text = runconf_configuration_dump_sync (
      configuration, path, cli_layers_find (layer), RUNCONF_FORMAT_YAML,
      is_stacked ? RUNCONF_DUMP_STACKED : RUNCONF_DUMP_NONE, G_MAXUINT64, NULL, &failure);
  if (text == NULL)
    {
      if (g_error_matches (failure, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND))
        return TRUE;
      g_propagate_error (error, g_steal_pointer (&failure));
      return FALSE;
    }

  node = runconf_read_value (text, -1, layer, error);
  if (node == NULL)
    return FALSE;

  /* overrides that contain comments only */
  if (*path == '\0' && !runconf_node_is_mapping (node))
    *value = runconf_mapping_new_empty ();
  else if (*path == '\0')
    *value = runconf_metadata_strip (node);
  else
    *value = g_steal_pointer (&node);

  return TRUE;
}
