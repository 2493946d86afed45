/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/report.h"

/* Tells the user for a moment how something ended, at the edge of the place that a widget is in. */
void
editor_report (GtkWidget *widget, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *markup = g_markup_escape_text (text, -1);

  if (overlay != NULL)
    adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), adw_toast_new (markup));
}
