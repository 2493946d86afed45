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
lay (RunconfRevision *self, const RunconfRevision *before)
{
  const RunconfNode *defaults = self->ground->defaults;

  g_clear_pointer (&self->counted, runconf_node_unref);
  g_clear_pointer (&self->boot_counted, runconf_node_unref);
  g_clear_pointer (&self->below, runconf_node_unref);
  g_clear_pointer (&self->effective, runconf_node_unref);

  self->counted = runconf_ignored_take_out (self->ignored, RUNCONF_LAYER_OVERRIDE, self->overrides);
  self->boot_counted = runconf_ignored_take_out (self->ignored, RUNCONF_LAYER_BOOT, self->boot);
  self->below = before != NULL
                    ? runconf_merge_update (defaults, before->counted, before->below, self->counted)
                    : runconf_merge (defaults, self->counted);
  self->effective = before != NULL ? lay_over (self->below, self->boot_counted, before->below,
                                               before->boot_counted, before->effective)
                                   : lay_over (self->below, self->boot_counted, NULL, NULL, NULL);
}

static void
screen_layer (RunconfRevision *self, const RunconfRevision *before, RunconfLayer layer)
{
  g_autoptr (RunconfNode) nothing = before == NULL ? runconf_mapping_new_empty () : NULL;
  g_autoptr (GPtrArray) deltas
      = runconf_diff (before != NULL ? runconf_revision_get_tree (before, layer) : nothing,
                      runconf_revision_get_tree (self, layer));

  if (before != NULL)
    runconf_screening_keep_locked (before->ignored, layer, deltas, self->ignored);
  runconf_screening_find_locked (self->ground, layer, deltas, self->ignored);
}

static void
screen_locked (RunconfRevision *self, const RunconfRevision *before)
{
  if (!runconf_rules_have_locks (self->ground->rules))
    return;

  screen_layer (self, before, RUNCONF_LAYER_OVERRIDE);
  screen_layer (self, before, RUNCONF_LAYER_BOOT);
}

/* The overrides for this boot give way first: they replaced the others.
 *
 * Returns: whether an override gave way
 */
static gboolean
give_way (RunconfRevision *self, GPtrArray *violations)
{
  return runconf_screening_give_way (violations, RUNCONF_LAYER_BOOT, self->boot_counted,
                                     self->ignored)
         || runconf_screening_give_way (violations, RUNCONF_LAYER_OVERRIDE, self->counted,
                                        self->ignored);
}

static void
give_up (RunconfRevision *self, GPtrArray *violations)
{
  runconf_screening_give_up (violations, RUNCONF_LAYER_BOOT, self->boot_counted, self->ignored);
  runconf_screening_give_up (violations, RUNCONF_LAYER_OVERRIDE, self->counted, self->ignored);
}

static void
screen_wrong (RunconfRevision *self, const RunconfRevision *before)
{
  for (guint round = 0;; round++)
    {
      g_autoptr (GPtrArray) violations = runconf_ground_check (self->ground, self->effective);

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
hide_secrets (RunconfRevision *self, const RunconfRevision *before)
{
  const RunconfNode *defaults = self->ground->visible_defaults;
  const RunconfRules *rules = self->ground->rules;

  if (!runconf_rules_have_secrets (rules))
    {
      self->visible_counted = runconf_node_ref (self->counted);
      self->visible_boot = runconf_node_ref (self->boot_counted);
      self->visible_below = runconf_node_ref (self->below);
      self->visible = runconf_node_ref (self->effective);
      return;
    }

  self->visible_counted = runconf_rules_strip (rules, self->counted);
  self->visible_boot = runconf_rules_strip (rules, self->boot_counted);
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
static RunconfRevision *
make (guint64 version, RunconfGround *ground, const RunconfRevision *before,
      const RunconfNode *overrides, const RunconfNode *boot, GError **error)
{
  g_autoptr (RunconfRevision) self = g_atomic_rc_box_new0 (RunconfRevision);

  self->version = version;
  self->ground = runconf_ground_ref (ground);
  self->overrides = runconf_node_ref (overrides);
  self->boot = boot != NULL ? runconf_node_ref (boot) : runconf_mapping_new_empty ();
  self->ignored = runconf_ignored_new ();

  screen_locked (self, before);
  lay (self, before);
  if (!runconf_node_check_limits (self->effective, error))
    return NULL;

  screen_wrong (self, before);
  hide_secrets (self, before);

  return g_steal_pointer (&self);
}

/**
 * runconf_revision_get_tree:
 * @layer: that of the overrides, or that of the overrides for this boot
 *
 * Returns: (transfer none): all values in the text of the layer
 */
const RunconfNode *
runconf_revision_get_tree (const RunconfRevision *self, RunconfLayer layer)
{
  return layer == RUNCONF_LAYER_BOOT ? self->boot : self->overrides;
}

/**
 * runconf_revision_get_base:
 * @layer: that of the overrides, or that of the overrides for this boot
 *
 * Returns: (transfer none): the values that the layer is merged over
 */
const RunconfNode *
runconf_revision_get_base (const RunconfRevision *self, RunconfLayer layer)
{
  return layer == RUNCONF_LAYER_BOOT ? self->below : self->ground->defaults;
}

/**
 * runconf_revision_new:
 * @boot: (nullable): the overrides for this boot, if there are any
 * @time: when it was committed, in µs since the epoch, or 0
 *
 * Returns: (transfer full) (nullable): the revision, or %NULL with %RUNCONF_ERROR_TOO_LARGE if the
 *   two layers together exceed a limit
 */
RunconfRevision *
runconf_revision_new (guint64 version, gint64 time, RunconfGround *ground,
                      const RunconfNode *overrides, const RunconfNode *boot, GError **error)
{
  RunconfRevision *self = make (version, ground, NULL, overrides, boot, error);

  if (self != NULL)
    self->time = time;

  return self;
}

/**
 * runconf_revision_next_both:
 *
 * The cost is that of the differences between the old overrides and the new ones and, with a
 * schema, of a check of the whole configuration.
 *
 * Returns: (transfer full) (nullable): the revision after @self, or %NULL with
 *   %RUNCONF_ERROR_TOO_LARGE
 */
RunconfRevision *
runconf_revision_next_both (const RunconfRevision *self, const RunconfNode *overrides,
                            const RunconfNode *boot, GError **error)
{
  return make (self->version + 1, self->ground, self, overrides, boot, error);
}

/**
 * runconf_revision_next_in:
 * @tree: the new values in the text of @layer
 *
 * The same with one layer changed.
 */
RunconfRevision *
runconf_revision_next_in (const RunconfRevision *self, RunconfLayer layer, const RunconfNode *tree,
                          GError **error)
{
  return layer == RUNCONF_LAYER_BOOT
             ? runconf_revision_next_both (self, self->overrides, tree, error)
             : runconf_revision_next_both (self, tree, self->boot, error);
}

/**
 * runconf_revision_move:
 * @ground: another ground for the same overrides
 *
 * Returns: (transfer full) (nullable): the revision after @self; with the version and the time of @self
 *   if no reader can see a difference; %NULL with %RUNCONF_ERROR_TOO_LARGE
 */
RunconfRevision *
runconf_revision_move (const RunconfRevision *self, RunconfGround *ground, GError **error)
{
  RunconfRevision *moved
      = make (self->version + 1, ground, NULL, self->overrides, self->boot, error);

  if (moved != NULL && runconf_revision_looks_like (moved, self))
    {
      moved->version = self->version;
      moved->time = self->time;
    }

  return moved;
}

RunconfRevision *
runconf_revision_ref (RunconfRevision *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfRevision *self)
{
  runconf_ground_unref (self->ground);
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
runconf_revision_unref (RunconfRevision *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconf_revision_diff:
 *
 * Returns: (transfer full) (element-type RunconfDelta): the changes of the overrides, then those of the
 *   overrides for this boot
 */
GPtrArray *
runconf_revision_diff (const RunconfRevision *before, const RunconfRevision *after)
{
  GPtrArray *deltas = runconf_diff (before->overrides, after->overrides);

  if (before->boot != after->boot)
    g_ptr_array_extend_and_steal (deltas, runconf_diff (before->boot, after->boot));

  return deltas;
}

/**
 * runconf_revision_looks_like:
 *
 * Returns: whether the two are equal for all readers, with the right to read secrets or without
 */
gboolean
runconf_revision_looks_like (const RunconfRevision *self, const RunconfRevision *other)
{
  return runconf_node_equal (self->effective, other->effective)
         && runconf_node_equal (self->visible, other->visible);
}

/**
 * runconf_revision_find_ignored:
 * @layer: that of the overrides
 * @path: the path of overrides
 *
 * Returns: (transfer none) (nullable): the reason why none of the overrides at and below @path has an
 *   effect; %NULL if one has
 */
const char *
runconf_revision_find_ignored (const RunconfRevision *self, RunconfLayer layer,
                               const RunconfPath *path)
{
  const char *pointer = runconf_path_get_pointer (path);
  const RunconfNode *counted = layer == RUNCONF_LAYER_BOOT ? self->boot_counted : self->counted;

  if (runconf_node_find (counted, path, NULL) != NULL)
    return NULL;

  for (guint i = 0; i < self->ignored->len; i++)
    {
      const RunconfIgnored *entry = self->ignored->pdata[i];

      if (entry->layer == layer
          && (runconf_path_is_below (pointer, entry->path)
              || runconf_path_is_below (entry->path, pointer)))
        return entry->message;
    }

  return NULL;
}

/**
 * runconf_revision_measure:
 * @before: the revision that it was made from
 *
 * Returns: the approximate memory in bytes that it takes in addition to @before
 */
gsize
runconf_revision_measure (const RunconfRevision *self, const RunconfRevision *before)
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
