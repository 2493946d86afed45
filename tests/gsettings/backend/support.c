/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define G_SETTINGS_ENABLE_BACKEND

#include "support.h"

#include <gio/gsettingsbackend.h>
#include <string.h>

/* The library keeps a closed connection no longer than until the next use, so each test has its own
 * bus.
 */
void
desk_use_bus (Desk *desk)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", desk->world.address, TRUE);
}

/* GIO uses another backend without an error if it can't load one. */
GSettingsBackend *
desk_make_backend (void)
{
  g_autoptr (GSettingsBackend) first = g_settings_backend_get_default ();
  GIOExtensionPoint *point = g_io_extension_point_lookup ("gsettings-backend");
  GIOExtension *extension = g_io_extension_point_get_extension_by_name (point, "runconf");
  GSettingsBackend *backend;

  g_assert_nonnull (extension);
  backend = g_object_new (g_io_extension_get_type (extension), NULL);
  g_assert_cmpstr (G_OBJECT_TYPE_NAME (backend), ==, "RunconfSettingsBackend");

  return backend;
}

GSettings *
desk_open (GSettingsBackend *backend, const char *schema, const char *path)
{
  return path != NULL ? g_settings_new_with_backend_and_path (schema, backend, path)
                      : g_settings_new_with_backend (schema, backend);
}

/* @defaults: the file of the defaults */
void
desk_set_up (Desk *desk, gconstpointer defaults)
{
  desk->world.name = "gsettings";
  world_set_up (&desk->world, defaults != NULL ? defaults : "{}\n");
  desk_use_bus (desk);
  desk->backend = desk_make_backend ();
  desk->settings = desk_open (desk->backend, "org.runconf.backend", NULL);
}

void
desk_tear_down (Desk *desk, gconstpointer unused)
{
  g_clear_object (&desk->settings);
  g_clear_object (&desk->backend);
  world_tear_down (&desk->world, NULL);
}

void
desk_write_runtime (Desk *desk, const char *text)
{
  world_write (&desk->world, "runtime_config.yaml", text);
}

char *
desk_read_runtime (Desk *desk)
{
  g_autofree char *path = g_build_filename (desk->world.directory, "runtime_config.yaml", NULL);
  char *text;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));

  return text;
}

guint64
desk_get_version (Desk *desk)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      desk->world.other, "org.runconf.Config1", "/org/runconf/Config1/gsettings",
      "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", "org.runconf.Config1", "Version"), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  g_autoptr (GVariant) version = NULL;

  g_assert_nonnull (reply);
  g_variant_get (reply, "(v)", &version);

  return g_variant_get_uint64 (version);
}

gboolean
set_parsed (GSettings *settings, const char *key, const char *text)
{
  g_autoptr (GVariant) old = g_settings_get_value (settings, key);

  return g_settings_set_value (settings, key,
                               g_variant_parse (g_variant_get_type (old), text, NULL, NULL, NULL));
}

void
assert_setting (GSettings *settings, const char *key, const char *text)
{
  g_autoptr (GVariant) value = g_settings_get_value (settings, key);
  g_autofree char *printed = g_variant_print (value, FALSE);

  g_assert_cmpstr (printed, ==, text);
}

void
assert_runtime (Desk *desk, const char *part)
{
  g_autofree char *text = desk_read_runtime (desk);

  if (strstr (text, part) == NULL)
    g_error ("“%s” isn't in the file:\n%s", part, text);
}

static void
add (Witness *witness, const char *what, const char *key)
{
  g_string_append_printf (witness->told, "%s%s%s", witness->told->len > 0 ? " " : "", what, key);
}

static void
on_changed (GSettings *settings, const char *key, gpointer user_data)
{
  add (user_data, "", key);
}

static void
on_writable_changed (GSettings *settings, const char *key, gpointer user_data)
{
  add (user_data, "writable:", key);
}

void
witness_open (Witness *witness, GSettings *settings)
{
  witness->settings = g_object_ref (settings);
  witness->told = g_string_new (NULL);
  g_signal_connect (settings, "changed", G_CALLBACK (on_changed), witness);
  g_signal_connect (settings, "writable-changed", G_CALLBACK (on_writable_changed), witness);
}

void
witness_close (Witness *witness)
{
  g_signal_handlers_disconnect_by_data (witness->settings, witness);
  g_clear_object (&witness->settings);
  g_string_free (witness->told, TRUE);
}

void
witness_wait (Witness *witness, const char *told)
{
  gint64 end = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;

  while (strcmp (witness->told->str, told) != 0 && g_get_monotonic_time () < end)
    world_turn (5);
  g_assert_cmpstr (witness->told->str, ==, told);
}

void
witness_forget (Witness *witness)
{
  g_string_truncate (witness->told, 0);
}
