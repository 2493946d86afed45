/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "cli/edit/three-way.h"

struct _CliThreeWay
{
  RunconfNode *base;
  RunconfNode *mine;
  RunconfNode *theirs;
  GPtrArray *deltas;      /* all of their changes */
  GPtrArray *disjoint;    /* the changes among them that don't overlap with mine */
  GPtrArray *conflicting; /* the changes among them that overlap with mine */
  GPtrArray *conflicts;
};

static void
conflict_free (CliConflict *self)
{
  g_free (self->path);
  g_free (self);
}

static gboolean
is_same_change (const RunconfDelta *a, const RunconfDelta *b)
{
  if (!g_str_equal (a->path, b->path))
    return FALSE;
  if (a->new_value == NULL || b->new_value == NULL)
    return a->new_value == b->new_value;

  return runconf_node_equal (a->new_value, b->new_value);
}

static const RunconfNode *
find (const RunconfNode *root, const char *pointer)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  return runconf_node_find (root, path, NULL);
}

/* @path: the upper of the two overlapping paths */
static void
add_conflict (CliThreeWay *self, const char *path)
{
  CliConflict *conflict;

  for (guint i = 0; i < self->conflicts->len; i++)
    {
      conflict = self->conflicts->pdata[i];
      if (g_str_equal (conflict->path, path))
        return;
    }

  conflict = g_new0 (CliConflict, 1);
  conflict->path = g_strdup (path);
  conflict->base = find (self->base, path);
  conflict->mine = find (self->mine, path);
  conflict->theirs = find (self->theirs, path);
  g_ptr_array_add (self->conflicts, conflict);
}

/* Classifies one of their changes. Changes that both made alike are left out. */
static void
sort_in (CliThreeWay *self, RunconfDelta *theirs, GPtrArray *mine)
{
  gboolean is_disjoint = TRUE;

  for (guint i = 0; i < mine->len; i++)
    {
      const RunconfDelta *delta = mine->pdata[i];
      gboolean is_below = runconf_path_is_below (theirs->path, delta->path);

      if (is_same_change (theirs, delta))
        return;
      if (!is_below && !runconf_path_is_below (delta->path, theirs->path))
        continue;

      is_disjoint = FALSE;
      add_conflict (self, is_below ? delta->path : theirs->path);
    }

  g_ptr_array_add (is_disjoint ? self->disjoint : self->conflicting, theirs);
}

/**
 * cli_three_way_new:
 * @base: the original tree
 * @mine: one changed tree
 * @theirs: the other changed tree
 *
 * Compares two changes. They overlap if the path of one is at, above or below the path of the
 * other.
 *
 * Returns: (transfer full): the comparison
 */
CliThreeWay *
cli_three_way_new (const RunconfNode *base, const RunconfNode *mine, const RunconfNode *theirs)
{
  CliThreeWay *self = g_new0 (CliThreeWay, 1);
  g_autoptr (GPtrArray) my_deltas = runconf_diff (base, mine);

  self->base = runconf_node_ref (base);
  self->mine = runconf_node_ref (mine);
  self->theirs = runconf_node_ref (theirs);
  self->deltas = runconf_diff (base, theirs);
  self->disjoint = g_ptr_array_new ();
  self->conflicting = g_ptr_array_new ();
  self->conflicts = g_ptr_array_new_with_free_func ((GDestroyNotify) conflict_free);
  for (guint i = 0; i < self->deltas->len; i++)
    sort_in (self, self->deltas->pdata[i], my_deltas);

  return self;
}

void
cli_three_way_free (CliThreeWay *self)
{
  g_ptr_array_unref (self->conflicts);
  g_ptr_array_unref (self->conflicting);
  g_ptr_array_unref (self->disjoint);
  g_ptr_array_unref (self->deltas);
  runconf_node_unref (self->base);
  runconf_node_unref (self->mine);
  runconf_node_unref (self->theirs);
  g_free (self);
}

/**
 * cli_three_way_get_theirs:
 *
 * Returns: (transfer none) (element-type RunconfDelta): their changes that don't overlap with mine
 */
GPtrArray *
cli_three_way_get_theirs (CliThreeWay *self)
{
  return self->disjoint;
}

/**
 * cli_three_way_get_conflicts:
 *
 * Returns: (transfer none) (element-type CliConflict): the paths that both changed to different
 *   values
 */
GPtrArray *
cli_three_way_get_conflicts (CliThreeWay *self)
{
  return self->conflicts;
}

/**
 * cli_three_way_apply:
 * @root: my tree, with metadata
 * @takes_conflicts: whether their values are taken for overlapping changes
 *
 * Returns: (transfer full): @root with their changes
 */
RunconfNode *
cli_three_way_apply (CliThreeWay *self, const RunconfNode *root, gboolean takes_conflicts)
{
  g_autoptr (RunconfNode) merged = runconf_diff_apply (root, self->disjoint);

  return takes_conflicts ? runconf_diff_apply (merged, self->conflicting)
                         : g_steal_pointer (&merged);
}
