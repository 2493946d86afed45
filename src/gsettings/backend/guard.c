/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "gsettings/backend/guard.h"

#include <pthread.h>

/* A child of fork() has only the thread that called fork(). If another thread held the mutex then,
 * the child would wait for it forever, so the thread that forks takes it. The worker thread doesn't
 * exist in the child either: the child reads, and neither writes nor waits.
 */
static GMutex mutex;
static int is_child; /* atomic */

static void
on_child (void)
{
  g_mutex_unlock (&mutex);
  g_atomic_int_set (&is_child, TRUE);
}

/**
 * runconf_backend_guard_prepare:
 *
 * Must be called before the worker thread is started.
 */
void
runconf_backend_guard_prepare (void)
{
  static gsize is_prepared;

  if (!g_once_init_enter (&is_prepared))
    return;

  pthread_atfork (runconf_backend_guard_lock, runconf_backend_guard_unlock, on_child);
  g_once_init_leave (&is_prepared, 1);
}

void
runconf_backend_guard_lock (void)
{
  g_mutex_lock (&mutex);
}

void
runconf_backend_guard_unlock (void)
{
  g_mutex_unlock (&mutex);
}

void
runconf_backend_guard_wait (GCond *cond)
{
  g_cond_wait (cond, &mutex);
}

/**
 * runconf_backend_guard_wait_until:
 * @end: the monotonic time
 *
 * Returns: whether @cond was signalled before @end
 */
gboolean
runconf_backend_guard_wait_until (GCond *cond, gint64 end)
{
  return g_cond_wait_until (cond, &mutex, end);
}

/**
 * runconf_backend_guard_is_child:
 *
 * Returns: whether this process was made by fork() after its parent had started the worker thread
 */
gboolean
runconf_backend_guard_is_child (void)
{
  return g_atomic_int_get (&is_child);
}
