/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/argument.h"

#include <runconf/error.h>

#include "client/form.h"
#include "core/escape.h"
#include "core/node.h"
#include "core/variant.h"

/* Making and checking the arguments of calls. Arguments that the bus can't carry have to be found
 * here: the bus doesn't reply with an error, but closes the connection of a program that sends a
 * string that isn't UTF-8, or containers that are nested too deeply. The program would lose its
 * connection because of a wrong argument.
 */

static gboolean
check_utf8 (const char *where, const char *text, RunconfError code, GError **error)
{
  const char *end;
  g_autofree char *shown_where = NULL;
  g_autofree char *shown = NULL;

  if (g_utf8_validate (text, -1, &end))
    return TRUE;

  shown_where = runconf_escape (where, -1);
  shown = runconf_escape (text, -1);
  g_set_error (error, RUNCONF_ERROR, code,
               "%s: “%s” isn't valid UTF-8 from byte %" G_GSIZE_FORMAT
               " on: text has to be in UTF-8",
               shown_where, shown, (gsize) (end - text));

  return FALSE;
}

/**
 * runconf_argument_check_path:
 *
 * Checks whether a path can be sent. The service checks whether it is a JSON Pointer.
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_PATH if not
 */
gboolean
runconf_argument_check_path (const char *path, GError **error)
{
  return check_utf8 ("the path", path, RUNCONF_ERROR_INVALID_PATH, error);
}

/**
 * runconf_argument_check_text:
 * @what: the name of the text, for the error
 *
 * Returns: %FALSE with %RUNCONF_ERROR_INVALID_VALUE if the text can't be sent
 */
gboolean
runconf_argument_check_text (const char *what, const char *text, GError **error)
{
  return check_utf8 (what, text, RUNCONF_ERROR_INVALID_VALUE, error);
}

/**
 * runconf_argument_make_value:
 * @path: the path of the value, for the error
 * @value: (transfer none): any value
 *
 * Converts a value to the one form that it has on the bus.
 *
 * Returns: (nullable): the value, which may be floating, or %NULL with %RUNCONF_ERROR_INVALID_VALUE or
 *   %RUNCONF_ERROR_TOO_LARGE
 */
GVariant *
runconf_argument_make_value (const char *path, GVariant *value, GError **error)
{
  g_autoptr (RunconfNode) node = runconf_node_from_variant (value, path, error);

  if (node == NULL)
    return NULL;

  return runconf_form_is_value (value) ? g_variant_ref (value) : runconf_node_to_variant (node);
}

/**
 * runconf_argument_make_string:
 * @path: the path of the string, for the error
 *
 * Returns: (transfer floating) (nullable): the value, or %NULL with %RUNCONF_ERROR_INVALID_VALUE
 */
GVariant *
runconf_argument_make_string (const char *path, const char *value, GError **error)
{
  if (!runconf_argument_check_text (path, value, error))
    return NULL;

  return g_variant_new_string (value);
}

/**
 * runconf_argument_make_strv:
 * @path: the path of the list, for the error
 *
 * Returns: (transfer floating) (nullable): the value, or %NULL with %RUNCONF_ERROR_INVALID_VALUE
 */
GVariant *
runconf_argument_make_strv (const char *path, const char *const *value, GError **error)
{
  for (guint i = 0; value[i] != NULL; i++)
    {
      g_autofree char *element = g_strdup_printf ("%s/%u", path, i);

      if (!runconf_argument_check_text (element, value[i], error))
        return NULL;
    }

  return g_variant_new_strv (value, -1);
}

/**
 * runconf_argument_make_mapping:
 * @value: (transfer none): any value
 *
 * Returns: (transfer floating) (nullable): the value as an `a{sv}`, or %NULL with
 *   %RUNCONF_ERROR_INVALID_VALUE or %RUNCONF_ERROR_TOO_LARGE
 */
GVariant *
runconf_argument_make_mapping (GVariant *value, GError **error)
{
  g_autoptr (RunconfNode) node = runconf_node_from_variant (value, "", error);

  if (node == NULL)
    return NULL;

  if (!runconf_node_is_mapping (node))
    {
      g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE,
                   "a value of the D-Bus type %s isn't a mapping: a merged or saved value has to "
                   "be a dictionary of type a{sv}",
                   g_variant_get_type_string (value));
      return NULL;
    }

  return runconf_node_to_variant (node);
}
