/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/metadata.h"

#include <string.h>

#include "core/mapping.h"

static void
add_key (RunconfMappingBuilder *builder, const char *key, RunconfNode *value)
{
  runconf_mapping_builder_add (builder, key, strlen (key), value);
  runconf_node_unref (value);
}

/**
 * runconf_metadata_add:
 * @overrides: a mapping without metadata
 *
 * Returns: (transfer full): the tree for the text of @overrides: first the metadata, then the
 *   overrides
 */
RunconfNode *
runconf_metadata_add (const RunconfMetadata *self, const RunconfNode *overrides)
{
  g_autoptr (RunconfMappingBuilder) metadata = runconf_mapping_builder_new ();
  g_autoptr (RunconfMappingBuilder) root = runconf_mapping_builder_new ();

  add_key (metadata, "last_modified",
           runconf_node_new_double ((double) self->last_modified / G_USEC_PER_SEC));
  add_key (metadata, "version", runconf_node_new_unsigned (self->version));
  add_key (metadata, "is_runtime_config", runconf_node_new_boolean (TRUE));
  if (self->default_config_path != NULL)
    add_key (metadata, "default_config_path",
             runconf_node_new_string (self->default_config_path, -1));

  add_key (root, RUNCONF_METADATA_KEY, runconf_mapping_builder_end (metadata));
  for (guint i = 0; i < runconf_node_get_length (overrides); i++)
    {
      gsize length;
      const char *key = runconf_mapping_get_key (overrides, i, &length);

      runconf_mapping_builder_add (root, key, length, runconf_node_get_child (overrides, i));
    }

  return runconf_mapping_builder_end (root);
}

/**
 * runconf_metadata_strip:
 * @root: the tree of a text
 *
 * Returns: (transfer full): the configuration in @root, without the metadata
 */
RunconfNode *
runconf_metadata_strip (const RunconfNode *root)
{
  return runconf_mapping_without (root, RUNCONF_METADATA_KEY);
}

static const RunconfNode *
get_value (const RunconfNode *root, const char *key, RunconfKind kind)
{
  const RunconfNode *metadata = runconf_mapping_get (root, RUNCONF_METADATA_KEY);
  const RunconfNode *value;

  if (metadata == NULL || !runconf_node_is_mapping (metadata))
    return NULL;

  value = runconf_mapping_get (metadata, key);

  return value != NULL && runconf_node_get_kind (value) == kind ? value : NULL;
}

/**
 * runconf_metadata_get_version:
 * @root: the tree of a text
 * @version: (out): the version that its author started from
 *
 * Returns: whether the text contains a version
 */
gboolean
runconf_metadata_get_version (const RunconfNode *root, guint64 *version)
{
  const RunconfNode *value = get_value (root, "version", RUNCONF_KIND_INTEGER);

  if (value == NULL || runconf_node_get_integer (value) < 0)
    return FALSE;

  *version = (guint64) runconf_node_get_integer (value);

  return TRUE;
}

/**
 * runconf_metadata_get_last_modified:
 * @root: the tree of a text
 * @seconds: (out): since the epoch
 *
 * Returns: whether the text contains a time
 */
gboolean
runconf_metadata_get_last_modified (const RunconfNode *root, double *seconds)
{
  const RunconfNode *value = get_value (root, "last_modified", RUNCONF_KIND_DOUBLE);

  if (value == NULL)
    return FALSE;

  *seconds = runconf_node_get_double (value);

  return TRUE;
}

/**
 * runconf_metadata_get_default_path:
 * @root: the tree of a text
 *
 * Returns: (transfer none) (nullable): the file of the defaults that the text names as its own
 */
const char *
runconf_metadata_get_default_path (const RunconfNode *root)
{
  const RunconfNode *value = get_value (root, "default_config_path", RUNCONF_KIND_STRING);

  return value != NULL ? runconf_node_get_string (value, NULL) : NULL;
}
