/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/report.h"

#define KEY "editor-report"

/* How long a toast is left alone, in µs. libadwaita 1.2 frees a toast that is dismissed while it comes to
 * the screen, which takes half a second, and then moves it on.
 */
#define PATIENCE G_USEC_PER_SEC

typedef struct
{
  AdwToast *toast;
  gint64 shown_at;
} Report;

static void
report_free (Report *self)
{
  g_object_unref (self->toast);
  g_free (self);
}

/* A toast that is gone must not be dismissed once more. */
static void
forget (AdwToast *toast, GObject *overlay)
{
  const Report *last = g_object_get_data (overlay, KEY);

  if (last != NULL && last->toast == toast)
    g_object_set_data (overlay, KEY, NULL);
}

static void
show (GtkWidget *overlay, const char *markup)
{
  Report *self = g_new (Report, 1);

  self->toast = g_object_ref (adw_toast_new (markup));
  self->shown_at = g_get_monotonic_time ();
  g_object_set_data_full (G_OBJECT (overlay), KEY, self, (GDestroyNotify) report_free);
  g_signal_connect_object (self->toast, "dismissed", G_CALLBACK (forget), overlay, 0);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (overlay), self->toast);
}

/* Toasts wait for each other, and a report must not come when it is about nothing on the screen: it
 * takes the place of the one that is still there.
 */
static void
replace (GtkWidget *overlay, const Report *last, const char *markup)
{
  g_autoptr (AdwToast) toast = g_object_ref (last->toast);

  if (g_get_monotonic_time () - last->shown_at < PATIENCE)
    {
      adw_toast_set_title (toast, markup);
      return;
    }

  adw_toast_dismiss (toast);
  show (overlay, markup);
}

/* Tells the user for a moment how something ended, at the edge of the place that a widget is in. */
void
editor_report (GtkWidget *widget, const char *text)
{
  GtkWidget *overlay = gtk_widget_get_ancestor (widget, ADW_TYPE_TOAST_OVERLAY);
  const Report *last = overlay != NULL ? g_object_get_data (G_OBJECT (overlay), KEY) : NULL;
  g_autofree char *markup = g_markup_escape_text (text, -1);

  if (last != NULL)
    replace (overlay, last, markup);
  else if (overlay != NULL)
    show (overlay, markup);
}
