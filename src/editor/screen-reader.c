/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "editor/screen-reader.h"

/* GTK 4.8 crashes when a screen reader asks for the attributes of a text with colours: the text has none
 * while one is in use.
 */

#define PROPERTY "ScreenReaderEnabled"

static void
update (GDBusProxy *proxy, GtkSourceBuffer *buffer)
{
  g_autoptr (GVariant) enabled = g_dbus_proxy_get_cached_property (proxy, PROPERTY);
  gboolean has_colours = enabled == NULL || !g_variant_is_of_type (enabled, G_VARIANT_TYPE_BOOLEAN)
                         || !g_variant_get_boolean (enabled);

  gtk_source_buffer_set_highlight_syntax (buffer, has_colours);
  gtk_source_buffer_set_highlight_matching_brackets (buffer, has_colours);
}

static void
on_properties (GtkSourceBuffer *buffer, GVariant *changed, GStrv invalidated, GDBusProxy *proxy)
{
  update (proxy, buffer);
}

static void
on_owner (GtkSourceBuffer *buffer, GParamSpec *pspec, GDBusProxy *proxy)
{
  update (proxy, buffer);
}

/* Without a session bus there is no screen reader. */
static void
on_proxy (GObject *object, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GtkSourceBuffer) buffer = user_data;
  GDBusProxy *proxy = g_dbus_proxy_new_for_bus_finish (result, NULL);

  if (proxy == NULL)
    return;

  g_object_set_data_full (G_OBJECT (buffer), PROPERTY, proxy, g_object_unref);
  g_signal_connect_object (proxy, "g-properties-changed", G_CALLBACK (on_properties), buffer,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (proxy, "notify::g-name-owner", G_CALLBACK (on_owner), buffer,
                           G_CONNECT_SWAPPED);
  update (proxy, buffer);
}

void
editor_screen_reader_guard (GtkSourceBuffer *buffer)
{
  g_dbus_proxy_new_for_bus (G_BUS_TYPE_SESSION, G_DBUS_PROXY_FLAGS_DO_NOT_AUTO_START, NULL,
                            "org.a11y.Bus", "/org/a11y/bus", "org.a11y.Status", NULL, on_proxy,
                            g_object_ref (buffer));
}
