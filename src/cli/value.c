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

/* Reads YAML of which every part counts. What a user types as a value can be a comment to YAML, or
 * nothing at all, without a mistake that YAML could find.
 */
static RunconfNode *
read_yaml (const char *path, const char *text, GError **error)
{
  g_autoptr (RunconfNode) value = NULL;
  GError *failure = NULL;
  gboolean has_comment;

  value = runconf_read_lone_value (text, path, &has_comment, &failure);
  if (failure != NULL)
    blame_usage (error, failure);
  else if (has_comment && value == NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("%s: the value is read as a comment, from its “#” on: give --string, or put "
                    "the value in quotes of YAML, as in '\"#1\"'"),
                 path);
  else if (has_comment)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("%s: a part of the value is read as a comment, from a “#” on: give --string, "
                    "or put the value in quotes of YAML, as in '\"Release #1\"'"),
                 path);
  else if (value == NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                 _ ("%s: the value is empty: give '\"\"' or --string for an empty string, null for "
                    "no value"),
                 path);
  else
    return g_steal_pointer (&value);

  return NULL;
}

/**
 * cli_value_read:
 * @path: the place of the value, for messages
 * @text: an argument of the command line
 * @is_literal: whether the text is a string, and not YAML
 *
 * Returns: (transfer full): the value, or %NULL with an error
 */
RunconfNode *
cli_value_read (const char *path, const char *text, gboolean is_literal, GError **error)
{
  if (!is_literal)
    return read_yaml (path, text, error);

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
