/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/call.h"
#include "gadget.h"
#include "service.h"

#define DEFAULTS "port: 8000\nname: default\n"

/* Returns: the value that is on disk, according to the service */
static gint64
fetch (Service *service, const char *path)
{
  g_autoptr (GVariant) reply = world_call (&service->world, "Get", g_variant_new ("(s)", path));
  g_autoptr (GVariant) value = NULL;

  g_variant_get (reply, "(v)", &value);

  return g_variant_get_int64 (value);
}

static void
flush (Service *service)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_configuration_flush_sync (service->configuration, NULL, &error));
  g_assert_no_error (error);
}

static void
bind (Service *service, Gadget *gadget)
{
  runconf_configuration_bind (service->configuration, "/port", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
}

/* As in a program that ends without its main loop: only the flush stands between the last value of
 * a property and its end.
 */
static void
test_sync (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  flush (service);
  bind (service, gadget);
  for (int i = 1; i <= 50; i++)
    {
      g_object_set (gadget, "number", 2 * i, NULL);
      g_object_set (gadget, "number", 2 * i + 1, NULL);
      flush (service);
      g_assert_cmpint (fetch (service, "/port"), ==, 2 * i + 1);
      g_assert_cmpint (runconf_configuration_get_int64 (service->configuration, "/port", 0), ==,
                       2 * i + 1);
    }

  wait_a_moment ();
  g_assert_cmpint (fetch (service, "/port"), ==, 101);
  runconf_configuration_unbind (G_OBJECT (gadget), "number");
}

/* The end of a binding writes its last value, too. */
static void
test_after_unbind (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  Gadget *gadget = gadget_new ();

  bind (service, gadget);
  g_object_set (gadget, "number", 1, NULL);
  g_object_set (gadget, "number", 2, NULL);
  g_assert_finalize_object (gadget);
  flush (service);
  g_assert_cmpint (fetch (service, "/port"), ==, 2);
}

static void
count (GObject *object, GAsyncResult *result, gpointer n)
{
  ++*(guint *) n;
}

/* Writes with callbacks; the callbacks run later, in the main context. */
static void
test_calls (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  guint n = 0;

  for (int i = 1; i <= 20; i++)
    runconf_configuration_set_int64 (service->configuration, "/port", i, NULL, count, &n);
  runconf_configuration_reset (service->configuration, "/name", NULL, count, &n);
  flush (service);
  g_assert_cmpint (fetch (service, "/port"), ==, 20);
  g_assert_cmpuint (n, ==, 0);
  world_wait_until (n == 21);
}

static void
test_async (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) empty = NULL;
  g_autoptr (GError) error = NULL;

  bind (service, gadget);
  service_stop (service);
  g_object_set (gadget, "number", 1, NULL);
  g_object_set (gadget, "number", 2, NULL);
  runconf_configuration_flush (service->configuration, NULL, take_result, &result);
  wait_a_moment ();
  g_assert_null (result);
  service_go_on (service);
  world_wait_until (result != NULL);
  g_assert_true (runconf_configuration_flush_finish (service->configuration, result, &error));
  g_assert_no_error (error);
  g_assert_cmpint (fetch (service, "/port"), ==, 2);

  runconf_configuration_flush (service->configuration, NULL, take_result, &empty);
  g_assert_null (empty);
  world_wait_until (empty != NULL);
  g_assert_true (runconf_configuration_flush_finish (service->configuration, empty, &error));
}

static gpointer
cancel_soon (gpointer cancellable)
{
  g_usleep (20000);
  g_cancellable_cancel (cancellable);

  return NULL;
}

/* The errors that the program can't have from a callback yet. */
static void
test_errors (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  RunconfConfiguration *configuration = service->configuration;
  GThread *thread;
  guint n = 0;

  warnings_forget ();
  runconf_configuration_bind (configuration, "/name/x", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_SET);
  g_object_set (gadget, "number", 5, NULL);
  runconf_configuration_set_int64 (configuration, "/port", 7, NULL, count, &n);
  g_assert_false (runconf_configuration_flush_sync (configuration, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "/name");
  g_assert_cmpint (fetch (service, "/port"), ==, 7);
  world_wait_until (n == 1 && warnings_count () == 1);
  assert_warned ("could not be written");
  flush (service);

  service_stop (service);
  runconf_configuration_set_int64 (configuration, "/port", 8, NULL, count, &n);
  thread = g_thread_new ("cancel", cancel_soon, cancellable);
  g_assert_false (runconf_configuration_flush_sync (configuration, cancellable, &error));
  assert_error (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
  g_thread_join (thread);

  service_go_on (service);
  flush (service);
  g_assert_cmpint (fetch (service, "/port"), ==, 8);
  world_wait_until (n == 2);
}

static void
test_no_reply (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GError) error = NULL;
  guint n = 0;

  service_stop (service);
  runconf_call_set_timeout (100);
  runconf_configuration_set_int64 (service->configuration, "/port", 9, NULL, count, &n);
  runconf_call_set_timeout (-1);
  g_assert_false (runconf_configuration_flush_sync (service->configuration, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "doesn't reply");
  world_wait_until (n == 1);
  service_go_on (service);
  flush (service);

  g_dbus_connection_close_sync (service->world.connection, NULL, NULL);
  runconf_configuration_set_int64 (service->configuration, "/port", 10, NULL, count, &n);
  g_assert_false (runconf_configuration_flush_sync (service->configuration, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_UNAVAILABLE, "closed");
  world_wait_until (n == 2);
}

static guint n_refused;

static void
count_refusal (GObject *object, GAsyncResult *result, gpointer unused)
{
  g_assert_false (
      runconf_configuration_set_int64_finish (RUNCONF_CONFIGURATION (object), result, NULL, NULL));
  n_refused++;
}

#define N_REFUSED 300

static gpointer
write_in_vain (gpointer configuration)
{
  for (guint i = 0; i < N_REFUSED; i++)
    runconf_configuration_set_int64 (configuration, "/name/x", i, NULL, count_refusal, NULL);

  return NULL;
}

/* The callbacks run in another thread than the calls, perhaps before a call has returned. Afterwards
 * no error is left to be returned.
 */
static void
test_other_thread (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  GThread *thread = g_thread_new ("write", write_in_vain, service->configuration);

  world_wait_until (n_refused == N_REFUSED);
  g_thread_join (thread);
  flush (service);
}

/* Whenever a property is set and whenever the main context runs: after a flush, the last value is on
 * disk, and it stays there.
 */
static void
test_random (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  int last = 8000;

  bind (service, gadget);
  for (guint i = 0; i < 400; i++)
    switch (g_test_rand_int_range (0, 4))
      {
      case 0:
        g_main_context_iteration (NULL, FALSE);
        break;
      case 1:
        flush (service);
        g_assert_cmpint (fetch (service, "/port"), ==, last);
        break;
      default:
        last = g_test_rand_int_range (0, 5);
        g_object_set (gadget, "number", last, NULL);
      }

  flush (service);
  wait_a_moment ();
  g_assert_cmpint (fetch (service, "/port"), ==, last);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/flush/sync", test_sync);
  g_test_add_func ("/flush/after-unbind", test_after_unbind);
  g_test_add_func ("/flush/calls", test_calls);
  g_test_add_func ("/flush/async", test_async);
  g_test_add_func ("/flush/errors", test_errors);
  g_test_add_func ("/flush/no-reply", test_no_reply);
  g_test_add_func ("/flush/other-thread", test_other_thread);
  g_test_add_func ("/flush/random", test_random);

  return g_test_run ();
}
