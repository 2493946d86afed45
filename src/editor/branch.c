/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/branch.h"

#include <string.h>

#include "editor/path.h"

/* The children model of the library reads the value of each child when it is made. The children of the
 * root are the whole configuration, so that 100,000 leaves would be read for a dozen of rows.
 */
struct _EditorBranch
{
  GObject parent_instance;

  RunconfConfiguration *configuration;
  char *path;
  char **keys;
  GPtrArray *items; /* (nullable elements) of EditorItem, one for each key */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorBranch, editor_branch, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GType
get_item_type (GListModel *model)
{
  return EDITOR_TYPE_ITEM;
}

static guint
get_n_items (GListModel *model)
{
  return EDITOR_BRANCH (model)->items->len;
}

static EditorItem *
make_item (EditorBranch *self, const char *key)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (self->configuration);
  g_autofree char *path = editor_path_append (self->path, key);

  return editor_item_new (path, key, snapshot);
}

static gpointer
get_item (GListModel *model, guint position)
{
  EditorBranch *self = EDITOR_BRANCH (model);

  if (position >= self->items->len)
    return NULL;

  if (self->items->pdata[position] == NULL)
    self->items->pdata[position] = make_item (self, self->keys[position]);

  return g_object_ref (self->items->pdata[position]);
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

const char *
editor_branch_get_path (EditorBranch *self)
{
  return self->path;
}

/* Returns: the position of a key; the number of keys if there is no such key */
guint
editor_branch_find (EditorBranch *self, const char *key)
{
  guint i;

  for (i = 0; i < self->items->len; i++)
    if (strcmp (self->keys[i], key) == 0)
      break;

  return i;
}

/* The item may have become a mapping, or one no longer. */
static void
update_item (EditorBranch *self, RunconfSnapshot *snapshot, guint position)
{
  EditorItem *item = self->items->pdata[position];

  if (item == NULL || editor_item_update (item, snapshot))
    return;

  g_object_unref (item);
  self->items->pdata[position] = NULL;
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 1);
}

/* @n_removed: the number of keys after @begin that are other ones now */
static void
splice (EditorBranch *self, char **keys, guint begin, guint n_removed, guint n_added)
{
  if (n_removed > 0)
    g_ptr_array_remove_range (self->items, begin, n_removed);
  for (guint i = 0; i < n_added; i++)
    g_ptr_array_insert (self->items, (int) (begin + i), NULL);
  g_strfreev (self->keys);
  self->keys = keys;

  g_list_model_items_changed (G_LIST_MODEL (self), begin, n_removed, n_added);
}

/* Takes ownership of @keys. The rows before the first difference and after the last one stay. */
static void
take_keys (EditorBranch *self, char **keys)
{
  guint n_old = self->items->len, n_new = g_strv_length (keys);
  guint begin = 0, end = 0;

  while (begin < MIN (n_old, n_new) && strcmp (self->keys[begin], keys[begin]) == 0)
    begin++;
  while (end < MIN (n_old, n_new) - begin
         && strcmp (self->keys[n_old - 1 - end], keys[n_new - 1 - end]) == 0)
    end++;

  if (begin == n_old && begin == n_new)
    g_strfreev (keys);
  else
    splice (self, keys, begin, n_old - begin - end, n_new - begin - end);
}

/* Follows a change of all values, and of the keys. */
void
editor_branch_update (EditorBranch *self, RunconfSnapshot *snapshot)
{
  take_keys (self, runconf_snapshot_list (snapshot, self->path));
  for (guint i = 0; i < self->items->len; i++)
    update_item (self, snapshot, i);
}

/* Follows a change of one value, and of the keys. */
void
editor_branch_update_key (EditorBranch *self, RunconfSnapshot *snapshot, const char *key)
{
  guint position;

  take_keys (self, runconf_snapshot_list (snapshot, self->path));
  position = editor_branch_find (self, key);
  if (position < self->items->len)
    update_item (self, snapshot, position);
}

static void
editor_branch_finalize (GObject *object)
{
  EditorBranch *self = EDITOR_BRANCH (object);

  g_object_unref (self->configuration);
  g_strfreev (self->keys);
  g_ptr_array_unref (self->items);
  g_free (self->path);

  G_OBJECT_CLASS (editor_branch_parent_class)->finalize (object);
}

static void
editor_branch_class_init (EditorBranchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_branch_finalize;
}

static void
free_item (gpointer item)
{
  g_clear_object (&item);
}

static void
editor_branch_init (EditorBranch *self)
{
  self->items = g_ptr_array_new_with_free_func (free_item);
}

EditorBranch *
editor_branch_new (RunconfConfiguration *configuration, const char *path)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (configuration);
  EditorBranch *self = g_object_new (EDITOR_TYPE_BRANCH, NULL);

  self->configuration = g_object_ref (configuration);
  self->path = g_strdup (path);
  self->keys = runconf_snapshot_list (snapshot, path);
  g_ptr_array_set_size (self->items, (int) g_strv_length (self->keys));

  return self;
}
