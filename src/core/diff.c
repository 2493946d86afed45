/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/diff.h"

#include <string.h>

#include "core/mapping.h"

static void diff_nodes (GPtrArray *deltas, GString *path, const RunconfNode *from,
                        const RunconfNode *to);

void
runconf_delta_free (RunconfDelta *self)
{
  g_free (self->path);
  g_clear_pointer (&self->old_value, runconf_node_unref);
  g_clear_pointer (&self->new_value, runconf_node_unref);
  g_free (self);
}

/**
 * runconf_deltas_new:
 *
 * Returns: (transfer full) (element-type RunconfDelta): no deltas yet
 */
GPtrArray *
runconf_deltas_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_delta_free);
}

static RunconfNode *
ref_if_leaf (const RunconfNode *node)
{
  return node != NULL && runconf_node_is_leaf (node) ? runconf_node_ref (node) : NULL;
}

static void
add_delta (GPtrArray *deltas, GString *path, const RunconfNode *from, const RunconfNode *to)
{
  RunconfDelta *delta = g_new0 (RunconfDelta, 1);

  delta->path = g_strndup (path->str, path->len);
  delta->old_value = ref_if_leaf (from);
  delta->new_value = ref_if_leaf (to);
  g_ptr_array_add (deltas, delta);
}

static void
diff_below (GPtrArray *deltas, GString *path, const char *key, const RunconfNode *from,
            const RunconfNode *to)
{
  gsize length = path->len;

  runconf_path_append (path, key);
  diff_nodes (deltas, path, from, to);
  g_string_truncate (path, length);
}

/* Either may be %NULL, or no mapping: then it has no keys. */
static void
diff_keys (GPtrArray *deltas, GString *path, const RunconfNode *from, const RunconfNode *to)
{
  const RunconfNode *old_keys = from != NULL && runconf_node_is_mapping (from) ? from : NULL;
  const RunconfNode *new_keys = to != NULL && runconf_node_is_mapping (to) ? to : NULL;

  if (old_keys != NULL && new_keys != NULL && runconf_mapping_shares_keys (from, to))
    {
      for (guint i = 0; runconf_mapping_next_difference (from, to, &i); i++)
        diff_below (deltas, path, runconf_mapping_get_key (from, i, NULL),
                    runconf_node_get_child (from, i), runconf_node_get_child (to, i));
      return;
    }

  for (guint i = 0; old_keys != NULL && i < runconf_node_get_length (old_keys); i++)
    {
      const char *key = runconf_mapping_get_key (old_keys, i, NULL);

      diff_below (deltas, path, key, runconf_node_get_child (old_keys, i),
                  new_keys != NULL ? runconf_mapping_get (new_keys, key) : NULL);
    }

  for (guint i = 0; new_keys != NULL && i < runconf_node_get_length (new_keys); i++)
    {
      const char *key = runconf_mapping_get_key (new_keys, i, NULL);

      if (old_keys == NULL || runconf_mapping_get (old_keys, key) == NULL)
        diff_below (deltas, path, key, NULL, runconf_node_get_child (new_keys, i));
    }
}

static void
diff_nodes (GPtrArray *deltas, GString *path, const RunconfNode *from, const RunconfNode *to)
{
  gboolean old_leaf = from != NULL && runconf_node_is_leaf (from);
  gboolean new_leaf = to != NULL && runconf_node_is_leaf (to);

  if (from == to)
    return;
  if (old_leaf && new_leaf && runconf_node_equal (from, to))
    return;

  /* the whole is a mapping always, and never told as a leaf */
  if ((old_leaf || new_leaf) && path->len > 0)
    add_delta (deltas, path, from, to);

  diff_keys (deltas, path, from, to);
}

/**
 * runconf_diff:
 * @from: a mapping
 * @to: a mapping
 *
 * Tells two trees apart leaf by leaf: a leaf is a scalar, a sequence or an empty mapping. Costs
 * what the two don't share.
 *
 * Law, for all mappings: runconf_diff_apply (a, runconf_diff (a, b)) equals b.
 *
 * Returns: (transfer full) (element-type RunconfDelta): what changed
 */
GPtrArray *
runconf_diff (const RunconfNode *from, const RunconfNode *to)
{
  GPtrArray *deltas = runconf_deltas_new ();
  g_autoptr (GString) path = g_string_new (NULL);

  diff_nodes (deltas, path, from, to);

  return deltas;
}

/* A delta on its way down. */
typedef struct
{
  RunconfPath *path;
  const RunconfDelta *delta;
} Step;

static void
step_free (Step *self)
{
  runconf_path_free (self->path);
  g_free (self);
}

/* Returns: (element-type Step): the steps that go on to @key */
static GPtrArray *
get_group (GPtrArray *groups, GHashTable *by_key, const char *key)
{
  GPtrArray *group = g_hash_table_lookup (by_key, key);

  if (group == NULL)
    {
      group = g_ptr_array_new ();
      g_ptr_array_add (groups, group);
      g_hash_table_insert (by_key, (gpointer) key, group);
    }

  return group;
}

/* Makes what the one delta tells that is for this very place. Returns: what stands there then */
static RunconfNode *
apply_here (const RunconfNode *there, const RunconfDelta *delta)
{
  if (delta->new_value != NULL)
    return runconf_node_ref (delta->new_value);

  return there != NULL && !runconf_node_is_leaf (there) ? runconf_node_ref (there) : NULL;
}

static RunconfNode *apply_steps (const RunconfNode *there, GPtrArray *steps, guint depth);

/* The groups hold steps that all go on to the same key. */
static RunconfNode *
apply_groups (const RunconfNode *there, GPtrArray *groups, guint depth)
{
  g_autoptr (GArray) changes = runconf_mapping_changes_new ();
  g_autoptr (RunconfNode) changed = NULL;
  g_autoptr (RunconfNode) mapping = there != NULL && runconf_node_is_mapping (there)
                                        ? runconf_node_ref (there)
                                        : runconf_mapping_new_empty ();

  for (guint i = 0; i < groups->len; i++)
    {
      GPtrArray *group = groups->pdata[i];
      const Step *first = group->pdata[0];
      const char *key = runconf_path_get_segment (first->path, depth);
      const RunconfNode *old = runconf_mapping_get (mapping, key);
      RunconfNode *value = apply_steps (old, group, depth + 1);

      if (value != NULL || old != NULL)
        runconf_mapping_changes_add (changes, key, value);
    }

  if (changes->len == 0)
    return there != NULL ? runconf_node_ref (there) : NULL;

  changed = runconf_mapping_change (mapping, changes);

  return runconf_node_get_length (changed) > 0 ? g_steal_pointer (&changed) : NULL;
}

/* Returns: what is left of @there, or %NULL if that is nothing */
static RunconfNode *
apply_steps (const RunconfNode *there, GPtrArray *steps, guint depth)
{
  g_autoptr (GPtrArray) groups
      = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GHashTable) by_key = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (RunconfNode) here = there != NULL ? runconf_node_ref (there) : NULL;

  for (guint i = 0; i < steps->len; i++)
    {
      Step *step = steps->pdata[i];

      if (runconf_path_get_length (step->path) > depth)
        {
          const char *key = runconf_path_get_segment (step->path, depth);

          g_ptr_array_add (get_group (groups, by_key, key), step);
        }
      else
        {
          g_autoptr (RunconfNode) old = g_steal_pointer (&here);

          here = apply_here (old, step->delta);
        }
    }

  return apply_groups (here, groups, depth);
}

/**
 * runconf_diff_apply:
 * @base: a mapping
 * @deltas: (element-type RunconfDelta): what runconf_diff() found
 *
 * Makes in @base what @deltas tell, whatever stood there: a new value goes through what is no
 * mapping, and a mapping that loses its last key goes too. A mapping whose keys are all replaced
 * keeps its place. Costs one pass over each mapping that changes.
 *
 * Returns: (transfer full): the changed tree
 */
RunconfNode *
runconf_diff_apply (const RunconfNode *base, GPtrArray *deltas)
{
  g_autoptr (GPtrArray) steps = g_ptr_array_new_with_free_func ((GDestroyNotify) step_free);
  RunconfNode *tree;

  for (guint i = 0; i < deltas->len; i++)
    {
      Step *step = g_new0 (Step, 1);

      step->delta = deltas->pdata[i];
      step->path = runconf_path_new (step->delta->path, NULL);
      g_ptr_array_add (steps, step);
    }

  tree = apply_steps (base, steps, 0);

  return tree != NULL ? tree : runconf_mapping_new_empty ();
}

static guint
count_segments (const char *path)
{
  guint count = 0;

  for (; *path != '\0'; path++)
    count += *path == '/';

  return count;
}

/* Replaces the deepest paths by the mappings that they are in. */
static void
collapse_deepest (GPtrArray *paths, guint depth)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  guint kept = 0;

  for (guint i = 0; i < paths->len; i++)
    {
      char *path = paths->pdata[i];

      if (count_segments (path) == depth)
        *strrchr (path, '/') = '\0';

      if (g_hash_table_contains (seen, path))
        {
          g_free (path);
          continue;
        }

      g_hash_table_add (seen, path);
      paths->pdata[kept++] = path;
    }

  g_ptr_array_set_free_func (paths, NULL);
  g_ptr_array_set_size (paths, kept);
  g_ptr_array_set_free_func (paths, g_free);
}

/**
 * runconf_diff_get_paths:
 * @deltas: (element-type RunconfDelta): what changed
 * @max_paths: how many paths there may be
 *
 * Returns: (transfer full) (element-type utf8): the paths of @deltas, or, where there are more than
 *   @max_paths, the deepest mappings that cover them
 */
GPtrArray *
runconf_diff_get_paths (GPtrArray *deltas, guint max_paths)
{
  GPtrArray *paths = g_ptr_array_new_full (deltas->len, g_free);
  guint depth = 0;

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];

      depth = MAX (depth, count_segments (delta->path));
      g_ptr_array_add (paths, g_strdup (delta->path));
    }

  for (; paths->len > max_paths; depth--)
    collapse_deepest (paths, depth);

  return paths;
}

static gsize
get_common_length (const char *a, const char *b)
{
  gsize same = 0, end = 0;

  for (; a[same] != '\0' && a[same] == b[same]; same++)
    {
      if (a[same] == '/')
        end = same;
    }

  /* one of the two may be an ancestor of the other, or both the same */
  if ((a[same] == '\0' || a[same] == '/') && (b[same] == '\0' || b[same] == '/'))
    end = same;

  return end;
}

/**
 * runconf_paths_get_prefix:
 * @paths: (element-type utf8): at least one path
 *
 * Finds the parent of the longest common ancestor of @paths, with a slash after it: for
 * `/chat/port` alone `/chat/`, for `/chat/port` and `/chat/host` `/`. A match rule on
 * `arg0path='/chat/port'` is woken by the first and by the second, one on `arg0path='/log/'` by
 * neither.
 *
 * Returns: (transfer full): a path that ends in a slash
 */
char *
runconf_paths_get_prefix (GPtrArray *paths)
{
  g_autofree char *common = NULL;
  char *slash;

  g_return_val_if_fail (paths->len > 0, NULL);

  common = g_strdup (paths->pdata[0]);
  for (guint i = 1; i < paths->len; i++)
    common[get_common_length (common, paths->pdata[i])] = '\0';

  slash = strrchr (common, '/');
  if (slash == NULL)
    return g_strdup ("/");

  slash[1] = '\0';

  return g_steal_pointer (&common);
}
