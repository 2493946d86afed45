/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "layers/stack.h"

#include "core/diff.h"
#include "core/edit.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/metadata.h"

/* The files are laid over each other, the weakest first. Before a file is laid, its values at paths
 * that a weaker layer locks are taken out. Of a file that a stronger layer replaces as a whole, only
 * the values count that are locked for that layer. So a lock holds in whatever way a stronger layer
 * gives a value.
 */

struct _RunconfStack
{
  GPtrArray *files;
  RunconfLocks *locks; /* or NULL */
  RunconfNode *tree;
  RunconfNode **counted; /* for each file its values without those that a lock takes out */
  GPtrArray *ignored;    /* these values; NULL if there are none */
};

/* a value of a file that a lock takes out */
typedef struct
{
  const RunconfLayerFile *file;
  char *pointer;
  char *reason;
} Ignored;

/**
 * runconf_layer_file_new:
 * @document: the parsed text of the file
 */
RunconfLayerFile *
runconf_layer_file_new (RunconfLayer layer, const char *path, RunconfLayer replaced_by,
                        RunconfDocument *document)
{
  RunconfLayerFile *self = g_atomic_rc_box_new0 (RunconfLayerFile);

  self->layer = layer;
  self->path = g_strdup (path);
  self->replaced_by = replaced_by;
  self->document = runconf_document_ref (document);
  self->root = runconf_metadata_strip (runconf_document_get_root (document));
  if (layer == RUNCONF_LAYER_FLEET)
    self->provenance = runconf_provenance_parse (runconf_document_get_text (document));

  return self;
}

RunconfLayerFile *
runconf_layer_file_ref (RunconfLayerFile *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
file_clear (RunconfLayerFile *self)
{
  g_free (self->path);
  runconf_document_unref (self->document);
  runconf_node_unref (self->root);
  g_clear_pointer (&self->provenance, runconf_provenance_unref);
}

void
runconf_layer_file_unref (RunconfLayerFile *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) file_clear);
}

/**
 * runconf_layer_files_new:
 *
 * Returns: (transfer full) (element-type RunconfLayerFile): an empty list
 */
GPtrArray *
runconf_layer_files_new (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_layer_file_unref);
}

static void
ignored_free (Ignored *self)
{
  g_free (self->pointer);
  g_free (self->reason);
  g_free (self);
}

/* the locks that bind the values of one layer, and the last one that was found */
typedef struct
{
  const RunconfLocks *locks;
  RunconfLayer layer;
  const RunconfLock *found;
} Binding;

static gboolean
is_locked (const RunconfPath *path, gpointer user_data)
{
  Binding *self = user_data;
  const RunconfLock *lock = runconf_locks_find (self->locks, path, self->layer);

  if (lock != NULL)
    self->found = lock;

  return lock != NULL;
}

static void
ignore (RunconfStack *self, const RunconfLayerFile *file, const char *pointer,
        const RunconfLock *lock)
{
  Ignored *entry = g_new0 (Ignored, 1);
  g_autofree char *source = runconf_lock_describe (lock);

  entry->file = file;
  entry->pointer = g_strdup (pointer);
  entry->reason = g_strdup_printf ("locked by %s", source);
  if (self->ignored == NULL)
    self->ignored = g_ptr_array_new_with_free_func ((GDestroyNotify) ignored_free);
  g_ptr_array_add (self->ignored, entry);
}

/* Returns: the values of @file without the locked ones */
static RunconfNode *
screen (RunconfStack *self, const RunconfLayerFile *file)
{
  Binding binding = { self->locks, file->layer, NULL };
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) leaves = runconf_diff (nothing, file->root);
  g_autoptr (GPtrArray) taken = runconf_deltas_new ();

  for (guint i = 0; i < leaves->len; i++)
    {
      const RunconfDelta *leaf = leaves->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (leaf->path, NULL);

      if (path == NULL
          || !runconf_locked_concern (is_locked, &binding, path, leaf->new_value,
                                      runconf_node_find (self->tree, path, NULL)))
        continue;

      ignore (self, file, leaf->path, binding.found);
      g_ptr_array_add (taken, runconf_delta_new (leaf->path, NULL, NULL));
    }

  return taken->len > 0 ? runconf_diff_apply (file->root, taken) : runconf_node_ref (file->root);
}

/* a tree that gets the locked values of another one */
typedef struct
{
  const RunconfNode *from;
  RunconfNode *to;
} Graft;

/* A locked element of a sequence brings the whole sequence. */
static void
graft (gpointer data, gpointer user_data)
{
  Graft *self = user_data;
  g_autoptr (RunconfPath) path = runconf_path_new (data, NULL);
  const RunconfNode *node = self->from;
  guint depth = 0;
  g_autofree char *prefix = NULL;
  g_autoptr (RunconfPath) reached = NULL;
  g_autoptr (RunconfNode) before = NULL;

  while (node != NULL && runconf_node_is_mapping (node) && depth < runconf_path_get_length (path))
    node = runconf_mapping_get (node, runconf_path_get_segment (path, depth++));
  if (node == NULL)
    return;

  prefix = runconf_path_get_prefix (path, depth);
  reached = runconf_path_new (prefix, NULL);
  before = g_steal_pointer (&self->to);
  self->to = runconf_edit_set (before, reached, 0, node);
}

/* Returns: those of @values that are locked for the layer that replaces their file */
static RunconfNode *
keep_locked (RunconfStack *self, const RunconfLayerFile *file, const RunconfNode *values)
{
  Graft kept = { values, runconf_mapping_new_empty () };

  if (self->locks != NULL)
    runconf_locks_foreach (self->locks, file->replaced_by, graft, &kept);

  return kept.to;
}

/* A file that is replaced by a layer above @top counts as a whole. */
static void
lay (RunconfStack *self, guint position, RunconfLayer top)
{
  const RunconfLayerFile *file = self->files->pdata[position];
  gboolean is_bound = self->locks != NULL && runconf_locks_bind (self->locks, file->layer);
  g_autoptr (RunconfNode) values = is_bound ? screen (self, file) : runconf_node_ref (file->root);
  RunconfNode *tree;

  if (file->replaced_by <= top)
    {
      g_autoptr (RunconfNode) all = g_steal_pointer (&values);

      values = keep_locked (self, file, all);
    }

  tree = runconf_merge (self->tree, values);
  runconf_node_unref (self->tree);
  self->tree = tree;
  self->counted[position] = g_steal_pointer (&values);
}

static RunconfStack *
stack_new_up_to (GPtrArray *files, RunconfLocks *locks, RunconfLayer top)
{
  RunconfStack *self = g_atomic_rc_box_new0 (RunconfStack);

  self->files = g_ptr_array_ref (files);
  self->locks = locks != NULL ? runconf_locks_ref (locks) : NULL;
  self->counted = g_new0 (RunconfNode *, files->len);
  self->tree = runconf_mapping_new_empty ();
  for (guint i = 0; i < files->len; i++)
    lay (self, i, top);

  return self;
}

/**
 * runconf_stack_new:
 * @files: (element-type RunconfLayerFile): the files in the order in which they are laid
 * @locks: (nullable): the locks
 *
 * Returns: (transfer full): the stack
 */
RunconfStack *
runconf_stack_new (GPtrArray *files, RunconfLocks *locks)
{
  return stack_new_up_to (files, locks, RUNCONF_LAYER_USER);
}

RunconfStack *
runconf_stack_ref (RunconfStack *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
clear (RunconfStack *self)
{
  for (guint i = 0; i < self->files->len; i++)
    runconf_node_unref (self->counted[i]);
  g_free (self->counted);
  g_clear_pointer (&self->ignored, g_ptr_array_unref);
  g_ptr_array_unref (self->files);
  g_clear_pointer (&self->locks, runconf_locks_unref);
  runconf_node_unref (self->tree);
}

void
runconf_stack_unref (RunconfStack *self)
{
  g_atomic_rc_box_release_full (self, (GDestroyNotify) clear);
}

/**
 * runconf_stack_get_files:
 *
 * Returns: (transfer none) (element-type RunconfLayerFile): its files
 */
GPtrArray *
runconf_stack_get_files (const RunconfStack *self)
{
  return self->files;
}

/**
 * runconf_stack_get_tree:
 *
 * Returns: (transfer none): the values of all layers together
 */
const RunconfNode *
runconf_stack_get_tree (const RunconfStack *self)
{
  return self->tree;
}

/* Returns: whether @file is replaced as a whole, and no lock keeps @path */
static gboolean
is_replaced (const RunconfStack *self, const RunconfLayerFile *file, const RunconfPath *path)
{
  return file->replaced_by < RUNCONF_N_LAYERS
         && (self->locks == NULL
             || runconf_locks_find (self->locks, path, file->replaced_by) == NULL);
}

/* Merges @over over @base, which belongs to the same layer: the tags of both hide values of weaker
 * layers. Takes ownership of @base.
 */
static RunconfNode *
merge_within (RunconfNode *base, const RunconfNode *over)
{
  RunconfNode *tree = runconf_merge (base, over);
  g_autoptr (RunconfNode) nothing = runconf_mapping_new_empty ();
  g_autoptr (GPtrArray) leaves
      = runconf_node_has_tags (over) ? runconf_diff (nothing, over) : runconf_deltas_new ();

  runconf_node_unref (base);
  for (guint i = 0; i < leaves->len; i++)
    {
      const RunconfDelta *leaf = leaves->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (leaf->path, NULL);
      g_autoptr (RunconfNode) before = NULL;

      if (path == NULL || !runconf_node_has_tags (leaf->new_value))
        continue;
      before = tree;
      tree = runconf_edit_set (before, path, 0, leaf->new_value);
    }

  return tree;
}

/**
 * runconf_stack_merge_layer:
 *
 * Returns: (transfer full) (nullable): the values that the files of one layer give, those without
 *   effect included; %NULL if it has no file
 */
RunconfNode *
runconf_stack_merge_layer (const RunconfStack *self, RunconfLayer layer)
{
  RunconfNode *tree = NULL;

  for (guint i = 0; i < self->files->len; i++)
    {
      const RunconfLayerFile *file = self->files->pdata[i];

      if (file->layer == layer && file->replaced_by != layer)
        tree = tree != NULL ? merge_within (tree, file->root) : runconf_node_ref (file->root);
    }

  return tree;
}

/**
 * runconf_stack_merge_up_to:
 *
 * Returns: (transfer full): the values of @layer and all weaker ones together
 */
RunconfNode *
runconf_stack_merge_up_to (const RunconfStack *self, RunconfLayer layer)
{
  g_autoptr (GPtrArray) files = runconf_layer_files_new ();
  g_autoptr (RunconfStack) stack = NULL;

  for (guint i = 0; i < self->files->len; i++)
    {
      RunconfLayerFile *file = self->files->pdata[i];

      if (file->layer <= layer)
        g_ptr_array_add (files, runconf_layer_file_ref (file));
    }
  stack = stack_new_up_to (files, self->locks, layer);

  return runconf_node_ref (stack->tree);
}

/**
 * runconf_stack_entry_new:
 * @document: (nullable): the text that has the value
 * @root: the tree of that text
 * @path: the path that the entry is for
 *
 * Returns: (transfer full) (nullable): the value of one file at @path; %NULL if the file says nothing
 *   about it
 */
RunconfStackEntry *
runconf_stack_entry_new (RunconfLayer layer, const char *file, RunconfDocument *document,
                         const RunconfNode *root, const RunconfPath *path)
{
  guint depth;
  const RunconfNode *value = runconf_merge_find_deciding (root, path, &depth);
  const RunconfNode *inner = runconf_node_find (root, path, NULL);
  RunconfStackEntry *self;
  g_autoptr (RunconfPath) reached = NULL;

  if (value == NULL)
    return NULL;

  self = g_new0 (RunconfStackEntry, 1);
  self->layer = layer;
  self->file = g_strdup (file);
  self->pointer = inner != NULL ? g_strdup (runconf_path_get_pointer (path))
                                : runconf_path_get_prefix (path, depth);
  self->value = runconf_node_ref (inner != NULL ? inner : value);
  reached = runconf_path_new (self->pointer, NULL);
  if (document != NULL && !runconf_document_locate (document, reached, &self->line, &self->column))
    self->line = self->column = 0;

  return self;
}

void
runconf_stack_entry_free (RunconfStackEntry *self)
{
  g_free (self->file);
  g_free (self->pointer);
  runconf_node_unref (self->value);
  g_free (self->ignored);
  g_clear_pointer (&self->provenance, runconf_provenance_unref);
  g_free (self);
}

/* Returns: (transfer none) (nullable): the reason why the value of the file at @position and @path has no
 * effect. A mapping has none if all its values have none.
 */
static const char *
find_ignored (const RunconfStack *self, guint position, const RunconfPath *path)
{
  const char *pointer = runconf_path_get_pointer (path);

  if (runconf_node_find (self->counted[position], path, NULL) != NULL)
    return NULL;

  for (guint i = 0; self->ignored != NULL && i < self->ignored->len; i++)
    {
      const Ignored *entry = self->ignored->pdata[i];

      if (entry->file == self->files->pdata[position]
          && (runconf_path_is_below (pointer, entry->pointer)
              || runconf_path_is_below (entry->pointer, pointer)))
        return entry->reason;
    }

  return NULL;
}

/**
 * runconf_stack_locate:
 * @path: of a value in the tree
 * @line: (out): the line of the value; 0 if unknown
 * @column: (out): the same
 *
 * Returns: (transfer none): the file of the value: the last one that has it, and in which it counts
 */
const RunconfLayerFile *
runconf_stack_locate (const RunconfStack *self, const RunconfPath *path, guint *line, guint *column)
{
  for (guint i = self->files->len; i > 0; i--)
    {
      const RunconfLayerFile *file = self->files->pdata[i - 1];

      if (runconf_node_find (self->counted[i - 1], path, NULL) != NULL
          && runconf_document_locate (file->document, path, line, column))
        return file;
    }

  *line = 0;
  *column = 0;

  return self->files->pdata[0];
}

/* Returns: (transfer full) (nullable): what one file says about @path */
static RunconfStackEntry *
make_entry (const RunconfLayerFile *file, const RunconfPath *path)
{
  RunconfStackEntry *entry
      = runconf_stack_entry_new (file->layer, file->path, file->document, file->root, path);

  if (entry != NULL && file->provenance != NULL)
    entry->provenance = runconf_provenance_ref (file->provenance);

  return entry;
}

/**
 * runconf_stack_explain:
 *
 * Returns: (transfer full) (element-type RunconfStackEntry): what the files say about @path, the
 *   strongest one first
 */
GPtrArray *
runconf_stack_explain (const RunconfStack *self, const RunconfPath *path)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_stack_entry_free);

  for (guint i = self->files->len; i > 0; i--)
    {
      const RunconfLayerFile *file = self->files->pdata[i - 1];
      RunconfStackEntry *entry = make_entry (file, path);
      g_autoptr (RunconfPath) reached = NULL;

      if (entry == NULL)
        continue;
      reached = runconf_path_new (entry->pointer, NULL);
      entry->ignored = g_strdup (find_ignored (self, i - 1, reached));
      if (entry->ignored == NULL && is_replaced (self, file, path))
        entry->ignored = g_strdup ("a stronger layer replaces the whole file");
      g_ptr_array_add (entries, entry);
    }

  return entries;
}

/**
 * runconf_stack_list_ignored:
 *
 * Returns: (transfer full) (element-type RunconfStackEntry): the values without effect, since a weaker
 *   layer locks their paths
 */
GPtrArray *
runconf_stack_list_ignored (const RunconfStack *self)
{
  GPtrArray *entries = g_ptr_array_new_with_free_func ((GDestroyNotify) runconf_stack_entry_free);

  for (guint i = 0; self->ignored != NULL && i < self->ignored->len; i++)
    {
      const Ignored *ignored = self->ignored->pdata[i];
      g_autoptr (RunconfPath) path = runconf_path_new (ignored->pointer, NULL);
      RunconfStackEntry *entry = make_entry (ignored->file, path);

      entry->ignored = g_strdup (ignored->reason);
      g_ptr_array_add (entries, entry);
    }

  return entries;
}
