/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>

#include "support.h"

#define BUS_NAME "org.runconf.Config1"
#define OBJECT_PATH "/org/runconf/Config1/default"

static void
put (World *world, const char *path, gint64 value)
{
  world_put (world, path, g_variant_new_int64 (value));
}

static gint64
get_port (RunconfConfiguration *config)
{
  return runconf_configuration_get_int64 (config, "/chat/websocket/port", -1);
}

static void
assert_refused (GDBusConnection *connection, const char *name, int code, const char *word)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *config = runconf_configuration_new_for_connection_sync (
      connection, name, NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);

  g_assert_null (config);
  g_assert_error (error, RUNCONF_ERROR, code);
  g_assert_nonnull (strstr (error->message, word));
  g_assert_null (strstr (error->message, "GDBus.Error"));
}

static void
test_not_found (World *world, gconstpointer unused)
{
  assert_refused (world->connection, "other", RUNCONF_ERROR_NOT_FOUND, "it has “default”");
}

static void
test_bad_name (World *world, gconstpointer unused)
{
  assert_refused (world->connection, "no/such", RUNCONF_ERROR_INVALID_VALUE, "“no/such”");
  assert_refused (world->connection, "", RUNCONF_ERROR_INVALID_VALUE, "“”");
}

static void
test_no_service (World *world, gconstpointer unused)
{
  world_stop_service (world);
  assert_refused (world->connection, "default", RUNCONF_ERROR_UNAVAILABLE, "start runconfd");
}

static void
test_closed_connection (World *world, gconstpointer unused)
{
  g_autoptr (GDBusConnection) connection = world_connect (world->address);

  g_dbus_connection_close_sync (connection, NULL, NULL);
  assert_refused (connection, "default", RUNCONF_ERROR_UNAVAILABLE, "closed");
}

/* The library sends nothing on the bus before a call, and then only the call. */
static void
test_calls_only (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config
      = g_initable_new (RUNCONF_TYPE_CONFIGURATION, NULL, NULL, "connection", world->connection,
                        "calls-only", TRUE, NULL);
  guint32 serial = g_dbus_connection_get_last_serial (world->connection);
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) none = NULL;
  g_autoptr (GError) error = NULL;
  guint64 version = 0;
  g_auto (GStrv) paths = NULL;

  g_assert_nonnull (config);
  value = runconf_configuration_fetch_value_sync (config, "/chat/websocket/port", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_variant_get_int64 (value), ==, 8000);
  paths = runconf_configuration_merge_text_sync (config, "chat: {websocket: {port: 1}}", &version,
                                                 NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (paths[0], ==, "/chat/websocket/port");
  g_assert_cmpuint (version, ==, 1);
  g_assert_cmpuint (g_dbus_connection_get_last_serial (world->connection), ==, serial + 2);

  none = runconf_configuration_get_value (config, "/chat/websocket/port");
  g_assert_null (none);
  g_assert_false (runconf_configuration_get_connected (config));
}

static void
test_calls_only_bad_name (World *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  gpointer config = g_initable_new (RUNCONF_TYPE_CONFIGURATION, NULL, &error, "connection",
                                    world->connection, "name", "no/such", "calls-only", TRUE, NULL);

  g_assert_null (config);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE);
}

static void
on_opened (GObject *source, GAsyncResult *result, gpointer user_data)
{
  *(GAsyncResult **) user_data = g_object_ref (result);
}

static RunconfConfiguration *
open_in_background (World *world, GCancellable *cancellable,
                    void (*meanwhile) (World *, GCancellable *), GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  runconf_configuration_new_for_connection (world->connection, "default", NULL,
                                            RUNCONF_OPEN_REQUIRE_SERVICE, cancellable, on_opened,
                                            &result);
  world_turn (50);
  if (meanwhile != NULL)
    meanwhile (world, cancellable);
  world_wait_until (result != NULL);

  return runconf_configuration_new_for_connection_finish (result, error);
}

static void
test_async (World *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *config = open_in_background (world, NULL, NULL, &error);
  Ears ears;

  g_assert_no_error (error);
  g_assert_cmpint (get_port (config), ==, 8000);
  ears_open (&ears, config);
  put (world, "/chat/websocket/port", 1);
  g_assert_cmpstr (ears_wait (&ears, 1), ==, "/chat/websocket/port");
  ears_close (&ears);
  g_assert_finalize_object (config);
}

static void
cancel (World *world, GCancellable *cancellable)
{
  g_cancellable_cancel (cancellable);
}

static void
test_cancelled (World *world, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  world_signal_service (world, SIGSTOP);
  g_assert_null (open_in_background (world, cancellable, cancel, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  world_signal_service (world, SIGCONT);

  g_assert_null (runconf_configuration_new_for_connection_sync (
      world->connection, "default", NULL, RUNCONF_OPEN_DEFAULT, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
kill_service (World *world, GCancellable *cancellable)
{
  world_kill_service (world);
}

static void
test_dies_meanwhile (World *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  world_signal_service (world, SIGSTOP);
  g_assert_null (open_in_background (world, NULL, kill_service, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
}

static void
count (guint *n)
{
  ++*n;
}

/* Reads work while the service is away, and one signal reports all differences when it is back. */
static void
test_restart (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (RunconfWatch) chat = runconf_configuration_watch (config, "/chat", NULL);
  g_autoptr (RunconfWatch) numbers = runconf_configuration_watch (config, "/numbers", NULL);
  g_autoptr (RunconfWatch) element = runconf_configuration_watch (config, "/servers/0/port", NULL);
  g_autoptr (RunconfWatch) other = runconf_configuration_watch (config, "/features", NULL);
  Ears all_ears, chat_ears, numbers_ears, element_ears, other_ears;
  guint n_connected = 0;

  ears_open (&all_ears, config);
  ears_open (&chat_ears, chat);
  ears_open (&numbers_ears, numbers);
  ears_open (&element_ears, element);
  ears_open (&other_ears, other);
  g_signal_connect_swapped (config, "notify::connected", G_CALLBACK (count), &n_connected);
  put (world, "/chat/websocket/port", 1);
  ears_wait (&all_ears, 1);
  ears_wait (&chat_ears, 1);
  put (world, "/numbers/ratio", 1);
  ears_wait (&all_ears, 2);
  ears_wait (&numbers_ears, 1);

  world_stop_service (world);
  world_wait_until (!runconf_configuration_get_connected (config));
  world_wait_until (n_connected == 1);
  g_assert_cmpint (get_port (config), ==, 1);

  world_write (world, "runtime_config.yaml",
               "chat: {websocket: {port: 2, host: there}}\n"
               "numbers: {ratio: 1}\n"
               "servers: [{name: one, port: 100}]\n"
               "added: {deep: 1}\n");
  world_start_service (world);
  world_wait_until (runconf_configuration_get_connected (config));
  g_assert_cmpstr (ears_wait (&chat_ears, 2), ==, "/chat/websocket/host /chat/websocket/port");
  g_assert_cmpstr (ears_wait (&element_ears, 1), ==, "/servers/0/port");
  g_assert_cmpstr (ears_wait (&all_ears, 3), ==,
                   "/chat/websocket/host /chat/websocket/port /servers /added/deep");
  g_assert_cmpint (get_port (config), ==, 2);
  world_wait_until (n_connected == 2);

  put (world, "/numbers/ratio", 2);
  g_assert_cmpstr (ears_wait (&numbers_ears, 2), ==, "/numbers/ratio");
  g_assert_cmpstr (ears_wait (&all_ears, 4), ==, "/numbers/ratio");
  world_turn (50);
  g_assert_cmpuint (all_ears.told->len, ==, 4);
  g_assert_cmpuint (chat_ears.told->len, ==, 2);
  g_assert_cmpuint (other_ears.told->len, ==, 0);

  ears_close (&all_ears);
  ears_close (&chat_ears);
  ears_close (&numbers_ears);
  ears_close (&element_ears);
  ears_close (&other_ears);
}

/* Nothing differs, so nothing is reported. */
static void
test_killed (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  Ears ears;

  ears_open (&ears, config);
  for (guint i = 1; i <= 5; i++)
    {
      put (world, "/chat/websocket/port", i);
      ears_wait (&ears, i);
      world_kill_service (world);
      g_assert_cmpint (get_port (config), ==, i);
      world_start_service (world);
      world_wait_until (runconf_configuration_get_connected (config));
      g_assert_cmpint (get_port (config), ==, i);
    }
  world_turn (50);
  g_assert_cmpuint (ears.told->len, ==, 5);
  ears_close (&ears);
}

/* A program needs no main loop to read the values in force after a restart. */
static void
test_no_loop (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (RunconfKey) key = runconf_key_new (config, "/chat/websocket/port", NULL);

  g_assert_cmpint (runconf_key_get_int64 (key, -1), ==, 8000);
  world_stop_service (world);
  world_write (world, "runtime_config.yaml", "chat: {websocket: {port: 77}}\n");
  world_start_service (world);
  for (guint i = 0; i < 1000 && get_port (config) != 77; i++)
    g_usleep (5000);
  g_assert_cmpint (get_port (config), ==, 77);
  g_assert_cmpint (runconf_key_get_int64 (key, -1), ==, 77);
}

/* Arenas are handed over while no main loop runs. */
static void
test_hand_over (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (RunconfKey) key = runconf_key_new (config, "/chat/websocket/port", NULL);
  g_autofree char *filler = g_strnfill (200000, 'x');

  for (guint i = 0; i < 60; i++)
    {
      filler[i] = 'y';
      world_put (world, "/filler", g_variant_new_string (filler));
      put (world, "/chat/websocket/port", i);
      for (guint j = 0; j < 1000 && get_port (config) != i; j++)
        g_usleep (1000);
      g_assert_cmpint (get_port (config), ==, i);
      g_assert_cmpint (runconf_key_get_int64 (key, -1), ==, i);
    }
}

static void
forge (World *world, const char *path, const char *interface, const char *signal,
       GVariant *parameters)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (world->other,
                                 g_dbus_connection_get_unique_name (world->connection), path,
                                 interface, signal, parameters, &error);
  g_assert_no_error (error);
}

/* Any process can send any message to this connection. */
static void
test_forged (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  const char *const paths[] = { "/chat/greeting", NULL };
  guint n_notified = 0;
  Ears ears;

  ears_open (&ears, config);
  put (world, "/chat/websocket/port", 1);
  ears_wait (&ears, 1);
  g_signal_connect_swapped (config, "notify", G_CALLBACK (count), &n_notified);

  forge (world, OBJECT_PATH, BUS_NAME, "ConfigChanged",
         g_variant_new ("(s^ast@a{sv})", "/chat/", paths, G_GUINT64_CONSTANT (1000),
                        g_variant_new ("a{sv}", NULL)));
  forge (world, OBJECT_PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged",
         g_variant_new_parsed ("('" BUS_NAME
                               "', {'State': <'degraded'>, 'SnapshotRevision': <uint32 7>}, "
                               "@as [])"));
  forge (world, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
         g_variant_new ("(sss)", BUS_NAME, "", g_dbus_connection_get_unique_name (world->other)));
  forge (world, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged",
         g_variant_new ("(sss)", BUS_NAME, "", ""));

  world_turn (50);
  g_assert_cmpuint (n_notified, ==, 0);
  g_assert_true (runconf_configuration_get_connected (config));
  g_assert_cmpint (runconf_configuration_get_state (config), ==, RUNCONF_STATE_OK);

  put (world, "/chat/websocket/port", 2);
  g_assert_cmpstr (ears_wait (&ears, 2), ==, "/chat/websocket/port");
  g_assert_cmpuint (ears.told->len, ==, 2);
  ears_close (&ears);
}

static void
test_state (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autofree char *message = NULL;
  guint n_notified = 0;

  put (world, "/chat/websocket/port", 1);
  world_turn (20);
  g_signal_connect_swapped (config, "notify::state", G_CALLBACK (count), &n_notified);
  world_write (world, "runtime_config.yaml", "chat: [half a save\n");
  world_wait_until (n_notified == 1);
  message = runconf_configuration_dup_state_message (config);
  g_assert_cmpint (runconf_configuration_get_state (config), ==, RUNCONF_STATE_RECOVERED);
  g_assert_nonnull (strstr (message, "runtime_config.yaml"));
}

/* Without a bus there are no messages any more, but reads work. */
static void
test_bus_dies (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (RunconfWatch) watch = runconf_configuration_watch (config, "/chat", NULL);
  guint n_connected = 0;

  g_signal_connect_swapped (config, "notify::connected", G_CALLBACK (count), &n_connected);
  put (world, "/chat/websocket/port", 1);
  world_turn (50);
  g_dbus_connection_close_sync (world->connection, NULL, NULL);
  world_wait_until (n_connected == 1);
  g_assert_false (runconf_configuration_get_connected (config));
  g_assert_cmpint (get_port (config), ==, 1);
  world_stop_service (world);
  g_assert_cmpint (get_port (config), ==, 1);
}

typedef struct
{
  RunconfConfiguration parent_instance;
  GPtrArray *told;
} Derived;

typedef RunconfConfigurationClass DerivedClass;

static GType derived_get_type (void);

G_DEFINE_TYPE (Derived, derived, RUNCONF_TYPE_CONFIGURATION)

static void
derived_changed (RunconfConfiguration *config, RunconfChange *change)
{
  g_ptr_array_add (((Derived *) config)->told,
                   g_strjoinv (" ", (char **) runconf_change_get_paths (change)));
}

static void
derived_finalize (GObject *object)
{
  g_ptr_array_unref (((Derived *) object)->told);

  G_OBJECT_CLASS (derived_parent_class)->finalize (object);
}

static void
derived_class_init (DerivedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = derived_finalize;
  klass->changed = derived_changed;
}

static void
derived_init (Derived *self)
{
  self->told = g_ptr_array_new_with_free_func (g_free);
}

static void
test_derived (World *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfConfiguration) config = g_initable_new (
      derived_get_type (), NULL, &error, "connection", world->connection, "name", "default", NULL);
  GPtrArray *told = ((Derived *) config)->told;

  g_assert_no_error (error);
  put (world, "/chat/websocket/port", 1);
  world_wait_until (told->len == 1);
  g_assert_cmpstr (told->pdata[0], ==, "/chat/websocket/port");
  g_assert_cmpint (get_port (config), ==, 1);
}

/* Configurations that are opened and closed leave nothing behind on the bus. */
static void
test_many (World *world, gconstpointer unused)
{
  for (guint i = 0; i < 100; i++)
    {
      RunconfConfiguration *config = world_open (world);
      RunconfWatch *watch = runconf_configuration_watch (config, "/chat", NULL);

      g_assert_cmpint (get_port (config), ==, 8000);
      g_object_unref (watch);
      g_assert_finalize_object (config);
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (World *, gconstpointer);
  } tests[] = {
    { "/life/not-found", test_not_found },
    { "/life/bad-name", test_bad_name },
    { "/life/no-service", test_no_service },
    { "/life/closed-connection", test_closed_connection },
    { "/life/calls-only", test_calls_only },
    { "/life/calls-only/bad-name", test_calls_only_bad_name },
    { "/life/async", test_async },
    { "/life/cancelled", test_cancelled },
    { "/life/dies-meanwhile", test_dies_meanwhile },
    { "/life/restart", test_restart },
    { "/life/killed", test_killed },
    { "/life/no-loop", test_no_loop },
    { "/life/hand-over", test_hand_over },
    { "/life/forged", test_forged },
    { "/life/state", test_state },
    { "/life/bus-dies", test_bus_dies },
    { "/life/derived", test_derived },
    { "/life/many", test_many },
  };

  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, World, NULL, world_set_up, tests[i].test, world_tear_down);

  return g_test_run ();
}
