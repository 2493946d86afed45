/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "rules/revision.h"

#include "core/diff.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "rules/screening.h"

/* Ignoring overrides may make other overrides invalid. After this number of rounds all are ignored.
 */
#define MAX_ROUNDS 16

/* Merges the overrides in effect over the defaults; the cost is that of the differences from
 * @before.
 */
static void
lay (RunconfdRevision *self, const RunconfdRevision *before)
{
  const RunconfNode *defaults = self->ground->defaults;

  g_clear_pointer (&self->counted, runconf_node_unref);
  g_clear_pointer (&self->effective, runconf_node_unref);

  self->counted = runconfd_ignored_take_out (self->ignored, self->overrides);
  self->effective = before != NULL ? runconf_merge_update (defaults, before->counted,
                                                           before->effective, self->counted)
                                   : runconf_merge (defaults, self->counted);
}

static void
screen_locked (RunconfdRevision *self, const RunconfdRevision *before)
{
  g_autoptr (RunconfNode) nothing = NULL;
  g_autoptr (GPtrArray) deltas = NULL;

  if (!runconfd_rules_have_locks (self->ground->rules))
    return;

  nothing = before == NULL ? runconf_mapping_new_empty () : NULL;
  deltas = runconf_diff (before != NULL ? before->overrides : nothing, self->overrides);
  if (before != NULL)
    runconfd_screening_keep_locked (before->ignored, deltas, self->ignored);
  runconfd_screening_find_locked (self->ground, deltas, self->ignored);
}

static void
screen_wrong (RunconfdRevision *self, const RunconfdRevision *before)
{
  for (guint round = 0;; round++)
    {
      g_autoptr (GPtrArray) violations = runconfd_ground_check (self->ground, self->effective);

      if (violations == NULL || runconf_node_get_length (self->counted) == 0)
        return;

      if (round == MAX_ROUNDS
          || !runconfd_screening_give_way (violations, self->counted, self->ignored))
        runconfd_screening_give_up (violations, self->counted, self->ignored);
      lay (self, before);
    }
}

/* A tree without secrets stays the same node, at no cost. */
static void
hide_secrets (RunconfdRevision *self, const RunconfdRevision *before)
{
  const RunconfNode *defaults = self->ground->visible_defaults;

  if (!runconfd_rules_have_secrets (self->ground->rules))
    {
      self->visible_counted = runconf_node_ref (self->counted);
      self->visible = runconf_node_ref (self->effective);
      return;
    }

  self->visible_counted = runconfd_rules_strip (self->ground->rules, self->counted);
  self->visible = before != NULL ? runconf_merge_update (defaults, before->visible_counted,
                                                         before->visible, self->visible_counted)
                                 : runconf_merge (defaults, self->visible_counted);
}

/* @before, if there is one, has the same ground. */
static RunconfdRevision *
make (guint64 version, RunconfdGround *ground, const RunconfdRevision *before,
      const RunconfNode *overrides, GError **error)
{
  g_autoptr (RunconfdRevision) self = g_atomic_rc_box_new0 (RunconfdRevision);

  self->version = version;
  self->ground = runconfd_ground_ref (ground);
  self->overrides = runconf_node_ref (overrides);
  self->ignored = runconfd_ignored_new ();

  screen_locked (self, before);
  lay (self, before);
  if (!runconf_node_check_limits (self->effective, error))
    return NULL;

  screen_wrong (self, before);
  hide_secrets (self, before);

  return g_steal_pointer (&self);
}

/**
 * runconfd_revision_new:
 * @time: when it was committed, in µs since the epoch, or 0
 *
 * Returns: (transfer full) (nullable): the revision, or %NULL with %RUNCONF_ERROR_TOO_LARGE if the
 *   two layers together exceed a limit
 */
RunconfdRevision *
runconfd_revision_new (guint64 version, gint64 time, RunconfdGround *ground,
                       const RunconfNode *overrides, GError **error)
{
  RunconfdRevision *self = make (version, ground, NULL, overrides, error);

  if (self != NULL)
    self->time = time;

  return self;
}

/**
 * runconfd_revision_next:
 *
 * The cost is that of the differences between the old overrides and the new ones and, with a
 * schema, of a check of the whole configuration.
 *
 * Returns: (transfer full) (nullable): the revision after @self, or %NULL with
 *   %RUNCONF_ERROR_TOO_LARGE
 */
RunconfdRevision *
runconfd_revision_next (const RunconfdRevision *self, const RunconfNode *overrides, GError **error)
{
  return make (self->version + 1, self->ground, self, overrides, error);
}

/**
 * runconfd_revision_move:
 * @ground: another ground for the same overrides
 *
 * Returns: (transfer full) (nullable): the revision after @self; with the version and the time of @self
 *   if no reader can see a difference; %NULL with %RUNCONF_ERROR_TOO_LARGE
 */
RunconfdRevision *
runconfd_revision_move (const RunconfdRevision *self, RunconfdGround *ground, GError **error)
{
  RunconfdRevision *moved = make (self->version + 1, ground, NULL, self->overrides, error);

  if (moved != NULL && runconfd_revision_looks_like (moved, self))
    {
      moved->version = self->version;
      moved->time = self->time;
    }

  return moved;
}

RunconfdRevision *
runconfd_revision_ref (RunconfdRevision *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfdRevision *self)
{
  runconfd_ground_unref (self->ground);
  runconf_node_unref (self->overrides);
  g_ptr_array_unref (self->ignored);
  g_clear_pointer (&self->counted, runconf_node_unref);
  g_clear_pointer (&self->effective, runconf_node_unref);
  g_clear_pointer (&self->visible_counted, runconf_node_unref);
  g_clear_pointer (&self->visible, runconf_node_unref);
}

void
runconfd_revision_unref (RunconfdRevision *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconfd_revision_looks_like:
 *
 * Returns: whether the two are equal for all readers, with the right to read secrets or without
 */
gboolean
runconfd_revision_looks_like (const RunconfdRevision *self, const RunconfdRevision *other)
{
  return runconf_node_equal (self->effective, other->effective)
         && runconf_node_equal (self->visible, other->visible);
}

/**
 * runconfd_revision_find_ignored:
 * @path: the path of overrides
 *
 * Returns: (transfer none) (nullable): the reason why none of the overrides at and below @path has an
 *   effect; %NULL if one has
 */
const char *
runconfd_revision_find_ignored (const RunconfdRevision *self, const RunconfPath *path)
{
  const char *pointer = runconf_path_get_pointer (path);

  if (runconf_node_find (self->counted, path, NULL) != NULL)
    return NULL;

  for (guint i = 0; i < self->ignored->len; i++)
    {
      const RunconfdIgnored *entry = self->ignored->pdata[i];

      if (runconf_path_is_below (pointer, entry->path)
          || runconf_path_is_below (entry->path, pointer))
        return entry->message;
    }

  return NULL;
}

/**
 * runconfd_revision_measure:
 * @before: the revision that it was made from
 *
 * Returns: the approximate memory in bytes that it takes in addition to @before
 */
gsize
runconfd_revision_measure (const RunconfdRevision *self, const RunconfdRevision *before)
{
  gsize bytes = runconf_node_measure_unshared (self->overrides, before->overrides)
                + runconf_node_measure_unshared (self->effective, before->effective);

  if (self->visible != self->effective)
    bytes += runconf_node_measure_unshared (self->visible, before->visible);

  return bytes;
}
