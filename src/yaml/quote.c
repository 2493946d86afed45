/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "yaml/quote.h"

/* Writes strings in double quotes, in which each string can be written. */

/**
 * runconf_quote_needs_escape:
 *
 * Returns: whether a character can only be written as an escape, because it is invisible, YAML 1.1
 *   ends a line there, or no parser accepts it
 */
gboolean
runconf_quote_needs_escape (gunichar c)
{
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff
         || (c >= 0xfdd0 && c <= 0xfdef) || (c & 0xfffe) == 0xfffe;
}

static void
append_escape (GString *out, gunichar c)
{
  if (c == '"' || c == '\\')
    g_string_append_printf (out, "\\%c", (char) c);
  else if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\r')
    g_string_append (out, "\\r");
  else if (c == '\t')
    g_string_append (out, "\\t");
  else if (c <= 0xffff)
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_printf (out, "\\U%08x", c);
}

/* Returns: the end of the characters from @text on that are written as they are */
static const char *
find_escaped (const char *text, const char *end)
{
  while (
      text < end && *text != '"' && *text != '\\'
      && ((*text >= ' ' && *text < 0x7f) || !runconf_quote_needs_escape (g_utf8_get_char (text))))
    text = g_utf8_next_char (text);

  return text;
}

/**
 * runconf_quote_append:
 * @text: of @length bytes, in UTF-8
 *
 * Writes a string in double quotes.
 */
void
runconf_quote_append (GString *out, const char *text, gsize length)
{
  const char *end = text + length;

  g_string_append_c (out, '"');
  while (text < end)
    {
      const char *escaped = find_escaped (text, end);

      g_string_append_len (out, text, escaped - text);
      text = escaped;
      if (text < end)
        {
          append_escape (out, g_utf8_get_char (text));
          text = g_utf8_next_char (text);
        }
    }
  g_string_append_c (out, '"');
}
