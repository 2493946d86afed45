/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <signal.h>
#include <string.h>
#include <sys/socket.h>

#include "support.h"

/* the file descriptor of the service's end */
#define SERVICE_FD 3
#define SERVICE_FD_OPTION "--peer=3"

/* A service for this process alone, without a bus. */
typedef struct
{
  char *directory;
  GSubprocess *service;
  GDBusConnection *connection;
} Peer;

static char *
get_path (Peer *peer, const char *name)
{
  return g_build_filename (peer->directory, name, NULL);
}

static void
put (Peer *peer, const char *name, const char *text)
{
  g_autofree char *path = get_path (peer, name);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* Returns: our end */
static int
start_service (Peer *peer)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *defaults = get_path (peer, "config.yaml");
  g_autofree char *runtime = get_path (peer, "runtime_config.yaml");
  g_autoptr (GError) error = NULL;
  int ends[2];

  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), ==, 0);
  g_subprocess_launcher_take_fd (launcher, ends[1], SERVICE_FD);
  g_subprocess_launcher_set_child_setup (launcher, world_end_with_parent, NULL, NULL);
  peer->service
      = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("RUNCONFD"), "--defaults",
                                     defaults, "--runtime", runtime, SERVICE_FD_OPTION, NULL);
  g_assert_no_error (error);

  return ends[0];
}

static void
set_up (Peer *peer, gconstpointer defaults)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketConnection) stream = NULL;
  g_autoptr (GError) error = NULL;

  peer->directory = g_dir_make_tmp ("runconf-peer-XXXXXX", &error);
  g_assert_no_error (error);
  put (peer, "config.yaml", defaults != NULL ? defaults : WORLD_DEFAULTS);

  socket = g_socket_new_from_fd (start_service (peer), &error);
  g_assert_no_error (error);
  stream = g_socket_connection_factory_create_connection (socket);
  peer->connection = g_dbus_connection_new_sync (G_IO_STREAM (stream), NULL,
                                                 G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT,
                                                 NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
end_service (Peer *peer, int number)
{
  g_subprocess_send_signal (peer->service, number);
  g_subprocess_wait (peer->service, NULL, NULL);
}

static void
tear_down (Peer *peer, gconstpointer unused)
{
  const char *const remove[] = { "rm", "-rf", peer->directory, NULL };

  g_dbus_connection_close_sync (peer->connection, NULL, NULL);
  g_subprocess_wait (peer->service, NULL, NULL);
  g_clear_object (&peer->connection);
  g_clear_object (&peer->service);
  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  g_free (peer->directory);
}

static RunconfConfiguration *
open_default (Peer *peer)
{
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = runconf_configuration_new_for_connection_sync (
      peer->connection, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);

  g_assert_no_error (error);

  return configuration;
}

static void
test_reads_and_writes (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = open_default (peer);
  g_autolist (RunconfChange) history = NULL;
  g_autoptr (RunconfDescription) description = NULL;
  g_autolist (RunconfInfo) all = NULL;
  g_auto (GStrv) changed = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_configuration_get_connected (configuration));
  g_assert_cmpint (runconf_configuration_get_state (configuration), ==, RUNCONF_STATE_OK);
  g_assert_cmpint (runconf_configuration_get_int64 (configuration, "/chat/websocket/port", 0), ==,
                   8000);

  g_assert_true (runconf_configuration_set_int64_sync (configuration, "/chat/websocket/port", 9000,
                                                       NULL, NULL, &error));
  g_assert_cmpint (runconf_configuration_get_int64 (configuration, "/chat/websocket/port", 0), ==,
                   9000);
  changed = runconf_configuration_merge_text_sync (configuration, "chat: {greeting: hi}", NULL,
                                                   NULL, &error);
  g_assert_cmpstr (changed[0], ==, "/chat/greeting");
  g_assert_false (runconf_configuration_set_int64_sync (configuration, "/chat/greeting/x", 1, NULL,
                                                        NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
  g_clear_error (&error);

  description = runconf_configuration_describe_sync (configuration, "/chat", NULL, &error);
  g_assert_no_error (error);
  history = runconf_configuration_history_sync (configuration, "", 0, 0, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_list_length (history), ==, 2);
  all = runconf_list_configurations_sync (peer->connection, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (runconf_info_get_name (all->data), ==, "default");
}

static void
test_watches (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = open_default (peer);
  g_autoptr (RunconfWatch) watch = runconf_configuration_watch (configuration, "/chat", NULL);
  g_autoptr (GError) error = NULL;
  Ears part, all;

  ears_open (&part, watch);
  ears_open (&all, configuration);
  runconf_configuration_set_int64_sync (configuration, "/other", 1, NULL, NULL, &error);
  g_assert_cmpstr (ears_wait (&all, 1), ==, "/other");
  runconf_configuration_set_string_sync (configuration, "/chat/greeting", "hi", NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (ears_wait (&all, 2), ==, "/chat/greeting");
  g_assert_cmpstr (ears_wait (&part, 1), ==, "/chat/greeting");

  put (peer, "runtime_config.yaml", "chat: {greeting: by hand}\n");
  g_assert_cmpstr (ears_wait (&part, 2), ==, "/chat/greeting");
  g_assert_cmpuint (part.told->len, ==, 2);

  ears_close (&part);
  g_clear_object (&watch);
  runconf_configuration_set_string_sync (configuration, "/chat/greeting", "hello", NULL, NULL,
                                         &error);
  g_assert_cmpstr (ears_wait (&all, 4), ==, "/chat/greeting");
  ears_close (&all);
}

static void
count (guint *n_notified)
{
  ++*n_notified;
}

static void
test_locks (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = open_default (peer);
  guint n_notified = 0;

  g_signal_connect_swapped (configuration, "notify::locks", G_CALLBACK (count), &n_notified);
  assert_locks (configuration, "");
  put (peer, "locks", "/chat/greeting\n");
  world_wait_until (n_notified == 1);
  assert_locks (configuration, "/chat/greeting");
  put (peer, "locks", "# none\n");
  world_wait_until (n_notified == 2);
  assert_locks (configuration, "");
}

/* The shared memory is filled several times, and is replaced. */
static void
test_fresh_memory (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = open_default (peer);
  g_autoptr (GString) large = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  Ears ears;

  for (guint i = 0; i < 20000; i++)
    g_string_append_c (large, 'x');
  ears_open (&ears, configuration);
  runconf_configuration_set_int64_sync (configuration, "/n", 0, NULL, NULL, NULL);
  ears_wait (&ears, 1);
  for (gint64 i = 1; i <= 200; i++)
    {
      g_autofree char *text
          = g_strdup_printf ("large: %s%d\nn: %d\n", large->str, (int) i, (int) i);

      g_strfreev (runconf_configuration_merge_text_sync (configuration, text, NULL, NULL, &error));
      g_assert_no_error (error);
      g_assert_cmpint (runconf_configuration_get_int64 (configuration, "/n", 0), ==, i);
    }
  ears_wait (&ears, 201);
  ears_close (&ears);
}

static void
test_service_ends (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = open_default (peer);
  g_autoptr (RunconfConfiguration) late = NULL;
  g_autoptr (GError) error = NULL;
  guint n_notified = 0;

  g_signal_connect_swapped (configuration, "notify::connected", G_CALLBACK (count), &n_notified);
  end_service (peer, SIGKILL);
  world_wait_until (!runconf_configuration_get_connected (configuration));
  world_wait_until (n_notified == 1);

  /* the values in force can still be read */
  g_assert_cmpint (runconf_configuration_get_int64 (configuration, "/chat/websocket/port", 0), ==,
                   8000);
  g_assert_false (
      runconf_configuration_set_int64_sync (configuration, "/x", 1, NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (runconf_list_configurations_sync (peer->connection, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  late = runconf_configuration_new_for_connection_sync (peer->connection, "default", NULL,
                                                        RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  g_assert_null (late);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_cmpstr (error->message, ==, "the connection to the service is closed");
}

/* A program without a main loop isn't informed, but has the same answers. */
static void
test_service_ends_unheard (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = open_default (peer);
  g_autoptr (GError) error = NULL;

  end_service (peer, SIGKILL);
  for (guint i = 0; i < 4000 && runconf_configuration_get_connected (configuration); i++)
    g_usleep (5000);
  g_assert_false (runconf_configuration_get_connected (configuration));
  g_assert_cmpint (runconf_configuration_get_state (configuration), ==, RUNCONF_STATE_UNAVAILABLE);
  g_assert_false (
      runconf_configuration_set_int64_sync (configuration, "/x", 1, NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
}

static void
test_another_name (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = NULL;
  g_autoptr (GError) error = NULL;

  configuration = runconf_configuration_new_for_connection_sync (
      peer->connection, "other", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  g_assert_null (configuration);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
  g_assert_cmpstr (error->message, ==,
                   "the service has no configuration “other”; it has “default”");
}

static void
test_nothing_to_serve (Peer *peer, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) configuration = NULL;
  g_autoptr (GError) error = NULL;

  configuration = runconf_configuration_new_for_connection_sync (
      peer->connection, "default", NULL, RUNCONF_OPEN_REQUIRE_SERVICE, NULL, &error);
  g_assert_null (configuration);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "config.yaml:1:"));
}

/* Objects may be released in any order, and after the last one nothing is left. */
static void
test_lets_go (Peer *peer, gconstpointer unused)
{
  RunconfConfiguration *configuration = open_default (peer);
  RunconfWatch *watch = runconf_configuration_watch (configuration, "", NULL);

  runconf_configuration_set_int64_sync (configuration, "/x", 1, NULL, NULL, NULL);
  g_object_add_weak_pointer (G_OBJECT (configuration), (gpointer *) &configuration);
  g_object_unref (configuration);
  g_object_unref (watch);
  g_assert_null (configuration);

  configuration = open_default (peer);
  g_assert_cmpint (runconf_configuration_get_int64 (configuration, "/x", 0), ==, 1);
  g_object_unref (configuration);
}

#define ADD(name, defaults, function)                                                              \
  g_test_add ("/peer/" name, Peer, defaults, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("reads-and-writes", NULL, test_reads_and_writes);
  ADD ("watches", NULL, test_watches);
  ADD ("locks", NULL, test_locks);
  ADD ("fresh-memory", NULL, test_fresh_memory);
  ADD ("service-ends", NULL, test_service_ends);
  ADD ("service-ends-unheard", NULL, test_service_ends_unheard);
  ADD ("another-name", NULL, test_another_name);
  ADD ("nothing-to-serve", "a: [", test_nothing_to_serve);
  ADD ("lets-go", NULL, test_lets_go);

  return g_test_run ();
}
