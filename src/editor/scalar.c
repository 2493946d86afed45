/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/scalar.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#include "editor/value-text.h"

/* The texts of scalars in entries: the text of a string is the string itself. Where several types are
 * possible, a text may also be an empty mapping or an empty sequence.
 */

static GVariant *
refuse (const char *message, const char *text, GError **error)
{
  g_set_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "“%s”: %s", text, message);

  return NULL;
}

static GVariant *
read_integer (const char *text)
{
  gint64 number;
  guint64 large;

  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
    return g_variant_new_int64 (number);
  if (g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &large, NULL))
    return g_variant_new_uint64 (large);

  return NULL;
}

/* The names of YAML for infinities and NaN aren't those of C, and other words are no numbers. */
static GVariant *
read_double (const char *text)
{
  const char *unsigned_text = text + (*text == '-' || *text == '+' ? 1 : 0);
  char *end = NULL;
  double number;

  if (strcmp (unsigned_text, ".inf") == 0)
    return g_variant_new_double (*text == '-' ? -INFINITY : INFINITY);
  if (strcmp (text, ".nan") == 0)
    return g_variant_new_double (NAN);
  if (*text == '\0' || strspn (text, "+-.0123456789eE") != strlen (text))
    return NULL;

  number = g_ascii_strtod (text, &end);

  return *end == '\0' ? g_variant_new_double (number) : NULL;
}

/* A number is a whole one or not, as it is written. */
static GVariant *
read_number (const char *text)
{
  GVariant *number = read_integer (text);

  return number != NULL ? number : read_double (text);
}

static GVariant *
read_boolean (const char *text)
{
  if (strcmp (text, "true") == 0)
    return g_variant_new_boolean (TRUE);
  if (strcmp (text, "false") == 0)
    return g_variant_new_boolean (FALSE);

  return NULL;
}

/* Returns: (nullable): the value of a text that is no string */
static GVariant *
read_plain (const char *text)
{
  GVariant *value = read_boolean (text);

  if (value == NULL && strcmp (text, "null") == 0)
    value = g_variant_new_signature ("");
  if (value == NULL && strcmp (text, "{}") == 0)
    value = g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0);
  if (value == NULL && strcmp (text, "[]") == 0)
    value = g_variant_new_array (G_VARIANT_TYPE ("v"), NULL, 0);

  return value != NULL ? value : read_number (text);
}

static GVariant *
read_any (const char *text)
{
  gsize length = strlen (text);
  GVariant *value = read_plain (text);

  if (value == NULL && length >= 2 && *text == '"' && text[length - 1] == '"')
    value = g_variant_new_take_string (g_strndup (text + 1, length - 2));

  return value != NULL ? value : g_variant_new_string (text);
}

static GVariant *
read_binary (const char *text)
{
  gsize length = 0;
  guint8 *bytes = g_base64_decode (text, &length);

  return g_variant_new_from_data (G_VARIANT_TYPE_BYTESTRING, bytes, length, TRUE, g_free, bytes);
}

/* Returns: (transfer floating) (nullable): the value */
static GVariant *
read_text (const char *text, EditorValueType type, GError **error)
{
  GVariant *value;

  switch (type)
    {
    case EDITOR_VALUE_BOOLEAN:
      value = read_boolean (text);
      return value != NULL ? value : refuse (_ ("write “true” or “false”"), text, error);
    case EDITOR_VALUE_INTEGER:
      value = read_number (text);
      return value != NULL ? value : refuse (_ ("it is no whole number"), text, error);
    case EDITOR_VALUE_NUMBER:
      value = read_number (text);
      return value != NULL ? value : refuse (_ ("it is no number"), text, error);
    case EDITOR_VALUE_STRING:
      return g_variant_new_string (text);
    case EDITOR_VALUE_BINARY:
      return read_binary (text);
    default:
      return read_any (text);
    }
}

/* Returns: (transfer full) (nullable): the value of a text */
GVariant *
editor_scalar_read (const char *text, EditorValueType type, GError **error)
{
  GVariant *value = read_text (text, type, error);

  return value != NULL ? g_variant_ref_sink (value) : NULL;
}

/* A string among other types has quotes if it would be something else without them. */
static gboolean
needs_quotes (GVariant *value, EditorValueType type)
{
  const char *text;
  g_autoptr (GVariant) other = NULL;

  if (type == EDITOR_VALUE_STRING || !g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return FALSE;

  text = g_variant_get_string (value, NULL);
  other = g_variant_ref_sink (read_any (text));

  return !g_variant_equal (value, other);
}

/* Returns: (transfer full): the whole text of a scalar */
char *
editor_scalar_write (GVariant *value, EditorValueType type)
{
  if (needs_quotes (value, type))
    return g_strdup_printf ("\"%s\"", g_variant_get_string (value, NULL));
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BYTESTRING))
    return g_base64_encode (g_variant_get_data (value), g_variant_get_size (value));

  return editor_value_to_line (value);
}

/* Returns: whether the value is neither a mapping nor a sequence */
gboolean
editor_scalar_is (GVariant *value)
{
  return !g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT)
         && !g_variant_is_of_type (value, G_VARIANT_TYPE ("av"));
}
