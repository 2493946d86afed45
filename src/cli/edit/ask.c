/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/ask.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Asks the user a question on the terminal. */

/**
 * cli_ask_is_possible:
 *
 * Returns: whether there is a terminal to ask on
 */
gboolean
cli_ask_is_possible (void)
{
  return isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

/**
 * cli_ask:
 * @question: the question, which lists the possible answers
 * @answers: the letters of the possible answers
 *
 * Asks on the terminal until an answer is valid.
 *
 * Returns: the letter, or 0 if the terminal is gone
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
