/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/form/keys.h"

#include <math.h>
#include <string.h>

#include "gsettings/form/scalar.h"

static char *
print_double (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  return g_strdup (isnan (value) ? "nan" : g_ascii_dtostr (buffer, sizeof buffer, value));
}

static char *
print_integer (GVariant *key)
{
  if (g_variant_is_of_type (key, G_VARIANT_TYPE_UINT64))
    return g_strdup_printf ("%" G_GUINT64_FORMAT, g_variant_get_uint64 (key));

  return g_strdup_printf ("%" G_GINT64_FORMAT, runconf_gsettings_get_integer (key));
}

/**
 * runconf_gsettings_print_key:
 * @key: a value of a basic type
 *
 * Returns: (transfer full): the text; no two keys of one type have the same
 */
char *
runconf_gsettings_print_key (GVariant *key)
{
  switch (g_variant_classify (key))
    {
    case G_VARIANT_CLASS_STRING:
    case G_VARIANT_CLASS_OBJECT_PATH:
    case G_VARIANT_CLASS_SIGNATURE:
      return g_variant_dup_string (key, NULL);
    case G_VARIANT_CLASS_BOOLEAN:
      return g_strdup (g_variant_get_boolean (key) ? "true" : "false");
    case G_VARIANT_CLASS_DOUBLE:
      return print_double (g_variant_get_double (key));
    default:
      return print_integer (key);
    }
}

static GVariant *
read_double (const char *text)
{
  char *end;
  double value = g_ascii_strtod (text, &end);

  if (end == text || *end != '\0' || g_ascii_isspace (*text))
    return NULL;

  return g_variant_new_double (isnan (value) ? NAN : value);
}

static GVariant *
read_integer (const char *text, char type)
{
  guint64 large;
  gint64 value;

  if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL))
    return runconf_gsettings_new_integer (type, value);
  if (type == 't' && g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, &large, NULL))
    return g_variant_new_uint64 (large);

  return NULL;
}

static GVariant *
read_boolean (const char *text)
{
  if (strcmp (text, "true") == 0 || strcmp (text, "false") == 0)
    return g_variant_new_boolean (*text == 't');

  return NULL;
}

/**
 * runconf_gsettings_read_key:
 * @type: a basic type
 *
 * Returns: (transfer floating) (nullable): the key, or %NULL if @text isn't one of this type
 */
GVariant *
runconf_gsettings_read_key (const char *text, const GVariantType *type)
{
  char letter = *g_variant_type_peek_string (type);

  switch (letter)
    {
    case 's':
    case 'o':
    case 'g':
      return runconf_gsettings_new_string (letter, text);
    case 'b':
      return read_boolean (text);
    case 'd':
      return read_double (text);
    default:
      return read_integer (text, letter);
    }
}
