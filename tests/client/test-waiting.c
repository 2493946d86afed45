/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <glib/gstdio.h>

#include "support.h"

/* A program whose bus, service and configuration come and go. The bus is that of the session, and the
 * service serves the folders below the directory. Each test runs with a main loop, and without one.
 */

#define NAME "waiting"
#define PORT "/chat/port"
#define OWN_PORT 1
#define SERVED_PORT 8000

static char *directory;

typedef struct
{
  gboolean has_loop;
  GSubprocess *bus;
  GSubprocess *service;
  RunconfConfiguration *config;
} Place;

static const char bus_config[] = "<busconfig>\n"
                                 "  <type>session</type>\n"
                                 "  <auth>EXTERNAL</auth>\n"
                                 "  <listen>unix:path=%s/bus</listen>\n"
                                 "  <policy context=\"default\">\n"
                                 "    <allow user=\"*\"/>\n"
                                 "    <allow own=\"*\"/>\n"
                                 "    <allow send_destination=\"*\"/>\n"
                                 "    <allow receive_sender=\"*\"/>\n"
                                 "  </policy>\n"
                                 "</busconfig>\n";

static void
turn (Place *place)
{
  if (place->has_loop)
    world_turn (5);
  else
    g_usleep (5000);
}

/* Nearly all waits end within a second; a busy machine needs longer. */
#define wait_until(place, condition)                                                               \
  G_STMT_START                                                                                     \
  {                                                                                                \
    gint64 start_time = g_get_monotonic_time ();                                                   \
    while (!(condition) && g_get_monotonic_time () < start_time + 30 * G_USEC_PER_SEC)             \
      turn (place);                                                                                \
    g_assert_true (condition);                                                                     \
    g_test_message ("%s: %d ms", #condition,                                                       \
                    (int) ((g_get_monotonic_time () - start_time) / 1000));                        \
  }                                                                                                \
  G_STMT_END

static void
end (GSubprocess **process, int number)
{
  if (*process == NULL)
    return;

  kill (atoi (g_subprocess_get_identifier (*process)), number);
  g_subprocess_wait (*process, NULL, NULL);
  g_clear_object (process);
}

static void
write_file (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_folder (const char *name)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  const char *const argv[] = { "rm", "-rf", path, NULL };

  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
}

static void
start_bus (Place *place)
{
  g_autofree char *text = g_strdup_printf (bus_config, directory);
  g_autofree char *option = g_strdup_printf ("--config-file=%s/bus.conf", directory);
  const char *const argv[]
      = { "dbus-daemon", option, "--nofork", "--nopidfile", "--nosyslog", NULL };

  write_file ("bus.conf", text);
  place->bus = world_start_process (G_SUBPROCESS_FLAGS_STDERR_SILENCE, argv);
}

/* Without the bus, the service ends, too. */
static void
end_bus (Place *place)
{
  end (&place->bus, SIGKILL);
  if (place->service != NULL)
    g_subprocess_wait (place->service, NULL, NULL);
  g_clear_object (&place->service);
  remove_folder ("bus");
}

/* A bus has its socket shortly before it accepts connections. */
static gboolean
accepts (const char *socket)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (socket);
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, NULL);

  return connection != NULL;
}

static void
start_service (Place *place)
{
  const char *const argv[] = { g_getenv ("RUNCONFD"),
                               "--root",
                               directory,
                               "--address",
                               g_getenv ("DBUS_SESSION_BUS_ADDRESS"),
                               NULL };
  g_autofree char *socket = g_build_filename (directory, "bus", NULL);

  wait_until (place, accepts (socket));
  place->service = world_start_process (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, argv);
}

static void
end_service (Place *place)
{
  end (&place->service, SIGTERM);
}

/* A signal of kill() stops a process a bit later. */
static void
stall (Place *place, gboolean is_stalled)
{
  int pid = atoi (g_subprocess_get_identifier (place->service));
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", pid);
  gboolean is_done = !is_stalled;

  kill (pid, is_stalled ? SIGSTOP : SIGCONT);
  while (!is_done)
    {
      g_autofree char *status = NULL;

      g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
      is_done = strstr (status, ") T ") != NULL;
    }
}

static void
add_configuration (gint64 port)
{
  g_autofree char *text = g_strdup_printf ("chat: {port: %" G_GINT64_FORMAT ", name: x}\n", port);

  write_file ("etc/runconf/" NAME "/config.yaml", text);
}

static void
remove_configuration (void)
{
  remove_folder ("etc/runconf/" NAME);
}

static GVariant *
make_defaults (void)
{
  return g_variant_new_parsed ("{'chat': <{'port': <int64 1>, 'own': <true>}>}");
}

static gint64
get_port (Place *place)
{
  return runconf_configuration_get_int64 (place->config, PORT, -1);
}

static gboolean
is_connected (Place *place)
{
  return runconf_configuration_get_connected (place->config);
}

static void
open_with (Place *place, RunconfOpenFlags flags)
{
  g_autoptr (GError) error = NULL;

  place->config = runconf_configuration_new_sync (G_BUS_TYPE_SESSION, NAME, make_defaults (), flags,
                                                  NULL, &error);
  g_assert_no_error (error);
}

static void
assert_state (Place *place, RunconfState expected, const char *part)
{
  g_autofree char *message = runconf_configuration_dup_state_message (place->config);

  g_assert_cmpint (runconf_configuration_get_state (place->config), ==, expected);
  if (part != NULL && strstr (message, part) == NULL)
    g_error ("“%s” is not in “%s”", part, message);
}

static void
assert_unavailable (Place *place)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) value = NULL;

  g_assert_false (
      runconf_configuration_set_int64_sync (place->config, PORT, 5, NULL, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_null (strstr (error->message, "GDBus.Error"));
  g_clear_error (&error);
  value = runconf_configuration_fetch_value_sync (place->config, PORT, NULL, &error);
  g_assert_null (value);
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
}

static void
assert_own_values (Place *place)
{
  g_autoptr (GVariant) standard
      = runconf_configuration_get_default_value (place->config, "/chat/port");
  g_autoptr (GVariant) user = runconf_configuration_get_user_value (place->config, "/chat/port");

  g_assert_false (is_connected (place));
  g_assert_false (runconf_configuration_get_shared (place->config));
  g_assert_cmpint (get_port (place), ==, OWN_PORT);
  g_assert_cmpint (g_variant_get_int64 (standard), ==, OWN_PORT);
  g_assert_null (user);
  g_assert_true (runconf_configuration_get_boolean (place->config, "/chat/own", FALSE));
  g_assert_cmpint (runconf_configuration_get_int64 (place->config, "/no", 7), ==, 7);
}

static void
assert_served_values (Place *place)
{
  g_assert_true (runconf_configuration_get_shared (place->config));
  g_assert_cmpint (get_port (place), ==, SERVED_PORT);
  g_assert_false (runconf_configuration_has (place->config, "/chat/own"));
  assert_state (place, RUNCONF_STATE_OK, "");
}

static void
count (guint *n)
{
  ++*n;
}

static int
compare_strings (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char **) a, *(char **) b);
}

/* The order of the paths of one change isn't defined. */
static void
assert_same_paths (const char *paths, const char *sorted)
{
  g_auto (GStrv) all = g_strsplit (paths, " ", -1);
  g_autofree char *joined = NULL;

  qsort (all, g_strv_length (all), sizeof *all, compare_strings);
  joined = g_strjoinv (" ", all);
  g_assert_cmpstr (joined, ==, sorted);
}

/* Opens without a service, lets @appear make it, and expects that the object becomes live. */
static void
become_live (Place *place, RunconfOpenFlags flags, const char *reason, void (*appear) (Place *))
{
  g_autoptr (RunconfWatch) watch = NULL;
  g_autoptr (RunconfWatch) other = NULL;
  g_autoptr (RunconfKey) key = NULL;
  g_autoptr (RunconfSnapshot) before = NULL;
  Ears all_ears, ears, other_ears;
  guint n_connected = 0;

  open_with (place, flags);
  assert_own_values (place);
  if (reason != NULL)
    assert_state (place, RUNCONF_STATE_UNAVAILABLE, reason);
  watch = runconf_configuration_watch (place->config, "/chat/port", NULL);
  other = runconf_configuration_watch (place->config, "/other", NULL);
  key = runconf_key_new (place->config, "/chat/port", NULL);
  before = runconf_configuration_get_snapshot (place->config);
  ears_open (&all_ears, place->config);
  ears_open (&ears, watch);
  ears_open (&other_ears, other);
  g_signal_connect_swapped (place->config, "notify::connected", G_CALLBACK (count), &n_connected);
  g_assert_cmpint (runconf_key_get_int64 (key, -1), ==, OWN_PORT);

  appear (place);
  wait_until (place, is_connected (place));
  assert_served_values (place);
  g_assert_cmpint (runconf_key_get_int64 (key, -1), ==, SERVED_PORT);
  g_assert_cmpint (runconf_snapshot_get_int64 (before, "/chat/port", -1), ==, OWN_PORT);

  if (place->has_loop)
    {
      g_assert_cmpstr (ears_wait (&ears, 1), ==, "/chat/port");
      assert_same_paths (ears_wait (&all_ears, 1), "/chat/name /chat/own /chat/port");
      world_wait_until (n_connected == 1);
      g_assert_cmpuint (other_ears.told->len, ==, 0);
    }

  /* from now on it is an ordinary configuration */
  g_assert_true (runconf_configuration_set_int64_sync (place->config, PORT, 5, NULL, NULL, NULL));
  g_assert_cmpint (get_port (place), ==, 5);
  g_assert_cmpint (runconf_key_get_int64 (key, -1), ==, 5);
  if (place->has_loop)
    g_assert_cmpstr (ears_wait (&ears, 2), ==, "/chat/port");
  ears_close (&all_ears);
  ears_close (&ears);
  ears_close (&other_ears);
}

static void
make_all (Place *place)
{
  assert_unavailable (place);
  add_configuration (SERVED_PORT);
  start_bus (place);
  start_service (place);
}

static void
make_service (Place *place)
{
  assert_unavailable (place);
  add_configuration (SERVED_PORT);
  start_service (place);
}

static void
make_configuration (Place *place)
{
  assert_unavailable (place);
  add_configuration (SERVED_PORT);
}

static void
go_on (Place *place)
{
  stall (place, FALSE);
}

/* Waits until the service can be used, over a connection of its own. */
static void
wait_for_service (Place *place)
{
  g_autofree char *address = g_strdup_printf ("unix:path=%s/bus", directory);
  g_autoptr (GDBusConnection) connection = NULL;
  g_autolist (RunconfInfo) all = NULL;

  while (connection == NULL)
    {
      connection = g_dbus_connection_new_for_address_sync (
          address,
          G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
              | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
          NULL, NULL, NULL);
      turn (place);
    }
  while (all == NULL)
    {
      all = runconf_list_configurations_sync (connection, NULL, NULL);
      turn (place);
    }
  g_dbus_connection_close_sync (connection, NULL, NULL);
}

static void
test_no_bus (Place *place)
{
  become_live (place, RUNCONF_OPEN_DEFAULT, "no bus to find the service on", make_all);
}

static void
start_bus_alone (Place *place)
{
  g_autofree char *socket = g_build_filename (directory, "bus", NULL);

  start_bus (place);
  wait_until (place, accepts (socket));
}

static void
test_no_service (Place *place)
{
  start_bus_alone (place);
  become_live (place, RUNCONF_OPEN_DEFAULT, NULL, make_service);
}

static void
test_no_configuration (Place *place)
{
  write_file ("etc/runconf/other/config.yaml", "a: 1\n");
  start_bus (place);
  start_service (place);
  wait_for_service (place);
  become_live (place, RUNCONF_OPEN_DEFAULT, "it has “other”", make_configuration);
}

static void
test_background_without_bus (Place *place)
{
  become_live (place, RUNCONF_OPEN_IN_BACKGROUND, NULL, make_all);
}

static void
test_background_with_stalled_service (Place *place)
{
  add_configuration (SERVED_PORT);
  start_bus (place);
  start_service (place);
  wait_for_service (place);
  stall (place, TRUE);
  become_live (place, RUNCONF_OPEN_IN_BACKGROUND, NULL, go_on);
}

static void
open_served (Place *place)
{
  add_configuration (SERVED_PORT);
  start_bus (place);
  start_service (place);
  wait_for_service (place);
  open_with (place, RUNCONF_OPEN_REQUIRE_SERVICE);
  assert_served_values (place);
}

static void
test_one_line (Place *place)
{
  g_autoptr (GError) error = NULL;

  add_configuration (SERVED_PORT);
  start_bus (place);
  start_service (place);
  place->config = runconf_configuration_new_in_background (G_BUS_TYPE_SESSION, NAME, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (get_port (place), ==, -1);
  wait_until (place, is_connected (place));
  assert_served_values (place);
}

static void
test_service_restarts (Place *place)
{
  open_served (place);
  end_service (place);
  wait_until (place, !is_connected (place));
  assert_state (place, RUNCONF_STATE_UNAVAILABLE, NULL);
  assert_unavailable (place);
  g_assert_cmpint (get_port (place), ==, SERVED_PORT);

  start_service (place);
  wait_until (place, is_connected (place));
  assert_served_values (place);
}

/* A bus that comes back may give the same unique name to the new service. */
static void
test_bus_restarts (Place *place)
{
  open_served (place);
  for (guint i = 1; i <= 3; i++)
    {
      end_bus (place);
      wait_until (place, !is_connected (place));
      assert_state (place, RUNCONF_STATE_UNAVAILABLE, NULL);
      assert_unavailable (place);
      g_assert_cmpint (get_port (place), ==, i == 1 ? SERVED_PORT : (gint64) i - 1);

      add_configuration (i);
      start_bus (place);
      start_service (place);
      wait_until (place, is_connected (place));
      g_assert_cmpint (get_port (place), ==, i);
    }
}

static void
test_configuration_returns (Place *place)
{
  open_served (place);
  for (guint i = 1; i <= 3; i++)
    {
      remove_configuration ();
      wait_until (place, !is_connected (place));
      assert_state (place, RUNCONF_STATE_UNAVAILABLE, "serve");
      assert_unavailable (place);

      add_configuration (i);
      wait_until (place, is_connected (place));
      wait_until (place, get_port (place) == i);
    }
}

static void
move (const char *from, const char *to)
{
  g_autofree char *old = g_build_filename (directory, from, NULL);
  g_autofree char *new = g_build_filename (directory, to, NULL);

  g_assert_cmpint (g_rename (old, new), ==, 0);
}

static gboolean
has_state (Place *place, RunconfState expected)
{
  return runconf_configuration_get_state (place->config) == expected;
}

static gboolean
has_message (Place *place, const char *part)
{
  g_autofree char *message = runconf_configuration_dup_state_message (place->config);

  return strstr (message, part) != NULL;
}

static void
test_folder_returns (Place *place)
{
  open_served (place);
  g_assert_true (runconf_configuration_set_int64_sync (place->config, PORT, 5, NULL, NULL, NULL));
  for (guint i = 0; i < 2; i++)
    {
      move ("var/lib/runconf/" NAME, "away");
      wait_until (place, has_state (place, RUNCONF_STATE_DEGRADED));
      assert_state (place, RUNCONF_STATE_DEGRADED, "its folder doesn't exist");
      g_assert_true (is_connected (place));

      move ("away", "var/lib/runconf/" NAME);
      wait_until (place, has_state (place, RUNCONF_STATE_OK));
      g_assert_cmpint (get_port (place), ==, 5);

      move ("etc/runconf", "away");
      wait_until (place, has_state (place, RUNCONF_STATE_UNAVAILABLE));
      assert_unavailable (place);
      move ("away", "etc/runconf");
      wait_until (place, has_state (place, RUNCONF_STATE_OK));
      wait_until (place, get_port (place) == 5);
    }
}

/* The object is opened while the bus is stopped, so that it doesn't know whether there is a service. */
static void
test_bus_stalls (Place *place)
{
  int pid;

  open_served (place);
  g_clear_object (&place->config);
  pid = atoi (g_subprocess_get_identifier (place->bus));
  kill (pid, SIGSTOP);
  open_with (place, RUNCONF_OPEN_IN_BACKGROUND);
  assert_own_values (place);
  wait_until (place, has_message (place, "doesn't reply"));
  kill (pid, SIGCONT);
  wait_until (place, is_connected (place));
  assert_served_values (place);
}

static gpointer
set_in_thread (gpointer data)
{
  Place *place = data;
  g_autoptr (GError) error = NULL;

  runconf_configuration_set_int64_sync (place->config, PORT, 9, NULL, NULL, &error);
  g_assert_no_error (error);

  return NULL;
}

static void
test_service_stalls (Place *place)
{
  GThread *thread;

  open_served (place);
  stall (place, TRUE);
  thread = g_thread_new ("set", set_in_thread, place);
  wait_until (place, !is_connected (place));
  assert_state (place, RUNCONF_STATE_UNAVAILABLE, "doesn't reply");
  g_assert_cmpint (get_port (place), ==, SERVED_PORT);

  stall (place, FALSE);
  wait_until (place, is_connected (place));
  g_thread_join (thread);
  g_assert_cmpint (get_port (place), ==, 9);
  assert_state (place, RUNCONF_STATE_OK, "");
}

/* A call that nothing waits for any more ends the check, too. */
static void
test_stall_ends_with_service (Place *place)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  open_served (place);
  stall (place, TRUE);
  runconf_configuration_fetch_value (place->config, PORT, cancellable, NULL, NULL);
  wait_until (place, !is_connected (place));
  g_cancellable_cancel (cancellable);
  end (&place->service, SIGKILL);
  start_service (place);
  wait_until (place, is_connected (place));
  assert_served_values (place);
}

/* Something that is missing comes back more often than something else goes. */
static int
choose_step (gboolean has_bus, gboolean has_service, gboolean has_configuration)
{
  int step = g_test_rand_int_range (0, 6);

  if (step < 3)
    return step;
  if (!has_configuration)
    return 2;

  return has_bus && !has_service ? 1 : 0;
}

/* The bus, the service and the configuration come and go in any order. */
static void
test_any_order (Place *place)
{
  gboolean has_bus = TRUE, has_service = TRUE, has_configuration = TRUE;
  gint64 port = SERVED_PORT, seen = SERVED_PORT;

  open_served (place);
  for (guint i = 0; i < 25; i++)
    {
      int step = choose_step (has_bus, has_service, has_configuration);

      if (step == 0 && has_bus)
        end_bus (place);
      else if (step == 0)
        start_bus_alone (place);
      else if (step == 1 && has_service)
        end_service (place);
      else if (step == 1 && has_bus)
        start_service (place);
      else if (step == 2 && has_configuration)
        remove_configuration ();
      else if (step == 2)
        add_configuration (++port);

      has_bus ^= step == 0;
      has_service = place->service != NULL;
      has_configuration ^= step == 2;
      wait_until (place, is_connected (place) == (has_bus && has_service && has_configuration));
      if (is_connected (place))
        seen = port;
      wait_until (place, get_port (place) == seen);
      if (!is_connected (place))
        assert_unavailable (place);
    }
}

static void
assert_refused (GVariant *defaults, RunconfOpenFlags flags, int code, const char *part)
{
  g_autoptr (GVariant) owned = defaults != NULL ? g_variant_ref_sink (defaults) : NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (
      runconf_configuration_new_sync (G_BUS_TYPE_SESSION, NAME, owned, flags, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, code);
  if (strstr (error->message, part) == NULL)
    g_error ("“%s” is not in “%s”", part, error->message);
}

static void
test_refusals (Place *place)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  assert_refused (g_variant_new_int64 (1), RUNCONF_OPEN_DEFAULT, RUNCONF_ERROR_INVALID_VALUE,
                  "they are of the type x");
  assert_refused (g_variant_new_parsed ("{'a': <{1: 2}>}"), RUNCONF_OPEN_IN_BACKGROUND,
                  RUNCONF_ERROR_INVALID_VALUE, "/a");
  assert_refused (NULL, RUNCONF_OPEN_IN_BACKGROUND | RUNCONF_OPEN_REQUIRE_SERVICE,
                  RUNCONF_ERROR_INVALID_VALUE, "in the background");
  assert_refused (NULL, RUNCONF_OPEN_REQUIRE_SERVICE, RUNCONF_ERROR_UNAVAILABLE, "no bus");

  g_cancellable_cancel (cancellable);
  g_assert_null (runconf_configuration_new_sync (G_BUS_TYPE_SESSION, NAME, NULL,
                                                 RUNCONF_OPEN_DEFAULT, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static gpointer
open_in_thread (gpointer cancellable)
{
  GError *error = NULL;

  g_assert_null (runconf_configuration_new_sync (G_BUS_TYPE_SESSION, NAME, NULL,
                                                 RUNCONF_OPEN_DEFAULT, cancellable, &error));

  return error;
}

/* A bus that is stopped accepts a connection, and doesn't reply. */
static void
test_cancelled (Place *place)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  GThread *thread;

  start_bus_alone (place);
  kill (atoi (g_subprocess_get_identifier (place->bus)), SIGSTOP);
  thread = g_thread_new ("open", open_in_thread, cancellable);
  world_turn (g_test_rand_int_range (0, 50));
  g_cancellable_cancel (cancellable);
  error = g_thread_join (thread);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* An object may be dropped while it searches. */
static void
test_lets_go (Place *place)
{
  for (guint i = 0; i < 20; i++)
    {
      open_with (place, i % 2 == 0 ? RUNCONF_OPEN_DEFAULT : RUNCONF_OPEN_IN_BACKGROUND);
      if (i == 10)
        start_bus (place);
      for (guint j = 0; j < i; j++)
        turn (place);
      g_object_add_weak_pointer (G_OBJECT (place->config), (gpointer *) &place->config);
      g_object_unref (place->config);
      g_assert_null (place->config);
    }
}

typedef struct
{
  const char *name;
  void (*function) (Place *place);
} Case;

static void
run (const Case *test, gboolean has_loop)
{
  Place place = { .has_loop = has_loop };

  test->function (&place);
  g_clear_object (&place.config);
  end_service (&place);
  end_bus (&place);
  remove_folder ("etc");
  remove_folder ("var");
  remove_folder ("bus");
}

static void
run_with_loop (gconstpointer test)
{
  run (test, TRUE);
}

static void
run_without_loop (gconstpointer test)
{
  run (test, FALSE);
}

int
main (int argc, char **argv)
{
  static const Case cases[] = {
    { "no-bus", test_no_bus },
    { "no-service", test_no_service },
    { "no-configuration", test_no_configuration },
    { "background-without-bus", test_background_without_bus },
    { "background-with-stalled-service", test_background_with_stalled_service },
    { "one-line", test_one_line },
    { "service-restarts", test_service_restarts },
    { "bus-restarts", test_bus_restarts },
    { "configuration-returns", test_configuration_returns },
    { "folder-returns", test_folder_returns },
    { "bus-stalls", test_bus_stalls },
    { "service-stalls", test_service_stalls },
    { "stall-ends-with-service", test_stall_ends_with_service },
    { "any-order", test_any_order },
    { "refusals", test_refusals },
    { "cancelled", test_cancelled },
    { "lets-go", test_lets_go },
  };
  g_autofree char *address = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  messages_catch ();
  directory = g_dir_make_tmp ("runconf-waiting-XXXXXX", NULL);
  address = g_strdup_printf ("unix:path=%s/bus", directory);
  g_assert_true (g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE));

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *with = g_strdup_printf ("/waiting/%s/with-loop", cases[i].name);
      g_autofree char *without = g_strdup_printf ("/waiting/%s/without-loop", cases[i].name);

      g_test_add_data_func (with, &cases[i], run_with_loop);
      g_test_add_data_func (without, &cases[i], run_without_loop);
    }

  status = g_test_run ();
  remove_folder ("");
  g_free (directory);

  return status;
}
