/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/report.h"

#define KEY "editor-report"

/* libadwaita 1.2 ends the program with a toast that is dismissed once more. */
static void
forget (AdwToast *toast, GObject *overlay)
{
  if (g_object_get_data (overlay, KEY) == toast)
    g_object_set_data (overlay, KEY, NULL);
}

/* Toasts wait for each other, and a report must not come when it is about nothing on the screen. */
static void
dismiss_last (GObject *overlay)
{
  g_autoptr (AdwToast) last = g_object_steal_data (overlay, KEY);

  if (last != NULL)
    adw_toast_dismiss (last);
}

/* Tells the user for a moment how something ended, at the edge of the place that a widget is in. */
void
editor_report (GtkWidget *widget, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  g_autofree char *markup = g_markup_escape_text (text, -1);
  AdwToast *toast;

  if (overlay == NULL)
    return;

  dismiss_last (G_OBJECT (overlay));
  toast = adw_toast_new (markup);
  g_object_set_data_full (G_OBJECT (overlay), KEY, g_object_ref (toast), g_object_unref);
  g_signal_connect_object (toast, "dismissed", G_CALLBACK (forget), overlay, 0);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), toast);
}
