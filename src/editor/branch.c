/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/branch.h"

#include <string.h>

#include "editor/path.h"
#include "editor/row-array.h"

/* The children model of the library reads the value of each child when it is made. The children of the
 * root are the whole configuration, so that 100,000 leaves would be read for a dozen of rows.
 */
struct _EditorBranch
{
  GObject parent_instance;

  EditorPlace *place;
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

static RunconfSnapshot *
get_snapshot (EditorBranch *self)
{
  return runconf_configuration_get_snapshot (editor_place_get_configuration (self->place));
}

static char **
list_keys (EditorBranch *self, RunconfSnapshot *snapshot)
{
  return editor_secrets_add_keys (editor_place_get_secrets (self->place), self->path,
                                  runconf_snapshot_list (snapshot, self->path));
}

static EditorItem *
make_item (EditorBranch *self, const char *key)
{
  g_autoptr (RunconfSnapshot) snapshot = get_snapshot (self);
  g_autofree char *path = editor_path_append (self->path, key);

  return editor_item_new (path, key, editor_place_get_secrets (self->place), snapshot);
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
  editor_row_array_splice (self->items, begin, n_removed, n_added);
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
  take_keys (self, list_keys (self, snapshot));
  for (guint i = 0; i < self->items->len; i++)
    update_item (self, snapshot, i);
}

/* Follows a change of the values of some keys, and of the keys.
 *
 * @changed: a set of keys
 */
void
editor_branch_update_keys (EditorBranch *self, RunconfSnapshot *snapshot, GHashTable *changed)
{
  take_keys (self, list_keys (self, snapshot));
  for (guint i = 0; i < self->items->len; i++)
    if (self->items->pdata[i] != NULL && g_hash_table_contains (changed, self->keys[i]))
      update_item (self, snapshot, i);
}

static void
editor_branch_finalize (GObject *object)
{
  EditorBranch *self = EDITOR_BRANCH (object);

  g_object_unref (self->place);
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
editor_branch_init (EditorBranch *self)
{
}

/* @place: a place with a configuration */
EditorBranch *
editor_branch_new (EditorPlace *place, const char *path)
{
  EditorBranch *self = g_object_new (EDITOR_TYPE_BRANCH, NULL);
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  self->place = g_object_ref (place);
  self->path = g_strdup (path);
  snapshot = get_snapshot (self);
  self->keys = list_keys (self, snapshot);
  self->items = editor_row_array_new (g_strv_length (self->keys));

  return self;
}
