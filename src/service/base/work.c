/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/work.h"

#include <gio/gio.h>

#include "service/base/footprint.h"

/* Work in a thread, with a callback in the main loop. The thread of a GTask releases the task as
 * well, possibly after the callback, and frees the source object and the data of the task. But
 * objects of the service have timers and watches in the main loop, and must be freed there.
 * Therefore a task here owns nothing, and its callback does.
 */
typedef struct
{
  RunconfdWorkFunc run;
  RunconfdWorkFunc finish;
  gpointer data;
} Work;

static void
run_in_thread (GTask *task, gpointer object, gpointer data, GCancellable *cancellable)
{
  Work *work = data;

  work->run (work->data);
  g_task_return_boolean (task, TRUE);
}

static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autofree Work *work = user_data;

  work->finish (work->data);
  runconfd_footprint_tidy ();
}

/**
 * runconfd_work_start:
 * @run: the work that takes long, called in a thread
 * @finish: called in the main loop afterwards
 * @data: (transfer full): for both functions; @finish takes ownership
 *
 * Runs work in a thread.
 */
void
runconfd_work_start (RunconfdWorkFunc run, RunconfdWorkFunc finish, gpointer data)
{
  Work *work = g_new (Work, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_done, work);

  *work = (Work){ run, finish, data };
  g_task_set_task_data (task, work, NULL);
  g_task_run_in_thread (task, run_in_thread);
}
