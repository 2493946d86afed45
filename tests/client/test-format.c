/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gadget.h"
#include "support.h"

/* A library and services with other formats of the shared memory. RUNCONFD is a service with the
 * format of the library, and RUNCONFD_OTHER one with another format. This test is built twice: with
 * a library of the present format, and with one of the next.
 */

#define PORT "/chat/websocket/port"
#define TIMEOUT "/chat/websocket/timeout"

#define N_READERS 4
#define N_CHANGES 200

/* A program with everything that it can have: it reads, writes, watches and binds. */
typedef struct
{
  World *world;
  RunconfConfiguration *config;
  RunconfWatch *watch;
  RunconfKey *key;
  Gadget *gadget;
  gint64 last;  /* the number that was set last */
  gint64 heard; /* the number that the last callback of the watch read */
  guint n_notified;
} Program;

static gint64
get_port (RunconfConfiguration *config)
{
  return runconf_configuration_get_int64 (config, PORT, -1);
}

static void
on_watched (RunconfWatch *watch, RunconfChange *change, gpointer data)
{
  Program *program = data;
  gint64 port = get_port (program->config);

  g_assert_cmpint (port, >=, program->heard);
  program->heard = port;
}

static void
on_shared (GObject *object, GParamSpec *pspec, gpointer data)
{
  ((Program *) data)->n_notified++;
}

static void
start_program (Program *program, World *world)
{
  *program = (Program){ .world = world, .config = world_open (world), .last = 8000 };
  program->watch = runconf_configuration_watch (program->config, PORT, NULL);
  program->key = runconf_key_new (program->config, PORT, NULL);
  program->gadget = gadget_new ();
  g_signal_connect (program->watch, "changed", G_CALLBACK (on_watched), program);
  g_signal_connect (program->config, "notify::shared", G_CALLBACK (on_shared), program);
  runconf_configuration_bind (program->config, TIMEOUT, G_OBJECT (program->gadget), "number",
                              RUNCONF_BIND_DEFAULT);
}

static void
end_program (Program *program)
{
  g_signal_handlers_disconnect_by_data (program->watch, program);
  g_signal_handlers_disconnect_by_data (program->config, program);
  g_clear_object (&program->gadget);
  g_clear_pointer (&program->key, runconf_key_unref);
  g_clear_object (&program->watch);
  g_clear_object (&program->config);
}

static void
assert_reads (Program *program, gint64 port)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (program->config);
  g_autoptr (GVariant) all = runconf_configuration_get_value (program->config, "/chat/websocket");
  g_autoptr (GVariant) initial = runconf_configuration_get_default_value (program->config, PORT);
  g_autoptr (GVariant) own = runconf_configuration_get_user_value (program->config, PORT);
  gint64 number;

  g_assert_cmpint (g_variant_get_int64 (initial), ==, 8000);
  g_assert_true (port == 8000 ? own == NULL : g_variant_get_int64 (own) == port);

  g_assert_cmpint (get_port (program->config), ==, port);
  g_assert_cmpint (runconf_key_get_int64 (program->key, -1), ==, port);
  g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, PORT, -1), ==, port);
  g_assert_true (g_variant_lookup (all, "port", "x", &number));
  g_assert_cmpint (number, ==, port);
}

/* The types of all values are as in shared memory. */
static void
assert_types (Program *program)
{
  static const char *const values[][2] = {
    { "/numbers/big", "uint64 18446744073709551615" },
    { "/numbers/ratio", "0.5" },
    { "/numbers/negative", "int64 -7" },
    { "/features", "[<'search'>, <'browse'>, <'code'>]" },
    { "/servers/1", "{'name': <'two'>, 'port': <int64 2>}" },
    { "/nothing", "signature ''" },
    { "/it's/quoted", "int64 1" },
    { "/empty", "@a{sv} {}" },
    { "/data", "[byte 0x68, 0x65, 0x6c, 0x6c, 0x6f]" },
    { "/chat/websocket/secure", "false" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (GVariant) value = runconf_configuration_get_value (program->config, values[i][0]);
      g_autofree char *text = g_variant_print (value, TRUE);

      g_assert_cmpstr (text, ==, values[i][1]);
    }
}

static void
on_written (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  Program *program = data;

  g_assert_true (runconf_configuration_set_int64_finish (program->config, result, NULL, &error));
  g_assert_no_error (error);
  assert_reads (program, ++program->last);
}

static void
write_own (Program *program)
{
  g_autoptr (GError) error = NULL;
  guint64 version = runconf_configuration_get_version (program->config);
  gint64 next = program->last + 2;

  runconf_configuration_set_int64_sync (program->config, PORT, ++program->last, NULL, NULL, &error);
  g_assert_no_error (error);
  assert_reads (program, program->last);
  g_assert_cmpuint (runconf_configuration_get_version (program->config), ==, version + 1);

  runconf_configuration_set_int64 (program->config, PORT, next, NULL, on_written, program);
  world_wait_until (program->last == next);
  world_wait_until (program->heard == next);
}

/* The change of another program reaches reads, the watch, and the version. */
static void
write_other (Program *program)
{
  guint64 version = world_put (program->world, PORT, g_variant_new_int64 (++program->last));

  world_wait_until (program->heard == program->last);
  assert_reads (program, program->last);
  g_assert_cmpuint (runconf_configuration_get_version (program->config), ==, version);
}

static void
use_binding (Program *program)
{
  g_autoptr (GError) error = NULL;
  int number = 0;

  g_object_set (program->gadget, "number", (int) program->last, NULL);
  g_assert_true (runconf_configuration_flush_sync (program->config, NULL, &error));
  g_assert_cmpint (runconf_configuration_get_int64 (program->config, TIMEOUT, -1), ==,
                   program->last);

  world_put (program->world, TIMEOUT, g_variant_new_int64 (-program->last));
  world_wait_until ((g_object_get (program->gadget, "number", &number, NULL), number)
                    == -program->last);
}

static void
use (Program *program)
{
  g_assert_true (runconf_configuration_get_connected (program->config));
  assert_types (program);
  for (guint i = 0; i < 5; i++)
    {
      write_own (program);
      write_other (program);
      use_binding (program);
    }
}

static void
set_service (World *world, const char *variable)
{
  world->program = g_getenv (variable);
  world_start_service (world);
}

static gboolean
is_read (RunconfConfiguration *config, gboolean is_shared)
{
  return runconf_configuration_get_connected (config)
         && runconf_configuration_get_shared (config) == is_shared;
}

static void
test_switch (World *world, gconstpointer unused)
{
  Program program;

  start_program (&program, world);
  g_assert_true (runconf_configuration_get_shared (program.config));
  use (&program);
  for (guint i = 1; i <= 4; i++)
    {
      gboolean is_own = i % 2 == 0;

      if (i < 3)
        world_stop_service (world);
      else
        world_kill_service (world);
      assert_reads (&program, program.last);
      set_service (world, is_own ? "RUNCONFD" : "RUNCONFD_OTHER");
      world_wait_until (is_read (program.config, is_own));
      assert_reads (&program, program.last);
      use (&program);
      world_wait_until (program.n_notified == i);
    }

  g_assert_cmpuint (messages_count ("is read over the bus"), ==, 2);
  g_assert_cmpuint (messages_count ("may return old values"), ==, 0);
  end_program (&program);
}

static void
test_open (World *world, gconstpointer unused)
{
  Program program;

  world_stop_service (world);
  set_service (world, "RUNCONFD_OTHER");
  start_program (&program, world);
  g_assert_false (runconf_configuration_get_shared (program.config));
  use (&program);
  end_program (&program);
}

/* A connection that can't pass the descriptor of the memory. It has no user, and so may only read. */
static void
test_no_descriptors (World *world, gconstpointer unused)
{
  GDBusConnection *connection = world->connection;
  Program program;

  world->connection = world_connect (world->slow_address);
  start_program (&program, world);
  g_assert_false (runconf_configuration_get_shared (program.config));
  assert_types (&program);
  for (guint i = 0; i < 5; i++)
    write_other (&program);
  end_program (&program);
  g_dbus_connection_close_sync (world->connection, NULL, NULL);
  g_object_unref (world->connection);
  world->connection = connection;
}

/* Nothing but the read itself asks for the changes: no handler, no watch, no binding. */
static void
test_only_reads (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);

  world_stop_service (world);
  set_service (world, "RUNCONFD_OTHER");
  world_wait_until (is_read (config, FALSE));
  for (gint64 i = 1; i <= 50; i++)
    {
      world_put (world, PORT, g_variant_new_int64 (i));
      world_wait_until (get_port (config) == i);
    }
}

/* Returns: whether the bus has accepted the call about the match rule with this number */
static gboolean
call_bus (World *world, const char *method, guint number)
{
  g_autofree char *rule = g_strdup_printf ("type='signal',interface='test.Number%u'", number);
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      world->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      method, g_variant_new ("(s)", rule), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  return reply != NULL;
}

/* The bus refuses the match rule for all changes: reads are late, and never wrong for ever. */
static void
test_refused_rule (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = NULL;
  guint n = 0;

  while (call_bus (world, "AddMatch", n))
    n++;
  world_stop_service (world);
  set_service (world, "RUNCONFD_OTHER");
  config = world_open (world);
  g_assert_false (runconf_configuration_get_shared (config));
  for (gint64 i = 1; i <= 3; i++)
    {
      world_put (world, PORT, g_variant_new_int64 (i));
      world_wait_until (get_port (config) == i);
    }
  world_wait_until (messages_count ("the bus refuses a match rule") > 0);

  for (guint i = 0; i < n; i++)
    g_assert_true (call_bus (world, "RemoveMatch", i));
  for (gint64 i = 4; i <= 8; i++)
    {
      world_put (world, PORT, g_variant_new_int64 (i));
      world_wait_until (get_port (config) == i);
    }
}

static char *
make_large (void)
{
  GString *text = g_string_new ("list: [0");

  for (guint i = 0; i < 12000; i++)
    g_string_append (text, ", 1");
  g_string_append (text, "]\n" WORLD_DEFAULTS);

  return g_string_free (text, FALSE);
}

/* The bus has a limit that shared memory doesn't have. */
static void
test_too_large (World *world, gconstpointer unused)
{
  g_autofree char *large = make_large ();
  g_autoptr (RunconfConfiguration) config = NULL;
  g_autoptr (RunconfConfiguration) refused = NULL;
  g_autoptr (GError) error = NULL;

  if (geteuid () != 0)
    {
      g_test_skip ("only root can connect as another user");
      return;
    }

  /* another user needs access to the socket */
  g_assert_cmpint (chmod (world->directory, 0755), ==, 0);
  g_assert_cmpint (seteuid (65534), ==, 0);
  g_dbus_connection_close_sync (world->connection, NULL, NULL);
  g_object_unref (world->connection);
  world->connection = world_connect (world->address);
  g_assert_cmpint (seteuid (0), ==, 0);

  world_stop_service (world);
  world_write (world, "config.yaml", large);
  set_service (world, "RUNCONFD");
  config = world_open (world);
  world_stop_service (world);
  set_service (world, "RUNCONFD_OTHER");

  refused = runconf_configuration_new_for_connection_sync (
      world->connection, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  g_assert_null (refused);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE);
  g_assert_nonnull (strstr (error->message, "shared memory can't be used either"));
  world_wait_until (messages_count ("may return old values") > 0);
  g_assert_false (runconf_configuration_get_connected (config));
  g_assert_cmpint (get_port (config), ==, 8000);

  world_stop_service (world);
  set_service (world, "RUNCONFD");
  world_wait_until (is_read (config, TRUE));
}

typedef struct
{
  RunconfConfiguration *config;
  RunconfKey *key;
  int is_over; /* atomic */
  guint64 n_reads;
} Race;

/* Both numbers are always set together, and only grow. */
static gint64
read_pair (Race *race)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (race->config);
  gint64 a = runconf_snapshot_get_int64 (snapshot, "/a", -1);

  g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, "/b", -2), ==, a);

  return a;
}

static gint64
read_number (Race *race)
{
  return runconf_configuration_get_int64 (race->config, "/a", -1);
}

static gint64
read_key (Race *race)
{
  return runconf_key_get_int64 (race->key, -1);
}

static gpointer
read_on (gpointer data)
{
  gint64 (*const ways[]) (Race *) = { read_pair, read_number, read_key };
  Race *race = data;
  gint64 last = 0;

  for (guint i = 0; !__atomic_load_n (&race->is_over, __ATOMIC_RELAXED); i++)
    {
      gint64 value = ways[i % G_N_ELEMENTS (ways)](race);

      g_assert_cmpint (value, >=, last);
      last = value;
      __atomic_add_fetch (&race->n_reads, 1, __ATOMIC_RELAXED);
    }

  return NULL;
}

/* Writes of this program and of another one in turn. */
static void
change (World *world, RunconfConfiguration *config, guint number)
{
  g_autofree char *text = g_strdup_printf ("{a: %u, b: %u}", number, number);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  if (number % 2 == 0)
    {
      reply = world_call (world, "MergeText", g_variant_new ("(sa{sv})", text, NULL));
      return;
    }

  g_strfreev (runconf_configuration_merge_text_sync (config, text, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/a", -1), ==, number);
}

static void
test_race (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (RunconfKey) key = runconf_key_new (config, "/a", NULL);
  Race race = { config, key, FALSE, 0 };
  GThread *threads[N_READERS];

  change (world, config, 1);
  for (guint i = 0; i < N_READERS; i++)
    threads[i] = g_thread_new ("reader", read_on, &race);

  for (guint i = 2; i <= N_CHANGES; i++)
    {
      change (world, config, i);
      if (i % 50 != 0)
        continue;
      world_kill_service (world);
      set_service (world, i % 100 != 0 ? "RUNCONFD_OTHER" : "RUNCONFD");
    }
  world_wait_until (read_key (&race) == N_CHANGES);

  __atomic_store_n (&race.is_over, TRUE, __ATOMIC_RELAXED);
  for (guint i = 0; i < N_READERS; i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (race.n_reads, >, N_CHANGES);
  g_test_message ("%" G_GUINT64_FORMAT " reads", race.n_reads);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/format/" name, World, NULL, world_set_up, function, world_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  ADD ("switch", test_switch);
  ADD ("open", test_open);
  ADD ("no-descriptors", test_no_descriptors);
  ADD ("only-reads", test_only_reads);
  ADD ("refused-rule", test_refused_rule);
  ADD ("too-large", test_too_large);
  ADD ("race", test_race);

  return g_test_run ();
}
