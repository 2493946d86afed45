/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/basket.h"

#include <string.h>

struct _EditorBasket
{
  GObject parent_instance;

  GPtrArray *changes; /* of EditorPending */
};

static void list_model_iface_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (EditorBasket, editor_basket, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static GType
get_item_type (GListModel *model)
{
  return EDITOR_TYPE_PENDING;
}

static guint
get_n_items (GListModel *model)
{
  return EDITOR_BASKET (model)->changes->len;
}

static gpointer
get_item (GListModel *model, guint position)
{
  GPtrArray *changes = EDITOR_BASKET (model)->changes;

  return position < changes->len ? g_object_ref (changes->pdata[position]) : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

/* Returns: the position of the change of a path; the number of changes if there is none */
static guint
find (EditorBasket *self, const char *path)
{
  guint i;

  for (i = 0; i < self->changes->len; i++)
    if (strcmp (editor_pending_get_path (self->changes->pdata[i]), path) == 0)
      break;

  return i;
}

/* Puts a change into the basket, in the place of the one of the same path. */
void
editor_basket_put (EditorBasket *self, EditorPending *pending)
{
  guint position = find (self, editor_pending_get_path (pending));
  gboolean is_new = position == self->changes->len;

  if (!is_new)
    g_ptr_array_remove_index (self->changes, position);
  g_ptr_array_insert (self->changes, (int) position, g_object_ref (pending));
  g_list_model_items_changed (G_LIST_MODEL (self), position, is_new ? 0 : 1, 1);
}

/* Forgets the change of a path, if there is one. */
void
editor_basket_drop (EditorBasket *self, const char *path)
{
  guint position = find (self, path);

  if (position == self->changes->len)
    return;

  g_ptr_array_remove_index (self->changes, position);
  g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
}

void
editor_basket_clear (EditorBasket *self)
{
  guint n = self->changes->len;

  g_ptr_array_set_size (self->changes, 0);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}

/* Returns: (transfer none) (nullable): the change of a path */
EditorPending *
editor_basket_lookup (EditorBasket *self, const char *path)
{
  guint position = find (self, path);

  return position < self->changes->len ? self->changes->pdata[position] : NULL;
}

/* Returns: (transfer full): all changes as one transaction */
RunconfTransaction *
editor_basket_make_transaction (EditorBasket *self)
{
  RunconfTransaction *transaction = runconf_transaction_new ();

  for (guint i = 0; i < self->changes->len; i++)
    editor_pending_add_to (self->changes->pdata[i], transaction);

  return transaction;
}

static void
editor_basket_finalize (GObject *object)
{
  g_ptr_array_unref (EDITOR_BASKET (object)->changes);

  G_OBJECT_CLASS (editor_basket_parent_class)->finalize (object);
}

static void
editor_basket_class_init (EditorBasketClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = editor_basket_finalize;
}

static void
editor_basket_init (EditorBasket *self)
{
  self->changes = g_ptr_array_new_with_free_func (g_object_unref);
}

EditorBasket *
editor_basket_new (void)
{
  return g_object_new (EDITOR_TYPE_BASKET, NULL);
}
