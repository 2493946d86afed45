/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/rescue.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* While unsaved work of the user is in a temporary file, a signal that ends the process prints the
 * location of the file. A hangup doesn't end the process: either it ends the editor as well, or the
 * editor stays open in a window of its own. In both cases the process looks for work of the user
 * after the editor's end.
 */

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

static struct sigaction saved[G_N_ELEMENTS (signals)];
static gboolean had_terminal;
static volatile sig_atomic_t is_hung_up;
static volatile sig_atomic_t is_for_editor;
static char *message;
static gsize message_length;

/* Calls async-signal-safe functions only. */
static void
handle (int signal_number)
{
  gssize written;

  if (signal_number == SIGHUP)
    {
      is_hung_up = TRUE;
      return;
    }
  if (is_for_editor && (signal_number == SIGINT || signal_number == SIGQUIT))
    return;

  /* the terminal has shown the key (“^C”) on the current line */
  written = signal_number == SIGINT ? write (STDERR_FILENO, "\n", 1) : 0;
  written += write (STDERR_FILENO, message, message_length);
  (void) written;
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

/**
 * cli_rescue_begin:
 * @line: the location of the work, as a line for standard error
 *
 * Installs the signal handlers. Signals that are ignored stay ignored, as with nohup.
 */
void
cli_rescue_begin (const char *line)
{
  /* without SA_RESTART, so that a question on a closed terminal ends */
  const struct sigaction action = { .sa_handler = handle };

  had_terminal = isatty (STDIN_FILENO);
  is_hung_up = FALSE;
  message = g_strconcat (line, "\n", NULL);
  message_length = strlen (message);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      sigaction (signals[i], NULL, &saved[i]);
      if (saved[i].sa_handler != SIG_IGN)
        sigaction (signals[i], &action, NULL);
    }
}

/**
 * cli_rescue_set_editing:
 * @is_editing: whether keys on the terminal are for the editor, so that an interrupt doesn't end
 *   this process. The handler stays installed, since the editor would inherit SIG_IGN
 */
void
cli_rescue_set_editing (gboolean is_editing)
{
  is_for_editor = is_editing;
}

/**
 * cli_rescue_is_hung_up:
 *
 * A closed terminal may be at its end of file before the signal is received, so both are checked.
 *
 * Returns: whether the terminal is closed
 */
gboolean
cli_rescue_is_hung_up (void)
{
  return is_hung_up != 0 || (had_terminal && !isatty (STDIN_FILENO));
}

/**
 * cli_rescue_end:
 *
 * Restores the signal handlers.
 */
void
cli_rescue_end (void)
{
  if (message == NULL)
    return;

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &saved[i], NULL);
  g_clear_pointer (&message, g_free);
}
