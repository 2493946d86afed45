/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "service.h"

#define DEFAULTS                                                                                   \
  "flag: true\nport: 8000\nratio: 0.5\nname: default\nlist: [a, b]\nmap: {x: 1}\nnull: null\n"     \
  "deep: {a_b: {'.ü': 1}}\n'': 1\n"

static GAction *
make (RunconfConfiguration *configuration, const char *path, const char *fallback)
{
  g_autoptr (GError) error = NULL;
  GAction *action = runconf_configuration_create_action (configuration, path,
                                                         g_variant_new_parsed (fallback), &error);

  g_assert_no_error (error);
  g_assert_true (g_action_name_is_valid (g_action_get_name (action)));

  return action;
}

static gboolean
is_state (GAction *action, const char *text)
{
  g_autoptr (GVariant) state = g_action_get_state (action);
  g_autofree char *printed = g_variant_print (state, TRUE);

  return strcmp (printed, text) == 0;
}

static void
assert_state (GAction *action, const char *text)
{
  if (!is_state (action, text))
    g_error ("the state isn't %s", text);
}

static void
test_names (void)
{
  static const char *const names[][2] = {
    { "/port", "port" }, { "/deep/a_b/.ü", "deep.a-b.--" }, { "", "configuration" },
    { "/", "-" },        { "/list/0", "list.0" },           { "/no~1t/the re", "no-1t.the-re" },
    { "/a//b", "a..b" },
  };
  g_autoptr (Service) service = service_new (DEFAULTS);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GAction) action = make (service->configuration, names[i][0], "@a{sv} {}");

      g_assert_cmpstr (g_action_get_name (action), ==, names[i][1]);
    }
}

static void
test_states (void)
{
  static const struct
  {
    const char *path;
    const char *fallback;
    const char *state;
  } table[] = {
    { "/flag", "false", "true" },
    { "/port", "1", "8000" },
    { "/port", "uint32 1", "uint32 8000" },
    { "/port", "int64 1", "int64 8000" },
    { "/port", "uint64 1", "uint64 8000" },
    { "/port", "byte 0x01", "byte 0x01" },
    { "/port", "1.5", "8000.0" },
    { "/ratio", "1.5", "0.5" },
    { "/ratio", "1", "1" },
    { "/name", "'x'", "'default'" },
    { "/null", "'x'", "'x'" },
    { "/null", "['x']", "['x']" },
    { "/list", "['x']", "['a', 'b']" },
    { "/list", "@av []", "[<'a'>, <'b'>]" },
    { "/list/1", "'x'", "'b'" },
    { "/map", "@a{sv} {}", "{'x': <int64 1>}" },
    { "/name", "b'x'", "b'x'" },
    { "/missing", "'x'", "'x'" },
  };
  g_autoptr (Service) service = service_new (DEFAULTS);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GAction) action = make (service->configuration, table[i].path, table[i].fallback);
      g_autoptr (GVariant) fallback = g_variant_ref_sink (g_variant_new_parsed (table[i].fallback));
      const GVariantType *type = g_variant_get_type (fallback);

      assert_state (action, table[i].state);
      g_assert_true (g_variant_type_equal (g_action_get_state_type (action), type));
      if (g_variant_type_equal (type, G_VARIANT_TYPE_BOOLEAN))
        g_assert_null (g_action_get_parameter_type (action));
      else
        g_assert_true (g_variant_type_equal (g_action_get_parameter_type (action), type));
    }
}

static void
on_state_changed (GActionGroup *group, const char *name, GVariant *state, GString *log)
{
  g_autofree char *text = g_variant_print (state, FALSE);

  g_string_append_printf (log, "%s=%s;", name, text);
}

/* Activation writes, and each change is reported once. */
static void
test_group (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  RunconfConfiguration *configuration = service->configuration;
  g_autoptr (GSimpleActionGroup) group = g_simple_action_group_new ();
  g_autoptr (GAction) flag = make (configuration, "/flag", "false");
  g_autoptr (GAction) port = make (configuration, "/port", "1");
  g_autoptr (GString) log = g_string_new (NULL);
  GActionGroup *actions = G_ACTION_GROUP (group);

  g_action_map_add_action (G_ACTION_MAP (group), flag);
  g_action_map_add_action (G_ACTION_MAP (group), port);
  g_signal_connect (group, "action-state-changed", G_CALLBACK (on_state_changed), log);

  g_action_group_activate_action (actions, "flag", NULL);
  g_action_group_activate_action (actions, "port", g_variant_new_int32 (9000));
  g_assert_cmpstr (log->str, ==, "flag=false;port=9000;");
  world_wait_until (runconf_configuration_get_int64 (configuration, "/port", 0) == 9000);
  g_assert_false (runconf_configuration_get_boolean (configuration, "/flag", TRUE));

  /* each of three quick activations counts */
  g_string_truncate (log, 0);
  for (guint i = 0; i < 3; i++)
    g_action_group_activate_action (actions, "flag", NULL);
  world_wait_until (runconf_configuration_get_boolean (configuration, "/flag", FALSE));
  wait_a_moment ();
  g_assert_cmpstr (log->str, ==, "flag=true;flag=false;flag=true;");

  g_string_truncate (log, 0);
  world_put (&service->world, "/port", g_variant_new_int64 (1234));
  world_wait_until (is_state (port, "1234"));
  world_put (&service->world, "/port", g_variant_new_string ("no port"));
  world_wait_until (is_state (port, "8000"));
  g_assert_true (runconf_configuration_unset_sync (configuration, "/port", NULL, NULL, NULL));
  world_wait_until (is_state (port, "1"));
  g_assert_cmpstr (log->str, ==, "port=1234;port=8000;port=1;");

  /* the fallback isn't in the configuration until the user chooses it */
  g_action_change_state (port, g_variant_new_int32 (1));
  world_wait_until (runconf_configuration_get_int64 (configuration, "/port", 0) == 1);
}

static void
test_enabled (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) stranger = service_open (connection);
  g_autoptr (GAction) denied = make (stranger, "/flag", "false");
  g_autoptr (GAction) locked = make (service->configuration, "/flag", "false");
  guint64 version;

  world_wait_until (!g_action_get_enabled (denied));
  version = runconf_configuration_get_version (stranger);
  g_action_activate (denied, NULL);
  assert_state (denied, "true");

  g_assert_true (g_action_get_enabled (locked));
  world_write (&service->world, "locks", "/flag\n");
  world_wait_until (!g_action_get_enabled (locked));
  world_write (&service->world, "locks", "/port\n");
  world_wait_until (g_action_get_enabled (locked));
  g_assert_cmpuint (runconf_configuration_get_version (stranger), ==, version);
}

/* The write is refused: the state is the value again, and the right is asked for again. */
static void
test_refused (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect_as (service, 65534);
  g_autoptr (RunconfConfiguration) stranger = service_open (connection);
  g_autoptr (GAction) action = make (stranger, "/flag", "false");

  warnings_forget ();
  g_action_activate (action, NULL);
  assert_state (action, "false");
  world_wait_until (is_state (action, "true"));
  world_wait_until (!g_action_get_enabled (action));
  assert_warned ("/flag: the action “flag” could not write the value: ");
}

static void
test_errors (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_configuration_create_action (service->configuration, "port",
                                                      g_variant_new_boolean (TRUE), &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH, "like “/port”");
  g_assert_null (runconf_configuration_create_action (service->configuration, "/port",
                                                      g_variant_new_int16 (1), &error));
  assert_error (&error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE, "of the D-Bus type n");
}

/* An action keeps the configuration, a write keeps the action, and neither outlives its use. */
static void
test_life (void)
{
  g_autoptr (Service) service = service_new (DEFAULTS);
  g_autoptr (GDBusConnection) connection = service_connect (service);
  RunconfConfiguration *configuration = service_open (connection);
  GAction *action = make (configuration, "/flag", "false");

  g_object_add_weak_pointer (G_OBJECT (configuration), (gpointer *) &configuration);
  g_object_add_weak_pointer (G_OBJECT (action), (gpointer *) &action);
  g_object_unref (configuration);
  g_assert_nonnull (configuration);
  g_action_activate (action, NULL);
  g_object_unref (action);
  world_wait_until (action == NULL && configuration == NULL);
  world_wait_until (!runconf_configuration_get_boolean (service->configuration, "/flag", TRUE));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  g_test_add_func ("/action/names", test_names);
  g_test_add_func ("/action/states", test_states);
  g_test_add_func ("/action/group", test_group);
  g_test_add_func ("/action/enabled", test_enabled);
  g_test_add_func ("/action/refused", test_refused);
  g_test_add_func ("/action/errors", test_errors);
  g_test_add_func ("/action/life", test_life);

  return g_test_run ();
}
