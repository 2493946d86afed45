/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/worker.h"

#include <signal.h>

/* The thread that listens to the bus
 *
 * A program may read a configuration and never run a main loop, or block it for a while. It still
 * has to move to a fresh arena when there is one, and to find the service again after that started
 * anew. So one thread for the whole process, whatever the number of configurations, receives what
 * the bus says of them. It is started with the first one, and ends with the process.
 *
 * What is posted to it runs in the order in which it was posted, one after the other. Signals of
 * the bus arrive there in the order in which they were sent. Nothing of a program runs there: what
 * programs connect to is emitted in the main context in which the object was made.
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

/* A handler that the program has for a signal of the process mustn't run in a thread that it doesn't
 * know of.
 */
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

/**
 * runconf_worker_get_context:
 *
 * Returns: (transfer none): the main context of the thread, which is started if there is none yet
 */
GMainContext *
runconf_worker_get_context (void)
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
  /* as the signals of the bus have it, among which it keeps its place */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_job, job, job_free);
  g_source_attach (source, runconf_worker_get_context ());
}

/**
 * runconf_worker_post:
 * @function: to be run in the thread
 * @destroy: (nullable): frees the data, there
 */
void
runconf_worker_post (void (*function) (gpointer), gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  attach (source, function, data, destroy);
}

/**
 * runconf_worker_post_later:
 * @ms: how long to wait
 *
 * Returns: (transfer full): what can be destroyed to have it not run
 */
GSource *
runconf_worker_post_later (guint ms, void (*function) (gpointer), gpointer data,
                           GDestroyNotify destroy)
{
  GSource *source = g_timeout_source_new (ms);

  attach (source, function, data, destroy);

  return source;
}
