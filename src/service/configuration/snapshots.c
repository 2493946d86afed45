/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service/configuration/snapshots.h"

#include <unistd.h>

#include "arena/link.h"
#include "arena/publisher.h"

struct _RunconfdSnapshots
{
  RunconfArenaPublisher *publisher; /* NULL until a reader asks for a snapshot */
  RunconfRevision *published;       /* the revision in it */
  char *link;                       /* its path for programs that start, or NULL */
  gboolean is_linked;
};

/**
 * runconfd_snapshots_new:
 * @settings: of the configuration
 *
 * Returns: (transfer full): no shared memory yet
 */
RunconfdSnapshots *
runconfd_snapshots_new (const RunconfdSettings *settings)
{
  RunconfdSnapshots *self = g_new0 (RunconfdSnapshots, 1);

  if (settings->session != NULL)
    self->link = runconf_arena_link_get_path (settings->session, settings->name);

  return self;
}

/* Without the link, programs that start wait for a reply of the service, and that is all. */
static void
set_link (RunconfdSnapshots *self)
{
  if (self->link != NULL)
    self->is_linked
        |= runconf_arena_link_set (self->link, runconf_arena_publisher_get_fd (self->publisher));
}

static void
close_all (RunconfdSnapshots *self)
{
  if (self->is_linked)
    unlink (self->link);
  self->is_linked = FALSE;
  g_clear_pointer (&self->publisher, runconf_arena_publisher_free);
  g_clear_pointer (&self->published, runconf_revision_unref);
}

void
runconfd_snapshots_free (RunconfdSnapshots *self)
{
  close_all (self);
  g_free (self->link);
  g_free (self);
}

static RunconfArenaContent
get_content (const RunconfRevision *revision)
{
  return (RunconfArenaContent){
    .version = revision->version,
    .time = revision->time,
    .effective = revision->visible,
    .defaults = revision->ground->visible_defaults,
    .has_overrides = runconf_node_get_length (revision->visible_counted) > 0,
  };
}

/**
 * runconfd_snapshots_open:
 * @revision: the revision in force
 *
 * Returns: a file descriptor of the shared memory, for a reader, or -1 with an error
 */
int
runconfd_snapshots_open (RunconfdSnapshots *self, RunconfRevision *revision, GError **error)
{
  const RunconfArenaContent content = get_content (revision);

  if (self->publisher == NULL)
    {
      self->publisher = runconf_arena_publisher_new (&content, error);
      if (self->publisher == NULL)
        return -1;
      self->published = runconf_revision_ref (revision);
      set_link (self);
    }

  return runconf_arena_publisher_open (self->publisher, error);
}

/* An arena keeps old values. By the new rules, some of them may be secrets. */
static gboolean
has_other_secrets (const RunconfRevision *before, const RunconfRevision *after)
{
  return before->ground->rules != after->ground->rules
         && (runconf_rules_have_secrets (before->ground->rules)
             || runconf_rules_have_secrets (after->ground->rules));
}

/**
 * runconfd_snapshots_publish:
 * @revision: the revision in force from now on
 *
 * Publishes a revision to readers. If that fails, their arenas are closed, and they ask for new ones.
 *
 * Returns: whether readers have to open a new arena; %FALSE, with an error, if the publishing failed
 */
gboolean
runconfd_snapshots_publish (RunconfdSnapshots *self, RunconfRevision *revision, GError **error)
{
  RunconfArenaContent before, after;
  gboolean is_published, is_fresh = TRUE;

  if (self->publisher == NULL || self->published == revision)
    return FALSE;

  before = get_content (self->published);
  after = get_content (revision);
  if (has_other_secrets (self->published, revision))
    is_published = runconf_arena_publisher_renew (self->publisher, &after, error);
  else
    is_published
        = runconf_arena_publisher_publish (self->publisher, &before, &after, &is_fresh, error);
  if (!is_published)
    {
      close_all (self);
      return FALSE;
    }

  g_clear_pointer (&self->published, runconf_revision_unref);
  self->published = runconf_revision_ref (revision);
  if (is_fresh)
    set_link (self);

  return is_fresh;
}
