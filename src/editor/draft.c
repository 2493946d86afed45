/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/draft.h"

#include <string.h>

#include "editor/dry-run.h"

struct _EditorDraft
{
  GObject parent_instance;

  EditorPlace *place;
  char *path;
  EditorPending *pending; /* (nullable): the change, also while the service is asked about it */
  GVariant *base;         /* (nullable): the value that the user saw before the change */
  char *problem;
  GCancellable *cancellable; /* (nullable): of the question to the service */
  gboolean is_moving;        /* the draft itself changes the basket */
};

enum
{
  PROP_PROBLEM = 1,
  PROP_IS_OPEN,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (EditorDraft, editor_draft, G_TYPE_OBJECT)

EditorPlace *
editor_draft_get_place (EditorDraft *self)
{
  return self->place;
}

const char *
editor_draft_get_path (EditorDraft *self)
{
  return self->path;
}

const char *
editor_draft_get_problem (EditorDraft *self)
{
  return self->problem;
}

/* Returns: (transfer none) (nullable): the change; %NULL if the user's input is no value at all */
EditorPending *
editor_draft_get_pending (EditorDraft *self)
{
  return self->pending;
}

gboolean
editor_draft_is_open (EditorDraft *self)
{
  return self->pending != NULL || *self->problem != '\0';
}

static void
set_state (EditorDraft *self, EditorPending *pending, const char *problem)
{
  g_autofree char *text = g_strdup (problem);

  g_set_object (&self->pending, pending);
  g_free (self->problem);
  self->problem = g_steal_pointer (&text);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROBLEM]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_OPEN]);
}

static void
cancel (EditorDraft *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

/* @pending: (nullable): the change in the basket from now on */
static void
move (EditorDraft *self, EditorPending *pending)
{
  EditorBasket *basket = editor_place_get_basket (self->place);

  self->is_moving = TRUE;
  if (pending != NULL)
    editor_basket_put (basket, pending);
  else
    editor_basket_drop (basket, self->path);
  self->is_moving = FALSE;
}

/* Returns: whether a line of a refusal is about another change of the basket, and not about this one */
static gboolean
is_about_another (EditorDraft *self, const char *line)
{
  GListModel *basket = G_LIST_MODEL (editor_place_get_basket (self->place));
  guint n = g_list_model_get_n_items (basket);
  gboolean is_found = FALSE;

  if (editor_dry_run_is_about (line, self->path))
    return FALSE;

  for (guint i = 0; i < n && !is_found; i++)
    {
      g_autoptr (EditorPending) other = g_list_model_get_item (basket, i);

      is_found = editor_dry_run_is_about (line, editor_pending_get_path (other));
    }

  return is_found;
}

/* The other changes have their own problems, which the basket shows. */
static char *
find_problem (EditorDraft *self, const char *refusal)
{
  g_auto (GStrv) lines = g_strsplit (refusal, "\n", -1);
  g_autoptr (GStrvBuilder) own = g_strv_builder_new ();
  g_auto (GStrv) kept = NULL;

  for (char **line = lines; *line != NULL; line++)
    if (!is_about_another (self, *line))
      g_strv_builder_add (own, *line);
  kept = g_strv_builder_end (own);

  return g_strjoinv ("\n", kept);
}

static void
on_checked (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorDraft) self = user_data;
  g_autofree char *refusal = NULL;
  g_autofree char *problem = NULL;

  if (!editor_dry_run_finish (RUNCONF_CONFIGURATION (object), result, &refusal))
    return;

  g_clear_object (&self->cancellable);
  problem = find_problem (self, refusal);
  move (self, *problem == '\0' ? self->pending : NULL);
  set_state (self, self->pending, problem);
}

static gboolean
is_same_kind (EditorPending *a, EditorPending *b)
{
  return ((editor_pending_get_flags (a) ^ editor_pending_get_flags (b)) & EDITOR_PENDING_BOOT) == 0;
}

/* The other changes of the basket count, too: one may be right only with another. */
static void
add_others (EditorDraft *self, RunconfTransaction *transaction)
{
  GListModel *basket = G_LIST_MODEL (editor_place_get_basket (self->place));
  guint n = g_list_model_get_n_items (basket);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (EditorPending) other = g_list_model_get_item (basket, i);

      if (is_same_kind (other, self->pending)
          && strcmp (editor_pending_get_path (other), self->path) != 0)
        editor_pending_add_to (other, transaction);
    }
}

static void
ask (EditorDraft *self, RunconfConfiguration *configuration)
{
  g_autoptr (RunconfTransaction) transaction = runconf_transaction_new ();
  EditorPendingFlags flags = editor_pending_get_flags (self->pending);

  add_others (self, transaction);
  editor_pending_add_to (self->pending, transaction);
  runconf_transaction_set_boot (transaction, (flags & EDITOR_PENDING_BOOT) != 0);

  cancel (self);
  self->cancellable = g_cancellable_new ();
  editor_dry_run_start (configuration, transaction, self->cancellable, on_checked,
                        g_object_ref (self));
}

/* Asks the service again, whose rules are other ones now. */
void
editor_draft_check_again (EditorDraft *self)
{
  RunconfConfiguration *configuration = editor_place_get_configuration (self->place);

  if (self->pending != NULL && configuration != NULL)
    ask (self, configuration);
}

/* While the user types, the change is out of the basket and in it again. It stays one on the value that
 * the user saw at first, so that the basket sees what others change meanwhile.
 */
static void
take_base (EditorDraft *self)
{
  EditorPending *present = editor_basket_lookup (editor_place_get_basket (self->place), self->path);
  RunconfConfiguration *configuration = editor_place_get_configuration (self->place);
  GVariant *base = present != NULL ? editor_pending_get_base (present) : NULL;

  if (present == NULL && editor_draft_is_open (self))
    return;

  g_clear_pointer (&self->base, g_variant_unref);
  if (present != NULL)
    self->base = base != NULL ? g_variant_ref (base) : NULL;
  else if (configuration != NULL)
    self->base = runconf_configuration_get_value (configuration, self->path);
}

/* Asks the service about a change, and puts it into the basket if it is accepted. Until then, no older
 * change of the path may be applied.
 */
void
editor_draft_try (EditorDraft *self, EditorPending *pending)
{
  take_base (self);
  if (self->base != NULL)
    editor_pending_set_base (pending, self->base);
  move (self, NULL);
  set_state (self, pending, self->problem);
  editor_draft_check_again (self);
}

/* @problem: why the user's input is no value */
void
editor_draft_refuse (EditorDraft *self, const char *problem)
{
  take_base (self);
  cancel (self);
  move (self, NULL);
  set_state (self, NULL, problem);
}

void
editor_draft_discard (EditorDraft *self)
{
  editor_draft_refuse (self, "");
}

/* The change was applied, or the user has taken it out of the basket there. */
static void
on_basket (EditorDraft *self)
{
  EditorPending *pending = editor_basket_lookup (editor_place_get_basket (self->place), self->path);

  if (self->is_moving || pending == self->pending || self->cancellable != NULL)
    return;
  if (pending == NULL && *self->problem != '\0')
    return;

  set_state (self, pending, "");
}

static void
editor_draft_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  EditorDraft *self = EDITOR_DRAFT (object);

  switch (id)
    {
    case PROP_PROBLEM:
      g_value_set_string (value, self->problem);
      break;
    case PROP_IS_OPEN:
      g_value_set_boolean (value, editor_draft_is_open (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
editor_draft_dispose (GObject *object)
{
  EditorDraft *self = EDITOR_DRAFT (object);

  cancel (self);
  g_clear_object (&self->pending);

  G_OBJECT_CLASS (editor_draft_parent_class)->dispose (object);
}

static void
editor_draft_finalize (GObject *object)
{
  EditorDraft *self = EDITOR_DRAFT (object);

  g_clear_object (&self->place);
  g_free (self->path);
  g_free (self->problem);
  g_clear_pointer (&self->base, g_variant_unref);

  G_OBJECT_CLASS (editor_draft_parent_class)->finalize (object);
}

static void
editor_draft_class_init (EditorDraftClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = editor_draft_get_property;
  object_class->dispose = editor_draft_dispose;
  object_class->finalize = editor_draft_finalize;

  properties[PROP_PROBLEM] = g_param_spec_string ("problem", NULL, NULL, "", flags);
  properties[PROP_IS_OPEN] = g_param_spec_boolean ("is-open", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
editor_draft_init (EditorDraft *self)
{
  self->problem = g_strdup ("");
}

/* The change of the path that is in the basket already goes on. */
EditorDraft *
editor_draft_new (EditorPlace *place, const char *path)
{
  EditorDraft *self = g_object_new (EDITOR_TYPE_DRAFT, NULL);
  EditorBasket *basket = editor_place_get_basket (place);

  self->place = g_object_ref (place);
  self->path = g_strdup (path);
  g_set_object (&self->pending, editor_basket_lookup (basket, path));
  g_signal_connect_object (basket, "items-changed", G_CALLBACK (on_basket), self,
                           G_CONNECT_SWAPPED);

  return self;
}
