/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common.h"

/* The least that a service with the D-Bus library of GLib does for a Set: it counts the version, sends
 * the signal with the same contents as the daemon, and replies. It neither checks, nor merges, nor
 * keeps anything.
 *
 * With a FILE, it also writes 400 bytes into it and syncs them before it replies, in a thread, so that
 * a slow disk doesn't stop the main loop: the least that a durable Set is. */

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

typedef struct
{
  GDBusConnection *bus;
  GDBusMethodInvocation *invocation;
} Call;

static void
reply (GDBusConnection *bus, GDBusMethodInvocation *invocation)
{
  GVariant *arguments = g_dbus_method_invocation_get_parameters (invocation);
  g_autoptr (GVariant) value = NULL;
  const char *path;

  g_variant_get (arguments, "(&sv)", &path, &value);
  version++;
  g_dbus_connection_emit_signal (bus, NULL, g_dbus_method_invocation_get_object_path (invocation),
                                 BENCH_INTERFACE, "ConfigChanged",
                                 g_variant_new ("(s@ast@a{sv})", path,
                                                g_variant_new_strv (&path, 1), version,
                                                make_details (path, value)),
                                 NULL);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(t)", version));
}

static gboolean
on_synced (gpointer data)
{
  g_autofree Call *call = data;

  reply (call->bus, call->invocation);

  return G_SOURCE_REMOVE;
}

static void
run_sync (gpointer data, gpointer user_data)
{
  static const char text[400] = "value: 1\n";
  int fd = GPOINTER_TO_INT (user_data);

  if (pwrite (fd, text, sizeof text, 0) != sizeof text || fdatasync (fd) < 0)
    {
      g_printerr ("fdatasync: %s\n", g_strerror (errno));
      exit (EXIT_FAILURE);
    }
  g_idle_add_full (G_PRIORITY_DEFAULT, on_synced, data, NULL);
}

static void
on_call (GDBusConnection *bus, const char *sender, const char *object, const char *interface,
         const char *method, GVariant *arguments, GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  GThreadPool *syncing = user_data;
  Call *call;

  if (syncing == NULL)
    {
      reply (bus, invocation);
      return;
    }

  call = g_new (Call, 1);
  *call = (Call){ bus, invocation };
  g_thread_pool_push (syncing, call, NULL);
}

static void
on_lost (GDBusConnection *bus, const char *name, gpointer user_data)
{
  g_printerr ("%s: another process has this name\n", name);
  exit (EXIT_FAILURE);
}

/* Returns: (nullable): a thread that writes and syncs @file */
static GThreadPool *
start_syncing (const char *file)
{
  int fd = open (file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

  if (fd < 0)
    {
      g_printerr ("%s: %s\n", file, g_strerror (errno));
      exit (EXIT_FAILURE);
    }

  return g_thread_pool_new (run_sync, GINT_TO_POINTER (fd), 1, TRUE, NULL);
}

int
main (int argc, char **argv)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call };
  const char *name = argc > 1 ? BENCH_SYNCING_NAME : BENCH_BARE_NAME;
  GThreadPool *syncing = argc > 1 ? start_syncing (argv[1]) : NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GDBusConnection) bus = bench_connect (NULL);
  g_autoptr (GDBusNodeInfo) info = NULL;
  g_autoptr (GError) error = NULL;

  info = g_dbus_node_info_new_for_xml (xml, &error);
  bench_check (error, "interface");
  g_dbus_connection_register_object (bus, BENCH_PATH, info->interfaces[0], &vtable, syncing, NULL,
                                     &error);
  bench_check (error, BENCH_PATH);
  g_bus_own_name_on_connection (bus, name, G_BUS_NAME_OWNER_FLAGS_DO_NOT_QUEUE, NULL, on_lost, NULL,
                                NULL);
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}
