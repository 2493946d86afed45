/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/thread-task.h"

#include <gio/gio.h>

#include "service/base/footprint.h"

/* A function in a thread, with a callback in the main loop. The thread of a GTask releases the task as
 * well, possibly after the callback, and frees the source object and the data of the task. But
 * objects of the service have timers and watches in the main loop, and must be freed there.
 * Therefore a task here owns nothing, and its callback does.
 */
typedef struct
{
  RunconfdThreadTaskFunc run;
  RunconfdThreadTaskFunc finish;
  gpointer data;
} ThreadTask;

static void
run_in_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  ThreadTask *self = data;

  self->run (self->data);
  g_task_return_boolean (task, TRUE);
}

static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree ThreadTask *self = user_data;

  self->finish (self->data);
  runconfd_footprint_tidy ();
}

/**
 * runconfd_thread_task_start:
 * @run: takes long, so it is called in a thread
 * @finish: called in the main loop afterwards
 * @data: (transfer full): for both functions; @finish takes ownership
 *
 * Runs a function in a thread.
 */
void
runconfd_thread_task_start (RunconfdThreadTaskFunc run, RunconfdThreadTaskFunc finish,
                            gpointer data)
{
  ThreadTask *self = g_new (ThreadTask, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_done, self);

  *self = (ThreadTask){ run, finish, data };
  g_task_set_task_data (task, self, NULL);
  g_task_run_in_thread (task, run_in_thread);
}
