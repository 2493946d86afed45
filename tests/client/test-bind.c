/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Bindings of properties: their types, their directions and invalid arguments. */

#include "bound.h"

/* Both directions, for each type. */
static void
test_types (void)
{
  static const struct
  {
    const char *path;
    const char *property;
  } pairs[] = {
    { "/flag", "flag" },    { "/port", "number" }, { "/ratio", "ratio" }, { "/name", "text" },
    { "/list", "strings" }, { "/bus", "bus" },     { "/flags", "flags" }, { "/map", "variant" },
  };
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  const char *const strings[] = { "c", NULL };
  g_autofree char *text = NULL;
  g_autofree char *map = NULL;
  g_auto (GStrv) read = NULL;
  g_autoptr (GVariant) variant = NULL;
  int number, bus;
  guint flags;
  double ratio;

  warnings_forget ();
  for (guint i = 0; i < G_N_ELEMENTS (pairs); i++)
    runconf_configuration_bind (service->configuration, pairs[i].path, G_OBJECT (gadget),
                                pairs[i].property, RUNCONF_BIND_DEFAULT);

  g_object_get (gadget, "number", &number, "ratio", &ratio, "text", &text, "strings", &read, "bus",
                &bus, "flags", &flags, "variant", &variant, NULL);
  g_assert_true (get_boolean (gadget, "flag"));
  g_assert_cmpint (number, ==, 8000);
  g_assert_cmpfloat (ratio, ==, 0.5);
  g_assert_cmpstr (text, ==, "default");
  g_assert_cmpint (bus, ==, G_BUS_TYPE_SYSTEM);
  g_assert_cmpuint (flags, ==, G_APPLICATION_IS_SERVICE);
  assert_strings (g_steal_pointer (&read), "a", "b", NULL);
  map = g_variant_print (variant, TRUE);
  g_assert_cmpstr (map, ==, "{'x': <int64 1>}");

  g_object_set (gadget, "flag", FALSE, "number", -5, "ratio", 2.0, "text", "new", "strings",
                strings, "bus", G_BUS_TYPE_SESSION, "flags",
                G_APPLICATION_IS_SERVICE | G_APPLICATION_NON_UNIQUE, "variant",
                g_variant_new_parsed ("{'x': <3>}"), NULL);
  world_wait_until (runconf_configuration_get_version (service->configuration) == 8);
  assert_value (service->configuration, "/map/x", "int64 3");
  assert_value (service->configuration, "/flag", "false");
  assert_value (service->configuration, "/port", "int64 -5");
  assert_value (service->configuration, "/ratio", "2.0");
  assert_value (service->configuration, "/name", "'new'");
  assert_value (service->configuration, "/list", "[<'c'>]");
  assert_value (service->configuration, "/bus", "'session'");
  assert_value (service->configuration, "/flags", "[<'is-service'>, <'non-unique'>]");

  g_assert_true (runconf_configuration_reset_sync (service->configuration, "", NULL, NULL, NULL));
  world_wait_until (get_number (gadget) == 8000);
  world_wait_until (get_boolean (gadget, "flag"));
  g_assert_cmpuint (warnings_count (), ==, 0);
}

static void
test_both_ways (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  g_assert_cmpint (get_number (gadget), ==, 8000);

  set_port (service, 1);
  world_wait_until (get_number (gadget) == 1);
  g_object_set (gadget, "number", 2, NULL);
  world_wait_until (get_port (service) == 2);
  set_port (service, 3);
  world_wait_until (get_number (gadget) == 3);

  /* and there is no echo */
  wait_a_moment ();
  g_assert_cmpuint (gadget->n_set[GADGET_NUMBER], ==, 4);
  g_assert_cmpuint (runconf_configuration_get_version (service->configuration), ==, 3);
}

static void
test_get (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_GET);
  g_assert_cmpint (get_number (gadget), ==, 8000);
  g_object_set (gadget, "number", 2, NULL);
  wait_a_moment ();
  g_assert_cmpint (get_port (service), ==, 8000);
  set_port (service, 1);
  world_wait_until (get_number (gadget) == 1);
}

static void
test_set (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_SET);
  g_assert_cmpint (get_number (gadget), ==, 0);
  set_port (service, 1);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 0);
  g_object_set (gadget, "number", 2, NULL);
  world_wait_until (get_port (service) == 2);

  /* another write in between: the value is written again nevertheless */
  set_port (service, 1);
  g_object_set (gadget, "number", 2, NULL);
  world_wait_until (get_port (service) == 2);
}

static void
test_get_no_changes (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  bind (service, gadget, RUNCONF_BIND_GET_NO_CHANGES);
  g_assert_cmpint (get_number (gadget), ==, 8000);
  set_port (service, 1);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 8000);
  g_object_set (gadget, "number", 2, NULL);
  world_wait_until (get_port (service) == 2);
}

static void
test_invert (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  RunconfConfiguration *configuration = service->configuration;

  g_object_set (gadget, "flag", TRUE, NULL);
  runconf_configuration_bind (configuration, "/flag", G_OBJECT (gadget), "flag",
                              RUNCONF_BIND_INVERT_BOOLEAN);
  g_assert_false (get_boolean (gadget, "flag"));
  runconf_configuration_set_boolean_sync (configuration, "/flag", FALSE, NULL, NULL, NULL);
  world_wait_until (get_boolean (gadget, "flag"));
  g_object_set (gadget, "flag", FALSE, NULL);
  world_wait_until (runconf_configuration_get_boolean (configuration, "/flag", FALSE));
  wait_a_moment ();
  g_assert_false (get_boolean (gadget, "flag"));
}

/* Nothing at the path, null, and a value that the property can't have. */
static void
test_no_value (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  RunconfConfiguration *configuration = service->configuration;
  g_autofree char *text = NULL;

  warnings_forget ();
  g_object_set (gadget, "number", 7, "text", "old", NULL);
  runconf_configuration_bind (configuration, "/nothing", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
  g_assert_cmpint (get_number (gadget), ==, 7);
  g_assert_cmpuint (warnings_count (), ==, 0);
  g_object_set (gadget, "number", 8, NULL);
  world_wait_until (runconf_configuration_get_int64 (configuration, "/nothing", 0) == 8);
  runconf_configuration_reset_sync (configuration, "/nothing", NULL, NULL, NULL);
  wait_a_moment ();
  g_assert_cmpint (get_number (gadget), ==, 8);

  runconf_configuration_bind (configuration, "/name", G_OBJECT (gadget), "number",
                              RUNCONF_BIND_DEFAULT);
  g_assert_cmpint (get_number (gadget), ==, 8);
  assert_warned ("/name, bound to the property “number” of Gadget: the value of the D-Bus type s "
                 "can't be converted to the type gint");
  runconf_configuration_set_int64_sync (configuration, "/name", 9, NULL, NULL, NULL);
  world_wait_until (get_number (gadget) == 9);

  runconf_configuration_bind (configuration, "/empty", G_OBJECT (gadget), "text",
                              RUNCONF_BIND_DEFAULT);
  g_object_get (gadget, "text", &text, NULL);
  g_assert_null (text);
  g_object_set (gadget, "text", "x", NULL);
  world_wait_until (runconf_configuration_get_version (configuration) == 4);
  g_object_set (gadget, "text", NULL, NULL);
  world_wait_until (runconf_configuration_get_version (configuration) == 5);
  assert_value (configuration, "/empty", "signature ''");

  runconf_configuration_bind (configuration, "/map", G_OBJECT (gadget), "integer-variant",
                              RUNCONF_BIND_DEFAULT);
  assert_warned ("is out of the range of the property");
}

/* A property may accept less than its type. */
static void
test_range (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  warnings_forget ();
  runconf_configuration_bind (service->configuration, "/port", G_OBJECT (gadget), "small",
                              RUNCONF_BIND_DEFAULT);
  assert_warned ("/port, bound to the property “small” of Gadget: the value is out of the range of "
                 "the property");
  wait_a_moment ();
  g_assert_cmpint (get_port (service), ==, 8000);
  set_port (service, 100);
  world_wait_until (get_small (gadget) == 100);

  /* a type holds fewer integers than a configuration */
  warnings_forget ();
  set_port (service, G_MAXINT64);
  world_wait_until (warnings_count () == 1);
  assert_warned ("/port, bound to the property “small” of Gadget: the value is out of the range of "
                 "the property");
}

/* A late notification of the bound value causes no write. */
static void
test_frozen (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  g_object_freeze_notify (G_OBJECT (gadget));
  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  g_object_thaw_notify (G_OBJECT (gadget));
  wait_a_moment ();
  g_assert_cmpuint (runconf_configuration_get_version (service->configuration), ==, 0);
}

/* Invalid arguments of a program. */
typedef struct
{
  const char *test;
  const char *property;
  RunconfBindFlags flags;
  const char *message;
} Mistake;

static const Mistake mistakes[] = {
  { "/bind/mistakes/subprocess/nothing", "nothing", RUNCONF_BIND_DEFAULT, "*no property*nothing*" },
  { "/bind/mistakes/subprocess/read-only", "read-only", RUNCONF_BIND_DEFAULT,
    "*read-only*can't be set*" },
  { "/bind/mistakes/subprocess/construct-only", "construct-only", RUNCONF_BIND_GET,
    "*construct-only*can't be set*" },
  { "/bind/mistakes/subprocess/write-only", "write-only", RUNCONF_BIND_DEFAULT,
    "*write-only*can't be read*" },
  { "/bind/mistakes/subprocess/invert", "number", RUNCONF_BIND_INVERT_BOOLEAN,
    "*only a boolean can be inverted*" },
  { "/bind/mistakes/subprocess/object", "object", RUNCONF_BIND_GET, "*needs mapping functions*" },
};

static void
make_mistake (gconstpointer data)
{
  const Mistake *mistake = data;
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  runconf_configuration_bind (service->configuration, "/port", G_OBJECT (gadget), mistake->property,
                              mistake->flags);
}

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_test_trap_subprocess (mistakes[i].test, 20 * G_USEC_PER_SEC, 0);
      g_test_trap_assert_failed ();
      g_test_trap_assert_stderr (mistakes[i].message);
    }
}

/* Each one-way property works in its own direction. */
static void
test_one_way (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  runconf_configuration_bind (service->configuration, "/map/x", G_OBJECT (gadget), "write-only",
                              RUNCONF_BIND_GET);
  g_assert_cmpint (g_value_get_int (&gadget->values[GADGET_WRITE_ONLY]), ==, 1);
  runconf_configuration_bind (service->configuration, "/map/y", G_OBJECT (gadget), "read-only",
                              RUNCONF_BIND_SET);
  g_value_set_int (&gadget->values[GADGET_READ_ONLY], 4);
  g_object_notify (G_OBJECT (gadget), "read-only");
  world_wait_until (runconf_configuration_get_int64 (service->configuration, "/map/y", 0) == 4);
}

/* A property that is bound in another thread is set there. */
static gpointer
bind_in_thread (gpointer data)
{
  Service *service = data;
  g_autoptr (GMainContext) context = g_main_context_new ();
  Gadget *gadget = gadget_new ();

  g_main_context_push_thread_default (context);
  bind (service, gadget, RUNCONF_BIND_DEFAULT);
  g_assert_true (
      runconf_configuration_set_int64_sync (service->configuration, "/port", 5, NULL, NULL, NULL));
  while (get_number (gadget) != 5)
    g_main_context_iteration (context, TRUE);
  g_object_set (gadget, "number", 6, NULL);
  while (runconf_configuration_get_int64 (service->configuration, "/port", 0) != 6)
    g_main_context_iteration (context, TRUE);
  g_object_unref (gadget);
  g_main_context_pop_thread_default (context);

  return GUINT_TO_POINTER (1);
}

static void
test_thread (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);

  g_assert_nonnull (g_thread_join (g_thread_new ("bind", bind_in_thread, service)));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/bind/types", test_types);
  g_test_add_func ("/bind/both-ways", test_both_ways);
  g_test_add_func ("/bind/get", test_get);
  g_test_add_func ("/bind/set", test_set);
  g_test_add_func ("/bind/get-no-changes", test_get_no_changes);
  g_test_add_func ("/bind/invert", test_invert);
  g_test_add_func ("/bind/no-value", test_no_value);
  g_test_add_func ("/bind/range", test_range);
  g_test_add_func ("/bind/frozen", test_frozen);
  g_test_add_func ("/bind/mistakes", test_mistakes);
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    g_test_add_data_func (mistakes[i].test, &mistakes[i], make_mistake);
  g_test_add_func ("/bind/one-way", test_one_way);
  g_test_add_func ("/bind/thread", test_thread);

  return g_test_run ();
}
