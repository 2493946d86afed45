/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gstdio.h>

#include "service.h"

#define DEFAULTS "port: 8000\nmap: {x: 1, y: 2}\n"

static gboolean
ask_later (RunconfConfiguration *configuration, const char *path, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  GAsyncResult *place = NULL;

  runconf_configuration_is_writable (configuration, path, NULL, take_result, &place);
  result = wait_for_result (&place);

  return runconf_configuration_is_writable_finish (configuration, result, error);
}

/* Both forms have the same result. */
static gboolean
is_writable (RunconfConfiguration *configuration, const char *path)
{
  g_autoptr (GError) error = NULL;
  gboolean now = runconf_configuration_is_writable_sync (configuration, path, NULL, &error);

  g_assert_no_error (error);
  g_assert_cmpint (ask_later (configuration, path, &error), ==, now);
  g_assert_no_error (error);

  return now;
}

static void
assert_refused (RunconfConfiguration *configuration, const char *path, RunconfError code,
                const char *part)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (runconf_configuration_is_writable_sync (configuration, path, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, code, part);
  g_assert_false (ask_later (configuration, path, &error));
  assert_error (&error, RUNCONF_ERROR, code, part);
}

static void
test_rights (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) stranger = service_open (connection);
  static const char *const paths[] = { "", "/port", "/map/x", "/new", "/not/yet/there" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_assert_true (is_writable (service->configuration, paths[i]));
      g_assert_false (is_writable (stranger, paths[i]));
    }
  g_assert_false (is_writable (service->configuration, "/_runtime_config"));
}

static void
test_errors (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (RunconfConfiguration) raw
      = g_object_new (RUNCONF_TYPE_CONFIGURATION, "name", "default", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  assert_refused (service->configuration, "port", RUNCONF_ERROR_INVALID_PATH, "like “/port”");
  assert_refused (service->configuration, "/\xff", RUNCONF_ERROR_INVALID_PATH, "UTF-8");
  assert_refused (raw, "/port", RUNCONF_ERROR_UNAVAILABLE, "isn't initialised");
  g_cancellable_cancel (cancellable);
  g_assert_false (runconf_configuration_is_writable_sync (service->configuration, "/port",
                                                          cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  world_stop_service (&service->world);
  world_wait_until (!runconf_configuration_get_connected (service->configuration));
  assert_refused (service->configuration, "/port", RUNCONF_ERROR_UNAVAILABLE, "");
  world_start_service (&service->world);
}

static void
on_writable_changed (RunconfConfiguration *configuration, const char *path, gpointer user_data)
{
  g_assert_cmpstr (path, ==, "");
  ++*(guint *) user_data;
}

static void
test_signal (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autofree char *locks = g_build_filename (service->world.directory, "locks", NULL);
  guint n_signals = 0;

  g_signal_connect (configuration, "writable-changed", G_CALLBACK (on_writable_changed),
                    &n_signals);
  g_assert_true (is_writable (configuration, "/port"));

  world_write (&service->world, "locks", "/port\n");
  world_wait_until (n_signals == 1);
  g_assert_false (is_writable (configuration, "/port"));
  g_assert_true (is_writable (configuration, "/map"));

  g_assert_cmpint (g_unlink (locks), ==, 0);
  world_wait_until (n_signals == 2);
  g_assert_true (is_writable (configuration, "/port"));

  /* the service ends, which is no change of rights, and comes back with other locks */
  world_kill_service (&service->world);
  world_wait_until (!runconf_configuration_get_connected (configuration));
  g_assert_cmpuint (n_signals, ==, 2);
  world_write (&service->world, "locks", "/map\n");
  world_start_service (&service->world);
  world_wait_until (n_signals > 2);
  world_wait_until (runconf_configuration_get_connected (configuration));
  g_assert_false (is_writable (configuration, "/map/x"));
}

static void
on_locks (GObject *object, GParamSpec *pspec, gpointer user_data)
{
  ++*(guint *) user_data;
}

static void
test_locks (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autofree char *locks = g_build_filename (service->world.directory, "locks", NULL);
  g_autoptr (RunconfConfiguration) part
      = runconf_configuration_get_child (configuration, "/map", NULL);
  guint n_notified = 0;

  g_signal_connect (configuration, "notify::locks", G_CALLBACK (on_locks), &n_notified);
  assert_locks (configuration, "");

  world_write (&service->world, "locks", "/port\n/map/x  # required\n/map/x/y\n");
  world_wait_until (n_notified == 1);
  assert_locks (configuration, "/map/x /port");
  assert_locks (part, "/x");

  world_write (&service->world, "locks", "/map\n");
  world_wait_until (n_notified == 2);
  assert_locks (configuration, "/map");
  assert_locks (part, "");
  {
    g_auto (GStrv) above = runconf_configuration_dup_locks (part);

    g_assert_cmpuint (g_strv_length (above), ==, 1);
  }

  /* a service that ends changes no lock, and the last ones stay known */
  world_kill_service (&service->world);
  world_wait_until (!runconf_configuration_get_connected (configuration));
  assert_locks (configuration, "/map");
  g_assert_cmpint (g_unlink (locks), ==, 0);
  world_start_service (&service->world);
  world_wait_until (n_notified == 3);
  assert_locks (configuration, "");
}

static void
test_locks_in_memory (void)
{
  g_autoptr (RunconfConfiguration) configuration
      = runconf_configuration_new_in_memory ("default", NULL, NULL);

  assert_locks (configuration, "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/writable/rights", test_rights);
  g_test_add_func ("/writable/errors", test_errors);
  g_test_add_func ("/writable/signal", test_signal);
  g_test_add_func ("/writable/locks", test_locks);
  g_test_add_func ("/writable/locks-in-memory", test_locks_in_memory);

  return g_test_run ();
}
