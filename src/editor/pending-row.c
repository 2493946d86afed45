/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/pending-row.h"

#include <glib/gi18n.h>

#include "editor/diff.h"
#include "editor/value-text.h"

/* in place of a secret */
#define DOTS "••••"

struct _EditorPendingRow
{
  GtkListBoxRow parent_instance;

  EditorDiff *diff;
  GtkWidget *boot;
  GtkWidget *discard;
  GtkLabel *problem;
  GtkWidget *conflict;
  GtkLabel *story;
  EditorBasket *basket;
  EditorPending *pending;
};

G_DEFINE_FINAL_TYPE (EditorPendingRow, editor_pending_row, GTK_TYPE_LIST_BOX_ROW)

/* Returns: (transfer full) (nullable): the text of a value; %NULL if there is none */
static char *
make_text (GVariant *value)
{
  return value != NULL ? editor_value_to_line (value) : NULL;
}

static char *
make_default_text (EditorPending *pending)
{
  g_autofree char *text = make_text (editor_pending_get_default (pending));

  /* Translators: the default of a value */
  return text != NULL ? g_strdup_printf (_ ("%s, the default"), text) : NULL;
}

/* Returns: (transfer full) (nullable): the value that the change gives; %NULL if it takes one away */
static char *
make_new_text (EditorPending *pending)
{
  gboolean is_secret = (editor_pending_get_flags (pending) & EDITOR_PENDING_SECRET) != 0;

  if (editor_pending_get_verb (pending) == EDITOR_VERB_RESET)
    return is_secret ? g_strdup (_ ("the default")) : make_default_text (pending);
  if (editor_pending_get_value (pending) != NULL && is_secret)
    return g_strdup (DOTS);

  return make_text (editor_pending_get_value (pending));
}

static void
show_conflict (EditorPendingRow *self)
{
  g_autofree char *base = make_text (editor_pending_get_base (self->pending));
  g_autofree char *current = make_text (editor_pending_get_current (self->pending));
  g_autofree char *story = NULL;
  gboolean is_conflicting = editor_pending_get_conflicting (self->pending);

  gtk_widget_set_visible (self->conflict, is_conflicting);
  if (!is_conflicting)
    return;

  if (current != NULL)
    /* Translators: a value before and after the change */
    story = g_strdup_printf (_ ("Somebody else has changed it from %s to %s."),
                             base != NULL ? base : _ ("no value"), current);
  else
    story = g_strdup (_ ("Somebody else has removed it."));
  gtk_label_set_text (self->story, story);
}

static void
update (EditorPendingRow *self)
{
  const char *problem = editor_pending_get_problem (self->pending);
  g_autofree char *old = make_text (editor_pending_get_current (self->pending));
  g_autofree char *new = make_new_text (self->pending);

  editor_diff_set_texts (self->diff, editor_pending_get_path (self->pending), old, new);
  gtk_label_set_text (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), *problem != '\0');
  show_conflict (self);
}

static void
on_discard (EditorPendingRow *self)
{
  g_autoptr (EditorPending) pending = g_object_ref (self->pending);
  g_autoptr (EditorBasket) basket = g_object_ref (self->basket);

  editor_basket_drop (basket, editor_pending_get_path (pending));
}

static void
on_keep (EditorPendingRow *self)
{
  editor_basket_keep (self->basket, editor_pending_get_path (self->pending));
}

static void
editor_pending_row_dispose (GObject *object)
{
  EditorPendingRow *self = EDITOR_PENDING_ROW (object);

  g_clear_object (&self->basket);
  g_clear_object (&self->pending);

  G_OBJECT_CLASS (editor_pending_row_parent_class)->dispose (object);
}

static void
editor_pending_row_class_init (EditorPendingRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_pending_row_dispose;

  g_type_ensure (EDITOR_TYPE_DIFF);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/pending-row.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorPendingRow, diff);
  gtk_widget_class_bind_template_child (widget_class, EditorPendingRow, boot);
  gtk_widget_class_bind_template_child (widget_class, EditorPendingRow, discard);
  gtk_widget_class_bind_template_child (widget_class, EditorPendingRow, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorPendingRow, conflict);
  gtk_widget_class_bind_template_child (widget_class, EditorPendingRow, story);
  gtk_widget_class_bind_template_callback (widget_class, on_discard);
  gtk_widget_class_bind_template_callback (widget_class, on_keep);
}

static void
editor_pending_row_init (EditorPendingRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_names (EditorPendingRow *self)
{
  const char *path = editor_pending_get_path (self->pending);
  /* Translators: a path */
  g_autofree char *name = g_strdup_printf (_ ("Discard the change of %s"), path);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, path, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->discard), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  name, -1);
}

GtkWidget *
editor_pending_row_new (EditorBasket *basket, EditorPending *pending)
{
  EditorPendingRow *self = g_object_new (EDITOR_TYPE_PENDING_ROW, NULL);

  self->basket = g_object_ref (basket);
  self->pending = g_object_ref (pending);
  gtk_widget_set_visible (self->boot,
                          (editor_pending_get_flags (pending) & EDITOR_PENDING_BOOT) != 0);
  g_signal_connect_object (pending, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  set_names (self);
  update (self);

  return GTK_WIDGET (self);
}
