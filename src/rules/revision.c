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

/* Merges a layer over another tree; the cost is that of the differences from the merge before, if both
 * lay over the same tree.
 */
static RunconfNode *
lay_over (const RunconfNode *base, const RunconfNode *over, const RunconfNode *old_base,
          const RunconfNode *old_over, const RunconfNode *old_merged)
{
  if (runconf_node_get_length (over) == 0)
    return runconf_node_ref (base);

  return old_base == base ? runconf_merge_update (base, old_over, old_merged, over)
                          : runconf_merge (base, over);
}

/* Merges the overrides in effect over the defaults. */
static void
lay (RunconfdRevision *self, const RunconfdRevision *before)
{
  const RunconfNode *defaults = self->ground->defaults;

  g_clear_pointer (&self->counted, runconf_node_unref);
  g_clear_pointer (&self->boot_counted, runconf_node_unref);
  g_clear_pointer (&self->below, runconf_node_unref);
  g_clear_pointer (&self->effective, runconf_node_unref);

  self->counted
      = runconfd_ignored_take_out (self->ignored, RUNCONF_LAYER_OVERRIDE, self->overrides);
  self->boot_counted = runconfd_ignored_take_out (self->ignored, RUNCONF_LAYER_BOOT, self->boot);
  self->below = before != NULL
                    ? runconf_merge_update (defaults, before->counted, before->below, self->counted)
                    : runconf_merge (defaults, self->counted);
  self->effective = before != NULL ? lay_over (self->below, self->boot_counted, before->below,
                                               before->boot_counted, before->effective)
                                   : lay_over (self->below, self->boot_counted, NULL, NULL, NULL);
}

static void
screen_layer (RunconfdRevision *self, const RunconfdRevision *before, RunconfLayer layer)
{
  g_autoptr (RunconfNode) nothing = before == NULL ? runconf_mapping_new_empty () : NULL;
  g_autoptr (GPtrArray) deltas
      = runconf_diff (before != NULL ? runconfd_revision_get_tree (before, layer) : nothing,
                      runconfd_revision_get_tree (self, layer));

  if (before != NULL)
    runconfd_screening_keep_locked (before->ignored, layer, deltas, self->ignored);
  runconfd_screening_find_locked (self->ground, layer, deltas, self->ignored);
}

static void
screen_locked (RunconfdRevision *self, const RunconfdRevision *before)
{
  if (!runconfd_rules_have_locks (self->ground->rules))
    return;

  screen_layer (self, before, RUNCONF_LAYER_OVERRIDE);
  screen_layer (self, before, RUNCONF_LAYER_BOOT);
}

/* The overrides for this boot give way first: they replaced the others.
 *
 * Returns: whether an override gave way
 */
static gboolean
give_way (RunconfdRevision *self, GPtrArray *violations)
{
  return runconfd_screening_give_way (violations, RUNCONF_LAYER_BOOT, self->boot_counted,
                                      self->ignored)
         || runconfd_screening_give_way (violations, RUNCONF_LAYER_OVERRIDE, self->counted,
                                         self->ignored);
}

static void
give_up (RunconfdRevision *self, GPtrArray *violations)
{
  runconfd_screening_give_up (violations, RUNCONF_LAYER_BOOT, self->boot_counted, self->ignored);
  runconfd_screening_give_up (violations, RUNCONF_LAYER_OVERRIDE, self->counted, self->ignored);
}

static void
screen_wrong (RunconfdRevision *self, const RunconfdRevision *before)
{
  for (guint round = 0;; round++)
    {
      g_autoptr (GPtrArray) violations = runconfd_ground_check (self->ground, self->effective);

      if (violations == NULL
          || runconf_node_get_length (self->counted) + runconf_node_get_length (self->boot_counted)
                 == 0)
        return;

      if (round == MAX_ROUNDS || !give_way (self, violations))
        give_up (self, violations);
      lay (self, before);
    }
}

/* A tree without secrets stays the same node, at no cost. */
static void
hide_secrets (RunconfdRevision *self, const RunconfdRevision *before)
{
  const RunconfNode *defaults = self->ground->visible_defaults;
  const RunconfdRules *rules = self->ground->rules;

  if (!runconfd_rules_have_secrets (rules))
    {
      self->visible_counted = runconf_node_ref (self->counted);
      self->visible_boot = runconf_node_ref (self->boot_counted);
      self->visible_below = runconf_node_ref (self->below);
      self->visible = runconf_node_ref (self->effective);
      return;
    }

  self->visible_counted = runconfd_rules_strip (rules, self->counted);
  self->visible_boot = runconfd_rules_strip (rules, self->boot_counted);
  self->visible_below = before != NULL
                            ? runconf_merge_update (defaults, before->visible_counted,
                                                    before->visible_below, self->visible_counted)
                            : runconf_merge (defaults, self->visible_counted);
  self->visible = before != NULL
                      ? lay_over (self->visible_below, self->visible_boot, before->visible_below,
                                  before->visible_boot, before->visible)
                      : lay_over (self->visible_below, self->visible_boot, NULL, NULL, NULL);
}

/* @before, if there is one, has the same ground. */
static RunconfdRevision *
make (guint64 version, RunconfdGround *ground, const RunconfdRevision *before,
      const RunconfNode *overrides, const RunconfNode *boot, GError **error)
{
  g_autoptr (RunconfdRevision) self = g_atomic_rc_box_new0 (RunconfdRevision);

  self->version = version;
  self->ground = runconfd_ground_ref (ground);
  self->overrides = runconf_node_ref (overrides);
  self->boot = boot != NULL ? runconf_node_ref (boot) : runconf_mapping_new_empty ();
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
 * runconfd_revision_get_tree:
 * @layer: that of the overrides, or that of the overrides for this boot
 *
 * Returns: (transfer none): all values in the text of the layer
 */
const RunconfNode *
runconfd_revision_get_tree (const RunconfdRevision *self, RunconfLayer layer)
{
  return layer == RUNCONF_LAYER_BOOT ? self->boot : self->overrides;
}

/**
 * runconfd_revision_get_base:
 * @layer: that of the overrides, or that of the overrides for this boot
 *
 * Returns: (transfer none): the values that the layer is merged over
 */
const RunconfNode *
runconfd_revision_get_base (const RunconfdRevision *self, RunconfLayer layer)
{
  return layer == RUNCONF_LAYER_BOOT ? self->below : self->ground->defaults;
}

/**
 * runconfd_revision_new:
 * @boot: (nullable): the overrides for this boot, if there are any
 * @time: when it was committed, in µs since the epoch, or 0
 *
 * Returns: (transfer full) (nullable): the revision, or %NULL with %RUNCONF_ERROR_TOO_LARGE if the
 *   two layers together exceed a limit
 */
RunconfdRevision *
runconfd_revision_new (guint64 version, gint64 time, RunconfdGround *ground,
                       const RunconfNode *overrides, const RunconfNode *boot, GError **error)
{
  RunconfdRevision *self = make (version, ground, NULL, overrides, boot, error);

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
  return make (self->version + 1, self->ground, self, overrides, self->boot, error);
}

/**
 * runconfd_revision_next_both:
 *
 * The same with other overrides for this boot.
 */
RunconfdRevision *
runconfd_revision_next_both (const RunconfdRevision *self, const RunconfNode *overrides,
                             const RunconfNode *boot, GError **error)
{
  return make (self->version + 1, self->ground, self, overrides, boot, error);
}

/**
 * runconfd_revision_next_in:
 * @tree: the new values in the text of @layer
 *
 * The same with one layer changed.
 */
RunconfdRevision *
runconfd_revision_next_in (const RunconfdRevision *self, RunconfLayer layer,
                           const RunconfNode *tree, GError **error)
{
  return layer == RUNCONF_LAYER_BOOT
             ? runconfd_revision_next_both (self, self->overrides, tree, error)
             : runconfd_revision_next (self, tree, error);
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
  RunconfdRevision *moved
      = make (self->version + 1, ground, NULL, self->overrides, self->boot, error);

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
  runconf_node_unref (self->boot);
  g_ptr_array_unref (self->ignored);
  g_clear_pointer (&self->counted, runconf_node_unref);
  g_clear_pointer (&self->boot_counted, runconf_node_unref);
  g_clear_pointer (&self->below, runconf_node_unref);
  g_clear_pointer (&self->effective, runconf_node_unref);
  g_clear_pointer (&self->visible_counted, runconf_node_unref);
  g_clear_pointer (&self->visible_boot, runconf_node_unref);
  g_clear_pointer (&self->visible_below, runconf_node_unref);
  g_clear_pointer (&self->visible, runconf_node_unref);
}

void
runconfd_revision_unref (RunconfdRevision *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconfd_revision_diff:
 *
 * Returns: (transfer full) (element-type RunconfDelta): the changes of the overrides, then those of the
 *   overrides for this boot
 */
GPtrArray *
runconfd_revision_diff (const RunconfdRevision *before, const RunconfdRevision *after)
{
  GPtrArray *deltas = runconf_diff (before->overrides, after->overrides);

  if (before->boot != after->boot)
    g_ptr_array_extend_and_steal (deltas, runconf_diff (before->boot, after->boot));

  return deltas;
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
 * @layer: that of the overrides
 * @path: the path of overrides
 *
 * Returns: (transfer none) (nullable): the reason why none of the overrides at and below @path has an
 *   effect; %NULL if one has
 */
const char *
runconfd_revision_find_ignored (const RunconfdRevision *self, RunconfLayer layer,
                                const RunconfPath *path)
{
  const char *pointer = runconf_path_get_pointer (path);
  const RunconfNode *counted = layer == RUNCONF_LAYER_BOOT ? self->boot_counted : self->counted;

  if (runconf_node_find (counted, path, NULL) != NULL)
    return NULL;

  for (guint i = 0; i < self->ignored->len; i++)
    {
      const RunconfdIgnored *entry = self->ignored->pdata[i];

      if (entry->layer == layer
          && (runconf_path_is_below (pointer, entry->path)
              || runconf_path_is_below (entry->path, pointer)))
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

  if (self->boot != before->boot)
    bytes += runconf_node_measure_unshared (self->boot, before->boot);
  if (self->below != self->effective)
    bytes += runconf_node_measure_unshared (self->below, before->below);
  if (self->visible != self->effective)
    bytes += runconf_node_measure_unshared (self->visible, before->visible);

  return bytes;
}
