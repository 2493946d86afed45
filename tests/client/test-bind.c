/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "client/call.h"
#include "gadget.h"
#include "service.h"

#define DEFAULTS                                                                                   \
  "flag: true\nport: 8000\nratio: 0.5\nname: default\nlist: [a, b]\nbus: system\n"                 \
  "flags: [is-service]\nmap: {x: 1}\nempty: null\n"

static int
get_number (Gadget *gadget)
{
  int number;

  g_object_get (gadget, "number", &number, NULL);

  return number;
}

static guint
get_small (Gadget *gadget)
{
  guint small;

  g_object_get (gadget, "small", &small, NULL);

  return small;
}

static gboolean
get_boolean (gpointer object, const char *property)
{
  gboolean value;

  g_object_get (object, property, &value, NULL);

  return value;
}

static gint64
get_port (Service *service)
{
  return runconf_configuration_get_int64 (service->configuration, "/port", -1);
}

static void
set_port (Service *service, gint64 port)
{
  g_assert_true (runconf_configuration_set_int64_sync (service->configuration, "/port", port, NULL,
                                                       NULL, NULL));
}

static void
bind (Service *service, Gadget *gadget, RunconfBindFlags flags)
{
  runconf_configuration_bind (service->configuration, "/port", G_OBJECT (gadget), "number", flags);
}

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

typedef struct
{
  guint n_got;
  guint n_set;
  guint n_destroyed;
  gboolean refuses;
} Mapping;

static gboolean
get_mapping (GValue *value, GVariant *variant, gpointer data)
{
  Mapping *mapping = data;

  mapping->n_got++;
  if (mapping->refuses)
    return FALSE;

  g_assert_true (g_variant_is_of_type (variant, G_VARIANT_TYPE_INT64));
  g_value_take_string (value, g_strdup_printf ("port %d", (int) g_variant_get_int64 (variant)));

  return TRUE;
}

static GVariant *
set_mapping (const GValue *value, gpointer data)
{
  Mapping *mapping = data;

  mapping->n_set++;
  if (mapping->refuses)
    return NULL;

  return g_variant_new_uint16 (
      (guint16) g_ascii_strtoull (g_value_get_string (value) + strlen ("port "), NULL, 10));
}

static void
destroy_mapping (gpointer data)
{
  ((Mapping *) data)->n_destroyed++;
}

/* Checks a binding of the text that has the functions above. */
static void
check_mapping (Service *service, Gadget *gadget, Mapping *mapping, guint n_destroyed)
{
  g_autofree char *text = NULL;

  warnings_forget ();
  g_object_get (gadget, "text", &text, NULL);
  g_assert_cmpstr (text, ==, "port 8000");
  g_object_set (gadget, "text", "port 17", NULL);
  world_wait_until (get_port (service) == 17);
  g_assert_cmpuint (mapping->n_set, ==, 1);
  wait_a_moment ();
  g_assert_cmpuint (mapping->n_got, ==, 1);

  mapping->refuses = TRUE;
  g_object_set (gadget, "text", "port 18", NULL);
  set_port (service, 19);
  world_wait_until (mapping->n_got == 2);
  wait_a_moment ();
  g_assert_cmpint (get_port (service), ==, 19);
  g_free (text);
  g_object_get (gadget, "text", &text, NULL);
  g_assert_cmpstr (text, ==, "port 18");
  g_assert_cmpuint (warnings_count (), ==, 0);

  g_assert_cmpuint (mapping->n_destroyed, ==, 0);
  runconf_configuration_unbind (G_OBJECT (gadget), "text");
  g_assert_cmpuint (mapping->n_destroyed, ==, n_destroyed);
  runconf_configuration_unbind (G_OBJECT (gadget), "text");
  g_assert_cmpuint (mapping->n_destroyed, ==, n_destroyed);
}

static void
test_mapping (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  Mapping mapping = { 0 };

  runconf_configuration_bind_with_mapping (service->configuration, "/port", G_OBJECT (gadget),
                                           "text", RUNCONF_BIND_DEFAULT, get_mapping, set_mapping,
                                           &mapping, destroy_mapping);
  check_mapping (service, gadget, &mapping, 1);
}

static void
on_closure_gone (gpointer data, GClosure *closure)
{
  destroy_mapping (data);
}

static void
bind_with_closures (Service *service, Gadget *gadget, const char *property, Mapping *mapping)
{
  runconf_configuration_bind_with_mapping_closures (
      service->configuration, "/port", G_OBJECT (gadget), property, RUNCONF_BIND_DEFAULT,
      g_cclosure_new (G_CALLBACK (get_mapping), mapping, on_closure_gone),
      g_cclosure_new (G_CALLBACK (set_mapping), mapping, on_closure_gone));
}

static void
test_mapping_closures (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  Mapping mapping = { 0 };

  bind_with_closures (service, gadget, "text", &mapping);
  check_mapping (service, gadget, &mapping, 2);

  /* the default conversions */
  runconf_configuration_bind_with_mapping_closures (service->configuration, "/port",
                                                    G_OBJECT (gadget), "number",
                                                    RUNCONF_BIND_DEFAULT, NULL, NULL);
  g_assert_cmpint (get_number (gadget), ==, 19);
}

/* A binding that can't be made keeps none of the data of its functions. */
static void
test_mapping_in_vain (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  Mapping mapping = { 0 };

  runconf_configuration_bind_with_mapping (service->configuration, "no path", G_OBJECT (gadget),
                                           "text", RUNCONF_BIND_GET, get_mapping, set_mapping,
                                           &mapping, destroy_mapping);
  g_assert_cmpuint (mapping.n_destroyed, ==, 1);

  g_test_trap_subprocess ("/bind/mapping-in-vain/subprocess", 0, 0);
  g_test_trap_assert_passed ();
}

/* A mistake of the program, which is critical. */
static void
test_mapping_mistakes (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  Mapping mapping = { 0 };

  g_log_set_always_fatal (G_LOG_LEVEL_ERROR);
  runconf_configuration_bind_with_mapping (service->configuration, "/port", G_OBJECT (gadget),
                                           "none", RUNCONF_BIND_GET, get_mapping, set_mapping,
                                           &mapping, destroy_mapping);
  g_assert_cmpuint (mapping.n_destroyed, ==, 1);
  bind_with_closures (service, gadget, "read-only", &mapping);
  g_assert_cmpuint (mapping.n_destroyed, ==, 3);
}

static GVariant *
make_handle (const GValue *value, gpointer data)
{
  return g_variant_new_handle (0);
}

static void
test_mapping_to_nonsense (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();

  warnings_forget ();
  runconf_configuration_bind_with_mapping (service->configuration, "/port", G_OBJECT (gadget),
                                           "object", RUNCONF_BIND_SET, NULL, make_handle, NULL,
                                           NULL);
  g_object_set (gadget, "object", gadget, NULL);
  assert_warned ("of the D-Bus type h can't be stored");
  g_object_set (gadget, "object", NULL, NULL);
}

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

static void
test_object_first (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  Gadget *gadget = gadget_new ();
  Mapping mapping = { 0 };

  runconf_configuration_bind_with_mapping (service->configuration, "/port", G_OBJECT (gadget),
                                           "text", RUNCONF_BIND_DEFAULT, get_mapping, set_mapping,
                                           &mapping, destroy_mapping);
  g_object_add_weak_pointer (G_OBJECT (gadget), (gpointer *) &gadget);
  g_object_unref (gadget);
  g_assert_null (gadget);
  g_assert_cmpuint (mapping.n_destroyed, ==, 1);
  set_port (service, 1);
  wait_a_moment ();
  g_assert_cmpuint (mapping.n_got, ==, 1);
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

static void
test_bad_path (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (Gadget) gadget = gadget_new ();
  Mapping mapping = { 0 };

  warnings_forget ();
  runconf_configuration_bind_with_mapping (service->configuration, "port", G_OBJECT (gadget),
                                           "text", RUNCONF_BIND_DEFAULT, get_mapping, set_mapping,
                                           &mapping, destroy_mapping);
  assert_warned ("the property “text” of Gadget can't be bound: ");
  g_assert_cmpuint (mapping.n_destroyed, ==, 1);
  g_assert_cmpuint (mapping.n_got, ==, 0);
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

  g_test_add_func ("/bind/types", test_types);
  g_test_add_func ("/bind/both-ways", test_both_ways);
  g_test_add_func ("/bind/get", test_get);
  g_test_add_func ("/bind/set", test_set);
  g_test_add_func ("/bind/get-no-changes", test_get_no_changes);
  g_test_add_func ("/bind/invert", test_invert);
  g_test_add_func ("/bind/no-value", test_no_value);
  g_test_add_func ("/bind/range", test_range);
  g_test_add_func ("/bind/frozen", test_frozen);
  g_test_add_func ("/bind/mapping", test_mapping);
  g_test_add_func ("/bind/mapping-closures", test_mapping_closures);
  g_test_add_func ("/bind/mapping-in-vain", test_mapping_in_vain);
  g_test_add_func ("/bind/mapping-in-vain/subprocess", test_mapping_mistakes);
  g_test_add_func ("/bind/mapping-to-nonsense", test_mapping_to_nonsense);
  g_test_add_func ("/bind/unbind", test_unbind);
  g_test_add_func ("/bind/replace", test_replace);
  g_test_add_func ("/bind/object-first", test_object_first);
  g_test_add_func ("/bind/object-during-write", test_object_during_write);
  g_test_add_func ("/bind/configuration-first", test_configuration_first);
  g_test_add_func ("/bind/unbind-inside", test_unbind_inside);
  g_test_add_func ("/bind/dispose-inside", test_dispose_inside);
  g_test_add_func ("/bind/last-wins", test_last_wins);
  g_test_add_func ("/bind/back-meanwhile", test_back_meanwhile);
  g_test_add_func ("/bind/older-signal", test_older_signal);
  g_test_add_func ("/bind/later-signal", test_later_signal);
  g_test_add_func ("/bind/failed-write", test_failed_write);
  g_test_add_func ("/bind/failed-write-and-waiting", test_failed_write_and_waiting);
  g_test_add_func ("/bind/failed-set-only", test_failed_set_only);
  g_test_add_func ("/bind/rules-change", test_rules_change);
  g_test_add_func ("/bind/sensitivity", test_sensitivity);
  g_test_add_func ("/bind/sensitivity-after-refusal", test_sensitivity_after_refusal);
  g_test_add_func ("/bind/sensitivity-unbound", test_sensitivity_unbound);
  g_test_add_func ("/bind/bind-writable", test_bind_writable);
  g_test_add_func ("/bind/writable-dispose", test_writable_dispose);
  g_test_add_func ("/bind/writable-again", test_writable_again);
  g_test_add_func ("/bind/bad-path", test_bad_path);
  g_test_add_func ("/bind/mistakes", test_mistakes);
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    g_test_add_data_func (mistakes[i].test, &mistakes[i], make_mistake);
  g_test_add_func ("/bind/one-way", test_one_way);
  g_test_add_func ("/bind/thread", test_thread);

  return g_test_run ();
}
