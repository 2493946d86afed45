/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/health.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/escape.h"
#include "fleet/model/status.h"

/* A command that runs longer isn't healthy, and is killed with all of its children: one that kept
 * the pipe open would be waited for.
 */
#define MAX_SECONDS 10

typedef struct
{
  GSubprocess *process;
  GSource *timer; /* NULL when it has fired */
} Run;

static void
stop_timer (Run *self)
{
  if (self->timer == NULL)
    return;

  g_source_destroy (self->timer);
  g_clear_pointer (&self->timer, g_source_unref);
}

static void
run_free (Run *self)
{
  stop_timer (self);
  g_object_unref (self->process);
  g_free (self);
}

static void
begin_group (gpointer user_data)
{
  setpgid (0, 0);
}

static void
kill_group (GSubprocess *process)
{
  const char *id = g_subprocess_get_identifier (process);

  if (id != NULL)
    kill (-atoi (id), SIGKILL);
}

static gboolean
on_timeout (gpointer user_data)
{
  Run *run = user_data;

  g_clear_pointer (&run->timer, g_source_unref);
  kill_group (run->process);

  return G_SOURCE_REMOVE;
}

/* Returns: (transfer full): the last line that isn't empty */
static char *
find_last_line (const char *output)
{
  g_autofree char *text = g_strchomp (g_strdup (output));
  const char *line = strrchr (text, '\n');

  return runconf_escape (line != NULL ? line + 1 : text, -1);
}

static char *
describe (Run *run, const char *output)
{
  g_autofree char *line = find_last_line (output);

  if (g_subprocess_get_successful (run->process))
    return g_strdup (RUNCONF_FLEET_OK);
  if (run->timer == NULL)
    return g_strdup_printf ("the health command runs longer than %d seconds", MAX_SECONDS);
  if (*line != '\0')
    return g_steal_pointer (&line);
  if (g_subprocess_get_if_exited (run->process))
    return g_strdup_printf ("the health command exits with status %d",
                            g_subprocess_get_exit_status (run->process));

  return g_strdup_printf ("signal %d ends the health command",
                          g_subprocess_get_term_sig (run->process));
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) output = NULL;
  g_autofree char *text = NULL;
  gsize size;
  const char *data;

  if (!g_subprocess_communicate_finish (G_SUBPROCESS (source), result, &output, NULL, &error))
    {
      kill_group (G_SUBPROCESS (source));
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }

  data = g_bytes_get_data (output, &size);
  text = g_utf8_make_valid (data != NULL ? data : "", size);
  g_task_return_pointer (task, describe (g_task_get_task_data (task), text), g_free);
}

/**
 * runconf_fleetd_health_async:
 * @command: for the shell
 *
 * Runs the command. runconf_fleetd_health_finish() returns the outcome.
 */
void
runconf_fleetd_health_async (const char *command, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE);
  GError *error = NULL;
  GSubprocess *process;
  Run *run;

  g_subprocess_launcher_set_child_setup (launcher, begin_group, NULL, NULL);
  process = g_subprocess_launcher_spawn (launcher, &error, "/bin/sh", "-c", command, NULL);
  if (process == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  run = g_new0 (Run, 1);
  run->process = process;
  run->timer = g_timeout_source_new_seconds (MAX_SECONDS);
  g_source_set_callback (run->timer, on_timeout, run, NULL);
  g_source_attach (run->timer, g_main_context_get_thread_default ());
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  g_subprocess_communicate_async (process, NULL, cancellable, on_ended, g_steal_pointer (&task));
}

/**
 * runconf_fleetd_health_finish:
 *
 * Returns: (transfer full) (nullable): %RUNCONF_FLEET_OK or the reason why the host isn't healthy;
 *   %NULL with an error if the command couldn't be run
 */
char *
runconf_fleetd_health_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
