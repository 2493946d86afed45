/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Bindings with functions that convert the values. */

#include "bound.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/bind/mapping", test_mapping);
  g_test_add_func ("/bind/mapping-closures", test_mapping_closures);
  g_test_add_func ("/bind/mapping-in-vain", test_mapping_in_vain);
  g_test_add_func ("/bind/mapping-in-vain/subprocess", test_mapping_mistakes);
  g_test_add_func ("/bind/mapping-to-nonsense", test_mapping_to_nonsense);
  g_test_add_func ("/bind/object-first", test_object_first);
  g_test_add_func ("/bind/bad-path", test_bad_path);

  return g_test_run ();
}
