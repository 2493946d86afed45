/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/control-date.h"

#include <string.h>

#include <glib/gi18n.h>

#include "editor/accessible.h"
#include "editor/facts.h"

/* the characters of a date in RFC 3339: 2026-11-30 */
#define DATE_LENGTH 10

struct _EditorControlDate
{
  EditorControl parent_instance;

  AdwActionRow *row;
  GtkEditable *input;
  GtkWidget *button;
  GtkCalendar *calendar;
  gboolean has_time; /* the calendar changes the day of a time */
  gboolean is_following;
};

G_DEFINE_FINAL_TYPE (EditorControlDate, editor_control_date, EDITOR_TYPE_CONTROL)

/* Returns: (transfer full) (nullable): the day of the text */
static GDateTime *
read_day (EditorControlDate *self)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  const char *whole = gtk_editable_get_text (self->input);
  g_autofree char *day = g_strndup (whole, DATE_LENGTH);
  g_autofree char *text = g_strconcat (day, "T00:00:00Z", NULL);

  return g_date_time_new_from_iso8601 (text, zone);
}

/* The calendar begins at the day of the text. */
static void
on_popover (EditorControlDate *self)
{
  g_autoptr (GDateTime) day = read_day (self);

  if (day == NULL)
    return;

  self->is_following = TRUE;
  gtk_calendar_select_day (self->calendar, day);
  self->is_following = FALSE;
}

static void
on_day (EditorControlDate *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);
  g_autofree char *date = g_date_time_format (day, "%Y-%m-%d");
  const char *text = gtk_editable_get_text (self->input);
  const char *time = strlen (text) > DATE_LENGTH ? text + DATE_LENGTH : "T00:00:00Z";
  g_autofree char *whole = g_strconcat (date, self->has_time ? time : NULL, NULL);

  if (!self->is_following)
    gtk_editable_set_text (self->input, whole);
}

/* Names the buttons of a calendar, which GTK leaves without names.
 *
 * @names: (array zero-terminated): those of the buttons that come next
 *
 * Returns: the names that are left
 */
static const char *const *
name_buttons (GtkWidget *widget, const char *const *names)
{
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL && *names != NULL;
       child = gtk_widget_get_next_sibling (child))
    if (GTK_IS_BUTTON (child))
      gtk_accessible_update_property (GTK_ACCESSIBLE (child), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                      _ (*names++), -1);
    else
      names = name_buttons (child, names);

  return names;
}

static void
editor_control_date_describe (EditorControl *control, RunconfDescription *description)
{
  EditorControlDate *self = EDITOR_CONTROL_DATE (control);
  g_autoptr (GVariant) format = runconf_description_lookup (description, "format");
  g_autofree char *hint = editor_facts_make_hint (description);

  self->has_time = format != NULL && g_strcmp0 (g_variant_get_string (format, NULL), "date") != 0;
  adw_action_row_set_subtitle (self->row, hint);
}

static void
editor_control_date_set_value (EditorControl *control, GVariant *value)
{
  gboolean is_text = value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE_STRING);

  gtk_editable_set_text (EDITOR_CONTROL_DATE (control)->input,
                         is_text ? g_variant_get_string (value, NULL) : "");
}

static GVariant *
editor_control_date_get_value (EditorControl *control, GError **error)
{
  const char *text = gtk_editable_get_text (EDITOR_CONTROL_DATE (control)->input);

  return g_variant_ref_sink (g_variant_new_string (text));
}

static void
editor_control_date_class_init (EditorControlDateClass *klass)
{
  EditorControlClass *control_class = EDITOR_CONTROL_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  control_class->describe = editor_control_date_describe;
  control_class->set_value = editor_control_date_set_value;
  control_class->get_value = editor_control_date_get_value;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/runconf/Editor/control-date.ui");
  gtk_widget_class_bind_template_child (widget_class, EditorControlDate, row);
  gtk_widget_class_bind_template_child (widget_class, EditorControlDate, input);
  gtk_widget_class_bind_template_child (widget_class, EditorControlDate, button);
  gtk_widget_class_bind_template_child (widget_class, EditorControlDate, calendar);
  gtk_widget_class_bind_template_callback (widget_class, editor_control_edited);
  gtk_widget_class_bind_template_callback (widget_class, on_popover);
  gtk_widget_class_bind_template_callback (widget_class, on_day);
}

static void
editor_control_date_init (EditorControlDate *self)
{
  static const char *const names[]
      = { N_ ("Previous Month"), N_ ("Next Month"), N_ ("Previous Year"), N_ ("Next Year"), NULL };

  gtk_widget_init_template (GTK_WIDGET (self));
  editor_accessible_name_button (self->button, _ ("Choose a Day"));
  name_buttons (GTK_WIDGET (self->calendar), names);
  editor_control_set_input (EDITOR_CONTROL (self), GTK_WIDGET (self->input));
}
