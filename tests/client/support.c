/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "support.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#define BUS_NAME "org.runconf.Config1"
#define OBJECT_ROOT "/org/runconf/Config1/"

static const char bus_config[]
    = "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
      " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
      "<busconfig>\n"
      "  <type>session</type>\n"
      "  <auth>EXTERNAL</auth>\n"
      "  <auth>ANONYMOUS</auth>\n"
      "  <allow_anonymous/>\n"
      "  <listen>unix:dir=%s</listen>\n"
      "  <listen>tcp:host=127.0.0.1,port=0,family=ipv4</listen>\n"
      "  <policy context=\"default\">\n"
      "    <allow user=\"*\"/>\n"
      "    <allow own=\"*\"/>\n"
      "    <allow send_destination=\"*\"/>\n"
      "    <allow receive_sender=\"*\"/>\n"
      "  </policy>\n"
      /* as on the system bus */
      "  <limit name=\"max_match_rules_per_connection\">512</limit>\n"
      "</busconfig>\n";

static GMutex messages_mutex;
static GPtrArray *messages;

static const char *
get_name (World *world)
{
  return world->name != NULL ? world->name : "default";
}

static char *
get_path (World *world, const char *name)
{
  return g_build_filename (world->directory, name, NULL);
}

void
world_write (World *world, const char *name, const char *text)
{
  g_autofree char *path = get_path (world, name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error);
  g_assert_no_error (error);
}

GDBusConnection *
world_connect (const char *address)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
          | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  g_assert_no_error (error);

  return connection;
}

void
world_end_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocess *
world_start_process (GSubprocessFlags flags, const char *const *argv)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, world_end_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  g_assert_no_error (error);

  return process;
}

/* The bus prints its addresses once it listens. */
static void
start_bus (World *world)
{
  g_autofree char *config = g_strdup_printf (bus_config, world->directory);
  g_autofree char *option = g_strdup_printf ("--config-file=%s/bus.conf", world->directory);
  g_autoptr (GDataInputStream) output = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *line = NULL;
  g_auto (GStrv) addresses = NULL;
  const char *const argv[] = { "dbus-daemon",       option, "--nofork", "--nopidfile", "--nosyslog",
                               "--print-address=1", NULL };

  world_write (world, "bus.conf", config);
  world->bus = world_start_process (
      G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, argv);
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (world->bus));
  line = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);

  addresses = g_strsplit (line, ";", 2);
  g_assert_cmpuint (g_strv_length (addresses), ==, 2);
  world->address = g_strdup (addresses[g_str_has_prefix (addresses[0], "unix:") ? 0 : 1]);
  world->slow_address = g_strdup (addresses[g_str_has_prefix (addresses[0], "unix:") ? 1 : 0]);
}

static gboolean
has_owner (World *world)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      world->other, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "NameHasOwner", g_variant_new ("(s)", BUS_NAME), G_VARIANT_TYPE ("(b)"),
      G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  gboolean owned = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &owned);

  return owned;
}

void
world_start_service (World *world)
{
  g_autofree char *defaults = get_path (world, "config.yaml");
  g_autofree char *runtime = get_path (world, "runtime_config.yaml");
  const char *const argv[] = { world->program != NULL ? world->program : g_getenv ("RUNCONFD"),
                               "--defaults",
                               defaults,
                               "--runtime",
                               runtime,
                               "--address",
                               world->address,
                               "--name",
                               get_name (world),
                               NULL };

  world->service = world_start_process (
      G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, argv);
  world_wait_until (has_owner (world));
}

/* GSubprocess would send the signal later, and a process stops later still. */
void
world_signal_service (World *world, int number)
{
  const char *pid = g_subprocess_get_identifier (world->service);
  g_autofree char *path = g_strdup_printf ("/proc/%s/stat", pid);
  gboolean is_done = FALSE;

  g_assert_cmpint (kill (atoi (pid), number), ==, 0);
  while (number == SIGSTOP && !is_done)
    {
      g_autofree char *status = NULL;

      g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
      is_done = strstr (status, ") T ") != NULL;
    }
}

static void
end_service (World *world, int number)
{
  if (world->service == NULL)
    return;

  world_signal_service (world, number);
  g_subprocess_wait (world->service, NULL, NULL);
  g_clear_object (&world->service);
  world_wait_until (!has_owner (world));
}

void
world_stop_service (World *world)
{
  end_service (world, SIGTERM);
}

void
world_kill_service (World *world)
{
  end_service (world, SIGKILL);
}

/* @defaults: the content of the file of the defaults; NULL for WORLD_DEFAULTS */
void
world_set_up (World *world, gconstpointer defaults)
{
  g_autoptr (GError) error = NULL;

  world->directory = g_dir_make_tmp ("runconf-client-XXXXXX", &error);
  g_assert_no_error (error);
  world_write (world, "config.yaml", defaults != NULL ? defaults : WORLD_DEFAULTS);
  start_bus (world);
  world->connection = world_connect (world->address);
  world->other = world_connect (world->address);
  world_start_service (world);
}

void
world_tear_down (World *world, gconstpointer unused)
{
  const char *const remove[] = { "rm", "-rf", world->directory, NULL };

  world_stop_service (world);
  g_dbus_connection_close_sync (world->connection, NULL, NULL);
  g_dbus_connection_close_sync (world->other, NULL, NULL);
  g_clear_object (&world->connection);
  g_clear_object (&world->other);
  g_subprocess_send_signal (world->bus, SIGTERM);
  g_subprocess_wait (world->bus, NULL, NULL);
  g_clear_object (&world->bus);
  g_spawn_sync (NULL, (char **) remove, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL,
                NULL);
  g_free (world->directory);
  g_free (world->address);
  g_free (world->slow_address);
}

GVariant *
world_call (World *world, const char *method, GVariant *parameters)
{
  g_autofree char *path = g_strconcat (OBJECT_ROOT, get_name (world), NULL);
  g_autoptr (GError) error = NULL;
  GVariant *reply
      = g_dbus_connection_call_sync (world->other, BUS_NAME, path, BUS_NAME, method, parameters,
                                     NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);

  return reply;
}

guint64
world_put (World *world, const char *path, GVariant *value)
{
  g_autoptr (GVariant) reply = world_call (world, "Set", g_variant_new ("(sv)", path, value));
  guint64 version;

  g_variant_get (reply, "(t)", &version);

  return version;
}

static gboolean
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;

  return G_SOURCE_REMOVE;
}

void
world_turn (guint ms)
{
  g_autoptr (GSource) source = g_timeout_source_new (ms);
  GMainContext *context = g_main_context_get_thread_default ();
  gboolean is_over = FALSE;

  g_source_set_callback (source, on_timeout, &is_over, NULL);
  g_source_attach (source, context);
  while (!is_over)
    g_main_context_iteration (context, TRUE);
}

void
ears_open (Ears *ears, gpointer object)
{
  ears->told = g_ptr_array_new_with_free_func (g_free);
  ears->object = g_object_ref (object);
  ears->id = g_signal_connect (object, "changed", G_CALLBACK (ears_note), ears);
}

void
ears_close (Ears *ears)
{
  if (g_signal_handler_is_connected (ears->object, ears->id))
    g_signal_handler_disconnect (ears->object, ears->id);
  g_clear_object (&ears->object);
  g_ptr_array_unref (ears->told);
}

/* Returns: the paths of the change with that number, from 1 on */
const char *
ears_wait (Ears *ears, guint number)
{
  world_wait_until (ears->told->len >= number);

  return ears->told->pdata[number - 1];
}

static GLogWriterOutput
catch_message (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if (level & (G_LOG_LEVEL_CRITICAL | G_LOG_LEVEL_ERROR))
    return g_log_writer_default (level, fields, n_fields, user_data);

  for (gsize i = 0; i < n_fields; i++)
    if (level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_MESSAGE)
        && strcmp (fields[i].key, "MESSAGE") == 0)
      {
        g_mutex_lock (&messages_mutex);
        g_ptr_array_add (messages, g_strdup (fields[i].value));
        g_mutex_unlock (&messages_mutex);
      }

  return G_LOG_WRITER_HANDLED;
}

void
messages_catch (void)
{
  messages = g_ptr_array_new_with_free_func (g_free);
  g_log_set_writer_func (catch_message, NULL, NULL);
}

/* Returns: how many messages contain a text */
guint
messages_count (const char *part)
{
  guint n = 0;

  g_mutex_lock (&messages_mutex);
  for (guint i = 0; i < messages->len; i++)
    n += strstr (messages->pdata[i], part) != NULL;
  g_mutex_unlock (&messages_mutex);

  return n;
}
