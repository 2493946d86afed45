/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/value.h"

#include <glib/gi18n.h>

#include "cli/terminal/failure.h"
#include "yaml/exact.h"

/* Parses values, paths and numbers on the command line. */

/* Changes the error to one of usage, since the argument is invalid. */
static void
blame_usage (GError **error, GError *failure)
{
  failure->domain = CLI_ERROR;
  failure->code = CLI_ERROR_USAGE;
  g_propagate_error (error, failure);
}

/**
 * cli_value_check_path:
 * @path: the path from the command line
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
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE, _ ("%s: a path has to be in UTF-8"), path);
      return FALSE;
    }

  checked = runconf_path_new (path, &failure);
  if (checked == NULL)
    blame_usage (error, failure);

  return checked != NULL;
}

/* Returns: (transfer none): the problem, and the correction */
static const char *
describe_loss (RunconfLossKind kind)
{
  switch (kind)
    {
    case RUNCONF_LOSS_ALL:
      return _ ("the value is read as a comment, and null would be stored: put a text with “#” in "
                "quotes, as in '\"#1\"'");
    case RUNCONF_LOSS_COMMENT:
      return _ ("a comment begins here, and would be lost: put a text with “#” in quotes, as in "
                "'\"Release #1\"'");
    case RUNCONF_LOSS_OUTSIDE:
      return _ ("this part is outside of the text, and would be lost: put the text in quotes, as "
                "in '\" a \"'");
    case RUNCONF_LOSS_BREAK:
      return _ ("a line break in a text is read as a space: write it as \\n in double quotes, or "
                "begin a block of lines with “|”");
    case RUNCONF_LOSS_HOLE:
      return _ ("a value is missing here: write null, or '\"\"' for an empty string");
    case RUNCONF_LOSS_BLOCK:
      return _ ("a block of lines begins here, and has no lines: put a text with “|” or “>” in "
                "quotes");
    case RUNCONF_LOSS_ANCHOR:
      return _ (
          "this is read as an anchor, which no alias uses, and would be lost: put a text with "
          "“&” in quotes");
    case RUNCONF_LOSS_TAG:
      return _ ("the “!” is read as a tag, and would be lost: put a text with “!” in quotes");
    case RUNCONF_LOSS_ZERO:
      return _ ("the 0 at the beginning of a number would be lost: put digits in quotes, as in "
                "'\"007\"', or write an octal number like 0o17");
    case RUNCONF_LOSS_NONE:
    case RUNCONF_LOSS_EMPTY:
    default:
      return _ ("the value is empty, and null would be stored: write null, or '\"\"' for an empty "
                "string");
    }
}

/**
 * cli_value_read:
 * @name: the path of the value, for messages
 * @text: an argument of the command line, as YAML of which each part counts
 * @hint: another form of the argument, for cli_failure_add_hint()
 *
 * Returns: (transfer full): the value, or %NULL with an error
 */
RunconfNode *
cli_value_read (const char *name, const char *text, const char *hint, GError **error)
{
  g_autoptr (RunconfNode) value = NULL;
  GError *failure = NULL;
  RunconfLoss loss;

  value = runconf_read_exact (text, name, &loss, &failure);
  if (value != NULL)
    return g_steal_pointer (&value);

  if (failure == NULL)
    failure = g_error_new (CLI_ERROR, CLI_ERROR_USAGE, "%s:%u:%u: %s", name, loss.line, loss.column,
                           describe_loss (loss.kind));
  if (g_utf8_validate (text, -1, NULL))
    cli_failure_add_hint (failure, hint);
  blame_usage (error, failure);

  return NULL;
}

/**
 * cli_value_check_tags:
 * @name: the name of the value in messages
 *
 * The service takes the tags of files as operations, and not in a value.
 *
 * Returns: %FALSE with an error that names the path if @value has a tag
 */
gboolean
cli_value_check_tags (const RunconfNode *value, const char *name, GError **error)
{
  g_autofree char *path = runconf_node_find_tag (value);

  if (path == NULL)
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("%s: the tag at “%s” is for a file of overrides or defaults: use “runconf unset” "
                  "and “runconf set --replace”, or “runconf load --overrides”"),
               name, path);

  return FALSE;
}

/**
 * cli_value_read_string:
 * @name: the path of the value, for messages
 * @text: an argument of the command line, which is used as it is
 *
 * Returns: (transfer full): the value, or %NULL with an error
 */
RunconfNode *
cli_value_read_string (const char *name, const char *text, GError **error)
{
  if (g_utf8_validate (text, -1, NULL))
    return runconf_node_new_string (text, -1);

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("%s: the string isn't valid UTF-8: give bytes as !!binary, in base64"), name);

  return NULL;
}

/**
 * cli_value_read_pair:
 * @path: a path from the command line
 * @text: (nullable): the argument behind it
 * @is_literal: whether @text is a string, and not YAML
 *
 * Returns: (transfer full): the value for the path, or %NULL with an error
 */
RunconfNode *
cli_value_read_pair (const char *path, const char *text, gboolean is_literal, GError **error)
{
  g_autoptr (RunconfNode) value = NULL;

  if (text == NULL)
    {
      g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
                   _ ("%s: the value is missing: give each PATH its VALUE"), path);
      return NULL;
    }

  if (!cli_value_check_path (path, error))
    return NULL;

  if (is_literal)
    value = cli_value_read_string (path, text, error);
  else
    value = cli_value_read (path, text, _ ("give --string to store the text as it is"), error);

  return value != NULL && cli_value_check_tags (value, path, error) ? g_steal_pointer (&value)
                                                                    : NULL;
}

/**
 * cli_value_read_number:
 * @text: decimal digits
 * @max: the largest allowed number
 * @number: (out): the number
 *
 * Returns: whether the text is such a number
 */
gboolean
cli_value_read_number (const char *text, guint64 max, guint64 *number)
{
  return g_ascii_string_to_unsigned (text, 10, 0, max, number, NULL);
}

/**
 * cli_value_read_version:
 * @text: the version from the command line
 *
 * Returns: %FALSE with an error if it isn't a version
 */
gboolean
cli_value_read_version (const char *text, guint64 *version, GError **error)
{
  if (cli_value_read_number (text, G_MAXUINT64 - 1, version))
    return TRUE;

  g_set_error (error, CLI_ERROR, CLI_ERROR_USAGE,
               _ ("“%s” isn't a version: a version is a number, like 12"), text);

  return FALSE;
}
