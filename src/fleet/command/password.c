/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/command/password.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <glib/gstdio.h>

#include "cli/session/text.h"
#include "cli/terminal/failure.h"
#include "fleet/etcd/settings.h"

/* Gets a password from a file or from the terminal. A command line and the environment are no
 * places for it: other processes can read them.
 */

#define MAX_LENGTH 1024

/* A terminal that such a signal left without its echo would show nothing any more. */
static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };

static volatile sig_atomic_t signal_met;

/* Returns: (transfer full): the first line of the file, or %NULL with an error */
static char *
read_file (const char *file, GError **error)
{
  g_autoptr (GBytes) text = cli_text_read (file, error);
  char *password;

  if (text == NULL)
    return NULL;

  password = runconf_etcd_find_password (g_bytes_get_data (text, NULL), g_bytes_get_size (text));
  if (password == NULL)
    g_set_error (error, CLI_ERROR, CLI_ERROR_FAILED,
                 _ ("%s: there is no password: write it on the first line"), file);

  return password;
}

/* Returns: whether the terminal shows no more what is typed */
static gboolean
hide (int fd, struct termios *before)
{
  struct termios silent;

  if (tcgetattr (fd, before) != 0)
    return FALSE;

  silent = *before;
  silent.c_lflag &= ~(tcflag_t) ECHO;

  return tcsetattr (fd, TCSAFLUSH, &silent) == 0;
}

/* @mask: the signals that are blocked during the wait
 *
 * Returns: (transfer full) (nullable): a line, %NULL if the terminal is gone, or a signal came
 */
static char *
read_line (int fd, const sigset_t *mask)
{
  struct pollfd input = { .fd = fd, .events = POLLIN };
  char line[MAX_LENGTH];
  ssize_t length;

  do
    length = ppoll (&input, 1, NULL, mask) < 0 ? -1 : read (fd, line, sizeof line);
  while (length < 0 && errno == EINTR && signal_met == 0);
  if (length <= 0)
    return NULL;

  length = (ssize_t) MIN ((gsize) length, sizeof line - 1);
  line[length] = '\0';
  line[strcspn (line, "\r\n")] = '\0';

  return g_strdup (line);
}

static void
on_signal (int number)
{
  signal_met = number;
}

/* Has the signals that end the process end read_line() first. They are blocked but for its wait, so
 * that none comes before it. Those that are ignored stay so.
 *
 * @before: takes their actions; @mask: takes the mask of the thread
 */
static void
catch_signals (struct sigaction *before, sigset_t *mask)
{
  const struct sigaction action = { .sa_handler = on_signal };
  sigset_t blocked;

  signal_met = 0;
  sigemptyset (&blocked);
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaddset (&blocked, signals[i]);
  pthread_sigmask (SIG_BLOCK, &blocked, mask);

  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      sigaction (signals[i], NULL, &before[i]);
      if (before[i].sa_handler != SIG_IGN)
        sigaction (signals[i], &action, NULL);
    }
}

static void
release_signals (const struct sigaction *before, const sigset_t *mask)
{
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], &before[i], NULL);
  pthread_sigmask (SIG_SETMASK, mask, NULL);
  if (signal_met != 0)
    raise (signal_met);
}

static char *
ask (int fd, const char *user)
{
  struct sigaction actions[G_N_ELEMENTS (signals)];
  struct termios before;
  sigset_t mask;
  char *password = NULL;

  catch_signals (actions, &mask);
  if (!hide (fd, &before))
    {
      release_signals (actions, &mask);
      return NULL;
    }

  dprintf (fd, _ ("Password of the etcd user %s: "), user);
  password = read_line (fd, &mask);
  dprintf (fd, "\n");
  tcsetattr (fd, TCSAFLUSH, &before);
  release_signals (actions, &mask);

  return password;
}

/**
 * fleet_password_read:
 * @user: the user of etcd
 * @file: (nullable): the file with the password; by default the terminal is asked
 *
 * Returns: (transfer full): the password, or %NULL with an error
 */
char *
fleet_password_read (const char *user, const char *file, GError **error)
{
  char *password = NULL;
  int fd;

  if (file != NULL)
    return read_file (file, error);

  fd = open ("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  if (fd >= 0)
    {
      password = ask (fd, user);
      g_close (fd, NULL);
    }
  if (password == NULL)
    g_set_error (
        error, CLI_ERROR, CLI_ERROR_USAGE,
        _ ("there is no password for the etcd user “%s”: name its file with --password-file, "
           "or call from a terminal"),
        user);

  return password;
}
