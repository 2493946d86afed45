/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "arena/publisher.h"

/* Replaces full arenas. An arena that is three quarters full gets a successor, which contains the
 * whole current version, and which new readers receive. Both are written until the old one is full:
 * while its last quarter fills, its readers can move without missing a change. Then the old one is
 * closed: the service drops it, and it exists as long as a reader has it mapped.
 */
struct _RunconfArenaPublisher
{
  RunconfArenaWriter *current;
  RunconfArenaWriter *old; /* or %NULL */
};

static void
close_old (RunconfArenaPublisher *self)
{
  if (self->old != NULL)
    runconf_arena_writer_set_stage (self->old, RUNCONF_ARENA_CLOSED);
  g_clear_pointer (&self->old, runconf_arena_writer_free);
}

/* Returns: whether there is now a successor that contains @content */
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
 * @content: the current version
 *
 * Returns: (transfer full): the publisher with its first arena, or %NULL with an error
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

/* Readers of the arenas that are closed here have to request the next one. */
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
 * @before: the version published last
 * @after: the current version
 * @is_fresh: (out): whether there is a fresh arena, of which readers have to be notified
 *
 * Publishes a version to all readers.
 *
 * Returns: %FALSE with an error if there is no memory for it: then readers see outdated values
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

  /* while the arena has room, a failure to make a fresh one is no error: the next change retries */
  if (!begin_fresh (self, after, is_published ? NULL : error))
    return is_published;

  *is_fresh = TRUE;
  if (!is_published)
    close_old (self);

  return TRUE;
}

/**
 * runconf_arena_publisher_renew:
 * @content: the current version
 *
 * Creates a fresh arena and closes the others at once: they still contain the bytes of all earlier
 * versions, some of which new readers must not receive.
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
 * Returns: a file descriptor of the newest arena, for a reader, or -1 with an error
 */
int
runconf_arena_publisher_open (const RunconfArenaPublisher *self, GError **error)
{
  return runconf_arena_writer_open (self->current, error);
}

/**
 * runconf_arena_publisher_get_fd:
 *
 * Returns: the file descriptor of the newest arena in this process
 */
int
runconf_arena_publisher_get_fd (const RunconfArenaPublisher *self)
{
  return runconf_arena_writer_get_fd (self->current);
}
