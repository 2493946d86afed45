/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/value-text.h"

#include <string.h>

/* The text of a value as people read it: YAML on one line, with a string as it is. */

/* characters that a row or a label shows at most */
#define LENGTH_MAX 200

static void append_value (GString *text, GVariant *value);

/* A string inside a sequence or a mapping has quotes, so that its end can be seen. */
static void
append_string (GString *text, const char *string)
{
  g_autofree char *escaped = g_strescape (string, "\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b"
                                                  "\x8c\x8d\x8e\x8f");

  g_string_append_printf (text, "\"%s\"", escaped);
}

static void
append_double (GString *text, double number)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  for (int precision = 15; precision <= 17; precision += 2)
    {
      g_autofree char *format = g_strdup_printf ("%%.%dg", precision);

      g_ascii_formatd (buffer, sizeof buffer, format, number);
      if (g_ascii_strtod (buffer, NULL) == number)
        break;
    }

  g_string_append (text, buffer);
  if (strpbrk (buffer, ".en") == NULL)
    g_string_append (text, ".0");
}

static void
append_children (GString *text, GVariant *value)
{
  gsize n = g_variant_n_children (value);

  for (gsize i = 0; i < n && text->len <= LENGTH_MAX * 4; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (value, i);

      if (i > 0)
        g_string_append (text, ", ");
      append_value (text, child);
    }
}

static void
append_entry (GString *text, GVariant *entry)
{
  g_autoptr (GVariant) value = NULL;
  const char *key;

  g_variant_get (entry, "{&sv}", &key, &value);
  g_string_append_printf (text, "%s: ", key);
  append_value (text, value);
}

static void
append_binary (GString *text, GVariant *value)
{
  gsize n = 0;
  const guint8 *bytes = g_variant_get_fixed_array (value, &n, 1);
  /* an encoding of three bytes has four characters */
  g_autofree char *encoded = g_base64_encode (bytes, MIN (n, LENGTH_MAX));

  g_string_append (text, encoded);
}

static void
append_container (GString *text, GVariant *value)
{
  gboolean is_mapping = g_variant_is_of_type (value, G_VARIANT_TYPE_VARDICT);

  g_string_append_c (text, is_mapping ? '{' : '[');
  append_children (text, value);
  g_string_append_c (text, is_mapping ? '}' : ']');
}

static void
append_variant (GString *text, GVariant *value)
{
  g_autoptr (GVariant) inner = g_variant_get_variant (value);

  append_value (text, inner);
}

static void
append_value (GString *text, GVariant *value)
{
  const char *type = g_variant_get_type_string (value);

  switch (*type)
    {
    case 'b':
      g_string_append (text, g_variant_get_boolean (value) ? "true" : "false");
      break;
    case 'x':
      g_string_append_printf (text, "%" G_GINT64_FORMAT, g_variant_get_int64 (value));
      break;
    case 't':
      g_string_append_printf (text, "%" G_GUINT64_FORMAT, g_variant_get_uint64 (value));
      break;
    case 'd':
      append_double (text, g_variant_get_double (value));
      break;
    case 's':
      append_string (text, g_variant_get_string (value, NULL));
      break;
    case 'g':
      g_string_append (text, "null");
      break;
    case 'v':
      append_variant (text, value);
      break;
    case '{':
      append_entry (text, value);
      break;
    default:
      if (strcmp (type, "ay") == 0)
        append_binary (text, value);
      else
        append_container (text, value);
    }
}

/* Takes ownership of @text. */
static char *
shorten (GString *text)
{
  for (char *c = text->str; *c != '\0'; c++)
    if (*c == '\n' || *c == '\t' || *c == '\r')
      *c = ' ';

  if (g_utf8_strlen (text->str, (gssize) text->len) > LENGTH_MAX)
    {
      const char *end = g_utf8_offset_to_pointer (text->str, LENGTH_MAX);

      g_string_truncate (text, (gsize) (end - text->str));
      g_string_append (text, "…");
    }

  return g_string_free (text, FALSE);
}

/**
 * editor_value_to_line:
 * @value: a value of a configuration
 *
 * Returns: (transfer full): the value on one line, cut where it is too long
 */
char *
editor_value_to_line (GVariant *value)
{
  GString *text = g_string_new (NULL);

  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    g_string_append (text, g_variant_get_string (value, NULL));
  else
    append_value (text, value);

  return shorten (text);
}
