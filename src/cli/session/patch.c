/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/patch.h"

#include <string.h>

#include <glib/gi18n.h>

#include "cli/session/text.h"
#include "cli/session/value.h"
#include "cli/terminal/failure.h"

/* Reads the mapping that a verb merges. */

static RunconfNode *
read_argument (const char *text, const char *path, GError **error)
{
  g_autoptr (RunconfNode) patch
      = cli_value_read (*path != '\0' ? path : _ ("the text"), text,
                        _ ("a file and standard input may hold any YAML"), error);

  if (patch == NULL || runconf_node_is_mapping (patch))
    return g_steal_pointer (&patch);

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("the text is of type %s, and only a mapping can be merged, like “port: 9000”"),
               runconf_node_get_kind_name (patch));

  return NULL;
}

/**
 * cli_patch_read:
 * @text: (nullable): the argument with the text, or `-` for standard input
 * @file: (nullable): the file with the text
 * @path: the path at which the text is merged
 *
 * Returns: (transfer full): the mapping, or %NULL with an error
 */
RunconfNode *
cli_patch_read (const char *text, const char *file, const char *path, GError **error)
{
  g_autoptr (RunconfNode) patch = NULL;

  if ((text == NULL) == (file == NULL))
    {
      g_set_error (
          error, CLI_ERROR, CLI_ERROR_USAGE,
          _ ("give the text to merge once: as TEXT, as “-” for standard input, or with --file"));
      return NULL;
    }

  if (file != NULL || strcmp (text, "-") == 0)
    patch = cli_text_read_mapping (file != NULL ? file : text, error);
  else
    patch = read_argument (text, path, error);

  return patch != NULL && cli_value_check_tags (patch, file != NULL ? file : _ ("the text"), error)
             ? g_steal_pointer (&patch)
             : NULL;
}
