/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "fleet/agent/health.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gio/gunixinputstream.h>

#include "core/escape.h"
#include "fleet/model/status.h"

/* The command ends when it has exited and its output is closed. One that isn't at its end in time
 * isn't healthy, and is killed with all processes of its group. A process that left the group, or
 * that the kernel doesn't let go, isn't waited for.
 *
 * The command is reaped last, so that its number is that of its group until then.
 */
#define MAX_SECONDS 10

/* the end of the output that is kept, since its last line is the reason */
#define KEPT_BYTES 4096

typedef struct
{
  GPid process; /* 0 when it is reaped */
  GInputStream *output;
  GCancellable *reading;
  GString *kept;
  GSource *timer; /* NULL when it has fired */
  gulong cancelled;
  char buffer[KEPT_BYTES];
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
  g_clear_object (&self->output);
  g_object_unref (self->reading);
  g_string_free (self->kept, TRUE);
  g_free (self);
}

static void
begin_group (gpointer user_data)
{
  setpgid (0, 0);
  dup2 (STDOUT_FILENO, STDERR_FILENO);
}

static void
kill_group (Run *self)
{
  if (self->process != 0)
    kill (-self->process, SIGKILL);
  g_cancellable_cancel (self->reading);
}

static gboolean
on_timeout (gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);

  g_clear_pointer (&run->timer, g_source_unref);
  kill_group (run);
  g_task_return_pointer (
      task, g_strdup_printf ("the health command runs longer than %d seconds", MAX_SECONDS),
      g_free);

  return G_SOURCE_REMOVE;
}

/* Returns: (transfer full): the last line that isn't empty */
static char *
find_last_line (const GString *output)
{
  g_autofree char *valid = g_utf8_make_valid (output->str, (gssize) output->len);
  const char *text = g_strchomp (valid);
  const char *line = strrchr (text, '\n');

  return runconf_escape (line != NULL ? line + 1 : text, -1);
}

static char *
describe (const Run *run, int status)
{
  g_autofree char *line = find_last_line (run->kept);

  if (status == 0)
    return g_strdup (RUNCONF_FLEET_OK);
  if (*line != '\0')
    return g_steal_pointer (&line);
  if (WIFEXITED (status))
    return g_strdup_printf ("the health command exits with status %d", WEXITSTATUS (status));

  return g_strdup_printf ("signal %d ends the health command", WTERMSIG (status));
}

static void
on_exited (GPid process, int status, gpointer user_data)
{
  GTask *task = user_data;
  Run *run = g_task_get_task_data (task);

  run->process = 0;
  g_cancellable_disconnect (g_task_get_cancellable (task), run->cancelled);
  if (run->timer == NULL)
    return;

  stop_timer (run);
  g_task_return_pointer (task, describe (run, status), g_free);
}

static void
reap (GTask *task)
{
  Run *run = g_task_get_task_data (task);
  g_autoptr (GSource) source = g_child_watch_source_new (run->process);

  g_clear_object (&run->output);
  g_source_set_callback (source, G_SOURCE_FUNC (on_exited), g_object_ref (task), g_object_unref);
  g_source_attach (source, g_task_get_context (task));
}

static void read_output (GTask *task);

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Run *run = g_task_get_task_data (task);
  gssize size = g_input_stream_read_finish (G_INPUT_STREAM (source), result, NULL);

  if (size <= 0)
    {
      reap (task);
      return;
    }

  g_string_append_len (run->kept, run->buffer, size);
  if (run->kept->len > KEPT_BYTES)
    g_string_erase (run->kept, 0, (gssize) (run->kept->len - KEPT_BYTES));
  read_output (task);
}

/* All else goes first: a command may write without end. */
static void
read_output (GTask *task)
{
  Run *run = g_task_get_task_data (task);

  g_input_stream_read_async (run->output, run->buffer, sizeof run->buffer, G_PRIORITY_LOW,
                             run->reading, on_read, g_object_ref (task));
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  kill_group (user_data);
}

static void
begin (GTask *task, GPid process, int output)
{
  Run *run = g_new0 (Run, 1);
  GCancellable *cancellable = g_task_get_cancellable (task);

  run->process = process;
  run->output = g_unix_input_stream_new (output, TRUE);
  run->reading = g_cancellable_new ();
  run->kept = g_string_new (NULL);
  run->timer = g_timeout_source_new_seconds (MAX_SECONDS);
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  g_source_set_callback (run->timer, on_timeout, task, NULL);
  g_source_attach (run->timer, g_task_get_context (task));
  run->cancelled = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), run, NULL);
  read_output (task);
}

/**
 * runconf_fleetd_health_async:
 * @command: for the shell
 * @cancellable: kills the command
 *
 * Runs the command. runconf_fleetd_health_finish() returns the outcome.
 */
void
runconf_fleetd_health_async (const char *command, GCancellable *cancellable,
                             GAsyncReadyCallback callback, gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, user_data);
  char *arguments[] = { (char *) "/bin/sh", (char *) "-c", (char *) command, NULL };
  GError *error = NULL;
  GPid process;
  int output;

  if (g_spawn_async_with_pipes (NULL, arguments, NULL, G_SPAWN_DO_NOT_REAP_CHILD, begin_group, NULL,
                                &process, NULL, &output, NULL, &error))
    begin (task, process, output);
  else
    g_task_return_error (task, error);
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
