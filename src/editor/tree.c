/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/tree.h"

#include <string.h>

#include "editor/branch.h"
#include "editor/path.h"

struct _EditorTree
{
  GObject parent_instance;

  EditorPlace *place;
  GHashTable *branches; /* path → EditorBranch, unowned: those that the rows have opened */
  GtkTreeListModel *rows;
};

G_DEFINE_FINAL_TYPE (EditorTree, editor_tree, G_TYPE_OBJECT)

/* The path of the branch is gone already, so the table is searched. */
static gboolean
is_branch (gpointer key, gpointer value, gpointer branch)
{
  return value == branch;
}

static void
on_branch_freed (gpointer data, GObject *branch)
{
  g_hash_table_foreach_remove (data, is_branch, branch);
}

static EditorBranch *
make_branch (EditorTree *self, const char *path)
{
  EditorBranch *branch = editor_branch_new (self->place, path);

  g_hash_table_replace (self->branches, g_strdup (path), branch);
  g_object_weak_ref (G_OBJECT (branch), on_branch_freed, self->branches);

  return branch;
}

static GListModel *
open_item (gpointer item, gpointer user_data)
{
  if (!editor_item_has_children (item))
    return NULL;

  return G_LIST_MODEL (make_branch (user_data, editor_item_get_path (item)));
}

/* Returns: (transfer full): the open branches, which stay until the caller has been through them */
static GPtrArray *
get_branches (EditorTree *self)
{
  GPtrArray *branches = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer branch;

  g_hash_table_iter_init (&iter, self->branches);
  while (g_hash_table_iter_next (&iter, NULL, &branch))
    g_ptr_array_add (branches, g_object_ref (branch));

  return branches;
}

static void
update_all (EditorTree *self, RunconfSnapshot *snapshot)
{
  g_autoptr (GPtrArray) branches = get_branches (self);

  for (guint i = 0; i < branches->len; i++)
    editor_branch_update (branches->pdata[i], snapshot);
}

/* Adds the keys of a path to those of the open branches that it goes through.
 *
 * @touched: EditorBranch → its keys, as a set
 */
static void
touch_above (EditorTree *self, const char *path, GHashTable *touched)
{
  g_auto (GStrv) keys = runconf_path_split (path, NULL);
  g_autoptr (GString) above = g_string_new (NULL);

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      EditorBranch *branch = g_hash_table_lookup (self->branches, above->str);
      g_autofree char *next = editor_path_append (above->str, keys[i]);
      GHashTable *set = branch != NULL ? g_hash_table_lookup (touched, branch) : NULL;

      if (branch != NULL && set == NULL)
        {
          set = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
          g_hash_table_insert (touched, g_object_ref (branch), set);
        }
      if (set != NULL)
        g_hash_table_add (set, g_strdup (keys[i]));
      g_string_assign (above, next);
    }
}

/* Returns: whether a path or one above it is in a set */
static gboolean
is_at_or_below (const char *path, GHashTable *paths)
{
  g_autofree char *above = g_strdup (path);
  char *end;

  while (!g_hash_table_contains (paths, above))
    {
      end = strrchr (above, '/');
      if (end == NULL)
        return FALSE;
      *end = '\0';
    }

  return TRUE;
}

static void
update_below (EditorTree *self, RunconfSnapshot *snapshot, const char *const *paths)
{
  g_autoptr (GPtrArray) branches = get_branches (self);
  g_autoptr (GHashTable) set = g_hash_table_new (g_str_hash, g_str_equal);

  for (; *paths != NULL; paths++)
    g_hash_table_add (set, (gpointer) *paths);
  for (guint i = 0; i < branches->len; i++)
    if (is_at_or_below (editor_branch_get_path (branches->pdata[i]), set))
      editor_branch_update (branches->pdata[i], snapshot);
}

/* The first path that reports a value below another one may have been a leaf, so that the keys of each
 * branch above a path are compared, too: once, whatever number of its keys has changed.
 */
static void
update_paths (EditorTree *self, RunconfSnapshot *snapshot, const char *const *paths)
{
  g_autoptr (GHashTable) touched
      = g_hash_table_new_full (NULL, NULL, g_object_unref, (GDestroyNotify) g_hash_table_unref);
  GHashTableIter iter;
  gpointer branch, keys;

  for (const char *const *path = paths; *path != NULL; path++)
    touch_above (self, *path, touched);

  g_hash_table_iter_init (&iter, touched);
  while (g_hash_table_iter_next (&iter, &branch, &keys))
    editor_branch_update_keys (branch, snapshot, keys);
  update_below (self, snapshot, paths);
}

static void
on_changed (EditorTree *self, RunconfChange *change)
{
  RunconfConfiguration *configuration = editor_place_get_configuration (self->place);
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (configuration);

  if (change == NULL || runconf_change_get_n_omitted (change) > 0)
    update_all (self, snapshot);
  else
    update_paths (self, snapshot, runconf_change_get_paths (change));
}

static void
on_secrets (EditorTree *self)
{
  on_changed (self, NULL);
}

GListModel *
editor_tree_get_rows (EditorTree *self)
{
  return G_LIST_MODEL (self->rows);
}

/* @row: (nullable): the row above; %NULL for the root
 *
 * Returns: (transfer full) (nullable): the row of a key
 */
static GtkTreeListRow *
get_row (EditorTree *self, GtkTreeListRow *row, const char *path, const char *key)
{
  EditorBranch *branch;
  guint position;

  if (row != NULL)
    gtk_tree_list_row_set_expanded (row, TRUE);
  branch = g_hash_table_lookup (self->branches, path);
  if (branch == NULL)
    return NULL;

  position = editor_branch_find (branch, key);

  return row != NULL ? gtk_tree_list_row_get_child_row (row, position)
                     : gtk_tree_list_model_get_child_row (self->rows, position);
}

/* Expands the rows above a path.
 *
 * Returns: the position of its row, or of the last one on the way to it that there is; otherwise
 *   %GTK_INVALID_LIST_POSITION
 */
guint
editor_tree_reveal (EditorTree *self, const char *path)
{
  g_auto (GStrv) keys = runconf_path_split (path, NULL);
  g_autofree char *above = g_strdup ("");
  g_autoptr (GtkTreeListRow) row = NULL;

  for (guint i = 0; keys != NULL && keys[i] != NULL; i++)
    {
      GtkTreeListRow *next = get_row (self, row, above, keys[i]);
      char *below = editor_path_append (above, keys[i]);

      g_free (above);
      above = below;
      if (next == NULL)
        break;

      g_clear_object (&row);
      row = next;
    }

  return row != NULL ? gtk_tree_list_row_get_position (row) : GTK_INVALID_LIST_POSITION;
}

static void
editor_tree_finalize (GObject *object)
{
  EditorTree *self = EDITOR_TREE (object);
  g_autoptr (GPtrArray) branches = get_branches (self);

  /* whoever still has one of them would report its end to a table that is gone */
  for (guint i = 0; i < branches->len; i++)
    g_object_weak_unref (branches->pdata[i], on_branch_freed, self->branches);
  g_object_unref (self->rows);
  g_hash_table_unref (self->branches);
  g_object_unref (self->place);

  G_OBJECT_CLASS (editor_tree_parent_class)->finalize (object);
}

static void
editor_tree_class_init (EditorTreeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_tree_finalize;
}

static void
editor_tree_init (EditorTree *self)
{
  self->branches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* @place: a place with a configuration */
EditorTree *
editor_tree_new (EditorPlace *place)
{
  EditorTree *self = g_object_new (EDITOR_TYPE_TREE, NULL);

  self->place = g_object_ref (place);
  self->rows = gtk_tree_list_model_new (G_LIST_MODEL (make_branch (self, "")), FALSE, FALSE,
                                        open_item, self, NULL);
  g_signal_connect_object (place, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (editor_place_get_secrets (place), "changed", G_CALLBACK (on_secrets),
                           self, G_CONNECT_SWAPPED);

  return self;
}
