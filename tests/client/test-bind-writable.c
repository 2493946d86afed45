/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Properties that follow whether a path is writable. */

#include "bound.h"

static void
test_sensitivity (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) stranger = service_open (connection);
  g_autoptr (Gadget) gadget = gadget_new ();
  g_autoptr (Gadget) alone = gadget_new ();
  g_autoptr (Gadget) missing = gadget_new ();

  warnings_forget ();
  runconf_configuration_bind (stranger, "/port", G_OBJECT (gadget), "number", RUNCONF_BIND_DEFAULT);
  runconf_configuration_bind (stranger, "/port", G_OBJECT (alone), "number",
                              RUNCONF_BIND_NO_SENSITIVITY);
  runconf_configuration_bind (stranger, "/not/yet/there", G_OBJECT (missing), "number",
                              RUNCONF_BIND_DEFAULT);
  g_assert_cmpint (get_number (alone), ==, 8000);
  world_wait_until (!get_boolean (gadget, "sensitive"));
  world_wait_until (!get_boolean (missing, "sensitive"));
  g_assert_true (get_boolean (alone, "sensitive"));

  /* it is denied, and everything has its old value */
  g_object_set (alone, "number", 1, NULL);
  world_wait_until (get_number (alone) == 8000);
  assert_warned ("only root");

  runconf_configuration_bind (service->configuration, "/port", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
  world_wait_until (get_boolean (gadget, "sensitive"));
}

/* A refusal makes the binding check the right again. */
static void
test_sensitivity_after_refusal (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) stranger = service_open (connection);
  g_autoptr (Gadget) gadget = gadget_new ();

  warnings_forget ();
  runconf_configuration_bind (stranger, "/port", G_OBJECT (gadget), "number", RUNCONF_BIND_DEFAULT);
  world_wait_until (!get_boolean (gadget, "sensitive"));
  g_object_set (gadget, "sensitive", TRUE, "number", 1, NULL);
  world_wait_until (!get_boolean (gadget, "sensitive"));
  assert_warned ("only root");
}

static void
test_sensitivity_unbound (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  g_autoptr (Gadget) other = gadget_new ();

  g_object_set (gadget, "sensitive", FALSE, NULL);
  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  runconf_configuration_unbind (G_OBJECT (gadget), "number");
  wait_a_moment ();
  g_assert_false (get_boolean (gadget, "sensitive"));

  /* the binding that replaced it stays */
  g_object_set (other, "sensitive", FALSE, NULL);
  bind (service, other, RUNCONF_BIND_DEFAULT);
  runconf_configuration_bind_writable (service->configuration, "/flag", G_OBJECT (other),
                                       "sensitive", FALSE);
  runconf_configuration_unbind (G_OBJECT (other), "number");
  world_wait_until (get_boolean (other, "sensitive"));
}

static void
test_bind_writable (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) stranger = service_open (connection);
  g_autoptr (Gadget) gadget = gadget_new ();

  runconf_configuration_bind_writable (service->configuration, "/port", G_OBJECT (gadget), "flag",
                                       FALSE);
  world_wait_until (get_boolean (gadget, "flag"));
  runconf_configuration_bind_writable (service->configuration, "/port", G_OBJECT (gadget), "flag",
                                       TRUE);
  world_wait_until (!get_boolean (gadget, "flag"));
  runconf_configuration_bind_writable (stranger, "/port", G_OBJECT (gadget), "flag", TRUE);
  world_wait_until (get_boolean (gadget, "flag"));

  runconf_configuration_bind_writable (stranger, "", G_OBJECT (gadget), "flag", FALSE);
  runconf_configuration_unbind (G_OBJECT (gadget), "flag");
  wait_a_moment ();
  g_assert_true (get_boolean (gadget, "flag"));
}

/* The object is disposed before the reply. */
static void
test_writable_dispose (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  Gadget *gadget = gadget_new ();

  runconf_configuration_bind_writable (service->configuration, "/port", G_OBJECT (gadget), "flag",
                                       FALSE);
  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  g_object_add_weak_pointer (G_OBJECT (gadget), (gpointer *) &gadget);
  g_object_unref (gadget);
  g_assert_null (gadget);
  wait_a_moment ();
}

/* The service is back: it may be another one. */
static void
test_writable_again (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  runconf_configuration_bind_writable (service->configuration, "/port", G_OBJECT (gadget), "flag",
                                       FALSE);
  world_wait_until (get_boolean (gadget, "flag"));
  g_object_set (gadget, "flag", FALSE, NULL);
  world_kill_service (&service->world);
  world_wait_until (!runconf_configuration_get_connected (service->configuration));
  g_assert_false (get_boolean (gadget, "flag"));
  world_start_service (&service->world);
  world_wait_until (get_boolean (gadget, "flag"));
}

/* A lock or a schema that is added or removed while the program runs, or while the service doesn't. */
static void
test_rules_change (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  g_autoptr (Gadget) bound = gadget_new ();
  World *world = &service->world;

  runconf_configuration_bind_writable (service->configuration, "/port", G_OBJECT (gadget), "flag",
                                       TRUE);
  runconf_configuration_bind (service->configuration, "/port", G_OBJECT (bound), "number",
                              RUNCONF_BIND_DEFAULT);
  world_wait_until (get_boolean (bound, "sensitive"));
  world_wait_until (!get_boolean (gadget, "flag"));

  world_write (world, "locks", "/port\n");
  world_wait_until (get_boolean (gadget, "flag"));
  world_wait_until (!get_boolean (bound, "sensitive"));

  world_write (world, "locks", "");
  world_wait_until (!get_boolean (gadget, "flag"));
  world_wait_until (get_boolean (bound, "sensitive"));

  world_write (world, "config.schema.yaml", "properties: {port: {readOnly: true}}\n");
  world_wait_until (get_boolean (gadget, "flag"));
  world_wait_until (!get_boolean (bound, "sensitive"));

  world_stop_service (world);
  world_write (world, "config.schema.yaml", "{}\n");
  world_start_service (world);
  world_wait_until (!get_boolean (gadget, "flag"));
  world_wait_until (get_boolean (bound, "sensitive"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/bind/rules-change", test_rules_change);
  g_test_add_func ("/bind/sensitivity", test_sensitivity);
  g_test_add_func ("/bind/sensitivity-after-refusal", test_sensitivity_after_refusal);
  g_test_add_func ("/bind/sensitivity-unbound", test_sensitivity_unbound);
  g_test_add_func ("/bind/bind-writable", test_bind_writable);
  g_test_add_func ("/bind/writable-dispose", test_writable_dispose);
  g_test_add_func ("/bind/writable-again", test_writable_again);

  return g_test_run ();
}
