/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/section.h"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

/* How readers and those who unmap an arena keep out of each other's way
 *
 * Every read of a value goes through the pointer to the newest arena, from any thread, a hundred
 * million times a second if a program likes. Once in hours an arena is full or the service starts
 * again; then the pointer is changed, and the old arena has to go, but not while a thread is still
 * reading in it. A lock or a count of references that all threads share would cost more than the
 * read itself. So the readers say where they are, and whoever unmaps waits for them (this is known
 * as RCU).
 *
 * Each thread that reads has a record with a count that nobody else writes. It becomes odd when the
 * thread enters a section and even when it leaves. Whoever wants to unmap first exchanges the
 * pointer, and then looks at each record once: a thread whose count is even is outside, and if it
 * enters later it finds the new pointer; of one whose count is odd they wait until the count is
 * another one. New sections may begin meanwhile; they found the new pointer and aren't waited for.
 *
 * This needs one thing of the order in which memory is seen: either the waiting thread sees the odd
 * count, or the reader sees the new pointer. A processor may let a load pass an earlier store, so
 * that normally both sides need a full fence between their store and their load, which costs the
 * reader more than the rest of its work. But readers are many and waiting is rare, so the waiting
 * thread has the kernel make the fence in every thread of the process that runs, with membarrier().
 * What is left for the reader is to keep the compiler from reordering. Where the kernel can't do
 * that, `runconf_section_is_cheap` stays 0, and readers make a fence of their own.
 *
 * Leaving is a release that the waiting thread's look acquires: what was read in the section was
 * read before anything is unmapped.
 *
 * Records are never freed. One that a thread gives back when it ends is taken by the next new
 * thread, so that there are as many as there were threads at once, and the list only ever grows at
 * its head: no lock is needed to walk along it, or to join it. A new record that the waiting thread
 * doesn't see yet belongs to a thread that hasn't loaded the pointer yet.
 */
__thread RunconfSection *runconf_section_mine;
int runconf_section_is_cheap;

/* how often to look again at once before sleeping in between */
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
 * Gives the thread a record for as long as it lives. Never waits.
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
 * Has to be called before anything is protected by sections.
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
 * Waits until each thread that is inside a section now has left it: nobody has a pointer any more
 * that was exchanged before this call. May not be called inside a section.
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
