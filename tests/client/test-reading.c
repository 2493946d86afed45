/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <math.h>

#include "support.h"

typedef struct
{
  World world;
  RunconfConfiguration *config;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer defaults)
{
  world_set_up (&fixture->world, defaults);
  fixture->config = world_open (&fixture->world);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_assert_finalize_object (fixture->config);
  world_tear_down (&fixture->world, NULL);
}

static void
assert_string (char *value, const char *expected)
{
  g_assert_cmpstr (value, ==, expected);
  g_free (value);
}

static void
assert_strv (char **value, const char *expected)
{
  g_autofree char *joined = value != NULL ? g_strjoinv (" ", value) : NULL;

  g_assert_cmpstr (joined, ==, expected);
  g_strfreev (value);
}

static void
assert_value (GVariant *value, const char *expected)
{
  g_autofree char *printed = value != NULL ? g_variant_print (value, TRUE) : NULL;

  g_assert_cmpstr (printed, ==, expected);
  g_clear_pointer (&value, g_variant_unref);
}

static void
test_types (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *config = fixture->config;
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (config);

  g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/websocket/port", 1), ==, 8000);
  g_assert_cmpint (runconf_configuration_get_int64 (config, "/numbers/negative", 1), ==, -7);
  g_assert_false (runconf_configuration_get_boolean (config, "/chat/websocket/secure", TRUE));
  g_assert_cmpfloat (runconf_configuration_get_double (config, "/numbers/ratio", 1), ==, 0.5);
  g_assert_cmpfloat (runconf_configuration_get_double (config, "/chat/websocket/timeout", 1), ==,
                     20.0);
  g_assert_cmpfloat (runconf_configuration_get_double (config, "/numbers/big", 1), ==, 0x1p64);
  assert_string (runconf_configuration_get_string (config, "/chat/greeting", NULL), "hello");
  assert_strv (runconf_configuration_get_strv (config, "/features", NULL), "search browse code");

  g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, "/chat/websocket/port", 1), ==, 8000);
  g_assert_false (runconf_snapshot_get_boolean (snapshot, "/chat/websocket/secure", TRUE));
  g_assert_cmpfloat (runconf_snapshot_get_double (snapshot, "/chat/websocket/timeout", 1), ==, 20);
  assert_string (runconf_snapshot_get_string (snapshot, "/chat/greeting", NULL), "hello");
  assert_strv (runconf_snapshot_get_strv (snapshot, "/features", NULL), "search browse code");
}

/* Each function that reads an integer of 0 or more returns the same. */
static void
assert_unsigned (RunconfConfiguration *config, const char *path, guint64 expected)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (config);
  g_autoptr (RunconfKey) key = runconf_key_new (config, path, NULL);

  g_assert_cmpuint (runconf_configuration_get_uint64 (config, path, 5), ==, expected);
  g_assert_cmpuint (runconf_snapshot_get_uint64 (snapshot, path, 5), ==, expected);
  g_assert_cmpuint (runconf_key_get_uint64 (key, 5), ==, expected);
}

static void
test_unsigned (Fixture *fixture, gconstpointer unused)
{
  assert_unsigned (fixture->config, "/chat/websocket/port", 8000);
  assert_unsigned (fixture->config, "/numbers/big", G_MAXUINT64);
  assert_unsigned (fixture->config, "/servers/1/port", 2);
  assert_unsigned (fixture->config, "/numbers/negative", 5);
  assert_unsigned (fixture->config, "/numbers/ratio", 5);
  assert_unsigned (fixture->config, "/chat/greeting", 5);
  assert_unsigned (fixture->config, "/missing", 5);
  g_assert_cmpuint (messages_count ("/numbers/negative: the value is of type integer below 0"), ==,
                    1);

  /* the default is of the right type */
  world_put (&fixture->world, "/numbers/big", g_variant_new_int64 (-1));
  assert_unsigned (fixture->config, "/numbers/big", G_MAXUINT64);
}

static void
test_in_sequences (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *config = fixture->config;
  const char *const none[] = { "none", NULL };

  g_assert_cmpint (runconf_configuration_get_int64 (config, "/servers/1/port", 0), ==, 2);
  assert_string (runconf_configuration_get_string (config, "/servers/0/name", NULL), "one");
  assert_string (runconf_configuration_get_string (config, "/features/2", NULL), "code");
  assert_string (runconf_configuration_get_string (config, "/features/3", "none"), "none");
  assert_strv (runconf_configuration_get_strv (config, "/servers/0", none), "none");
  g_assert_true (runconf_configuration_has (config, "/servers/1/name"));
  g_assert_false (runconf_configuration_has (config, "/servers/2"));
  assert_strv (runconf_configuration_list (config, "/servers"), "0 1");
  assert_strv (runconf_configuration_list (config, "/servers/0"), "name port");
}

static void
test_values (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *path;
    const char *value;
  } table[] = {
    { "/chat/websocket",
      "{'host': <'localhost'>, 'port': <int64 8000>, 'secure': <false>, 'timeout': <int64 20>}" },
    { "/numbers/big", "uint64 18446744073709551615" },
    { "/numbers/ratio", "0.5" },
    { "/mixed", "[<int64 1>, <'two'>]" },
    { "/servers/0", "{'name': <'one'>, 'port': <int64 1>}" },
    { "/nothing", "signature ''" },
    { "/it's", "{'quoted': <int64 1>}" },
    { "/empty", "@a{sv} {}" },
    { "/data", "[byte 0x68, 0x65, 0x6c, 0x6c, 0x6f]" },
    { "/missing", NULL },
    { "/chat/greeting/deeper", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      assert_value (runconf_configuration_get_value (fixture->config, table[i].path),
                    table[i].value);
      g_assert_cmpint (runconf_configuration_has (fixture->config, table[i].path), ==,
                       table[i].value != NULL);
    }

  assert_strv (runconf_configuration_list (fixture->config, "/chat"), "websocket greeting");
  assert_strv (runconf_configuration_list (fixture->config, "/chat/greeting"), "");
  assert_strv (runconf_configuration_list (fixture->config, "/missing"), "");
  assert_strv (runconf_configuration_list (fixture->config, "/empty"), "");
  assert_strv (runconf_configuration_list (fixture->config, ""),
               "chat numbers features mixed servers nothing it's empty data");
}

/* A missing path is no mistake. */
static void
test_fallbacks (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *config = fixture->config;
  const char *const fallback[] = { "a", "b", NULL };

  g_assert_cmpint (runconf_configuration_get_int64 (config, "/missing", 5), ==, 5);
  g_assert_true (runconf_configuration_get_boolean (config, "/missing", TRUE));
  g_assert_cmpfloat (runconf_configuration_get_double (config, "/missing", 2.5), ==, 2.5);
  assert_string (runconf_configuration_get_string (config, "/missing", "other"), "other");
  assert_string (runconf_configuration_get_string (config, "/missing", NULL), NULL);
  assert_strv (runconf_configuration_get_strv (config, "/missing", fallback), "a b");
  assert_strv (runconf_configuration_get_strv (config, "/missing", NULL), NULL);
  g_assert_cmpuint (messages_count ("/missing"), ==, 0);
}

static void
test_wrong_types (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *config = fixture->config;
  const char *const fallback[] = { "a", NULL };

  for (guint i = 0; i < 3; i++)
    {
      g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/greeting", 5), ==, 5);
      g_assert_cmpint (runconf_configuration_get_int64 (config, "/numbers/big", 5), ==, 5);
      g_assert_cmpint (runconf_configuration_get_int64 (config, "/numbers", 5), ==, 5);
      assert_string (runconf_configuration_get_string (config, "/nothing", "x"), "x");
      assert_strv (runconf_configuration_get_strv (config, "/mixed", fallback), "a");
    }

  g_assert_cmpuint (messages_count ("/chat/greeting: the value is of type string"), ==, 1);
  g_assert_cmpuint (
      messages_count ("/numbers/big: the value is of type integer above 2^63-1 in the "
                      "configuration “default”, but the program reads the type "
                      "integer in 64 bits with a sign; "),
      ==, 1);
  g_assert_cmpuint (messages_count ("/numbers: the value is of type mapping"), ==, 1);
  g_assert_cmpuint (messages_count ("/nothing: the value is of type null"), ==, 1);
  g_assert_cmpuint (
      messages_count ("/mixed: the value is of type sequence with an element that is no "
                      "string in the configuration “default”, but the program reads "
                      "the type sequence of strings; "),
      ==, 1);

  /* a request for another type is another mistake */
  g_assert_true (runconf_configuration_get_boolean (config, "/chat/greeting", TRUE));
  g_assert_cmpuint (messages_count ("/chat/greeting: the value is of type string"), ==, 2);
}

/* If an override has another type, the default is read. */
static void
test_defaults (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *config = fixture->config;
  World *world = &fixture->world;
  g_autoptr (RunconfKey) key = runconf_key_new (config, "/chat/websocket/port", NULL);

  world_put (world, "/chat/websocket/port", g_variant_new_string ("high"));
  world_put (world, "/chat/websocket/timeout", g_variant_new_string ("long"));
  world_put (world, "/chat/greeting", g_variant_new_int64 (1));
  world_put (world, "/chat/websocket/secure", g_variant_new_string ("no"));
  world_put (world, "/features", g_variant_new_string ("all"));

  g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/websocket/port", 1), ==, 8000);
  g_assert_cmpint (runconf_key_get_int64 (key, 1), ==, 8000);
  g_assert_cmpfloat (runconf_configuration_get_double (config, "/chat/websocket/timeout", 1), ==,
                     20);
  assert_string (runconf_configuration_get_string (config, "/chat/greeting", "x"), "hello");
  g_assert_false (runconf_configuration_get_boolean (config, "/chat/websocket/secure", TRUE));
  assert_strv (runconf_configuration_get_strv (config, "/features", NULL), "search browse code");
  assert_string (runconf_configuration_get_string (config, "/chat/websocket/port", NULL), "high");
  g_assert_cmpuint (messages_count ("/chat/websocket/port: the value is of type string"), ==, 1);
}

static void
assert_layers (RunconfConfiguration *config, const char *path, const char *default_value,
               const char *user_value)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_configuration_get_snapshot (config);

  assert_value (runconf_configuration_get_default_value (config, path), default_value);
  assert_value (runconf_configuration_get_user_value (config, path), user_value);
  assert_value (runconf_snapshot_get_default_value (snapshot, path), default_value);
  assert_value (runconf_snapshot_get_user_value (snapshot, path), user_value);
}

static void
test_layers (Fixture *fixture, gconstpointer unused)
{
  const char *websocket
      = "{'host': <'localhost'>, 'port': <int64 8000>, 'secure': <false>, 'timeout': <int64 20>}";
  RunconfConfiguration *config = fixture->config;
  World *world = &fixture->world;
  guint n_messages = messages_count ("");

  assert_layers (config, "/chat/websocket", websocket, NULL);
  assert_layers (config, "/features/1", "'browse'", NULL);
  assert_value (runconf_configuration_get_user_value (config, ""), NULL);

  world_put (world, "/chat/websocket/port", g_variant_new_int64 (9000));
  world_put (world, "/chat/websocket/path", g_variant_new_string ("/ws"));
  world_put (world, "/chat/websocket/timeout", g_variant_new_int64 (20));
  world_put (world, "/features", g_variant_new_strv ((const char *const[]){ "all" }, 1));
  world_put (world, "/mixed", g_variant_new_parsed ("{'1': <true>, '5': <false>}"));
  world_put (world, "/nothing", g_variant_new_parsed ("{'a': <int64 1>}"));
  world_put (world, "/empty", g_variant_new_parsed ("{'a': <int64 1>}"));
  world_put (world, "/servers", g_variant_new_signature (""));
  world_put (world, "/numbers", g_variant_new_int64 (0));

  assert_layers (config, "/chat/websocket", websocket, "{'port': <int64 9000>, 'path': <'/ws'>}");
  assert_layers (config, "/chat/websocket/port", "int64 8000", "int64 9000");
  assert_layers (config, "/chat/websocket/path", NULL, "'/ws'");
  assert_layers (config, "/chat/websocket/host", "'localhost'", NULL);
  assert_layers (config, "/features", "[<'search'>, <'browse'>, <'code'>]", "[<'all'>]");
  assert_layers (config, "/features/0", "'search'", "'all'");
  assert_layers (config, "/features/2", "'code'", NULL);
  assert_layers (config, "/mixed", "[<int64 1>, <'two'>]", "{'1': <true>, '5': <false>}");
  assert_layers (config, "/mixed/1", "'two'", "true");
  assert_layers (config, "/mixed/5", NULL, "false");
  assert_layers (config, "/nothing", "signature ''", "{'a': <int64 1>}");
  assert_layers (config, "/empty", "@a{sv} {}", "{'a': <int64 1>}");
  assert_layers (config, "/servers/1/port", "int64 2", NULL);
  assert_layers (config, "/servers",
                 "[<{'name': <'one'>, 'port': <int64 1>}>, <{'name': <'two'>, "
                 "'port': <int64 2>}>]",
                 "signature ''");
  assert_layers (config, "/missing", NULL, NULL);

  /* as documented: a mapping below a value of another type, and an override like the default */
  assert_layers (config, "/numbers", NULL, "int64 0");
  assert_layers (config, "/chat/websocket/timeout", "int64 20", NULL);
  g_assert_cmpuint (messages_count (""), ==, n_messages);
}

/* The values that a mapping function gets, and what it accepts. */
typedef struct
{
  const char *accepted;
  GString *seen;
} Mapping;

static gboolean
map (GVariant *value, gpointer *result, gpointer user_data)
{
  Mapping *mapping = user_data;
  g_autofree char *text = value != NULL ? g_variant_print (value, FALSE) : g_strdup ("NULL");

  g_string_append_printf (mapping->seen, "%s;", text);
  if (value != NULL && g_strcmp0 (text, mapping->accepted) != 0)
    return FALSE;

  *result = g_steal_pointer (&text);

  return TRUE;
}

static void
assert_mapped (RunconfConfiguration *config, const char *path, const char *accepted,
               const char *expected, const char *seen)
{
  Mapping mapping = { accepted, g_string_new (NULL) };

  assert_string (runconf_configuration_get_mapped (config, path, map, &mapping), expected);
  g_assert_cmpstr (mapping.seen->str, ==, seen);
  g_string_free (mapping.seen, TRUE);
}

static void
test_mapped (Fixture *fixture, gconstpointer unused)
{
  const char *port = "/chat/websocket/port";
  guint n_messages = messages_count ("that a mapping function");

  assert_mapped (fixture->config, port, "8000", "8000", "8000;");
  assert_mapped (fixture->config, "/missing", "1", "NULL", "NULL;");
  g_assert_cmpuint (messages_count ("that a mapping function"), ==, n_messages);

  world_put (&fixture->world, port, g_variant_new_int64 (9000));
  assert_mapped (fixture->config, port, "9000", "9000", "9000;");
  assert_mapped (fixture->config, port, "8000", "8000", "9000;8000;");
  assert_mapped (fixture->config, port, "1", "NULL", "9000;8000;NULL;");
  g_assert_cmpuint (messages_count ("that a mapping function"), ==, n_messages + 1);
}

static void
test_bad_paths (Fixture *fixture, gconstpointer unused)
{
  static const char *const bad[] = { "chat", "/a~2", "/a~", "/a\xff~" };
  RunconfConfiguration *config = fixture->config;
  g_autofree char *deep = g_strnfill (100, '/');
  guint n_before = messages_count ("");

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (runconf_configuration_get_int64 (config, bad[i], 5), ==, 5);
      assert_string (runconf_configuration_get_string (config, bad[i], "x"), "x");
      assert_value (runconf_configuration_get_value (config, bad[i]), NULL);
      assert_layers (config, bad[i], NULL, NULL);
      assert_strv (runconf_configuration_list (config, bad[i]), "");
      g_assert_false (runconf_configuration_has (config, bad[i]));
      g_assert_null (runconf_configuration_watch (config, bad[i], &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
      g_clear_error (&error);
      g_assert_null (runconf_key_new (config, bad[i], &error));
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
    }

  g_assert_cmpuint (messages_count (""), ==, n_before + G_N_ELEMENTS (bad));
  g_assert_cmpint (runconf_configuration_get_int64 (config, deep, 5), ==, 5);
  g_assert_cmpuint (messages_count ("too deep"), ==, 1);
}

/* A write is seen by all reads after its reply. */
static void
test_freshness (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *config = fixture->config;
  World *world = &fixture->world;
  g_autoptr (RunconfKey) key = runconf_key_new (config, "/chat/websocket/port", NULL);
  g_autoptr (RunconfKey) text = runconf_key_new (config, "/chat/greeting", NULL);
  g_autoptr (RunconfKey) missing = runconf_key_new (config, "/new", NULL);
  g_autoptr (RunconfKey) features = runconf_key_new (config, "/features", NULL);
  g_autoptr (RunconfSnapshot) before = runconf_configuration_get_snapshot (config);

  assert_strv (runconf_key_get_strv (features, NULL), "search browse code");
  assert_strv (runconf_key_get_strv (missing, NULL), NULL);
  assert_value (runconf_key_get_value (features), "[<'search'>, <'browse'>, <'code'>]");
  assert_value (runconf_key_get_value (missing), NULL);
  g_assert_cmpint (runconf_key_get_int64 (missing, -1), ==, -1);
  for (gint64 i = 1; i <= 20; i++)
    {
      g_autofree char *word = g_strdup_printf ("word %d", (int) i);

      g_assert_cmpuint (world_put (world, "/chat/websocket/port", g_variant_new_int64 (i)), ==,
                        runconf_configuration_get_version (config));
      g_assert_cmpint (runconf_configuration_get_int64 (config, "/chat/websocket/port", 0), ==, i);
      g_assert_cmpint (runconf_key_get_int64 (key, 0), ==, i);
      g_assert_cmpint (runconf_key_get_int64 (key, 0), ==, i);
      g_assert_cmpfloat (runconf_key_get_double (key, 0), ==, i);
      g_assert_false (runconf_key_get_boolean (missing, FALSE));
      world_put (world, "/chat/greeting", g_variant_new_string (word));
      assert_string (runconf_key_get_string (text, NULL), word);
      assert_string (runconf_key_get_string (text, NULL), word);
    }

  world_put (world, "/new", g_variant_new_int64 (3));
  g_assert_cmpint (runconf_key_get_int64 (missing, -1), ==, 3);
  g_assert_cmpstr (runconf_key_get_path (missing), ==, "/new");

  g_assert_cmpint (runconf_snapshot_get_int64 (before, "/chat/websocket/port", 0), ==, 8000);
  g_assert_false (runconf_snapshot_has (before, "/new"));
  g_assert_cmpuint (runconf_snapshot_get_version (before), <,
                    runconf_configuration_get_version (config));
}

static void
test_properties (Fixture *fixture, gconstpointer unused)
{
  RunconfConfiguration *config = fixture->config;
  g_autoptr (GVariant) metadata = NULL;
  gint64 before = g_get_real_time ();
  gboolean is_runtime_config;
  const char *default_path;
  double last_modified;
  guint64 version, told;

  version = world_put (&fixture->world, "/new", g_variant_new_int64 (1));
  metadata = runconf_configuration_dup_metadata (config);
  g_assert_true (g_variant_lookup (metadata, "version", "t", &told));
  g_assert_cmpuint (told, ==, version);
  g_assert_true (g_variant_lookup (metadata, "last_modified", "d", &last_modified));
  g_assert_cmpfloat (fabs (last_modified - before / 1e6), <, 10);
  g_assert_true (g_variant_lookup (metadata, "is_runtime_config", "b", &is_runtime_config));
  g_assert_true (is_runtime_config);
  g_assert_true (g_variant_lookup (metadata, "default_config_path", "&s", &default_path));
  g_assert_true (g_str_has_suffix (default_path, "/config.yaml"));

  g_assert_cmpint (runconf_configuration_get_state (config), ==, RUNCONF_STATE_OK);
  assert_string (runconf_configuration_dup_state_message (config), "");
  g_assert_true (runconf_configuration_get_connected (config));
  g_assert_cmpstr (runconf_configuration_get_name (config), ==, "default");
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    const char *path;
    void (*test) (Fixture *, gconstpointer);
  } tests[] = {
    { "/reading/types", test_types },
    { "/reading/in-sequences", test_in_sequences },
    { "/reading/values", test_values },
    { "/reading/fallbacks", test_fallbacks },
    { "/reading/wrong-types", test_wrong_types },
    { "/reading/unsigned", test_unsigned },
    { "/reading/defaults", test_defaults },
    { "/reading/layers", test_layers },
    { "/reading/mapped", test_mapped },
    { "/reading/bad-paths", test_bad_paths },
    { "/reading/freshness", test_freshness },
    { "/reading/properties", test_properties },
  };

  g_test_init (&argc, &argv, NULL);
  messages_catch ();

  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].path, Fixture, NULL, set_up, tests[i].test, tear_down);

  return g_test_run ();
}
