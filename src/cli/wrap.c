/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/wrap.h"

#include "cli/output.h"
#include "cli/table.h"

/* longer lines are hard to read */
#define MAX_WIDTH 78

static void
wrap_line (GString *out, const char *line, guint width)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  guint column = 0;

  for (char **word = words; *word != NULL; word++)
    {
      guint length = cli_text_get_width (*word);

      if (column > 0 && column + 1 + length > width)
        {
          g_string_append_c (out, '\n');
          column = 0;
        }
      g_string_append_printf (out, "%s%s", column > 0 ? " " : "", *word);
      column += length + (column > 0);
    }
}

/**
 * cli_wrap:
 * @text: paragraphs; a line that begins with a space is an example
 *
 * Returns: (transfer full): the same with line breaks between words, and examples as they are
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
