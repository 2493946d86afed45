/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/worker.h"

#include <signal.h>

#include "gsettings/backend/guard.h"

typedef struct
{
  void (*function) (gpointer);
  gpointer data;
  GDestroyNotify destroy;
} Job;

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
static GMainContext *
start (void)
{
  GMainContext *context = g_main_context_new ();
  sigset_t all, before;

  sigfillset (&all);
  pthread_sigmask (SIG_SETMASK, &all, &before);
  g_thread_unref (g_thread_new ("runconf-settings", run, context));
  pthread_sigmask (SIG_SETMASK, &before, NULL);

  return context;
}

static GMainContext *
get_context (void)
{
  static GMainContext *context;

  if (g_once_init_enter (&context))
    {
      runconf_backend_guard_prepare ();
      g_once_init_leave (&context, start ());
    }

  return context;
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

  job->destroy (job->data);
  g_free (job);
}

/**
 * runconf_backend_worker_post:
 * @function: called in the worker thread, unless this is a child of fork()
 * @destroy: frees @data
 */
void
runconf_backend_worker_post (void (*function) (gpointer), gpointer data, GDestroyNotify destroy)
{
  g_autoptr (GSource) source = NULL;
  Job *job;

  /* there is no thread that would run it, and the lock of its context may be held forever */
  if (runconf_backend_guard_is_child ())
    {
      destroy (data);
      return;
    }

  job = g_new (Job, 1);
  *job = (Job){ function, data, destroy };
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_job, job, job_free);
  g_source_attach (source, get_context ());
}
