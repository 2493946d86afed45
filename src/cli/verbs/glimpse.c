/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/verbs/glimpse.h"

#include "cli/session/place.h"
#include "cli/session/text.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/path.h"
#include "core/variant.h"

/* Reads values without side effects, for completions. */

static RunconfNode *
read_file (const char *file)
{
  RunconfNode *root = NULL;

  if (file != NULL && g_file_test (file, G_FILE_TEST_IS_REGULAR))
    root = cli_text_read_mapping (file, NULL);

  return root != NULL ? root : runconf_mapping_new_empty ();
}

/* Merges the files here, since a service started for them would create files beside them. */
static RunconfNode *
read_files (const CliOptions *options)
{
  g_autofree char *path = options->defaults != NULL ? g_strdup (options->defaults)
                                                    : cli_place_find_defaults (options->offline);
  g_autoptr (RunconfNode) file = read_file (path);
  g_autoptr (RunconfNode) defaults = runconf_merge (NULL, file);
  g_autoptr (RunconfNode) overrides = read_file (options->offline);

  return runconf_merge (defaults, overrides);
}

static RunconfNode *
descend (const RunconfNode *root, const char *path)
{
  g_autoptr (RunconfPath) segments = runconf_path_new (path, NULL);
  const RunconfNode *node = root;

  if (segments == NULL)
    return NULL;

  for (guint i = 0; node != NULL && i < runconf_path_get_length (segments); i++)
    node = runconf_node_is_mapping (node)
               ? runconf_mapping_get (node, runconf_path_get_segment (segments, i))
               : NULL;

  return node != NULL ? runconf_node_ref (node) : NULL;
}

/**
 * cli_glimpse:
 * @path: a JSON Pointer
 *
 * Reads a value without side effects: it asks for no password, writes nothing, and reads no secret
 * from a service. With --offline it merges the files without their schema and locks, so a value may
 * be one that a service would ignore.
 *
 * Returns: (transfer full) (nullable): the value, %NULL if there is none or it can't be read
 */
RunconfNode *
cli_glimpse (CliSession *session, const CliOptions *options, const char *path)
{
  RunconfConfiguration *configuration;
  g_autoptr (GVariant) value = NULL;

  if (options->offline != NULL)
    {
      g_autoptr (RunconfNode) root = read_files (options);

      return descend (root, path);
    }

  configuration = cli_session_open (session, NULL);
  if (configuration != NULL)
    value = runconf_configuration_get_value (configuration, path);

  return value != NULL ? runconf_node_from_variant (value, path, NULL) : NULL;
}
