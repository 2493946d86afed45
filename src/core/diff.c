/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/diff.h"

#include <string.h>

#include "core/mapping.h"

static void diff_nodes (GPtrArray *deltas, GString *path, const RunconfNode *from,
                        const RunconfNode *to);

/**
 * runconf_delta_new:
 * @path: a JSON Pointer, which is copied
 * @old_value: (transfer full) (nullable): see #RunconfDelta
 * @new_value: (transfer full) (nullable): see #RunconfDelta
 */
RunconfDelta *
runconf_delta_new (const char *path, RunconfNode *old_value, RunconfNode *new_value)
{
  gsize size = strlen (path) + 1;
  RunconfDelta *self = g_malloc (sizeof (RunconfDelta) + size);

  *self = (RunconfDelta){ memcpy (self + 1, path, size), old_value, new_value };

  return self;
}

static void
delta_free (RunconfDelta *self)
{
  g_clear_pointer (&self->old_value, runconf_node_unref);
  g_clear_pointer (&self->new_value, runconf_node_unref);
  g_free (self);
}

/**
 * runconf_deltas_new:
 *
 * Returns: (transfer full) (element-type RunconfDelta): an empty array
 */
GPtrArray *
runconf_deltas_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) delta_free);
}

static RunconfNode *
ref_if_leaf (const RunconfNode *node)
{
  return node != NULL && runconf_node_is_leaf (node) ? runconf_node_ref (node) : NULL;
}

static void
add_delta (GPtrArray *deltas, GString *path, const RunconfNode *from, const RunconfNode *to)
{
  g_ptr_array_add (deltas, runconf_delta_new (path->str, ref_if_leaf (from), ref_if_leaf (to)));
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

/* Either node may be %NULL or a leaf: then it has no keys. */
static void
diff_keys (GPtrArray *deltas, GString *path, const RunconfNode *from, const RunconfNode *to)
{
  const RunconfNode *old_keys = from != NULL && runconf_node_is_merging (from) ? from : NULL;
  const RunconfNode *new_keys = to != NULL && runconf_node_is_merging (to) ? to : NULL;

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

  /* the root is always a mapping, and is never reported as a leaf */
  if ((old_leaf || new_leaf) && path->len > 0)
    add_delta (deltas, path, from, to);

  diff_keys (deltas, path, from, to);
}

/**
 * runconf_diff:
 * @from: a mapping
 * @to: a mapping
 *
 * Finds the leaves in which two trees differ, see runconf_node_is_leaf().
 * Costs time for the parts that the two don't share.
 *
 * Law, for all mappings: runconf_diff_apply (a, runconf_diff (a, b)) equals b.
 *
 * Returns: (transfer full) (element-type RunconfDelta): the differences
 */
GPtrArray *
runconf_diff (const RunconfNode *from, const RunconfNode *to)
{
  GPtrArray *deltas = runconf_deltas_new ();
  g_autoptr (GString) path = g_string_new (NULL);

  diff_nodes (deltas, path, from, to);

  return deltas;
}

static guint
count_segments (const char *path)
{
  guint count = 0;

  for (; *path != '\0'; path++)
    count += *path == '/';

  return count;
}

/* Returns: the length in bytes of the first @depth segments of @path */
static gsize
get_length_at (const char *path, guint depth)
{
  const char *end = path;

  for (guint i = 0; i < depth && *end == '/'; i++)
    end = strchrnul (end + 1, '/');

  return end - path;
}

/* Returns: (nullable): the paths, cut at @depth, each once; %NULL if more than @max_paths */
static GPtrArray *
collect_paths (GPtrArray *deltas, guint depth, guint max_paths)
{
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GString) path = g_string_new (NULL);

  for (guint i = 0; i < deltas->len; i++)
    {
      const RunconfDelta *delta = deltas->pdata[i];
      char *kept;

      g_string_truncate (path, 0);
      g_string_append_len (path, delta->path, get_length_at (delta->path, depth));
      if (g_hash_table_contains (seen, path->str))
        continue;
      if (paths->len == max_paths)
        return NULL;

      kept = g_strdup (path->str);
      g_ptr_array_add (paths, kept);
      g_hash_table_add (seen, kept);
    }

  return g_steal_pointer (&paths);
}

static GPtrArray *
copy_paths (GPtrArray *deltas)
{
  GPtrArray *paths = g_ptr_array_new_full (deltas->len, g_free);

  for (guint i = 0; i < deltas->len; i++)
    g_ptr_array_add (paths, g_strdup (((RunconfDelta *) deltas->pdata[i])->path));

  return paths;
}

/**
 * runconf_diff_get_paths:
 * @deltas: (element-type RunconfDelta): the differences, from runconf_diff(): their paths differ
 * @max_paths: the maximum number of paths, at least one
 *
 * Takes memory for @max_paths only, for any number of deltas.
 *
 * Returns: (transfer full) (element-type utf8): the paths of @deltas, or, if there are more than
 *   @max_paths, the deepest mappings that cover them
 */
GPtrArray *
runconf_diff_get_paths (GPtrArray *deltas, guint max_paths)
{
  GPtrArray *paths = NULL;
  guint depth = 0;

  if (deltas->len <= max_paths)
    return copy_paths (deltas);

  for (guint i = 0; i < deltas->len; i++)
    depth = MAX (depth, count_segments (((RunconfDelta *) deltas->pdata[i])->path));

  for (; paths == NULL; depth--)
    paths = collect_paths (deltas, depth, max_paths);

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

  /* one of the two may be an ancestor of the other, or both may be the same */
  if ((a[same] == '\0' || a[same] == '/') && (b[same] == '\0' || b[same] == '/'))
    end = same;

  return end;
}

/**
 * runconf_paths_get_prefix:
 * @paths: (element-type utf8): at least one path
 *
 * Finds the parent of the longest common ancestor of @paths, with a slash after it: for
 * `/chat/port` alone `/chat/`, for `/chat/port` and `/chat/host` `/`. A match rule with
 * `arg0path='/chat/port'` matches both of these results, a rule with `arg0path='/log/'` only the
 * second one.
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
