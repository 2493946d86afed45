/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/worker.h"

#include <signal.h>

#include "client/fork.h"

/* The thread that receives signals from the bus
 *
 * A program may read a configuration without running a main loop, or may block the main loop for a
 * while. It still has to map a fresh arena when there is one, and to find the service again after a
 * restart. So one thread for the whole process, however many configurations there are, receives the
 * signals of the bus. It is started with the first configuration, and ends with the process.
 *
 * Functions that are posted to the thread run one after the other, in the order in which they were
 * posted. Signals of the bus arrive there in the order in which they were sent. No code of the
 * program runs there: signals for the program are emitted in the main context in which the object
 * was made.
 */

typedef struct
{
  void (*function) (gpointer);
  gpointer data;
  GDestroyNotify destroy;
} Job;

static GMainContext *worker_context;
static GThread *worker_thread;

static gpointer
run (gpointer data)
{
  GMainContext *context = data;
  g_autoptr (GMainLoop) loop = g_main_loop_new (context, FALSE);

  g_main_context_push_thread_default (context);
  g_main_loop_run (loop);

  return NULL;
}

/* The program doesn't know of this thread, so its handlers of process signals must not run here. */
static void
start (void)
{
  sigset_t all, before;

  worker_context = g_main_context_new ();
  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  worker_thread = g_thread_new ("runconf", run, worker_context);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
}

/* Returns: (transfer none): the main context of the thread, which is started if it doesn't run yet */
static GMainContext *
get_context (void)
{
  static gsize is_started;

  if (g_once_init_enter (&is_started))
    {
      start ();
      g_once_init_leave (&is_started, 1);
    }

  return worker_context;
}

static gboolean
on_job (gpointer user_data)
{
  Job *job = user_data;

  job->function (job->data);

  return G_SOURCE_REMOVE;
}

static void
job_free (gpointer data)
{
  Job *job = data;

  if (job->destroy != NULL)
    job->destroy (job->data);
  g_free (job);
}

static void
attach (GSource *source, void (*function) (gpointer), gpointer data, GDestroyNotify destroy)
{
  Job *job = g_new (Job, 1);

  *job = (Job){ function, data, destroy };
  /* there is no thread that would run it, and the lock of its context may be held forever */
  if (runconf_fork_is_child)
    {
      job_free (job);
      return;
    }

  /* the priority of the signals of the bus, so that the order is kept between them and jobs */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_job, job, job_free);
  g_source_attach (source, get_context ());
}

/**
 * runconf_worker_is_current:
 *
 * Returns: whether the caller runs in the thread
 */
gboolean
runconf_worker_is_current (void)
{
  return g_thread_self () == worker_thread;
}

/**
 * runconf_worker_post:
 * @function: the function to run in the thread
 * @destroy: (nullable): frees the data, in the thread
 */
void
runconf_worker_post (void (*function) (gpointer), gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  attach (source, function, data, destroy);
}

/**
 * runconf_worker_post_later:
 * @ms: the delay in ms
 *
 * Returns: (transfer full): a source; destroy it to cancel the call
 */
GSource *
runconf_worker_post_later (guint ms, void (*function) (gpointer), gpointer data,
                           GDestroyNotify destroy)
{
  GSource *source = g_timeout_source_new (ms);

  attach (source, function, data, destroy);

  return source;
}
