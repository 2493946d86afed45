/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/escape.h"

#include <string.h>

/* People read the messages: a message shows a path, not a megabyte. */
#define MAX_SHOWN_CHARACTERS 200

/* Invisible characters, and those that change the direction of text: a log line or a terminal must
 * not interpret them.
 */
static gboolean
is_deceptive (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
    case G_UNICODE_UNASSIGNED:
      return TRUE;
    default:
      return FALSE;
    }
}

static void
append_character (GString *out, gunichar c)
{
  if (c == '\n')
    g_string_append (out, "\\n");
  else if (c == '\t')
    g_string_append (out, "\\t");
  else if (!is_deceptive (c))
    g_string_append_unichar (out, c);
  else if (c <= 0xff)
    g_string_append_printf (out, "\\x%02x", c);
  else if (c <= 0xffff)
    g_string_append_printf (out, "\\u%04x", c);
  else
    g_string_append_printf (out, "\\U%08x", c);
}

/* Nearly every text is printable ASCII, and is shown as it is: callers escape it before they know whether
 * there is an error.
 */
static gboolean
is_plain (const char *text, const char *end)
{
  if (end - text > MAX_SHOWN_CHARACTERS)
    return FALSE;

  while (text < end && g_ascii_isprint (*text))
    text++;

  return text == end;
}

/**
 * runconf_escape:
 * @text: any bytes
 * @length: their number, or -1 if a NUL ends them
 *
 * Makes a key, path or value safe for a message, a log line or a terminal: control and formatting
 * characters and invalid bytes are shown as escapes, and long text is cut.
 *
 * Returns: (transfer full): valid UTF-8 in one line
 */
char *
runconf_escape (const char *text, gssize length)
{
  const char *end = text + (length < 0 ? strlen (text) : (gsize) length);
  g_autoptr (GString) out = NULL;

  if (is_plain (text, end))
    return g_strndup (text, end - text);

  out = g_string_new (NULL);
  for (guint shown = 0; text < end; shown++)
    {
      gunichar c = g_utf8_get_char_validated (text, end - text);

      if (shown == MAX_SHOWN_CHARACTERS)
        {
          g_string_append (out, "…");
          break;
        }

      if (c == (gunichar) -1 || c == (gunichar) -2)
        {
          g_string_append_printf (out, "\\x%02x", (guchar) *text);
          text++;
        }
      else
        {
          append_character (out, c);
          text += g_unichar_to_utf8 (c, NULL);
        }
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}
