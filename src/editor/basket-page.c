/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/basket-page.h"

#include <glib/gi18n.h>

#include "editor/value-text.h"

struct _EditorBasketPage
{
  EditorPage parent_instance;

  GtkListBox *list;
  GtkLabel *problem;
  GtkEntry *message;
  GtkWidget *apply;
  EditorBasket *basket; /* (nullable): of the place that is shown */
};

G_DEFINE_FINAL_TYPE (EditorBasketPage, editor_basket_page, EDITOR_TYPE_PAGE)

static char *
make_text (EditorPending *pending)
{
  switch (editor_pending_get_verb (pending))
    {
    case EDITOR_VERB_SET:
      return editor_value_to_line (editor_pending_get_value (pending));
    case EDITOR_VERB_RESET:
      return g_strdup (_ ("the default"));
    case EDITOR_VERB_UNSET:
      return g_strdup (_ ("no value"));
    default:
      g_assert_not_reached ();
    }
}

static GtkWidget *
make_row (gpointer pending, gpointer user_data)
{
  g_autofree char *text = make_text (pending);
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), editor_pending_get_path (pending));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), text);

  return row;
}

static void
on_items_changed (EditorBasketPage *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->basket));

  gtk_widget_set_sensitive (self->apply, n > 0);
  gtk_label_set_text (self->problem, "");
}

static void
set_basket (EditorBasketPage *self, EditorBasket *basket)
{
  if (self->basket != NULL)
    g_signal_handlers_disconnect_by_data (self->basket, self);
  g_set_object (&self->basket, basket);
}

static void
on_applied (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorBasketPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) paths
      = runconf_configuration_apply_finish (RUNCONF_CONFIGURATION (object), result, NULL, &error);

  if (error == NULL)
    editor_basket_clear (self->basket);
  else if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    gtk_label_set_text (self->problem, error->message);
}

static void
on_apply (EditorBasketPage *self)
{
  EditorPage *page = EDITOR_PAGE (self);
  g_autoptr (RunconfTransaction) transaction = editor_basket_make_transaction (self->basket);
  const char *message = gtk_editable_get_text (GTK_EDITABLE (self->message));

  if (*message != '\0')
    runconf_transaction_set_message (transaction, message);
  runconf_configuration_apply (editor_page_get_configuration (page), transaction,
                               editor_page_restart (page), on_applied, g_object_ref (self));
}

static void
editor_basket_page_show (EditorPage *page)
{
  EditorBasketPage *self = EDITOR_BASKET_PAGE (page);
  EditorBasket *basket = editor_place_get_basket (editor_page_get_place (page));

  if (self->basket == basket)
    return;

  set_basket (self, basket);
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (basket), make_row, NULL, NULL);
  g_signal_connect_swapped (basket, "items-changed", G_CALLBACK (on_items_changed), self);
  on_items_changed (self);
}

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
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, message);
  gtk_widget_class_bind_template_child (widget_class, EditorBasketPage, apply);
  gtk_widget_class_bind_template_callback (widget_class, on_apply);
}

static void
editor_basket_page_init (EditorBasketPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
