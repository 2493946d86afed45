/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * RunconfSection:
 * @count: atomic; odd while its thread is inside a section
 * @next: the record that was made before this one
 * @is_taken: atomic; whether a thread owns the record
 *
 * The record of one thread that reads.
 */
typedef struct _RunconfSection RunconfSection;

struct _RunconfSection
{
  guint64 count;
  RunconfSection *next;
  int is_taken;
};

/* With the initial-exec model, a thread finds its record with one instruction, without a call. */
extern __thread RunconfSection *runconf_section_mine __attribute__ ((tls_model ("initial-exec")));

/* atomic: whether the waiting threads make the memory fences for the readers */
extern int runconf_section_is_cheap;

void runconf_section_prepare (void);
RunconfSection *runconf_section_join (void);
void runconf_section_synchronize (void);

/**
 * runconf_section_enter:
 *
 * Enters a section: until runconf_section_leave(), memory stays mapped that is reached through a
 * pointer loaded inside the section. Sections don't nest, and must be short: another thread may
 * wait for their end.
 *
 * Returns: the record to pass to runconf_section_leave()
 */
static inline RunconfSection *
runconf_section_enter (void)
{
  RunconfSection *self = runconf_section_mine;

  if (G_UNLIKELY (self == NULL))
    self = runconf_section_join ();

  if (G_LIKELY (__atomic_load_n (&runconf_section_is_cheap, __ATOMIC_RELAXED)))
    {
      __atomic_store_n (&self->count, self->count + 1, __ATOMIC_RELAXED);
      __atomic_signal_fence (__ATOMIC_SEQ_CST);
    }
  else
    __atomic_exchange_n (&self->count, self->count + 1, __ATOMIC_SEQ_CST);

  return self;
}

static inline void
runconf_section_leave (RunconfSection *self)
{
  __atomic_store_n (&self->count, self->count + 1, __ATOMIC_RELEASE);
}

G_END_DECLS
