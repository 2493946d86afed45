/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/session/agent.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>

#define PROGRAM "pkttyagent"

/* the descriptor that the agent closes when it is ready */
#define READY_FD 3

/* in ms; the command goes on without the agent if it isn't ready by then */
#define PATIENCE 2000

struct _CliAgent
{
  GSubprocess *process;
};

/* Root isn't asked for a password, and polkit only decides about calls on the system bus. */
static gboolean
may_be_needed (const CliOptions *options)
{
  return geteuid () != 0 && options->offline == NULL && options->address == NULL
         && !options->session && isatty (STDIN_FILENO) && isatty (STDERR_FILENO);
}

static void
wait_until_ready (int fd)
{
  struct pollfd polled = { .fd = fd, .events = POLLIN };

  if (poll (&polled, 1, PATIENCE) < 0)
    g_debug (PROGRAM " can't be waited for");
}

/**
 * cli_agent_new:
 *
 * Starts polkit's own agent for terminals, as a fallback: another agent takes precedence.
 *
 * Returns: (transfer full) (nullable): the agent, or %NULL if it isn't needed or isn't installed
 */
CliAgent *
cli_agent_new (const CliOptions *options)
{
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autofree char *pid = g_strdup_printf ("%d", (int) getpid ());
  CliAgent *self;
  int ends[2];

  if (!may_be_needed (options) || !g_unix_open_pipe (ends, FD_CLOEXEC, NULL))
    return NULL;

  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDIN_INHERIT);
  g_subprocess_launcher_take_fd (launcher, ends[1], READY_FD);
  process = g_subprocess_launcher_spawn (launcher, NULL, PROGRAM, "--process", pid, "--notify-fd",
                                         G_STRINGIFY (READY_FD), "--fallback", NULL);
  /* close our copy of the child's end, so that poll() sees the child close its own */
  g_subprocess_launcher_close (launcher);
  if (process != NULL)
    wait_until_ready (ends[0]);
  g_close (ends[0], NULL);
  if (process == NULL)
    return NULL;

  self = g_new0 (CliAgent, 1);
  self->process = g_steal_pointer (&process);

  return self;
}

/**
 * cli_agent_free:
 *
 * Ends the agent, and waits until it has restored the terminal.
 */
void
cli_agent_free (CliAgent *self)
{
  g_subprocess_send_signal (self->process, SIGTERM);
  g_subprocess_wait (self->process, NULL, NULL);
  g_object_unref (self->process);
  g_free (self);
}
