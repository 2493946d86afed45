/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/diff.h"
#include "core/edit.h"
#include "core/keys.h"
#include "core/mapping.h"
#include "core/path.h"

/* Applies a diff to a tree.
 *
 * There may be a delta for each value of the largest configuration. So a delta in progress is a
 * pointer into its path, and deltas that continue at the same key are neighbours in one array.
 */

#define NO_GROUP G_MAXUINT

/* A delta whose path was followed to the current mapping. */
typedef struct
{
  const char *rest; /* the part of its path that isn't followed yet */
  const RunconfDelta *delta;
} Step;

/* Steps in groups: those of a group continue at the same key. */
typedef struct
{
  RunconfKeyList keys; /* one for each group, in the order of first occurrence */
  Step *steps;
  guint *starts; /* the index of each group's first step, and the end of the last group */
} Groups;

static void
groups_clear (Groups *self)
{
  runconf_key_list_clear (&self->keys);
  g_free (self->steps);
  g_free (self->starts);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Groups, groups_clear)

static guint
find_group (Groups *self, const GString *key)
{
  guint hash = runconf_key_hash (key->str, key->len);
  guint group;

  if (!runconf_key_table_find (&self->keys.table, hash, key->str, key->len, &group))
    {
      group = self->keys.table.length;
      runconf_key_list_append (&self->keys, hash, key->str, key->len);
    }

  return group;
}

/* Sets the group of each step, or %NO_GROUP if its path ends here, and the rest of its path. */
static void
number_steps (Groups *self, const Step *steps, guint n_steps, guint *numbers, const char **rests)
{
  g_autoptr (GString) key = g_string_new (NULL);

  for (guint i = 0; i < n_steps; i++)
    {
      numbers[i] = NO_GROUP;
      if (*steps[i].rest == '\0')
        continue;

      rests[i] = runconf_path_take_segment (steps[i].rest, key);
      numbers[i] = find_group (self, key);
    }
}

static void
groups_init (Groups *self, const Step *steps, guint n_steps)
{
  g_autofree guint *numbers = g_new (guint, n_steps);
  g_autofree const char **rests = g_new (const char *, n_steps);
  g_autofree guint *next = NULL;
  guint n_groups;

  runconf_key_list_init (&self->keys);
  number_steps (self, steps, n_steps, numbers, rests);

  n_groups = self->keys.table.length;
  self->starts = g_new0 (guint, n_groups + 1);
  for (guint i = 0; i < n_steps; i++)
    if (numbers[i] != NO_GROUP)
      self->starts[numbers[i] + 1]++;
  for (guint i = 0; i < n_groups; i++)
    self->starts[i + 1] += self->starts[i];

  self->steps = g_new (Step, self->starts[n_groups]);
  next = g_memdup2 (self->starts, n_groups * sizeof (guint));
  for (guint i = 0; i < n_steps; i++)
    if (numbers[i] != NO_GROUP)
      self->steps[next[numbers[i]]++] = (Step){ rests[i], steps[i].delta };
}

static RunconfNode *apply_steps (const RunconfNode *there, const Step *steps, guint n_steps);

static RunconfNode *
apply_groups (const RunconfNode *there, const Groups *groups)
{
  g_autoptr (GArray) changes = runconf_mapping_changes_new ();
  g_autoptr (RunconfNode) mapping = runconf_edit_open (there);

  for (guint i = 0; i < groups->keys.table.length; i++)
    {
      const char *key = runconf_key_table_get (&groups->keys.table, i, NULL);
      const RunconfNode *old = runconf_mapping_get (mapping, key);
      guint start = groups->starts[i];
      RunconfNode *value = apply_steps (old, groups->steps + start, groups->starts[i + 1] - start);

      if (value != NULL || old != NULL)
        runconf_mapping_changes_add (changes, key, value);
    }

  if (changes->len == 0)
    return there != NULL ? runconf_node_ref (there) : NULL;

  return runconf_edit_close (runconf_mapping_change (mapping, changes));
}

/* Applies a delta whose path ends here. Returns: the value at the path afterwards */
static RunconfNode *
apply_here (const RunconfNode *there, const RunconfDelta *delta)
{
  if (delta->new_value != NULL)
    return runconf_node_ref (delta->new_value);

  return there != NULL && !runconf_node_is_leaf (there) ? runconf_node_ref (there) : NULL;
}

/* Returns: the changed value, or %NULL if it is removed */
static RunconfNode *
apply_steps (const RunconfNode *there, const Step *steps, guint n_steps)
{
  g_autoptr (RunconfNode) here = there != NULL ? runconf_node_ref (there) : NULL;
  gboolean is_new_leaf = FALSE;
  guint n_arrived = 0;

  for (guint i = 0; i < n_steps; i++)
    {
      g_autoptr (RunconfNode) old = NULL;

      if (*steps[i].rest != '\0')
        continue;

      old = g_steal_pointer (&here);
      here = apply_here (old, steps[i].delta);
      is_new_leaf = steps[i].delta->new_value != NULL;
      n_arrived++;
    }

  /* the deltas below a new leaf only say which leaves it took the place of */
  if (n_arrived < n_steps && !is_new_leaf)
    {
      g_auto (Groups) groups = { 0 };

      groups_init (&groups, steps, n_steps);
      return apply_groups (here, &groups);
    }

  return g_steal_pointer (&here);
}

/**
 * runconf_diff_apply:
 * @base: a mapping
 * @deltas: (element-type RunconfDelta): the result of runconf_diff()
 *
 * Applies @deltas to @base, which may differ from the tree that they were made from: a new value
 * replaces scalars and sequences on its path by mappings, and a mapping that loses its last key is
 * removed. A mapping whose keys are all replaced keeps its position. Costs one pass over each
 * mapping that changes.
 *
 * Returns: (transfer full): the changed tree
 */
RunconfNode *
runconf_diff_apply (const RunconfNode *base, GPtrArray *deltas)
{
  g_autofree Step *steps = g_new (Step, deltas->len);
  RunconfNode *tree;

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      steps[i] = (Step){ delta->path, delta };
    }

  tree = apply_steps (base, steps, deltas->len);

  return tree != NULL ? tree : runconf_mapping_new_empty ();
}
