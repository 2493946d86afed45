/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* The beginning and the end of a binding, of its object and of its configuration. */

#include "bound.h"

static void
test_unbind (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  runconf_configuration_unbind (G_OBJECT (gadget), "number");
  runconf_configuration_unbind (G_OBJECT (gadget), "no-property");
  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  runconf_configuration_unbind (G_OBJECT (gadget), "number");
  g_object_set (gadget, "number", 2, NULL);
  set_port (service, 1);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 2);
  g_assert_cmpint (get_port (service), ==, 1);
}

static void
test_replace (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  runconf_configuration_bind (service->configuration, "/map/x", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
  g_assert_cmpint (get_number (gadget), ==, 1);
  g_object_set (gadget, "number", 2, NULL);
  world_wait_until (runconf_configuration_get_int64 (service->configuration, "/map/x", 0) == 2);
  set_port (service, 1);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 2);
}

/* The object is finalized while its write is running. */
static void
test_object_during_write (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  Gadget *gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  service_stop (service);
  g_object_set (gadget, "number", 1, NULL);
  g_object_set (gadget, "number", 2, NULL);
  g_object_set (gadget, "number", 3, NULL);
  g_object_add_weak_pointer (G_OBJECT (gadget), (gpointer *) &gadget);
  g_object_unref (gadget);
  g_assert_null (gadget);
  service_go_on (service);

  /* the last value isn't lost with it */
  world_wait_until (get_port (service) == 3);
  g_assert_cmpuint (runconf_configuration_get_version (service->configuration), >=, 1);
}

/* A binding works when it has the last reference to the configuration, and drops it in the end. */
static void
test_configuration_first (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  RunconfConfiguration *configuration = service_open (service->world.connection);
  RunconfConfiguration *weak = configuration;

  runconf_configuration_bind (configuration, "/port", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
  runconf_configuration_bind (configuration, "/ratio", G_OBJECT (gadget), "ratio",
                              RUNCONF_BIND_SET);
  g_object_add_weak_pointer (G_OBJECT (configuration), (gpointer *) &weak);
  g_object_unref (configuration);
  g_object_set (gadget, "number", 2, NULL);
  world_wait_until (get_port (service) == 2);
  set_port (service, 1);
  world_wait_until (get_number (gadget) == 1);
  g_object_set (gadget, "ratio", 0.75, NULL);
  world_wait_until (runconf_configuration_get_double (service->configuration, "/ratio", 0) == 0.75);

  g_assert_nonnull (weak);
  runconf_configuration_unbind (G_OBJECT (gadget), "number");
  runconf_configuration_unbind (G_OBJECT (gadget), "ratio");
  world_wait_until (weak == NULL);
}

static void
unbind_on_notify (GObject *object)
{
  runconf_configuration_unbind (object, "number");
}

static void
test_unbind_inside (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  g_signal_connect (gadget, "notify::number", G_CALLBACK (unbind_on_notify), NULL);
  set_port (service, 1);
  world_wait_until (get_number (gadget) == 1);
  set_port (service, 2);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 1);
}

static void
unref_on_notify (GObject *object, GParamSpec *pspec, GObject **place)
{
  g_clear_object (place);
}

static void
test_dispose_inside (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  Gadget *gadget = gadget_new ();
  Gadget *weak = gadget;

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  g_object_add_weak_pointer (G_OBJECT (gadget), (gpointer *) &weak);
  g_signal_connect (gadget, "notify::number", G_CALLBACK (unref_on_notify), &gadget);
  set_port (service, 1);
  world_wait_until (weak == NULL);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/bind/unbind", test_unbind);
  g_test_add_func ("/bind/replace", test_replace);
  g_test_add_func ("/bind/object-during-write", test_object_during_write);
  g_test_add_func ("/bind/configuration-first", test_configuration_first);
  g_test_add_func ("/bind/unbind-inside", test_unbind_inside);
  g_test_add_func ("/bind/dispose-inside", test_dispose_inside);

  return g_test_run ();
}
