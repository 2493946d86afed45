/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/basket-page.h"

#include <glib/gi18n.h>

#include "editor/apply.h"
#include "editor/keep-dialog.h"
#include "editor/pending-row.h"
#include "editor/report.h"

struct _EditorBasketPage
{
  EditorPage parent_instance;

  GtkListBox *list;
  GtkLabel *problem;
  GtkWidget *empty;
  GtkSwitch *ask;
  GtkSpinButton *seconds;
  GtkEntry *message;
  GtkWidget *apply;
  EditorBasket *basket; /* (nullable): of the place that is shown */
  guint timeout;        /* of the changes that are being applied, in seconds */
  gboolean is_applying;
};

G_DEFINE_FINAL_TYPE (EditorBasketPage, editor_basket_page, EDITOR_TYPE_PAGE)

static GtkWidget *
make_row (gpointer pending, gpointer user_data)
{
  return editor_pending_row_new (EDITOR_BASKET_PAGE (user_data)->basket, pending);
}

static void
set_problem (EditorBasketPage *self, const char *problem)
{
  gtk_label_set_text (self->problem, problem);
  gtk_widget_set_visible (GTK_WIDGET (self->problem), *problem != '\0');
}

static void
update (EditorBasketPage *self)
{
  gboolean has_changes = g_list_model_get_n_items (G_LIST_MODEL (self->basket)) > 0;

  gtk_widget_set_visible (self->empty, !has_changes);
  gtk_widget_set_sensitive (self->apply,
                            editor_basket_get_ready (self->basket) && !self->is_applying);
  set_problem (self, editor_basket_get_problem (self->basket));
}

static void
set_basket (EditorBasketPage *self, EditorBasket *basket)
{
  if (self->basket != NULL)
    g_signal_handlers_disconnect_by_data (self->basket, self);
  g_set_object (&self->basket, basket);
}

static guint
get_timeout (EditorBasketPage *self)
{
  return gtk_switch_get_active (self->ask)
             ? (guint) gtk_spin_button_get_value_as_int (self->seconds)
             : 0;
}

/* Another place may be on the screen by now. */
static void
report_error (EditorBasketPage *self, EditorPlace *place, const GError *error)
{
  if (self->basket == editor_place_get_basket (place))
    set_problem (self, error->message);
  else
    editor_report (GTK_WIDGET (self), error->message);
}

/* The changes that were made wait for an answer, even if the next ones failed. */
static void
report (EditorBasketPage *self, EditorPlace *place, GArray *versions, const GError *error)
{
  if (error != NULL)
    report_error (self, place, error);
  else
    gtk_editable_set_text (GTK_EDITABLE (self->message), "");

  if (versions->len > 0 && self->timeout > 0)
    editor_keep_dialog_show (GTK_WIDGET (self), place, versions, self->timeout);
  else if (error == NULL)
    editor_report (GTK_WIDGET (self), versions->len > 0 ? _ ("The changes were applied.")
                                                        : _ ("Nothing was to be changed."));
}

static void
on_applied (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorBasketPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) versions = editor_apply_finish (EDITOR_PLACE (object), result, &error);

  self->is_applying = FALSE;
  if (self->basket == NULL)
    return;

  update (self);
  report (self, EDITOR_PLACE (object), versions, error);
}

static void
on_apply (EditorBasketPage *self)
{
  if (!gtk_widget_get_sensitive (self->apply))
    return;

  self->is_applying = TRUE;
  self->timeout = get_timeout (self);
  update (self);
  editor_apply (editor_page_get_place (EDITOR_PAGE (self)),
                gtk_editable_get_text (GTK_EDITABLE (self->message)), self->timeout, on_applied,
                g_object_ref (self));
}

static void
on_discard_all (EditorBasketPage *self)
{
  editor_basket_clear (self->basket);
}

static void
editor_basket_page_show (EditorPage *page)
{
  EditorBasketPage *self = EDITOR_BASKET_PAGE (page);
  EditorBasket *basket = editor_place_get_basket (editor_page_get_place (page));

  if (self->basket == basket)
    return;

  set_basket (self, basket);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (basket), make_row, self, NULL);
  g_signal_connect_swapped (basket, "notify", G_CALLBACK (update), self);
  update (self);
}

/* The changes themselves know what others have changed. */
static void
editor_basket_page_changed (EditorPage *page, RunconfChange *change)
{
}

static void
editor_basket_page_dispose (GObject *object)
{
  set_basket (EDITOR_BASKET_PAGE (object), NULL);

  G_OBJECT_CLASS (editor_basket_page_parent_class)->dispose (object);
}

static void
editor_basket_page_class_init (EditorBasketPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_basket_page_dispose;
  EDITOR_PAGE_CLASS (klass)->show = editor_basket_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_basket_page_changed;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/basket-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, list);
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, empty);
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, ask);
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, seconds);
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, message);
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, apply);
  gtk_widget_class_bind_template_callback (widget_class, on_apply);
  gtk_widget_class_bind_template_callback (widget_class, on_discard_all);
}

static void
editor_basket_page_init (EditorBasketPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
