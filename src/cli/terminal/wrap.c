/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/terminal/wrap.h"

#include "cli/terminal/output.h"
#include "cli/terminal/table.h"

/* Wraps text for the terminal. */

/* longer lines are hard to read */
#define MAX_WIDTH 78

/* Returns: whether a line may end between two characters without a space: next to wide characters
 * such as Chinese ones, unless punctuation would be at the wrong end of a line
 */
static gboolean
can_break (gunichar before, gunichar after)
{
  if (!g_unichar_iswide (before) && !g_unichar_iswide (after))
    return FALSE;

  switch (g_unichar_break_type (before))
    {
    case G_UNICODE_BREAK_OPEN_PUNCTUATION:
    case G_UNICODE_BREAK_QUOTATION:
      return FALSE;
    default:
      break;
    }

  switch (g_unichar_break_type (after))
    {
    case G_UNICODE_BREAK_CLOSE_PUNCTUATION:
    case G_UNICODE_BREAK_CLOSE_PARANTHESIS:
    case G_UNICODE_BREAK_COMBINING_MARK:
    case G_UNICODE_BREAK_EXCLAMATION:
    case G_UNICODE_BREAK_INFIX_SEPARATOR:
    case G_UNICODE_BREAK_NON_STARTER:
    case G_UNICODE_BREAK_QUOTATION:
      return FALSE;
    default:
      return TRUE;
    }
}

/* Returns: the end of the part that can't be broken */
static const char *
find_end (const char *text)
{
  gunichar before = g_utf8_get_char (text);

  for (text = g_utf8_next_char (text); *text != '\0'; text = g_utf8_next_char (text))
    {
      gunichar after = g_utf8_get_char (text);

      if (can_break (before, after))
        break;
      before = after;
    }

  return text;
}

/* Appends a word, or its parts, and begins a new line where there is no room. */
static void
append_word (GString *out, const char *word, guint *column, guint width)
{
  guint gap = *column > 0;

  while (*word != '\0')
    {
      const char *end = find_end (word);
      g_autofree char *piece = g_strndup (word, end - word);
      guint length = cli_text_get_width (piece);

      if (*column > 0 && *column + gap + length > width)
        {
          g_string_append_c (out, '\n');
          *column = gap = 0;
        }
      g_string_append_printf (out, "%s%s", gap > 0 ? " " : "", piece);
      *column += gap + length;
      gap = 0;
      word = end;
    }
}

static void
wrap_line (GString *out, const char *line, guint width)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint column = 0;

  for (char **word = words; *word != NULL; word++)
    append_word (out, *word, &column, width);
}

/**
 * cli_wrap:
 * @text: paragraphs; a line that begins with a space is an example
 *
 * Returns: (transfer full): the text with line breaks between words, and examples unchanged
 */
char *
cli_wrap (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  guint terminal = cli_output_get_width ();
  g_autoptr (GString) out = g_string_new (NULL);

  for (char **line = lines; *line != NULL; line++)
    {
      if (line > lines)
        g_string_append_c (out, '\n');
      if (**line == ' ')
        g_string_append (out, *line);
      else
        wrap_line (out, *line, terminal > 0 ? MIN (terminal, MAX_WIDTH) : MAX_WIDTH);
    }

  return g_string_free (g_steal_pointer (&out), FALSE);
}
