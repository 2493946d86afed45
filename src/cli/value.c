/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/value.h"

#include <glib/gi18n.h>

#include "cli/failure.h"
#include "yaml/document.h"

/* What can't be understood on the command line is the command line's fault. */
static void
blame_usage (GError **error, GError *failure)
{
  failure->domain = CLI_ERROR;
  failure->code = CLI_ERROR_USAGE;
  g_propagate_error (error, failure);
}

/**
 * cli_value_check_path:
 * @path: what was given
 *
 * Returns: whether it is a JSON Pointer in UTF-8
 */
gboolean
cli_value_check_path (const char *path, GError **error)
{
  g_autoptr (RunconfPath) checked = NULL;
  GError *failure = NULL;

  if (!g_utf8_validate (path, -1, NULL))
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("%s: a path is in UTF-8"), path);
      return FALSE;
    }

  checked = runconf_path_new (path, &failure);
  if (checked == NULL)
    blame_usage (error, failure);

  return checked != NULL;
}

/**
 * cli_value_read:
 * @path: where it is for
 * @text: what was given
 * @is_literal: whether it is a string as it stands, and not YAML
 *
 * Returns: (transfer full): the value, or %NULL with an error
 */
RunconfNode *
cli_value_read (const char *path, const char *text, gboolean is_literal, GError **error)
{
  GError *failure = NULL;
  RunconfNode *value;

  if (!is_literal)
    {
      value = runconf_read_value (text, -1, path, &failure);
      if (value == NULL)
        blame_usage (error, failure);
      return value;
    }

  if (g_utf8_validate (text, -1, NULL))
    return runconf_node_new_string (text, -1);

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("%s: a string is in UTF-8, and this isn't: give bytes as !!binary, in base64"),
               path);

  return NULL;
}

/**
 * cli_value_read_number:
 * @text: decimal digits
 * @max: how much it may be
 * @number: (out): what they mean
 *
 * Returns: whether it is such a number
 */
gboolean
cli_value_read_number (const char *text, guint64 max, guint64 *number)
{
  return g_ascii_string_to_unsigned (text, 10, 0, max, number, NULL);
}

/**
 * cli_value_read_version:
 * @text: what was given
 *
 * Returns: %FALSE with an error if it is no version
 */
gboolean
cli_value_read_version (const char *text, guint64 *version, GError **error)
{
  if (cli_value_read_number (text, G_MAXUINT64 - 1, version))
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("“%s” is no version: a version is a number, like 12"), text);

  return FALSE;
}
