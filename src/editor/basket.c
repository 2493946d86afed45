/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/basket.h"

#include <string.h>

struct _EditorBasket
{
  GObject parent_instance;

  GPtrArray *changes;                  /* of EditorPending */
  RunconfConfiguration *configuration; /* (nullable) */
  char *problem;
};

enum
{
  PROP_N_ITEMS = 1,
  PROP_IS_READY,
  PROP_PROBLEM,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

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

/* Returns: whether somebody else has changed a value that the user wants to change */
gboolean
editor_basket_get_conflicting (EditorBasket *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    if (editor_pending_get_conflicting (self->changes->pdata[i]))
      return TRUE;

  return FALSE;
}

/* Returns: whether there are changes, and nothing is known against any of them */
gboolean
editor_basket_get_ready (EditorBasket *self)
{
  for (guint i = 0; i < self->changes->len; i++)
    if (*editor_pending_get_problem (self->changes->pdata[i]) != '\0')
      return FALSE;

  return self->changes->len > 0 && *self->problem == '\0' && !editor_basket_get_conflicting (self);
}

static void
notify_ready (EditorBasket *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_READY]);
}

static void
emit_changed (EditorBasket *self, guint position, guint n_removed, guint n_added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, n_removed, n_added);
  if (n_removed != n_added)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_ITEMS]);
  notify_ready (self);
}

static void
watch (EditorBasket *self, EditorPending *pending)
{
  g_signal_connect_swapped (pending, "notify::problem", G_CALLBACK (notify_ready), self);
  g_signal_connect_swapped (pending, "notify::is-conflicting", G_CALLBACK (notify_ready), self);
}

static void
let_go (EditorBasket *self, EditorPending *pending)
{
  g_signal_handlers_disconnect_by_data (pending, self);
}

/* Finds out what others have changed.
 *
 * Returns: the version that the changes were compared with
 */
guint64
editor_basket_compare (EditorBasket *self)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (self->configuration);

  for (guint i = 0; i < self->changes->len; i++)
    editor_pending_compare (self->changes->pdata[i], snapshot);

  return runconf_snapshot_get_version (snapshot);
}

/* The change is made on the value that the user sees now, unless there is one on an earlier value. A
 * caller that has set the base already has made it on another one.
 */
static void
set_base (EditorBasket *self, EditorPending *pending, EditorPending *before)
{
  g_autoptr (GVariant) now = NULL;

  if (self->configuration == NULL || editor_pending_get_base (pending) != NULL)
    return;

  now = runconf_configuration_get_value (self->configuration, editor_pending_get_path (pending));
  editor_pending_set_base (pending, before != NULL ? editor_pending_get_base (before) : now);
}

static void
compare_one (EditorBasket *self, EditorPending *pending)
{
  g_autoptr (RunconfSnapshot) snapshot = NULL;

  if (self->configuration == NULL)
    return;

  snapshot = runconf_configuration_get_snapshot (self->configuration);
  editor_pending_compare (pending, snapshot);
}

/* Puts a change into the basket, in the place of the one of the same path. */
void
editor_basket_put (EditorBasket *self, EditorPending *pending)
{
  guint position = find (self, editor_pending_get_path (pending));
  gboolean is_new = position == self->changes->len;
  EditorPending *before = is_new ? NULL : self->changes->pdata[position];

  set_base (self, pending, before);
  compare_one (self, pending);
  watch (self, pending);
  if (!is_new)
    {
      let_go (self, before);
      g_ptr_array_remove_index (self->changes, position);
    }
  g_ptr_array_insert (self->changes, (int) position, g_object_ref (pending));
  emit_changed (self, position, is_new ? 0 : 1, 1);
}

/* Forgets the change of a path, if there is one. */
void
editor_basket_drop (EditorBasket *self, const char *path)
{
  guint position = find (self, path);

  if (position == self->changes->len)
    return;

  let_go (self, self->changes->pdata[position]);
  g_ptr_array_remove_index (self->changes, position);
  emit_changed (self, position, 1, 0);
}

/* Decides that a change is to be made, whatever others have changed until now. */
void
editor_basket_keep (EditorBasket *self, const char *path)
{
  EditorPending *pending = editor_basket_lookup (self, path);

  if (pending != NULL)
    editor_pending_set_base (pending, editor_pending_get_current (pending));
}

void
editor_basket_clear (EditorBasket *self)
{
  guint n = self->changes->len;

  for (guint i = 0; i < n; i++)
    let_go (self, self->changes->pdata[i]);
  g_ptr_array_set_size (self->changes, 0);
  emit_changed (self, 0, n, 0);
}

/* Returns: why the service refuses the changes together; empty if it doesn't */
const char *
editor_basket_get_problem (EditorBasket *self)
{
  return self->problem;
}

void
editor_basket_set_problem (EditorBasket *self, const char *problem)
{
  if (g_str_equal (self->problem, problem))
    return;

  g_free (self->problem);
  self->problem = g_strdup (problem);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
  notify_ready (self);
}

/* Returns: (transfer none) (nullable): the change of a path */
EditorPending *
editor_basket_lookup (EditorBasket *self, const char *path)
{
  guint position = find (self, path);

  return position < self->changes->len ? self->changes->pdata[position] : NULL;
}

/* @kind: %EDITOR_PENDING_BOOT or %EDITOR_PENDING_DEFAULT; a transaction is of one kind
 *
 * Returns: (transfer full) (nullable): all changes of the kind; %NULL if there are none
 */
RunconfTransaction *
editor_basket_make_transaction (EditorBasket *self, EditorPendingFlags kind)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  guint n = 0;

  for (guint i = 0; i < self->changes->len; i++)
    {
      EditorPending *pending = self->changes->pdata[i];

      if ((editor_pending_get_flags (pending) & EDITOR_PENDING_BOOT) != kind)
        continue;
      editor_pending_add_to (pending, transaction);
      n++;
    }
  runconf_transaction_set_boot (transaction, kind == EDITOR_PENDING_BOOT);

  return n > 0 ? g_steal_pointer (&transaction) : NULL;
}

/* @configuration: what the changes are changes of; it stays the same */
void
editor_basket_set_configuration (EditorBasket *self, RunconfConfiguration *configuration)
{
  g_set_object (&self->configuration, configuration);
  g_signal_connect_object (configuration, "changed", G_CALLBACK (editor_basket_compare), self,
                           G_CONNECT_SWAPPED);
}

static void
editor_basket_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EditorBasket *self = EDITOR_BASKET (object);

  switch (id)
    {
    case PROP_N_ITEMS:
      g_value_set_uint (value, self->changes->len);
      break;
    case PROP_IS_READY:
      g_value_set_boolean (value, editor_basket_get_ready (self));
      break;
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_basket_finalize (GObject *object)
{
  EditorBasket *self = EDITOR_BASKET (object);

  for (guint i = 0; i < self->changes->len; i++)
    let_go (self, self->changes->pdata[i]);
  g_ptr_array_unref (self->changes);
  g_clear_object (&self->configuration);
  g_free (self->problem);

  G_OBJECT_CLASS (editor_basket_parent_class)->finalize (object);
}

static void
editor_basket_class_init (EditorBasketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = editor_basket_get_property;
  object_class->finalize = editor_basket_finalize;

  properties[PROP_N_ITEMS] = g_param_spec_uint ("n-items", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_IS_READY] = g_param_spec_boolean ("is-ready", NULL, NULL, FALSE, flags);
  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, "", flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
editor_basket_init (EditorBasket *self)
{
  self->changes = g_ptr_array_new_with_free_func (g_object_unref);
  self->problem = g_strdup ("");
}

EditorBasket *
editor_basket_new (void)
{
  return g_object_new (EDITOR_TYPE_BASKET, NULL);
}
