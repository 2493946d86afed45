/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/fork.h"

#include <pthread.h>

#include <runconf/error.h>

/* A child of fork() has no thread but the one that called fork(): neither the thread of GDBus nor that of
 * the library. Calls would wait for their timeout, and locks that these threads held are never released.
 * So a child refuses calls at once. Its reads use the mapped memory, and need no thread.
 */

int runconf_fork_is_child;

static int has_used_bus; /* atomic */

/* Runs between fork() and the return of it: it may only do what a signal handler may do. */
static void
on_child (void)
{
  if (__atomic_load_n (&has_used_bus, __ATOMIC_RELAXED))
    runconf_fork_is_child = TRUE;
}

/**
 * runconf_fork_note_bus:
 *
 * Must be called before the bus is used. Children of processes that haven't used it can use it.
 */
void
runconf_fork_note_bus (void)
{
  static gsize is_prepared;

  if (g_once_init_enter (&is_prepared))
    {
      pthread_atfork (NULL, NULL, on_child);
      g_once_init_leave (&is_prepared, 1);
    }

  __atomic_store_n (&has_used_bus, TRUE, __ATOMIC_RELAXED);
}

/**
 * runconf_fork_check:
 *
 * Returns: %FALSE with %RUNCONF_ERROR_UNAVAILABLE if this process can't use the bus
 */
gboolean
runconf_fork_check (GError **error)
{
  if (!runconf_fork_is_child)
    return TRUE;

  g_set_error (
      error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE,
      "this process was made by fork () after its parent had used the service, and can only "
      "read: call fork () first, and open the configuration in the child");

  return FALSE;
}
