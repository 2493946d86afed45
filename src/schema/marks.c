/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "schema/private.h"

/* `readOnly` and `writeOnly` mark a value and all values below it. The marks of a value are the
 * union of those in all subschemas that may apply to it, in any branch of anyOf, oneOf, then, else
 * and dependencies: so they don't depend on values, and err on the safe side. `if` and `not` are
 * only conditions.
 *
 * A sequence is changed as a whole, so a mark on an item, or below one, marks the sequence.
 */

typedef struct
{
  GHashTable *parents; /* RunconfSubschema → GPtrArray of its parents */
  RunconfSubschema *parent;
} Links;

static gboolean
add_parent (RunconfSubschema *child, gpointer data)
{
  Links *links = data;
  GPtrArray *parents = g_hash_table_lookup (links->parents, child);

  if (parents == NULL)
    {
      parents = g_ptr_array_new ();
      g_hash_table_insert (links->parents, child, parents);
    }
  g_ptr_array_add (parents, links->parent);

  return TRUE;
}

static RunconfMarks
get_own_marks (const RunconfSubschema *self)
{
  const RunconfNode *read_only = self->keywords[RUNCONF_KEYWORD_READ_ONLY];
  const RunconfNode *write_only = self->keywords[RUNCONF_KEYWORD_WRITE_ONLY];
  RunconfMarks marks = 0;

  if (read_only != NULL && runconf_node_get_boolean (read_only))
    marks |= RUNCONF_MARK_LOCKED;
  if (write_only != NULL && runconf_node_get_boolean (write_only))
    marks |= RUNCONF_MARK_SECRET;

  return marks;
}

static void
spread (GHashTable *links, RunconfSubschema *from, RunconfMarks mark)
{
  g_autoptr (GPtrArray) queue = g_ptr_array_new ();

  from->deep_marks |= mark;
  g_ptr_array_add (queue, from);
  while (queue->len > 0)
    {
      RunconfSubschema *next = g_ptr_array_steal_index_fast (queue, queue->len - 1);
      GPtrArray *parents = g_hash_table_lookup (links, next);

      for (guint i = 0; parents != NULL && i < parents->len; i++)
        {
          RunconfSubschema *parent = parents->pdata[i];

          if ((parent->deep_marks & mark) != 0)
            continue;
          parent->deep_marks |= mark;
          g_ptr_array_add (queue, parent);
        }
    }
}

static gboolean
add_deep_marks (RunconfSubschema *item, gpointer data)
{
  RunconfSubschema *list = data;

  list->marks |= item->deep_marks;

  return TRUE;
}

/* Sets the marks of all subschemas, and the deep marks of those that lead to them. */
void
runconf_schema_gather_marks (RunconfSchema *self)
{
  const RunconfRelation relations
      = RUNCONF_RELATION_HERE | RUNCONF_RELATION_MEMBER | RUNCONF_RELATION_ITEM;
  g_autoptr (GHashTable) parents
      = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_ptr_array_unref);
  Links links = { parents, NULL };

  for (guint i = 0; i < self->subschemas->len; i++)
    {
      links.parent = self->subschemas->pdata[i];
      links.parent->marks = get_own_marks (links.parent);
      runconf_subschema_each (links.parent, relations, add_parent, &links);
    }

  for (guint i = 0; i < self->subschemas->len; i++)
    {
      RunconfSubschema *subschema = self->subschemas->pdata[i];

      for (RunconfMarks mark = RUNCONF_MARK_LOCKED; mark <= RUNCONF_MARK_SECRET; mark <<= 1)
        {
          if ((subschema->marks & mark) != 0 && (subschema->deep_marks & mark) == 0)
            spread (parents, subschema, mark);
        }
    }

  for (guint i = 0; i < self->subschemas->len; i++)
    {
      RunconfSubschema *subschema = self->subschemas->pdata[i];

      runconf_subschema_each (subschema, RUNCONF_RELATION_ITEM, add_deep_marks, subschema);
    }
}

/* Adds a subschema, and those that certainly apply to the same value, to a #GPtrArray. */
gboolean
runconf_subschema_apply_certain (RunconfSubschema *subschema, gpointer data)
{
  GPtrArray *set = data;
  GPtrArray *all_of = subschema->lists[RUNCONF_KEYWORD_ALL_OF];

  if (g_ptr_array_find (set, subschema, NULL))
    return TRUE;
  g_ptr_array_add (set, subschema);

  if (subschema->ref != NULL)
    runconf_subschema_apply_certain (subschema->ref, set);
  for (guint i = 0; all_of != NULL && i < all_of->len; i++)
    runconf_subschema_apply_certain (all_of->pdata[i], set);

  return TRUE;
}

/* Adds a subschema, and all that may apply to the same value, to a #GPtrArray. */
gboolean
runconf_subschema_apply_possible (RunconfSubschema *subschema, gpointer data)
{
  GPtrArray *set = data;

  if (g_ptr_array_find (set, subschema, NULL))
    return TRUE;
  g_ptr_array_add (set, subschema);

  return runconf_subschema_each (subschema, RUNCONF_RELATION_HERE, runconf_subschema_apply_possible,
                                 set);
}

/* Adds a subschema, and all that may apply to the same value, if it leads to a mark. */
static gboolean
apply_marked (RunconfSubschema *subschema, gpointer data)
{
  GPtrArray *set = data;

  if (subschema->deep_marks == 0 || g_ptr_array_find (set, subschema, NULL))
    return TRUE;
  g_ptr_array_add (set, subschema);

  return runconf_subschema_each (subschema, RUNCONF_RELATION_HERE, apply_marked, set);
}

RunconfMarks
runconf_subschemas_get_marks (GPtrArray *set)
{
  RunconfMarks marks = 0;

  for (guint i = 0; i < set->len; i++)
    marks |= ((RunconfSubschema *) set->pdata[i])->marks;

  return marks;
}

static RunconfMarks
get_deep_marks (GPtrArray *set)
{
  RunconfMarks marks = 0;

  for (guint i = 0; i < set->len; i++)
    marks |= ((RunconfSubschema *) set->pdata[i])->deep_marks;

  return marks;
}

/* A path doesn't show whether a number is an index or a key: it is treated as both.
 *
 * Returns: (transfer full): the subschemas that @func adds for the value at @segment
 */
GPtrArray *
runconf_subschemas_enter (GPtrArray *set, const char *segment, RunconfSubschemaFunc func)
{
  GPtrArray *inner = g_ptr_array_new ();
  guint index = G_MAXUINT;
  gboolean is_index = runconf_path_parse_index (segment, &index) || g_str_equal (segment, "-");

  for (guint i = 0; i < set->len; i++)
    {
      const RunconfSubschema *subschema = set->pdata[i];
      RunconfSubschema *item = NULL;
      RunconfKeyword keyword;

      runconf_subschema_each_member (subschema, segment, func, inner);
      if (is_index)
        item = runconf_subschema_get_item (subschema, index, &keyword);
      if (item != NULL)
        func (item, inner);
    }

  return inner;
}

static GPtrArray *
start (RunconfSchema *self, RunconfSubschemaFunc func)
{
  GPtrArray *set = g_ptr_array_new ();

  func (self->root, set);

  return set;
}

/* Returns: (transfer full): the subschemas that @func adds for a path, the nearest first */
GPtrArray *
runconf_schema_find (RunconfSchema *self, const RunconfPath *path, RunconfSubschemaFunc func)
{
  g_autoptr (GPtrArray) set = start (self, func);

  for (guint i = 0; i < runconf_path_get_length (path); i++)
    {
      g_autoptr (GPtrArray) outer = g_steal_pointer (&set);

      set = runconf_subschemas_enter (outer, runconf_path_get_segment (path, i), func);
    }

  return g_steal_pointer (&set);
}

/* Returns: the number of segments of the first marked prefix of the path, -1 if none is marked */
static int
find_mark (RunconfSchema *self, const RunconfPath *path, RunconfMarks mark)
{
  g_autoptr (GPtrArray) set = start (self, apply_marked);

  for (guint i = 0; (get_deep_marks (set) & mark) != 0; i++)
    {
      g_autoptr (GPtrArray) outer = NULL;

      if ((runconf_subschemas_get_marks (set) & mark) != 0)
        return (int) i;
      if (i == runconf_path_get_length (path))
        return -1;
      outer = g_steal_pointer (&set);
      set = runconf_subschemas_enter (outer, runconf_path_get_segment (path, i), apply_marked);
    }

  return -1;
}

/**
 * runconf_schema_is_locked:
 *
 * Returns: whether @path, or a path above it, is `readOnly`
 */
gboolean
runconf_schema_is_locked (RunconfSchema *self, const RunconfPath *path)
{
  return find_mark (self, path, RUNCONF_MARK_LOCKED) >= 0;
}

/**
 * runconf_schema_is_secret:
 *
 * Returns: whether @path, or a path above it, is `writeOnly`
 */
gboolean
runconf_schema_is_secret (RunconfSchema *self, const RunconfPath *path)
{
  return find_mark (self, path, RUNCONF_MARK_SECRET) >= 0;
}

gboolean
runconf_schema_has_locks (RunconfSchema *self)
{
  return (self->root->deep_marks & RUNCONF_MARK_LOCKED) != 0;
}

gboolean
runconf_schema_has_secrets (RunconfSchema *self)
{
  return (self->root->deep_marks & RUNCONF_MARK_SECRET) != 0;
}

/* Returns: (transfer full) (nullable): the secret at or above @pointer, %NULL if there is none */
char *
runconf_schema_find_secret_above (RunconfSchema *self, const char *pointer)
{
  g_autoptr (RunconfPath) path = NULL;
  int length;

  if (!runconf_schema_has_secrets (self))
    return NULL;

  path = runconf_path_new (pointer, NULL);
  length = path != NULL ? find_mark (self, path, RUNCONF_MARK_SECRET) : 0;

  return length >= 0 && path != NULL ? runconf_path_get_prefix (path, (guint) length) : NULL;
}

/* Returns: (transfer full) (nullable): @node without secrets, %NULL if it is a secret itself */
static RunconfNode *
strip (GPtrArray *set, const RunconfNode *node)
{
  g_autoptr (GArray) changes = NULL;

  if ((runconf_subschemas_get_marks (set) & RUNCONF_MARK_SECRET) != 0)
    return NULL;
  if ((get_deep_marks (set) & RUNCONF_MARK_SECRET) == 0 || !runconf_node_is_mapping (node))
    return runconf_node_ref (node);

  changes = runconf_mapping_changes_new ();
  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      const char *key = runconf_mapping_get_key (node, i, NULL);
      const RunconfNode *child = runconf_node_get_child (node, i);
      g_autoptr (GPtrArray) inner = runconf_subschemas_enter (set, key, apply_marked);
      g_autoptr (RunconfNode) rest = NULL;

      if ((get_deep_marks (inner) & RUNCONF_MARK_SECRET) == 0)
        continue;
      rest = strip (inner, child);
      if (rest != child)
        runconf_mapping_changes_add (changes, key, g_steal_pointer (&rest));
    }

  return runconf_mapping_change (node, changes);
}

/**
 * runconf_schema_strip_secrets:
 *
 * A sequence that contains a secret is a secret as a whole. A tree without secrets is returned
 * unchanged.
 *
 * Returns: (transfer full): @tree without its secrets, an empty mapping if it is a secret itself
 */
RunconfNode *
runconf_schema_strip_secrets (RunconfSchema *self, const RunconfNode *tree)
{
  g_autoptr (GPtrArray) set = start (self, apply_marked);
  RunconfNode *stripped = strip (set, tree);

  return stripped != NULL ? stripped : runconf_mapping_new_empty ();
}

static void
find_marked (GPtrArray *set, const RunconfNode *node, RunconfMarks mark, GString *path,
             GPtrArray *paths)
{
  if ((runconf_subschemas_get_marks (set) & mark) != 0)
    {
      g_ptr_array_add (paths, g_strdup (path->str));
      return;
    }
  if ((get_deep_marks (set) & mark) == 0 || !runconf_node_is_mapping (node))
    return;

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      const char *key = runconf_mapping_get_key (node, i, NULL);
      g_autoptr (GPtrArray) inner = runconf_subschemas_enter (set, key, apply_marked);
      gsize length = path->len;

      runconf_path_append (path, key);
      find_marked (inner, runconf_node_get_child (node, i), mark, path, paths);
      g_string_truncate (path, length);
    }
}

static GPtrArray *
find_in_tree (RunconfSchema *self, const RunconfNode *tree, RunconfMarks mark)
{
  g_autoptr (GPtrArray) set = start (self, apply_marked);
  g_autoptr (GString) path = g_string_new (NULL);
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);

  find_marked (set, tree, mark, path, paths);

  return paths;
}

/**
 * runconf_schema_find_secrets:
 *
 * Returns: (transfer full) (element-type utf8): the paths of the secrets in @tree, without paths
 *   below them
 */
GPtrArray *
runconf_schema_find_secrets (RunconfSchema *self, const RunconfNode *tree)
{
  return find_in_tree (self, tree, RUNCONF_MARK_SECRET);
}

/**
 * runconf_schema_find_locks:
 *
 * Returns: (transfer full) (element-type utf8): the paths in @tree that are `readOnly`, without
 *   paths below them
 */
GPtrArray *
runconf_schema_find_locks (RunconfSchema *self, const RunconfNode *tree)
{
  return find_in_tree (self, tree, RUNCONF_MARK_LOCKED);
}
