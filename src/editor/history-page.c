/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/history-page.h"

#include <glib/gi18n.h>

#include "editor/change-row.h"
#include "editor/diff-list.h"
#include "editor/report.h"
#include "editor/revert.h"
#include "editor/row.h"

/* changes that are read at once, and how many times as many when the user wants older ones */
#define CHANGES_FIRST 100
#define CHANGES_FACTOR 10
#define CHANGES_MAX 10000

struct _EditorHistoryPage
{
  EditorPage parent_instance;

  GtkSwitch *filter;
  GtkSpinButton *from;
  GtkSpinButton *to;
  AdwPreferencesGroup *differences;
  GtkBox *difference;
  GtkLabel *problem;
  GtkListBox *list;
  GtkWidget *more;
  EditorPlace *shown; /* (nullable): the place of the rows, not owned, only compared */
  guint limit;
  guint64 newest;            /* the version of the first row; 0 if all rows have to be read */
  GCancellable *cancellable; /* (nullable): of the comparison */
};

G_DEFINE_FINAL_TYPE (EditorHistoryPage, editor_history_page, EDITOR_TYPE_PAGE)

static void
set_problem (EditorHistoryPage *self, const GError *error)
{
  gtk_label_set_text (self->problem, error != NULL ? error->message : "");
  gtk_widget_set_visible (GTK_WIDGET (self->problem), error != NULL);
}

/* The rows that are there stay, since one of them may be open or have the focus. */
static void
take_changes (EditorHistoryPage *self, GList *changes)
{
  if (self->newest == 0)
    {
      editor_rows_remove (self->list);
      gtk_widget_set_visible (self->more,
                              g_list_length (changes) == self->limit && self->limit < CHANGES_MAX);
    }
  for (GList *item = g_list_last (changes); item != NULL; item = item->prev)
    gtk_list_box_prepend (self->list, editor_change_row_new (item->data));
  if (changes != NULL)
    self->newest = runconf_change_get_version (changes->data);
}

/* The versions that can be compared are those until now. Unless the user has chosen others, they are the
 * last two.
 */
static void
update_range (EditorHistoryPage *self)
{
  double version = (double) runconf_configuration_get_version (
      editor_page_get_configuration (EDITOR_PAGE (self)));
  double last = gtk_adjustment_get_upper (gtk_spin_button_get_adjustment (self->to));
  gboolean is_chosen = gtk_spin_button_get_value (self->from) != MAX (last - 1, 0)
                       || gtk_spin_button_get_value (self->to) != last;

  gtk_spin_button_set_range (self->from, 0, version);
  gtk_spin_button_set_range (self->to, 0, version);
  if (is_chosen)
    return;

  gtk_spin_button_set_value (self->from, version - 1);
  gtk_spin_button_set_value (self->to, version);
}

static void
on_history (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorHistoryPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autolist (RunconfChange) changes
      = runconf_configuration_history_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  set_problem (self, error);
  if (error == NULL)
    take_changes (self, changes);
}

static void
load (EditorHistoryPage *self)
{
  EditorPage *page = EDITOR_PAGE (self);
  const char *path = gtk_switch_get_active (self->filter) ? editor_page_get_path (page) : "";

  update_range (self);
  runconf_configuration_history (editor_page_get_configuration (page), path, self->newest,
                                 self->limit, editor_page_restart (page), on_history,
                                 g_object_ref (self));
}

static void
cancel_comparison (EditorHistoryPage *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
}

static void
on_close (EditorHistoryPage *self)
{
  cancel_comparison (self);
  gtk_widget_set_visible (GTK_WIDGET (self->differences), FALSE);
}

/* What is on the screen is about another place. */
static void
begin (EditorHistoryPage *self, EditorPlace *place)
{
  on_close (self);
  set_problem (self, NULL);
  editor_rows_remove (self->list);
  gtk_spin_button_set_range (self->from, 0, 0);
  gtk_spin_button_set_range (self->to, 0, 0);
  self->shown = place;
  self->limit = CHANGES_FIRST;
}

static void
editor_history_page_show (EditorPage *page)
{
  EditorHistoryPage *self = EDITOR_HISTORY_PAGE (page);
  EditorPlace *place = editor_page_get_place (page);

  if (self->shown != place)
    begin (self, place);
  self->newest = 0;
  load (self);
}

static void
editor_history_page_changed (EditorPage *page, RunconfChange *change)
{
  load (EDITOR_HISTORY_PAGE (page));
}

static void
on_filter (EditorHistoryPage *self)
{
  if (editor_page_get_configuration (EDITOR_PAGE (self)) != NULL)
    editor_history_page_show (EDITOR_PAGE (self));
}

static void
on_more (EditorHistoryPage *self)
{
  self->limit = MIN (self->limit * CHANGES_FACTOR, CHANGES_MAX);
  editor_history_page_show (EDITOR_PAGE (self));
}

static void
on_activated (GtkListBox *list, GtkListBoxRow *row)
{
  editor_change_row_toggle (EDITOR_CHANGE_ROW (row));
}

static void
show_difference (EditorHistoryPage *self, RunconfChange *change)
{
  g_autofree char *title = g_strdup_printf (_ ("From version %d to version %d"),
                                            gtk_spin_button_get_value_as_int (self->from),
                                            gtk_spin_button_get_value_as_int (self->to));

  adw_preferences_group_set_title (self->differences, title);
  editor_diff_list_show (self->difference, change);
  gtk_widget_set_visible (GTK_WIDGET (self->differences), TRUE);
}

static void
on_compared (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorHistoryPage) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfChange) change
      = runconf_configuration_diff_finish (RUNCONF_CONFIGURATION (object), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  set_problem (self, error);
  if (change != NULL)
    show_difference (self, change);
}

static void
on_compare (EditorHistoryPage *self)
{
  cancel_comparison (self);
  self->cancellable = g_cancellable_new ();
  runconf_configuration_diff (editor_page_get_configuration (EDITOR_PAGE (self)),
                              (guint64) gtk_spin_button_get_value (self->from),
                              (guint64) gtk_spin_button_get_value (self->to), self->cancellable,
                              on_compared, g_object_ref (self));
}

static void
compare_with_now (GtkWidget *widget, const char *name, GVariant *version)
{
  EditorHistoryPage *self = EDITOR_HISTORY_PAGE (widget);

  gtk_spin_button_set_value (self->from, (double) g_variant_get_uint64 (version));
  gtk_spin_button_set_value (self->to, G_MAXDOUBLE);
  on_compare (self);
}

static void
on_reverted (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (EditorHistoryPage) self = user_data;
  g_autoptr (GError) error = NULL;
  guint64 version = editor_revert_finish (EDITOR_PLACE (object), result, &error);

  if (version != 0)
    editor_undo_note (editor_place_get_undo (EDITOR_PLACE (object)), version);
  /* the page may be gone, or show another place */
  if (editor_page_get_place (EDITOR_PAGE (self)) != EDITOR_PLACE (object))
    return;

  set_problem (self, error);
  if (error != NULL)
    return;

  editor_report (GTK_WIDGET (self), version != 0 ? _ ("Reverted. Ctrl+Z undoes it.")
                                                 : _ ("Nothing was to be changed."));
}

static void
revert_change (GtkWidget *widget, const char *name, GVariant *version)
{
  editor_revert_change (editor_page_get_place (EDITOR_PAGE (widget)),
                        g_variant_get_uint64 (version), on_reverted, g_object_ref (widget));
}

static void
revert_to (GtkWidget *widget, const char *name, GVariant *version)
{
  editor_revert_to (editor_page_get_place (EDITOR_PAGE (widget)), g_variant_get_uint64 (version),
                    on_reverted, g_object_ref (widget));
}

static void
editor_history_page_dispose (GObject *object)
{
  cancel_comparison (EDITOR_HISTORY_PAGE (object));

  G_OBJECT_CLASS (editor_history_page_parent_class)->dispose (object);
}

static void
bind_children (GtkWidgetClass *widget_class)
{
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, filter);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, from);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, to);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, differences);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, difference);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, problem);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, list);
  gtk_widget_class_bind_template_child (widget_class, EditorHistoryPage, more);
  gtk_widget_class_bind_template_callback (widget_class, on_filter);
  gtk_widget_class_bind_template_callback (widget_class, on_compare);
  gtk_widget_class_bind_template_callback (widget_class, on_close);
  gtk_widget_class_bind_template_callback (widget_class, on_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_more);
}

static void
editor_history_page_class_init (EditorHistoryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = editor_history_page_dispose;
  EDITOR_PAGE_CLASS (klass)->show = editor_history_page_show;
  EDITOR_PAGE_CLASS (klass)->changed = editor_history_page_changed;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/history-page.ui");
  bind_children (widget_class);
  gtk_widget_class_install_action (widget_class, "history.compare", "t", compare_with_now);
  gtk_widget_class_install_action (widget_class, "history.revert-to", "t", revert_to);
  gtk_widget_class_install_action (widget_class, "history.revert-change", "t", revert_change);
}

static void
editor_history_page_init (EditorHistoryPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
