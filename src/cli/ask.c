/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/**
 * cli_ask_is_possible:
 *
 * Returns: whether there is somebody to ask
 */
gboolean
cli_ask_is_possible (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

/**
 * cli_ask:
 * @question: which tells the answers
 * @answers: the letters that can be answered
 *
 * Asks on the terminal until it is answered.
 *
 * Returns: the letter, or 0 if the terminal has gone
 */
char
cli_ask (const char *question, const char *answers)
{
  char line[80];

  do
    {
      fprintf (stderr, "%s ", question);
      fflush (stderr);
      if (fgets (line, sizeof line, stdin) == NULL)
        {
          fputc ('\n', stderr);
          return 0;
        }
      g_strstrip (line);
    }
  while (strlen (line) != 1 || strchr (answers, g_ascii_tolower (*line)) == NULL);

  return g_ascii_tolower (*line);
}
