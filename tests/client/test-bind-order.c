/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* The order of writes of bound properties and of other programs, and writes that fail. */

#include "bound.h"
#include "client/call.h"

/* Many changes during one write: only the last is written after it. */
static void
test_last_wins (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  for (int i = 1; i <= 1000; i++)
    g_object_set (gadget, "number", i, NULL);
  world_wait_until (get_port (service) == 1000);
  wait_a_moment ();
  g_assert_cmpuint (runconf_configuration_get_version (service->configuration), ==, 2);
  g_assert_cmpint (get_number (gadget), ==, 1000);
  g_assert_cmpuint (gadget->n_set[GADGET_NUMBER], ==, 1001);
}

/* Changed and changed back during the write: there is nothing to write after it. */
static void
test_back_meanwhile (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  g_object_set (gadget, "number", 1, NULL);
  g_object_set (gadget, "number", 2, NULL);
  g_object_set (gadget, "number", 1, NULL);
  world_wait_until (get_port (service) == 1);
  wait_a_moment ();
  g_assert_cmpuint (runconf_configuration_get_version (service->configuration), ==, 1);
}

/* The service identifies a caller once, and handles the writes of others meanwhile. */
static void
get_known (RunconfConfiguration *configuration)
{
  g_assert_true (runconf_configuration_reset_sync (configuration, "", NULL, NULL, NULL));
}

/* If a change of another program arrives during the write, it is older: the property keeps its new
 * value.
 */
static void
test_older_signal (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect (service);
  g_autoptr (RunconfConfiguration) other = service_open (connection);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  get_known (other);
  service_stop (service);
  runconf_configuration_set_int64 (other, "/port", 1, NULL, NULL, NULL);
  g_assert_true (g_dbus_connection_flush_sync (connection, NULL, NULL));
  g_object_set (gadget, "number", 2, NULL);
  service_go_on (service);
  world_wait_until (get_port (service) == 2);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 2);
  g_assert_cmpuint (gadget->n_set[GADGET_NUMBER], ==, 2);
}

/* Another program's write after it counts. */
static void
test_later_signal (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect (service);
  g_autoptr (RunconfConfiguration) other = service_open (connection);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  get_known (other);
  service_stop (service);
  g_object_set (gadget, "number", 2, NULL);
  g_assert_true (g_dbus_connection_flush_sync (service->world.connection, NULL, NULL));
  runconf_configuration_set_int64 (other, "/port", 1, NULL, NULL, NULL);
  g_assert_true (g_dbus_connection_flush_sync (connection, NULL, NULL));
  service_go_on (service);
  world_wait_until (get_port (service) == 1);
  world_wait_until (get_number (gadget) == 1);
}

static void
test_failed_write (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  RunconfConfiguration *configuration = service->configuration;

  warnings_forget ();
  runconf_configuration_bind (configuration, "/list/0", G_OBJECT (gadget), "text",
                              RUNCONF_BIND_DEFAULT);
  runconf_configuration_bind (configuration, "/port/x", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
  g_object_set (gadget, "number", 5, NULL);
  world_wait_until (warnings_count () == 1);
  assert_warned (
      "/port/x, bound to the property “number” of Gadget: the value could not be written: ");
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 5);

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  service_stop (service);
  runconf_call_set_timeout (200);
  g_object_set (gadget, "number", 6, NULL);
  world_wait_until (warnings_count () == 1);
  assert_warned ("could not be written: ");
  world_wait_until (get_number (gadget) == 8000);
  runconf_call_set_timeout (-1);
  service_go_on (service);
}

/* It is retried with the value that was set meanwhile. */
static void
test_failed_write_and_waiting (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  warnings_forget ();
  runconf_configuration_bind (service->configuration, "", G_OBJECT (gadget), "variant",
                              RUNCONF_BIND_DEFAULT);
  g_object_set (gadget, "variant", g_variant_new_int64 (1), NULL);
  g_object_set (gadget, "variant", g_variant_new_parsed ("{'port': <7>}"), NULL);
  world_wait_until (get_port (service) == 7);
  assert_warned ("the whole configuration, bound to the property “variant” of Gadget: ");
}

static void
test_failed_set_only (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  warnings_forget ();
  runconf_configuration_bind (service->configuration, "/name/x", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_SET);
  g_object_set (gadget, "number", 5, NULL);
  world_wait_until (warnings_count () == 1);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/bind/last-wins", test_last_wins);
  g_test_add_func ("/bind/back-meanwhile", test_back_meanwhile);
  g_test_add_func ("/bind/older-signal", test_older_signal);
  g_test_add_func ("/bind/later-signal", test_later_signal);
  g_test_add_func ("/bind/failed-write", test_failed_write);
  g_test_add_func ("/bind/failed-write-and-waiting", test_failed_write_and_waiting);
  g_test_add_func ("/bind/failed-set-only", test_failed_set_only);

  return g_test_run ();
}
