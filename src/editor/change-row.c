/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/change-row.h"

#include <inttypes.h>

#include <glib/gi18n.h>

#include "editor/change-text.h"
#include "editor/diff-list.h"

struct _EditorChangeRow
{
  GtkListBoxRow parent_instance;

  GtkLabel *title;
  GtkLabel *facts;
  GtkToggleButton *toggle;
  GtkWidget *details;
  GtkBox *values;
  GtkActionable *compare;
  GtkActionable *revert_to;
  GtkActionable *revert_change;
  RunconfChange *change; /* (nullable): until its values are shown */
};

G_DEFINE_FINAL_TYPE (EditorChangeRow, editor_change_row, GTK_TYPE_LIST_BOX_ROW)

void
editor_change_row_toggle (EditorChangeRow *self)
{
  gtk_toggle_button_set_active (self->toggle, !gtk_toggle_button_get_active (self->toggle));
}

/* The values are shown from the first time on, since a history has more than anybody looks at. */
static void
on_toggled (EditorChangeRow *self)
{
  gboolean is_open = gtk_toggle_button_get_active (self->toggle);

  if (self->change != NULL)
    editor_diff_list_show (self->values, self->change);
  g_clear_pointer (&self->change, runconf_change_unref);
  gtk_widget_set_visible (self->details, is_open);
  gtk_button_set_icon_name (GTK_BUTTON (self->toggle),
                            is_open ? "pan-up-symbolic" : "pan-down-symbolic");
}

static void
editor_change_row_finalize (GObject *object)
{
  g_clear_pointer (&EDITOR_CHANGE_ROW (object)->change, runconf_change_unref);

  G_OBJECT_CLASS (editor_change_row_parent_class)->finalize (object);
}

static void
editor_change_row_class_init (EditorChangeRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = editor_change_row_finalize;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/change-row.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, title);
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, facts);
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, toggle);
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, details);
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, values);
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, compare);
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, revert_to);
  gtk_widget_class_bind_template_child (widget_class, EditorChangeRow, revert_change);
  gtk_widget_class_bind_template_callback (widget_class, on_toggled);
}

static void
editor_change_row_init (EditorChangeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static void
set_names (EditorChangeRow *self, guint64 version, const char *title)
{
  g_autofree char *row = g_strdup_printf (_ ("Version %" PRIu64 ": %s"), version, title);
  g_autofree char *toggle = g_strdup_printf (_ ("Details of version %" PRIu64), version);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, row, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  toggle, -1);
}

GtkWidget *
editor_change_row_new (RunconfChange *change)
{
  EditorChangeRow *self = g_object_new (EDITOR_TYPE_CHANGE_ROW, NULL);
  guint64 version = runconf_change_get_version (change);
  g_autofree char *title = editor_change_make_title (change);
  g_autofree char *facts = editor_change_make_facts (change);

  self->change = runconf_change_ref (change);
  gtk_label_set_text (self->title, title);
  gtk_label_set_text (self->facts, facts);
  gtk_actionable_set_action_target (self->compare, "t", version);
  gtk_actionable_set_action_target (self->revert_to, "t", version);
  gtk_actionable_set_action_target (self->revert_change, "t", version);
  set_names (self, version, title);

  return GTK_WIDGET (self);
}
