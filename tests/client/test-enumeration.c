/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service.h"

#define DEFAULTS                                                                                   \
  "bus: session\nflags: [handles-open, non-unique]\namount: 1\nmixed: [handles-open, 1]\n"         \
  "none: []\nnull: null\n"

#define FLAGS (G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE)

static int
get_bus (RunconfConfiguration *configuration, const char *path)
{
  return runconf_configuration_get_enum (configuration, path, G_TYPE_BUS_TYPE, 77);
}

static guint
get_flags (RunconfConfiguration *configuration, const char *path)
{
  return runconf_configuration_get_flags (configuration, path, G_TYPE_APPLICATION_FLAGS, 77);
}

static void
test_reads (void)
{
  static const char *const not_nicks[] = { "/amount", "/flags", "/null", "" };
  static const char *const not_flags[] = { "/amount", "/bus", "/null", "" };
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;

  warnings_forget ();
  g_assert_cmpint (get_bus (configuration, "/bus"), ==, G_BUS_TYPE_SESSION);
  g_assert_cmpint (get_bus (configuration, "/flags/0"), ==, 77);
  g_assert_cmpint (get_bus (configuration, "/missing"), ==, 77);
  g_assert_cmpuint (get_flags (configuration, "/flags"), ==, FLAGS);
  g_assert_cmpuint (get_flags (configuration, "/none"), ==, 0);
  g_assert_cmpuint (get_flags (configuration, "/missing"), ==, 77);
  assert_warned ("/flags/0: the value is of type string that is no nick of it");
  g_assert_cmpuint (get_flags (configuration, "/mixed"), ==, 77);
  assert_warned (
      "/mixed: the value is of type sequence with an element that is no nick of it in the "
      "configuration “default”, but the program reads the type sequence of nicks of the "
      "flags GApplicationFlags; ");
  g_assert_cmpint (get_bus (configuration, "bad"), ==, 77);
  assert_warned ("like “/bad”");

  for (guint i = 0; i < G_N_ELEMENTS (not_nicks); i++)
    g_assert_cmpint (get_bus (configuration, not_nicks[i]), ==, 77);
  for (guint i = 0; i < G_N_ELEMENTS (not_flags); i++)
    g_assert_cmpuint (get_flags (configuration, not_flags[i]), ==, 77);
  g_assert_cmpuint (warnings_count (), ==, G_N_ELEMENTS (not_nicks) + G_N_ELEMENTS (not_flags));
}

/* If an override is no nick, the default is read. */
static void
test_defaults (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  const char *const wrong[] = { "handles-open", "wrong", NULL };

  runconf_configuration_set_string_sync (configuration, "/bus", "tram", NULL, NULL, NULL);
  runconf_configuration_set_strv_sync (configuration, "/flags", wrong, NULL, NULL, NULL);
  g_assert_cmpint (get_bus (configuration, "/bus"), ==, G_BUS_TYPE_SESSION);
  g_assert_cmpuint (get_flags (configuration, "/flags"), ==, FLAGS);
}

static void
test_writes (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GAsyncResult) enum_set = NULL;
  g_autoptr (GAsyncResult) flags_set = NULL;
  g_autoptr (GAsyncResult) refused = NULL;
  GAsyncResult *place = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (runconf_configuration_set_enum_sync (configuration, "/bus", G_TYPE_BUS_TYPE,
                                                      G_BUS_TYPE_SYSTEM, NULL, NULL, &error));
  g_assert_no_error (error);
  assert_value (configuration, "/bus", "'system'");
  g_assert_cmpint (get_bus (configuration, "/bus"), ==, G_BUS_TYPE_SYSTEM);
  g_assert_true (
      runconf_configuration_set_flags_sync (configuration, "/flags", G_TYPE_APPLICATION_FLAGS,
                                            G_APPLICATION_SEND_ENVIRONMENT, NULL, NULL, &error));
  assert_value (configuration, "/flags", "[<'send-environment'>]");

  runconf_configuration_set_enum (configuration, "/bus", G_TYPE_BUS_TYPE, G_BUS_TYPE_SESSION, NULL,
                                  take_result, &place);
  enum_set = wait_for_result (&place);
  g_assert_true (runconf_configuration_set_enum_finish (configuration, enum_set, NULL, &error));
  g_assert_cmpint (get_bus (configuration, "/bus"), ==, G_BUS_TYPE_SESSION);
  place = NULL;
  runconf_configuration_set_flags (configuration, "/flags", G_TYPE_APPLICATION_FLAGS, FLAGS, NULL,
                                   take_result, &place);
  flags_set = wait_for_result (&place);
  g_assert_true (runconf_configuration_set_flags_finish (configuration, flags_set, NULL, &error));
  g_assert_cmpuint (get_flags (configuration, "/flags"), ==, FLAGS);

  g_assert_false (runconf_configuration_set_enum_sync (configuration, "/bus", G_TYPE_BUS_TYPE, 77,
                                                       NULL, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "/bus: 77 isn't a value of");
  place = NULL;
  runconf_configuration_set_flags (configuration, "/flags", G_TYPE_APPLICATION_FLAGS, 1u << 31,
                                   NULL, take_result, &place);
  refused = wait_for_result (&place);
  g_assert_false (runconf_configuration_set_flags_finish (configuration, refused, NULL, &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "0x80000000 isn't a value of");
  g_assert_cmpuint (get_flags (configuration, "/flags"), ==, FLAGS);
}

/* The nicks are part of the interface: a file of a user interface names a flag by its nick. */
static void
assert_flags (GType type, guint all, guint flag, const char *nick)
{
  g_autoptr (GFlagsClass) flags = g_type_class_ref (type);

  g_assert_cmpuint (flags->mask, ==, all);
  g_assert_cmpuint (g_flags_get_value_by_nick (flags, "default")->value, ==, 0);
  g_assert_cmpuint (g_flags_get_value_by_nick (flags, nick)->value, ==, flag);
}

static void
test_types (void)
{
  assert_flags (RUNCONF_TYPE_OPEN_FLAGS, 0x3, RUNCONF_OPEN_IN_BACKGROUND, "in-background");
  assert_flags (RUNCONF_TYPE_EXPLAIN_FLAGS, 0x3, RUNCONF_EXPLAIN_ALL, "all");
  assert_flags (RUNCONF_TYPE_EXPLAIN_FLAGS, 0x3, RUNCONF_EXPLAIN_SECRETS, "secrets");
  assert_flags (RUNCONF_TYPE_BIND_FLAGS, 0x1f, RUNCONF_BIND_GET, "get");
  assert_flags (RUNCONF_TYPE_BIND_FLAGS, 0x1f, RUNCONF_BIND_SET, "set");
  assert_flags (RUNCONF_TYPE_BIND_FLAGS, 0x1f, RUNCONF_BIND_NO_SENSITIVITY, "no-sensitivity");
  assert_flags (RUNCONF_TYPE_BIND_FLAGS, 0x1f, RUNCONF_BIND_GET_NO_CHANGES, "get-no-changes");
  assert_flags (RUNCONF_TYPE_BIND_FLAGS, 0x1f, RUNCONF_BIND_INVERT_BOOLEAN, "invert-boolean");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/enumeration/reads", test_reads);
  g_test_add_func ("/enumeration/defaults", test_defaults);
  g_test_add_func ("/enumeration/writes", test_writes);
  g_test_add_func ("/enumeration/types", test_types);

  return g_test_run ();
}
