/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/base/footprint.h"

#include <malloc.h>
#include <pthread.h>

/* Keeps the memory that the process takes from the system close to the memory in use.
 *
 * glibc gives each thread a heap of its own, and a thread can't use memory freed in another heap.
 * In this service a thread makes a tree, the main loop frees it, and another thread makes the next
 * tree: with one heap for all threads the service takes half as much. Its threads seldom run at the
 * same time.
 *
 * A block of 256 KiB or more is mapped, and returned to the system when it is freed. The limit is
 * fixed, since glibc would raise it with each large block that is freed, up to 32 MiB.
 *
 * A stack of 8 MiB, the usual default, counts as data of the process (LimitDATA) even while it is
 * empty. The limits of a configuration keep the stack of a thread below some 100 KiB.
 */
#define N_HEAPS 1
#define MIN_MAPPED (256 * 1024)
#define STACK_SIZE (1024 * 1024)

/* the bytes that may be unused, and the seconds until unused memory is returned */
#define MAX_UNUSED (4 * 1024 * 1024)
#define DELAY 1

/**
 * runconfd_footprint_init:
 *
 * To be called before any thread is started.
 */
void
runconfd_footprint_init (void)
{
  pthread_attr_t attributes;

#ifdef __GLIBC__
  mallopt (M_ARENA_MAX, N_HEAPS);
  mallopt (M_MMAP_THRESHOLD, MIN_MAPPED);
  mallopt (M_TRIM_THRESHOLD, MIN_MAPPED);
#endif

  pthread_attr_init (&attributes);
  pthread_attr_setstacksize (&attributes, STACK_SIZE);
  pthread_setattr_default_np (&attributes);
  pthread_attr_destroy (&attributes);
}

static gboolean
give_back (gpointer data)
{
  guint *source = data;

  *source = 0;
#ifdef __GLIBC__
  if (mallinfo2 ().fordblks > MAX_UNUSED)
    malloc_trim (0);
#endif

  return G_SOURCE_REMOVE;
}

/**
 * runconfd_footprint_tidy:
 *
 * To be called in the main loop after work. DELAY later, unused memory returns to the system.
 */
void
runconfd_footprint_tidy (void)
{
  static guint source = 0;

  if (source == 0)
    source = g_timeout_add_seconds (DELAY, give_back, &source);
}
