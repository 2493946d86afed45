/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/rescue.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* While work of the user lies in a file that only this process knows, a signal that ends the process says
 * where. A hangup doesn't end it: the terminal takes the editor along, or the editor goes on in a window of
 * its own, and what either leaves is looked after when the editor has ended.
 */

static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };

static struct sigaction saved[G_N_ELEMENTS (signals)];
static gboolean had_terminal;
static volatile sig_atomic_t is_hung_up;
static volatile sig_atomic_t is_for_editor;
static char *message;
static gsize message_length;

/* Only calls that a handler may make. */
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

  /* a terminal shows the key behind what stands there */
  written = signal_number == SIGINT ? write (STDERR_FILENO, "\n", 1) : 0;
  written += write (STDERR_FILENO, message, message_length);
  (void) written;
  signal (signal_number, SIG_DFL);
  raise (signal_number);
}

/**
 * cli_rescue_begin:
 * @line: where the work lies, as it is written to standard error
 *
 * What is ignored already stays ignored, as with nohup.
 */
void
cli_rescue_begin (const char *line)
{
  /* without SA_RESTART: a question on a terminal that is gone ends */
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
 * @is_editing: whether keys that are typed are for the editor, so that an interrupt doesn't end this
 *   process. The handler stays: the editor would inherit SIG_IGN
 */
void
cli_rescue_set_editing (gboolean is_editing)
{
  is_for_editor = is_editing;
}

/**
 * cli_rescue_is_hung_up:
 *
 * A terminal that goes may be at its end before the signal comes.
 *
 * Returns: whether the terminal has gone
 */
gboolean
cli_rescue_is_hung_up (void)
{
  return is_hung_up != 0 || (had_terminal && !isatty (STDIN_FILENO));
}

/**
 * cli_rescue_end:
 *
 * Leaves signals as they were.
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
