/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <unistd.h>

#include "common.h"

/* The least that a service with the D-Bus library of GLib does for a Set: it counts the version, sends
 * the signal with the same contents as the daemon, and replies. It neither checks, nor merges, nor
 * keeps anything. */

static const char xml[]
    = "<node><interface name='" BENCH_INTERFACE "'>"
      "<method name='Set'>"
      "<arg name='path' type='s' direction='in'/><arg name='value' type='v' direction='in'/>"
      "<arg name='version' type='t' direction='out'/></method>"
      "<signal name='ConfigChanged'>"
      "<arg name='prefix' type='s'/><arg name='paths' type='as'/><arg name='version' type='t'/>"
      "<arg name='details' type='a{sv}'/></signal>"
      "</interface></node>";

static guint64 version;

static GVariant *
make_details (const char *path, GVariant *value)
{
  GVariantBuilder values, details;

  g_variant_builder_init (&values, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&values, "{sv}", path, value);
  g_variant_builder_init (&details, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&details, "{sv}", "origin", g_variant_new_string ("set"));
  g_variant_builder_add (&details, "{sv}", "uid", g_variant_new_uint32 (geteuid ()));
  g_variant_builder_add (&details, "{sv}", "values", g_variant_builder_end (&values));

  return g_variant_builder_end (&details);
}

static void
on_call (GDBusConnection *bus, const char *sender, const char *object, const char *interface,
         const char *method, GVariant *arguments, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  g_autoptr (GVariant) value = NULL;
  const char *path;

  g_variant_get (arguments, "(&sv)", &path, &value);
  version++;
  g_dbus_connection_emit_signal (bus, NULL, object, BENCH_INTERFACE, "ConfigChanged",
                                 g_variant_new ("(s@ast@a{sv})", path,
                                                g_variant_new_strv (&path, 1), version,
                                                make_details (path, value)),
                                 NULL);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(t)", version));
}

static void
on_lost (GDBusConnection *bus, const char *name, gpointer user_data)
{
  g_printerr ("%s: another process has this name\n", name);
  exit (EXIT_FAILURE);
}

int
main (int argc, char **argv)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GDBusConnection) bus = bench_connect (NULL);
  g_autoptr (GDBusNodeInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  info = g_dbus_node_info_new_for_xml (xml, &error);
  bench_check (error, "interface");
  g_dbus_connection_register_object (bus, BENCH_PATH, info->interfaces[0], &vtable, NULL, NULL,
                                     &error);
  bench_check (error, BENCH_PATH);
  g_bus_own_name_on_connection (bus, BENCH_BARE_NAME, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, NULL,
                                on_lost, NULL, NULL);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
