/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/work.h"

#include <malloc.h>

#include <gio/gio.h>

/* Work on a large configuration takes up to hundreds of MiB for a moment. The allocator keeps this memory
 * as pieces between others. Some time after the last work it is given back, if it is much.
 */
#define TRIM_DELAY_SECONDS 1
#define TRIM_BYTES ((gsize) 8 * 1024 * 1024)

/* A GTask is let go of by its thread as well, and that may be later than its callback. With it goes
 * what it owns: its source object and its data. Objects of the service have timers and watches in
 * the main loop, and must end there. So a task here owns nothing, and its callback does.
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

static gboolean
on_trim (gpointer user_data)
{
  guint *source = user_data;

  *source = 0;
  if (mallinfo2 ().fordblks > TRIM_BYTES)
    malloc_trim (0);

  return G_SOURCE_REMOVE;
}

static void
on_done (GObject *object, GAsyncResult *result, gpointer user_data)
{
  static guint trim_source = 0;
  g_autofree Work *work = user_data;

  work->finish (work->data);
  if (trim_source == 0)
    trim_source = g_timeout_add_seconds (TRIM_DELAY_SECONDS, on_trim, &trim_source);
}

/**
 * runconfd_work_start:
 * @run: what takes long; it is called in a thread
 * @finish: called in the main loop afterwards
 * @data: (transfer full): what both are given; @finish takes it over
 *
 * Has something done in a thread.
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
