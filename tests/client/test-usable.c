/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "every-call.h"
#include "support.h"

/* Objects that can't be used, or not for everything. */

static void
assert_fallbacks (RunconfConfiguration *config)
{
  g_autofree char *string = runconf_configuration_get_string (config, "/chat/greeting", "none");
  g_auto (GStrv) keys = runconf_configuration_list (config, "");
  g_autoptr (GVariant) metadata = runconf_configuration_dup_metadata (config);

  g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/websocket/port", -1), ==, -1);
  g_assert_cmpstr (string, ==, "none");
  g_assert_cmpuint (g_strv_length (keys), ==, 0);
  g_assert_null (runconf_configuration_get_value (config, ""));
  g_assert_false (runconf_configuration_has (config, ""));
  g_assert_null (runconf_configuration_get_snapshot (config));
  g_assert_false (runconf_configuration_get_connected (config));
  g_assert_false (runconf_configuration_get_shared (config));
  g_assert_cmpuint (runconf_configuration_get_version (config), ==, 0);
  g_assert_cmpuint (runconf_configuration_get_rules_revision (config), ==, 0);
  g_assert_cmpint (runconf_configuration_get_state (config), ==, RUNCONF_STATE_UNKNOWN);
}

static void
assert_unwatchable (RunconfConfiguration *config, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_configuration_watch (config, "/chat", &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, part));
}

static void
assert_no_key (RunconfConfiguration *config, const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_key_new (config, "/chat", &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, part));
}

static void
test_uninitialised (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config
      = g_object_new (RUNCONF_TYPE_CONFIGURATION, "connection", world->connection, NULL);
  g_autoptr (GError) error = NULL;
  guint n_before = messages_count ("isn't initialised");

  assert_fallbacks (config);
  g_assert_cmpuint (messages_count ("“default” isn't initialised: open it with "), ==,
                    n_before + 1);
  assert_unwatchable (config, "“default” isn't initialised");
  assert_no_key (config, "“default” isn't initialised");
  every_call_assert_refused (config, "“default” isn't initialised: open it with ");
  runconf_configuration_bind (config, "/chat", G_OBJECT (config), "interactive",
                              RUNCONF_BIND_DEFAULT);
  g_assert_cmpuint (messages_count ("can't be bound: the configuration “default” isn't init"), ==,
                    1);

  /* the object is as good as any other afterwards */
  g_assert_true (g_initable_init (G_INITABLE (config), NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/websocket/port", -1), ==, 8000);
  g_assert_true (runconf_configuration_set_int64_sync (config, "/x", 1, NULL, NULL, &error));
  g_assert_no_error (error);
}

/* An object whose initialisation failed is one without initialisation. */
static void
test_failed (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config
      = g_object_new (RUNCONF_TYPE_CONFIGURATION, "connection", world->connection, "name", "other",
                      "flags", RUNCONF_OPEN_REQUIRE_SERVICE, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_false (g_initable_init (G_INITABLE (config), NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
  assert_fallbacks (config);
  every_call_assert_refused (config, "“other” isn't initialised: open it with ");
}

static void
test_calls_only (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config
      = g_initable_new (RUNCONF_TYPE_CONFIGURATION, NULL, NULL, "connection", world->connection,
                        "calls-only", TRUE, NULL);

  assert_fallbacks (config);
  g_assert_cmpuint (messages_count ("was opened for calls only"), ==, 1);
  assert_unwatchable (config, "“default” was opened for calls only");
  assert_no_key (config, "“default” was opened for calls only");
}

static void
on_opened (GObject *object, GAsyncResult *result, gpointer place)
{
  *(GAsyncResult **) place = g_object_ref (result);
}

static void
assert_opens_nothing (World *world)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) listed = NULL;
  g_autoptr (GError) error = NULL;
  const char *const part = "made by fork ()";

  g_assert_null (runconf_configuration_new_for_connection_sync (
      world->connection, "default", NULL, RUNCONF_OPEN_DEFAULT, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, part));
  g_clear_error (&error);

  runconf_configuration_new_for_connection (world->connection, "default", NULL,
                                            RUNCONF_OPEN_DEFAULT, NULL, on_opened, &result);
  runconf_list_configurations (world->connection, NULL, on_opened, &listed);
  while (result == NULL || listed == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (runconf_configuration_new_for_connection_finish (result, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, part));
  g_clear_error (&error);

  g_assert_null (runconf_list_configurations_finish (listed, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_clear_error (&error);
  g_assert_null (runconf_list_configurations_sync (world->connection, NULL, &error));
  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, part));
}

static void
run_child (World *world, RunconfConfiguration *config, RunconfWatch *watch)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (config);

  g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/websocket/port", -1), ==, 8000);
  g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, "/chat/websocket/port", -1), ==, 8000);
  g_assert_false (runconf_configuration_get_connected (config));
  every_call_assert_refused (config, "made by fork ()");
  assert_unwatchable (config, "made by fork ()");
  assert_opens_nothing (world);
  g_object_unref (watch);
  g_object_unref (config);
}

static gboolean
is_asleep (const char *thread)
{
  g_autofree char *path = g_build_filename ("/proc/self/task", thread, "stat", NULL);
  g_autofree char *stat = NULL;

  return !g_file_get_contents (path, &stat, NULL, NULL) || strstr (stat, ") S ") != NULL;
}

/* Returns: whether no other thread runs, so that none has a lock of GLib */
static gboolean
is_quiet (void)
{
  g_autoptr (GDir) threads = g_dir_open ("/proc/self/task", 0, NULL);
  g_autofree char *own = g_strdup_printf ("%d", (int) getpid ());
  const char *thread;

  while ((thread = g_dir_read_name (threads)) != NULL)
    if (strcmp (thread, own) != 0 && !is_asleep (thread))
      return FALSE;

  return TRUE;
}

/* The error of a call that waited would be another one. GLib can't be used in the child of a process that had
 * another thread in it, so the parent is quiet.
 */
static void
test_forked (World *world, gconstpointer unused)
{
  g_autoptr (RunconfConfiguration) config = world_open (world);
  g_autoptr (RunconfWatch) watch = runconf_configuration_watch (config, "/chat", NULL);
  g_autoptr (GError) error = NULL;
  pid_t child;
  int status;

  world_wait_until (is_quiet ());
  child = fork ();
  if (child == 0)
    {
      run_child (world, config, watch);
      _exit (0);
    }

  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  g_assert_true (runconf_configuration_get_connected (config));
  g_assert_true (runconf_configuration_set_int64_sync (config, "/x", 1, NULL, NULL, &error));
  g_assert_no_error (error);
}

#define ADD(name, function)                                                                        \
  g_test_add ("/usable/" name, World, NULL, world_set_up, function, world_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  ADD ("uninitialised", test_uninitialised);
  ADD ("failed", test_failed);
  ADD ("calls-only", test_calls_only);
  ADD ("forked", test_forked);

  return g_test_run ();
}
