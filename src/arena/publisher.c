/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "arena/publisher.h"

/* The hand-over. An arena that is three quarters full gets a successor, which holds all that is in
 * force, and which new readers are given. Both are written until the old one is full, so that those
 * who read it have the time of a quarter to move without missing anything. Then it is closed: the
 * service lets go of it, and it lives for as long as a reader has it mapped.
 */
struct _RunconfArenaPublisher
{
  RunconfArenaWriter *current;
  RunconfArenaWriter *old; /* or NULL */
};

static void
close_old (RunconfArenaPublisher *self)
{
  if (self->old != NULL)
    runconf_arena_writer_set_stage (self->old, RUNCONF_ARENA_CLOSED);
  g_clear_pointer (&self->old, runconf_arena_writer_free);
}

/* Returns: whether there is a successor that holds @content */
static gboolean
begin_fresh (RunconfArenaPublisher *self, const RunconfArenaContent *content, GError **error)
{
  RunconfArenaWriter *fresh = runconf_arena_writer_new (content, error);

  if (fresh == NULL)
    return FALSE;

  close_old (self);
  self->old = self->current;
  self->current = fresh;
  runconf_arena_writer_set_stage (self->old, RUNCONF_ARENA_SUPERSEDED);

  return TRUE;
}

/**
 * runconf_arena_publisher_new:
 * @content: what is in force
 *
 * Returns: (transfer full): the first arena, or %NULL with an error
 */
RunconfArenaPublisher *
runconf_arena_publisher_new (const RunconfArenaContent *content, GError **error)
{
  RunconfArenaWriter *current = runconf_arena_writer_new (content, error);
  RunconfArenaPublisher *self;

  if (current == NULL)
    return NULL;

  self = g_new0 (RunconfArenaPublisher, 1);
  self->current = current;

  return self;
}

/* Whoever reads what is let go of here has to ask what comes next. */
void
runconf_arena_publisher_free (RunconfArenaPublisher *self)
{
  close_old (self);
  runconf_arena_writer_set_stage (self->current, RUNCONF_ARENA_CLOSED);
  runconf_arena_writer_free (self->current);
  g_free (self);
}

/**
 * runconf_arena_publisher_publish:
 * @before: what was published last
 * @after: what is in force
 * @is_fresh: (out): whether there is a fresh arena that readers have to be told of
 *
 * Publishes a version to all readers.
 *
 * Returns: %FALSE with an error if there is no memory for it: then readers see what is old
 */
gboolean
runconf_arena_publisher_publish (RunconfArenaPublisher *self, const RunconfArenaContent *before,
                                 const RunconfArenaContent *after, gboolean *is_fresh,
                                 GError **error)
{
  gboolean is_published = runconf_arena_writer_publish (self->current, before, after);

  *is_fresh = FALSE;
  if (self->old != NULL && !runconf_arena_writer_publish (self->old, before, after))
    close_old (self);

  if (!runconf_arena_writer_is_filling (self->current))
    return TRUE;

  /* while there is room yet, no memory for a fresh one is no reason to fail: it is tried again */
  if (!begin_fresh (self, after, is_published ? NULL : error))
    return is_published;

  *is_fresh = TRUE;
  if (!is_published)
    close_old (self);

  return TRUE;
}

/**
 * runconf_arena_publisher_renew:
 * @content: what is in force
 *
 * Begins a fresh arena and closes the others at once: they keep the bytes of all that was in force, some
 * of which new readers must not get.
 *
 * Returns: %FALSE with an error if there is no memory for it
 */
gboolean
runconf_arena_publisher_renew (RunconfArenaPublisher *self, const RunconfArenaContent *content,
                               GError **error)
{
  if (!begin_fresh (self, content, error))
    return FALSE;

  close_old (self);

  return TRUE;
}

/**
 * runconf_arena_publisher_open:
 *
 * Returns: a descriptor of the newest arena, for a reader, or -1 with an error
 */
int
runconf_arena_publisher_open (const RunconfArenaPublisher *self, GError **error)
{
  return runconf_arena_writer_open (self->current, error);
}
