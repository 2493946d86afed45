/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/children.h"

#include <string.h>

#include "client/child-private.h"
#include "core/path.h"

/* The model works only in the thread-default main context in which it was made, so it needs no lock.
 *
 * After each change it compares its keys with those of a snapshot. A child whose key stays is the same
 * object, and stays in its place unless the order of the keys changed: the fewest possible children are
 * then taken out and put in elsewhere. Each signal is emitted when the model is as it says.
 */
struct _RunconfChildren
{
  GObject parent_instance;

  RunconfConfiguration *configuration;
  char *path;
  RunconfWatch *watch;
  GPtrArray *items; /* of RunconfChild */
  gboolean is_refreshing;
  gboolean is_stale; /* a change was reported meanwhile, by a main loop that a handler ran */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (RunconfChildren, runconf_children, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GType
get_item_type (GListModel *model)
{
  return RUNCONF_TYPE_CHILD;
}

static guint
get_n_items (GListModel *model)
{
  return RUNCONF_CHILDREN (model)->items->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *items = RUNCONF_CHILDREN (model)->items;

  return position < items->len ? g_object_ref (items->pdata[position]) : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static const char *
get_key (RunconfChildren *self, guint position)
{
  return runconf_child_get_key (self->items->pdata[position]);
}

static gboolean
is_at (RunconfChildren *self, guint position, const char *key)
{
  return position < self->items->len && strcmp (get_key (self, position), key) == 0;
}

static void
emit (RunconfChildren *self, guint position, guint n_removed, guint n_added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
}

/* @places: for each item, its place among the new keys, from 1 on; 0 if the key is gone
 *
 * Finds the longest sequence of items that are in the same order among the new keys.
 *
 * Returns: (transfer full): for each item, whether it is in that sequence
 */
static gboolean *
find_staying (const guint *places, guint n)
{
  gboolean *staying = g_new0 (gboolean, n);
  g_autofree guint *ends = g_new (guint, n); /* by length: the item that ends the best sequence */
  g_autofree guint *before = g_new (guint, n);
  guint length = 0;

  for (guint i = 0; i < n; i++)
    {
      guint low = 0, high = length;

      if (places[i] == 0)
        continue;

      while (low < high)
        {
          guint middle = (low + high) / 2;

          if (places[ends[middle]] < places[i])
            low = middle + 1;
          else
            high = middle;
        }
      before[i] = low > 0 ? ends[low - 1] : n;
      ends[low] = i;
      length = MAX (length, low + 1);
    }

  for (guint i = length > 0 ? ends[length - 1] : n; i < n; i = before[i])
    staying[i] = TRUE;

  return staying;
}

/* Returns: (transfer full): the removed children whose keys are only moved, by key */
static GHashTable *
remove_items (RunconfChildren *self, char **keys)
{
  GHashTable *moved = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  g_autoptr (GHashTable) wanted = g_hash_table_new (g_str_hash, g_str_equal);
  guint end = self->items->len;
  g_autofree guint *places = g_new (guint, end);
  g_autofree gboolean *staying = NULL;

  for (guint i = 0; keys[i] != NULL; i++)
    g_hash_table_insert (wanted, keys[i], GUINT_TO_POINTER (i + 1));
  for (guint i = 0; i < end; i++)
    places[i] = GPOINTER_TO_UINT (g_hash_table_lookup (wanted, get_key (self, i)));
  staying = find_staying (places, end);

  while (end > 0)
    {
      guint begin = end;

      for (; begin > 0 && !staying[begin - 1]; begin--)
        if (places[begin - 1] != 0)
          g_hash_table_insert (moved, (gpointer) get_key (self, begin - 1),
                               g_object_ref (self->items->pdata[begin - 1]));
      if (begin == end)
        {
          end--;
          continue;
        }

      g_ptr_array_remove_range (self->items, begin, end - begin);
      emit (self, begin, end - begin, 0);
      end = begin;
    }

  return moved;
}

static char *
make_path (RunconfChildren *self, const char *key)
{
  GString *path = g_string_new (self->path);

  runconf_path_append (path, key);

  return g_string_free (path, FALSE);
}

/* Returns: (transfer full) (nullable): a child; %NULL if the memory of the snapshot is damaged */
static RunconfChild *
make_child (RunconfChildren *self, RunconfSnapshot *snapshot, const char *key)
{
  g_autofree char *path = make_path (self, key);
  GVariant *value = runconf_snapshot_get_value (snapshot, path);

  return value != NULL ? runconf_child_new_take (g_steal_pointer (&path), key, value) : NULL;
}

static RunconfChild *
find_child (RunconfChildren *self, RunconfSnapshot *snapshot, GHashTable *moved, const char *key)
{
  RunconfChild *child = g_hash_table_lookup (moved, key);

  return child != NULL ? g_object_ref (child) : make_child (self, snapshot, key);
}

static void
insert_items (RunconfChildren *self, RunconfSnapshot *snapshot, GHashTable *moved, char **keys)
{
  guint begin = 0, end = 0;

  for (; *keys != NULL; keys++)
    {
      gboolean is_there = is_at (self, end, *keys);
      RunconfChild *child = is_there ? NULL : find_child (self, snapshot, moved, *keys);

      if (child != NULL)
        g_ptr_array_insert (self->items, (int) end++, child);
      if (!is_there)
        continue;

      if (end > begin)
        emit (self, begin, 0, end - begin);
      begin = ++end;
    }

  if (end > begin)
    emit (self, begin, 0, end - begin);
}

static gboolean
has_keys (RunconfChildren *self, char **keys)
{
  guint i;

  for (i = 0; keys[i] != NULL; i++)
    if (!is_at (self, i, keys[i]))
      return FALSE;

  return i == self->items->len;
}

/* Returns: (transfer full) (nullable): the children that @paths concern, by the last segment of their
 *   path; %NULL for all
 */
static GHashTable *
find_touched (RunconfChildren *self, const char *const *paths)
{
  g_autoptr (GHashTable) touched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gsize length = strlen (self->path);

  for (; *paths != NULL; paths++)
    {
      const char *segment = *paths + length + 1;

      if (strlen (*paths) <= length)
        return NULL;
      g_hash_table_add (touched, g_strndup (segment, strcspn (segment, "/")));
    }

  return g_steal_pointer (&touched);
}

static void
update_values (RunconfChildren *self, RunconfSnapshot *snapshot, GHashTable *touched)
{
  for (guint i = 0; i < self->items->len; i++)
    {
      RunconfChild *child = self->items->pdata[i];
      const char *path = runconf_child_get_path (child);
      GVariant *value = NULL;

      if (touched == NULL || g_hash_table_contains (touched, strrchr (path, '/') + 1))
        value = runconf_snapshot_get_value (snapshot, path);
      if (value != NULL)
        runconf_child_take_value (child, value);
    }
}

static void
refresh_once (RunconfChildren *self, const char *const *paths)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (self->configuration);
  g_auto (GStrv) keys = runconf_snapshot_list (snapshot, self->path);
  g_autoptr (GHashTable) touched = paths != NULL ? find_touched (self, paths) : NULL;

  if (!has_keys (self, keys))
    {
      g_autoptr (GHashTable) moved = remove_items (self, keys);

      insert_items (self, snapshot, moved, keys);
    }
  update_values (self, snapshot, touched);
}

/* @paths: (nullable): the paths that changed; %NULL for all */
static void
refresh (RunconfChildren *self, const char *const *paths)
{
  g_autoptr (RunconfChildren) kept = g_object_ref (self);

  self->is_stale = self->is_refreshing;
  if (self->is_refreshing)
    return;

  self->is_refreshing = TRUE;
  refresh_once (self, paths);
  while (self->is_stale)
    {
      self->is_stale = FALSE;
      refresh_once (self, NULL);
    }
  self->is_refreshing = FALSE;
}

static void
on_changed (RunconfChildren *self, RunconfChange *change)
{
  refresh (self, runconf_change_get_paths (change));
}

static void
runconf_children_dispose (GObject *object)
{
  RunconfChildren *self = RUNCONF_CHILDREN (object);

  if (self->watch != NULL)
    g_signal_handlers_disconnect_by_data (self->watch, self);
  g_clear_object (&self->watch);

  G_OBJECT_CLASS (runconf_children_parent_class)->dispose (object);
}

static void
runconf_children_finalize (GObject *object)
{
  RunconfChildren *self = RUNCONF_CHILDREN (object);

  g_clear_object (&self->configuration);
  g_ptr_array_unref (self->items);
  g_free (self->path);

  G_OBJECT_CLASS (runconf_children_parent_class)->finalize (object);
}

static void
runconf_children_class_init (RunconfChildrenClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = runconf_children_dispose;
  object_class->finalize = runconf_children_finalize;
}

static void
runconf_children_init (RunconfChildren *self)
{
  self->items = g_ptr_array_new_with_free_func (g_object_unref);
}

/**
 * runconf_configuration_create_children_model:
 * @self: a configuration
 * @path: a path, as a JSON Pointer; the empty string is the whole configuration
 * @error: return location for an error
 *
 * Creates a live list of the children of a mapping or a sequence, for a list in a user interface.
 *
 * The items are [class@Child] objects, in the order of [method@Configuration.list]. The list follows
 * all changes. A child whose key stays is the same object, and its property
 * [property@Child:value] is notified if its value changes; the keys of a sequence are its indices.
 * If there is no value at the path, or a scalar, the list is empty.
 *
 * If only the order of keys changes, and no value, the list has the new order after the next change.
 *
 * The list keeps the configuration alive. It works in the thread-default main context of the
 * caller, and must be used in that context only. A change costs time for the number of children,
 * and for the values of the children that changed.
 *
 * Never blocks.
 *
 * Returns: (transfer full): a list of [class@Child] objects, or %NULL with an error of
 *   [method@Configuration.watch]
 *
 * Since: 1.0
 */
GListModel *
runconf_configuration_create_children_model (RunconfConfiguration *self, const char *path,
                                             GError **error)
{
  RunconfChildren *model;
  RunconfWatch *watch;

  g_return_val_if_fail (RUNCONF_IS_CONFIGURATION (self), NULL);
  g_return_val_if_fail (path != NULL, NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  watch = runconf_configuration_watch (self, path, error);
  if (watch == NULL)
    return NULL;

  model = g_object_new (RUNCONF_TYPE_CHILDREN, NULL);
  model->configuration = g_object_ref (self);
  model->path = g_strdup (path);
  model->watch = watch;
  g_signal_connect_object (watch, "changed", G_CALLBACK (on_changed), model, G_CONNECT_SWAPPED);
  refresh (model, NULL);

  return G_LIST_MODEL (model);
}
