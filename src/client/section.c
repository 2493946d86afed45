/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/section.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How readers are protected from the unmapping of an arena
 *
 * Every read of a value uses the pointer to the newest arena, in any thread, up to a hundred
 * million times a second. Once in hours, an arena is full or the service starts again; then the
 * pointer is exchanged, and the old arena must be unmapped, but not while a thread still reads in
 * it. A lock or a reference count that all threads share would cost more than the read itself. So
 * the readers publish whether they are reading, and a thread that unmaps waits for them (this is
 * known as RCU).
 *
 * Each thread that reads has a record with a count that no other thread writes. The count becomes
 * odd when the thread enters a section, and even when it leaves. A thread that wants to unmap first
 * exchanges the pointer, and then looks at each record once. If the count is even, that thread is
 * outside, and if it enters later it loads the new pointer. If the count is odd, the waiting thread
 * waits until the count changes. New sections may begin in the meantime; they load the new pointer,
 * and the waiting thread doesn't wait for them.
 *
 * This needs one guarantee on memory ordering: either the waiting thread sees the odd count, or the
 * reader sees the new pointer. A processor may let a load pass an earlier store, so normally both
 * sides need a full fence between their store and their load, which costs the reader more than the
 * rest of its work. But reads are many and waits are rare, so the waiting thread has the kernel
 * make the fence in every running thread of the process, with membarrier(). The reader only has to
 * prevent the compiler from reordering. If the kernel can't do that, `runconf_section_is_cheap`
 * stays 0, and readers make their own fence.
 *
 * Leaving is a release, and the waiting thread's load acquires it: all reads in the section happen
 * before the unmapping.
 *
 * Records are never freed. When a thread ends, its record is reused by the next new thread, so
 * there are as many records as there were threads at the same time. The list grows only at its
 * head, so walking along it and adding to it need no lock. If the waiting thread doesn't see a new
 * record yet, the thread of that record hasn't loaded the pointer yet.
 */
__thread RunconfSection *runconf_section_mine;
int runconf_section_is_cheap;

/* the number of checks before sleeping between them, and the sleep in µs */
#define N_YIELDS 100
#define SLEEP_US 500

static RunconfSection *newest_section;

static void
give_back (gpointer data)
{
  RunconfSection *self = data;

  runconf_section_mine = NULL;
  __atomic_store_n (&self->is_taken, FALSE, __ATOMIC_RELEASE);
}

static GPrivate given_back_at_exit = G_PRIVATE_INIT (give_back);

static RunconfSection *
take_used (void)
{
  RunconfSection *self = __atomic_load_n (&newest_section, __ATOMIC_ACQUIRE);
  int is_taken = FALSE;

  for (; self != NULL; self = self->next, is_taken = FALSE)
    if (__atomic_compare_exchange_n (&self->is_taken, &is_taken, TRUE, FALSE, __ATOMIC_ACQUIRE,
                                     __ATOMIC_RELAXED))
      return self;

  return NULL;
}

static RunconfSection *
make_new (void)
{
  RunconfSection *self = g_new0 (RunconfSection, 1);

  self->is_taken = TRUE;
  self->next = __atomic_load_n (&newest_section, __ATOMIC_RELAXED);
  while (!__atomic_compare_exchange_n (&newest_section, &self->next, self, FALSE, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED))
    ;

  return self;
}

/**
 * runconf_section_join:
 *
 * Gives the calling thread a record for its lifetime. Never waits.
 */
RunconfSection *
runconf_section_join (void)
{
  RunconfSection *self = take_used ();

  if (self == NULL)
    self = make_new ();

  runconf_section_mine = self;
  g_private_set (&given_back_at_exit, self);

  return self;
}

static int
membarrier (int command)
{
  return (int) syscall (SYS_membarrier, command, 0, 0);
}

/**
 * runconf_section_prepare:
 *
 * Must be called before any memory is protected by sections.
 */
void
runconf_section_prepare (void)
{
  static gsize is_prepared;

  if (!g_once_init_enter (&is_prepared))
    return;

  if (membarrier (MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0)
    __atomic_store_n (&runconf_section_is_cheap, TRUE, __ATOMIC_RELAXED);

  g_once_init_leave (&is_prepared, 1);
}

static void
wait_until_left (RunconfSection *section)
{
  guint64 count = __atomic_load_n (&section->count, __ATOMIC_SEQ_CST);

  if (count % 2 == 0)
    return;

  for (guint i = 0; __atomic_load_n (&section->count, __ATOMIC_ACQUIRE) == count; i++)
    {
      if (i < N_YIELDS)
        g_thread_yield ();
      else
        g_usleep (SLEEP_US);
    }
}

/**
 * runconf_section_synchronize:
 *
 * Waits until each thread that is inside a section now has left it. After that, no thread uses a
 * pointer that was exchanged before this call. Must not be called inside a section.
 */
void
runconf_section_synchronize (void)
{
  RunconfSection *section;

  if (__atomic_load_n (&runconf_section_is_cheap, __ATOMIC_RELAXED))
    membarrier (MEMBARRIER_CMD_PRIVATE_EXPEDITED);

  section = __atomic_load_n (&newest_section, __ATOMIC_SEQ_CST);
  for (; section != NULL; section = section->next)
    wait_until_left (section);
}
