/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#define G_SETTINGS_ENABLE_BACKEND

#include <gio/gsettingsbackend.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support.h"

/* What a person would write. */
#define DEFAULTS                                                                                   \
  "org:\n"                                                                                         \
  "  runconf:\n"                                                                                   \
  "    backend:\n"                                                                                 \
  "      boolean: true\n"                                                                          \
  "      byte: 200\n"                                                                              \
  "      int16: -3\n"                                                                              \
  "      uint16: 60000\n"                                                                          \
  "      int32: -5\n"                                                                              \
  "      uint32: 4000000000\n"                                                                     \
  "      int64: -9223372036854775808\n"                                                            \
  "      uint64: 18446744073709551615\n"                                                           \
  "      double: 2\n"                                                                              \
  "      string: a text\n"                                                                         \
  "      strings: [one, two]\n"                                                                    \
  "      side: right\n"                                                                            \
  "      styles: [bold, wide]\n"                                                                   \
  "      tuple: [7, seven]\n"                                                                      \
  "      maybe: null\n"                                                                            \
  "      map: {a: 1, b: 2}\n"                                                                      \
  "      map-by-number: {1: one, 22: two}\n"                                                       \
  "      bytes: !!binary aGVsbG8=\n"                                                               \
  "      variant: 5\n"                                                                             \
  "      vardict: {x: 1.5, y: yes}\n"

static void
test_default (void)
{
  g_autoptr (GSettingsBackend) backend = g_settings_backend_get_default ();

  g_assert_cmpstr (G_OBJECT_TYPE_NAME (backend), ==, "RunconfSettingsBackend");
}

static void
test_reads (Desk *desk, gconstpointer unused)
{
  static const struct
  {
    const char *key, *text;
  } table[] = {
    { "boolean", "true" },
    { "byte", "0xc8" },
    { "int16", "-3" },
    { "uint16", "60000" },
    { "int32", "-5" },
    { "uint32", "4000000000" },
    { "int64", "-9223372036854775808" },
    { "uint64", "18446744073709551615" },
    { "double", "2.0" },
    { "string", "'a text'" },
    { "strings", "['one', 'two']" },
    { "side", "'right'" },
    { "styles", "['bold', 'wide']" },
    { "tuple", "(7, 'seven')" },
    { "maybe", "nothing" },
    { "map", "{'a': 1, 'b': 2}" },
    { "map-by-number", "{1: 'one', 22: 'two'}" },
    { "bytes", "b'hello'" },
    { "vardict", "{'x': <1.5>, 'y': <'yes'>}" },
    { "variant", "<5>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GVariant) user = g_settings_get_user_value (desk->settings, table[i].key);
      g_autoptr (GVariant) fallback = g_settings_get_default_value (desk->settings, table[i].key);
      g_autofree char *printed = g_variant_print (fallback, FALSE);

      g_test_message ("%s", table[i].key);
      if (strcmp (table[i].key, "bytes") != 0)
        {
          assert_setting (desk->settings, table[i].key, table[i].text);
          g_assert_cmpstr (printed, ==, table[i].text);
        }
      g_assert_null (user);
    }
  g_assert_cmpint (g_settings_get_enum (desk->settings, "side"), ==, 1);
  g_assert_cmpuint (g_settings_get_flags (desk->settings, "styles"), ==, 5);
}

/* The default of the schema is used, and one warning names the key. */
static void
test_wrong_values (Desk *desk, gconstpointer unused)
{
  guint n_before = messages_count ("/org/runconf/backend/int32");

  assert_setting (desk->settings, "int32", "1");
  assert_setting (desk->settings, "int32", "1");
  assert_setting (desk->settings, "byte", "0x01");
  assert_setting (desk->settings, "tuple", "(1, 'schema')");
  assert_setting (desk->settings, "side", "'left'");
  assert_setting (desk->settings, "boolean", "true");
  assert_setting (desk->settings, "string", "'schema'");
  g_assert_cmpuint (messages_count ("/org/runconf/backend/int32"), ==, n_before + 1);
  g_assert_cmpuint (messages_count ("hidden"), ==, 0);
}

static void
test_writes (Desk *desk, gconstpointer unused)
{
  GSettings *settings = desk->settings;
  g_autoptr (GSettingsBackend) other_backend = desk_make_backend ();
  g_autoptr (GSettings) other = desk_open (other_backend, "org.runconf.backend", NULL);
  g_autoptr (GVariant) user = NULL;
  g_autoptr (GVariant) fallback = NULL;

  g_assert_true (g_settings_set_int (settings, "int32", 9));
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 9);
  g_assert_true (set_parsed (settings, "map", "@a{si} {'b': 3}"));
  assert_setting (settings, "map", "{'b': 3}");
  g_settings_sync ();
  g_assert_true (set_parsed (settings, "maybe", "@mi nothing"));
  g_assert_true (set_parsed (settings, "vardict", "{'n': <uint16 5>}"));
  g_assert_true (g_settings_set_string (settings, "string", "über\n  alles"));

  G_SETTINGS_BACKEND_GET_CLASS (desk->backend)->sync (desk->backend);
  assert_setting (settings, "int32", "9");
  assert_setting (settings, "map", "{'b': 3}");
  assert_setting (settings, "maybe", "nothing");
  assert_setting (settings, "vardict", "{'n': <uint16 5>}");
  assert_setting (other, "int32", "9");
  assert_setting (other, "map", "{'b': 3}");
  assert_setting (other, "maybe", "nothing");
  assert_setting (other, "vardict", "{'n': <uint16 5>}");
  assert_setting (other, "string", "'über\\n  alles'");
  user = g_settings_get_user_value (other, "map");
  g_assert_cmpint (g_variant_n_children (user), ==, 1);
  /* that of the schema */
  fallback = g_settings_get_default_value (other, "map");
  g_assert_cmpint (g_variant_n_children (fallback), ==, 0);
  assert_runtime (desk, "      int32: 9\n");
  assert_runtime (desk, "      maybe: null\n");
}

static void
sync_backend (Desk *desk)
{
  G_SETTINGS_BACKEND_GET_CLASS (desk->backend)->sync (desk->backend);
}

static void
test_reset (Desk *desk, gconstpointer unused)
{
  g_settings_set_int (desk->settings, "int32", 9);
  set_parsed (desk->settings, "map", "@a{si} {'b': 3}");
  set_parsed (desk->settings, "int16", "5");
  sync_backend (desk);
  g_settings_reset (desk->settings, "int32");
  g_settings_reset (desk->settings, "map");
  g_assert_null (g_settings_get_user_value (desk->settings, "int32"));
  assert_setting (desk->settings, "int32", "-5");
  sync_backend (desk);
  g_assert_null (g_settings_get_user_value (desk->settings, "int32"));
  assert_setting (desk->settings, "int32", "-5");
  assert_setting (desk->settings, "map", "{'a': 1, 'b': 2}");
  assert_setting (desk->settings, "int16", "5");
}

static guint
count_history (Desk *desk)
{
  g_autoptr (GVariant) reply
      = world_call (&desk->world, "History", g_variant_new ("(sa{sv})", "", NULL));
  g_autoptr (GVariant) changes = g_variant_get_child_value (reply, 0);

  return (guint) g_variant_n_children (changes);
}

static void
test_apply_is_one_change (Desk *desk, gconstpointer unused)
{
  guint64 version;
  guint n_changes;
  Witness witness;

  set_parsed (desk->settings, "int16", "4");
  sync_backend (desk);
  version = desk_get_version (desk);
  n_changes = count_history (desk);
  witness_open (&witness, desk->settings);

  g_settings_delay (desk->settings);
  g_settings_set_int (desk->settings, "int32", 3);
  g_settings_set_string (desk->settings, "string", "later");
  set_parsed (desk->settings, "map", "{'z': 26}");
  g_settings_reset (desk->settings, "int16");
  witness_forget (&witness);
  sync_backend (desk);
  g_assert_cmpuint (desk_get_version (desk), ==, version);
  g_settings_apply (desk->settings);
  assert_setting (desk->settings, "string", "'later'");
  sync_backend (desk);

  g_assert_cmpuint (desk_get_version (desk), ==, version + 1);
  g_assert_cmpuint (count_history (desk), ==, n_changes + 1);
  assert_setting (desk->settings, "map", "{'z': 26}");
  assert_setting (desk->settings, "int16", "-3");
  witness_close (&witness);
}

/* More keys than a transaction has operations. */
static void
test_large_apply (Desk *desk, gconstpointer unused)
{
  g_autoptr (GTree) tree = g_tree_new_full ((GCompareDataFunc) (void (*) (void)) strcmp, NULL,
                                            g_free, (GDestroyNotify) g_variant_unref);
  GSettingsBackendClass *class = G_SETTINGS_BACKEND_GET_CLASS (desk->backend);
  guint64 version = desk_get_version (desk);

  for (guint i = 0; i < 5000; i++)
    g_tree_insert (tree, g_strdup_printf ("/big/folder%u/key%u", i / 1000, i),
                   g_variant_ref_sink (g_variant_new_uint32 (i)));
  g_assert_true (class->write_tree (desk->backend, tree, NULL));
  sync_backend (desk);
  g_assert_cmpuint (desk_get_version (desk), ==, version + 1);
  {
    g_autoptr (GVariant) value = g_variant_take_ref (
        class->read (desk->backend, "/big/folder4/key4321", G_VARIANT_TYPE_UINT32, FALSE));

    g_assert_cmpuint (g_variant_get_uint32 (value), ==, 4321);
  }
}

static void
assert_text (Desk *desk, const char *key, const char *text)
{
  GSettingsBackendClass *class = G_SETTINGS_BACKEND_GET_CLASS (desk->backend);
  g_autoptr (GVariant) value = class->read (desk->backend, key, G_VARIANT_TYPE_STRING, FALSE);

  g_assert_cmpstr (value != NULL ? g_variant_get_string (value, NULL) : NULL, ==, text);
}

/* Keys whose order isn't that of their folders, and with characters of the syntax, each with itself as value. */
static void
test_strange_keys (Desk *desk, gconstpointer unused)
{
  g_autofree char *long_name = g_strnfill (900, '\x7f');
  g_autofree char *long_key = g_strdup_printf ("/a/%s/%s", long_name, long_name);
  const char *keys[] = { "/top",
                         "/a/b-c",
                         "/a/b/c",
                         "/a/b/d",
                         "/a/b/deep/er/key",
                         "/a/bc",
                         "/a b/true",
                         "/a/b0/!!binary",
                         "/null/~/1.5",
                         "/null/~0~1/<<",
                         "/double\"quote/back\\slash",
                         "/:/{,}[]/# - ?",
                         "/line\nbreak/tab\t\x01",
                         "/gr\xc3\xbc\xc3\x9f\xf0\x9f\x98\x80/\xe2\x80\xa8\xef\xbf\xbe",
                         long_key };
  GSettingsBackendClass *class = G_SETTINGS_BACKEND_GET_CLASS (desk->backend);
  guint64 version = desk_get_version (desk);

  for (gboolean is_there = TRUE; is_there >= FALSE; is_there--)
    {
      g_autoptr (GTree) tree
          = g_tree_new_full ((GCompareDataFunc) (void (*) (void)) strcmp, NULL, NULL,
                             is_there ? (GDestroyNotify) g_variant_unref : NULL);

      for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
        g_tree_insert (tree, (gpointer) keys[i],
                       is_there ? g_variant_ref_sink (g_variant_new_string (keys[i])) : NULL);
      g_assert_true (class->write_tree (desk->backend, tree, NULL));
      sync_backend (desk);
      g_assert_cmpuint (desk_get_version (desk), ==, ++version);
      for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
        assert_text (desk, keys[i], is_there ? keys[i] : NULL);
    }
}

#define N_WIDE 600

/* A schema with more keys than GSettings can be told of at once. */
static GSettings *
open_wide (Desk *desk, GSettingsBackend *backend)
{
  const char *folder = desk->world.directory;
  const char *const compile[] = { "glib-compile-schemas", folder, NULL };
  g_autoptr (GString) xml = g_string_new ("<schemalist><schema id='wide' path='/wide/'>");
  g_autoptr (GSettingsSchemaSource) source = NULL;
  g_autoptr (GSettingsSchema) schema = NULL;

  for (guint i = 0; i < N_WIDE; i++)
    g_string_append_printf (xml, "<key name='key%u' type='i'><default>0</default></key>", i);
  g_string_append (xml, "</schema></schemalist>");
  world_write (&desk->world, "wide.gschema.xml", xml->str);
  g_assert_true (g_spawn_sync (NULL, (char **) compile, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
                               NULL, NULL, NULL));
  source = g_settings_schema_source_new_from_directory (folder, NULL, FALSE, NULL);
  schema = g_settings_schema_source_lookup (source, "wide", FALSE);

  return g_settings_new_full (schema, backend, NULL);
}

static void
on_counted (GSettings *settings, const char *key, gpointer user_data)
{
  g_hash_table_add (user_data, g_strdup (key));
}

static void
test_wide_apply (Desk *desk, gconstpointer unused)
{
  g_autoptr (GSettingsBackend) other_backend = desk_make_backend ();
  g_autoptr (GSettings) writer = open_wide (desk, desk->backend);
  g_autoptr (GSettings) reader = open_wide (desk, desk->backend);
  g_autoptr (GSettings) other = open_wide (desk, other_backend);
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GHashTable) other_told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  g_signal_connect (reader, "changed", G_CALLBACK (on_counted), told);
  g_signal_connect (other, "changed", G_CALLBACK (on_counted), other_told);
  g_assert_cmpint (g_settings_get_int (other, "key0"), ==, 0);
  g_settings_delay (writer);
  for (guint i = 0; i < N_WIDE; i++)
    {
      g_autofree char *key = g_strdup_printf ("key%u", i);

      g_settings_set_int (writer, key, 5);
    }
  g_settings_apply (writer);
  g_assert_cmpint (g_settings_get_int (reader, "key599"), ==, 5);
  world_wait_until (g_hash_table_size (told) == N_WIDE);
  world_wait_until (g_hash_table_size (other_told) == N_WIDE);
  g_assert_cmpint (g_settings_get_int (other, "key599"), ==, 5);
}

static void
test_locks (Desk *desk, gconstpointer unused)
{
  Witness witness;
  guint64 version;

  witness_open (&witness, desk->settings);
  g_assert_true (g_settings_is_writable (desk->settings, "int32"));
  world_write (&desk->world, "locks", "/org/runconf/backend/int32\n/org/runconf/backend/map/a\n");
  witness_wait (&witness, "writable:int32 writable:map");
  g_assert_false (g_settings_is_writable (desk->settings, "int32"));
  g_assert_false (g_settings_is_writable (desk->settings, "map"));
  g_assert_true (g_settings_is_writable (desk->settings, "int16"));

  version = desk_get_version (desk);
  g_assert_false (g_settings_set_int (desk->settings, "int32", 7));
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  g_settings_reset (desk->settings, "int32");

  /* nothing of a tree is written if one key is locked */
  g_settings_delay (desk->settings);
  set_parsed (desk->settings, "int16", "7");
  set_parsed (desk->settings, "map", "{'z': 26}");
  g_settings_apply (desk->settings);
  sync_backend (desk);
  assert_setting (desk->settings, "int16", "-3");
  assert_setting (desk->settings, "map", "{'a': 1, 'b': 2}");
  g_assert_cmpuint (desk_get_version (desk), ==, version);

  witness_forget (&witness);
  world_write (&desk->world, "locks", "/org/runconf\n");
  world_wait_until (!g_settings_is_writable (desk->settings, "string"));
  world_write (&desk->world, "locks", "# none\n");
  world_wait_until (g_settings_is_writable (desk->settings, "string"));
  world_wait_until (strstr (witness.told->str, "writable:strings") != NULL);
  g_assert_true (g_settings_set_int (desk->settings, "int32", 7));
  sync_backend (desk);
  assert_setting (desk->settings, "int32", "7");
  witness_close (&witness);
}

/* A program that starts knows the locks at once. */
static void
test_locks_at_start (Desk *desk, gconstpointer unused)
{
  g_autoptr (GSettingsBackend) backend = NULL;
  g_autoptr (GSettings) settings = NULL;

  world_write (&desk->world, "locks", "/org/runconf/backend/int32\n");
  world_wait_until (!g_settings_is_writable (desk->settings, "int32"));
  backend = desk_make_backend ();
  settings = desk_open (backend, "org.runconf.backend", NULL);
  g_assert_false (g_settings_is_writable (settings, "int32"));
  g_assert_false (g_settings_set_int (settings, "int32", 7));
}

static void
test_changes_are_told (Desk *desk, gconstpointer unused)
{
  g_autoptr (GSettings) below
      = desk_open (desk->backend, "org.runconf.backend.place", FOLDER "below/");
  Witness witness, deep;

  witness_open (&witness, desk->settings);
  witness_open (&deep, below);
  /* a program is told of changes of what it has read */
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  world_put (&desk->world, FOLDER "int32", g_variant_new_int64 (8));
  witness_wait (&witness, "int32");
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, 8);

  /* a leaf in the mapping of a key, and an element of a list */
  witness_forget (&witness);
  world_put (&desk->world, FOLDER "map/c", g_variant_new_int64 (3));
  witness_wait (&witness, "map");
  assert_setting (desk->settings, "map", "{'a': 1, 'b': 2, 'c': 3}");
  witness_forget (&witness);
  world_put (&desk->world, FOLDER "strings/0", g_variant_new_string ("uno"));
  witness_wait (&witness, "strings");

  /* a folder below another one has its own keys, and each is told once */
  witness_forget (&witness);
  world_put (&desk->world, FOLDER "below/number", g_variant_new_int64 (2));
  witness_wait (&deep, "number");
  world_put (&desk->world, FOLDER "int16", g_variant_new_int64 (2));
  witness_wait (&witness, "int16");
  g_assert_cmpstr (deep.told->str, ==, "number");
  witness_close (&witness);
  witness_close (&deep);
}

/* A mapping is replaced by something else, above the folder. */
static void
test_whole_folder_changes (Desk *desk, gconstpointer unused)
{
  Witness witness;

  witness_open (&witness, desk->settings);
  /* a program is told of changes of what it has read */
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  desk_write_runtime (desk, "org: 5\n");
  world_wait_until (strstr (witness.told->str, "int32") != NULL);
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, 1);
  witness_close (&witness);
}

static void
test_own_writes_are_told_once (Desk *desk, gconstpointer unused)
{
  Witness witness;

  witness_open (&witness, desk->settings);
  for (int i = 10; i < 30; i++)
    {
      g_settings_set_int (desk->settings, "int32", i);
      witness_wait (&witness, "int32");
      sync_backend (desk);
      world_turn (3);
      g_assert_cmpstr (witness.told->str, ==, "int32");
      witness_forget (&witness);
    }
  set_parsed (desk->settings, "map", "{'z': 26}");
  sync_backend (desk);
  world_put (&desk->world, FOLDER "int16", g_variant_new_int64 (2));
  witness_wait (&witness, "map int16");
  witness_close (&witness);
}

/* Names that a person can write, and no key has. */
static void
test_no_keys (Desk *desk, gconstpointer unused)
{
  Witness witness;

  witness_open (&witness, desk->settings);
  assert_setting (desk->settings, "int32", "-5");
  desk_write_runtime (desk, "org:\n  runconf:\n    backend:\n      \"\": 1\n      a/b: 2\n"
                            "      int32: 77\n      \"x/\": {y: 3}\n");
  witness_wait (&witness, "int32");
  assert_setting (desk->settings, "int32", "77");
  witness_close (&witness);
}

static void
test_hand_edit (Desk *desk, gconstpointer unused)
{
  Witness witness;

  g_settings_set_int (desk->settings, "int32", 9);
  sync_backend (desk);
  witness_open (&witness, desk->settings);
  desk_write_runtime (desk, "org:\n  runconf:\n    backend:\n      int32: 77  # by hand\n");
  witness_wait (&witness, "int32");
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, 77);
  witness_close (&witness);
}

/* Two programs, each with its own connection to the values. */
static void
test_two_programs (Desk *desk, gconstpointer unused)
{
  g_autoptr (GSettingsBackend) backend = desk_make_backend ();
  g_autoptr (GSettings) other = desk_open (backend, "org.runconf.backend", NULL);
  g_autoptr (GSimpleAction) mine = g_simple_action_new ("mine", NULL);
  g_autoptr (GSimpleAction) theirs = g_simple_action_new ("theirs", NULL);

  g_settings_bind (desk->settings, "boolean", mine, "enabled", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (other, "boolean", theirs, "enabled", G_SETTINGS_BIND_DEFAULT);
  for (guint i = 0; i < 20; i++)
    {
      gboolean wanted = !g_action_get_enabled (G_ACTION (mine));

      g_simple_action_set_enabled (i % 2 == 0 ? mine : theirs, wanted);
      world_wait_until (g_action_get_enabled (G_ACTION (theirs)) == wanted
                        && g_action_get_enabled (G_ACTION (mine)) == wanted);
    }
}

/* The schema of the service knows more than that of the program. */
static void
test_refused_write (Desk *desk, gconstpointer unused)
{
  guint n_before = messages_count ("settings weren't changed");
  Witness witness;

  world_write (&desk->world, "config.schema.yaml",
               "properties: {org: {properties: {runconf: {properties: {backend: {properties: "
               "{int32: {maximum: 10}, int16: {maximum: 10}}}}}}}}\n");
  g_variant_unref (world_call (&desk->world, "Reload", NULL));
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  witness_open (&witness, desk->settings);
  world_signal_service (&desk->world, SIGSTOP);
  /* the first one is sent; the others wait for it, and are one transaction */
  g_settings_set_string (desk->settings, "string", "first");
  world_turn (50);
  set_parsed (desk->settings, "uint16", "5");
  g_settings_set_int (desk->settings, "int32", 99);
  set_parsed (desk->settings, "int16", "9");
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, 99);
  world_signal_service (&desk->world, SIGCONT);
  sync_backend (desk);

  assert_setting (desk->settings, "string", "'first'");
  assert_setting (desk->settings, "int32", "-5");
  assert_setting (desk->settings, "int16", "9");
  assert_setting (desk->settings, "uint16", "5");
  /* the watch may report the changes of both transactions as one, which isn't that of the first one */
  world_wait_until (strcmp (witness.told->str, "string uint16 int32 int16 int32") == 0
                    || strcmp (witness.told->str, "string uint16 int32 int16 string int32") == 0);
  g_assert_cmpuint (messages_count ("settings weren't changed"), ==, n_before + 1);
  witness_close (&witness);
}

#define ms(since) ((g_get_monotonic_time () - (since)) / 1000)

static void
test_service_is_away (void)
{
  Desk desk = { 0 };
  g_autoptr (GSettings) settings = NULL;
  g_autoptr (GSettingsBackend) backend = NULL;
  Witness witness;
  gint64 start;

  desk_set_up (&desk, DEFAULTS);
  world_stop_service (&desk.world);
  start = g_get_monotonic_time ();
  backend = desk_make_backend ();
  settings = desk_open (backend, "org.runconf.backend", NULL);
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 1);
  g_assert_true (g_settings_is_writable (settings, "int32"));
  g_test_message ("the first read took %d ms", (int) ms (start));
  g_assert_cmpint (ms (start), <, 1000);
  start = g_get_monotonic_time ();
  for (guint i = 0; i < 1000; i++)
    g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 1);
  g_assert_cmpint (ms (start), <, 200);

  /* a write fails, and the program is told */
  witness_open (&witness, settings);
  g_assert_true (g_settings_set_int (settings, "int32", 5));
  witness_wait (&witness, "int32 int32");
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 1);
  witness_forget (&witness);

  world_start_service (&desk.world);
  world_wait_until (strstr (witness.told->str, "int32") != NULL);
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, -5);
  world_wait_until (g_settings_get_int (desk.settings, "int32") == -5);
  g_assert_true (g_settings_set_int (settings, "int32", 5));
  G_SETTINGS_BACKEND_GET_CLASS (backend)->sync (backend);
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 5);
  witness_close (&witness);
  desk_tear_down (&desk, NULL);
}

/* It stops before it has answered anything. */
static void
test_service_hangs_at_start (void)
{
  Desk desk = { 0 };
  g_autoptr (GSettings) settings = NULL;
  g_autoptr (GSettingsBackend) backend = NULL;
  Witness witness;
  gint64 start;

  desk_set_up (&desk, DEFAULTS);
  world_signal_service (&desk.world, SIGSTOP);
  start = g_get_monotonic_time ();
  backend = desk_make_backend ();
  settings = desk_open (backend, "org.runconf.backend", NULL);
  witness_open (&witness, settings);
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 1);
  g_assert_cmpint (ms (start), <, 3000);
  start = g_get_monotonic_time ();
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 1);
  g_assert_true (set_parsed (settings, "int16", "5"));
  assert_setting (settings, "int16", "5");
  g_assert_cmpint (ms (start), <, 200);

  world_signal_service (&desk.world, SIGCONT);
  world_wait_until (strstr (witness.told->str, "int32") != NULL);
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, -5);
  G_SETTINGS_BACKEND_GET_CLASS (backend)->sync (backend);
  assert_setting (settings, "int16", "5");
  witness_close (&witness);
  desk_tear_down (&desk, NULL);
}

static void
assert_shared (gint64 number)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_snapshot_new_shared ("gsettings");

  if (number == 0)
    g_assert_null (snapshot);
  else
    g_assert_cmpint (runconf_snapshot_get_int64 (snapshot, FOLDER "int32", 0), ==, number);
}

static gboolean
is_shared (void)
{
  g_autoptr (RunconfSnapshot) snapshot = runconf_snapshot_new_shared ("gsettings");

  return snapshot != NULL;
}

static void
assert_no_links (Desk *desk)
{
  g_autofree char *path = g_build_filename (desk->world.directory, "runconf-snapshots", NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);

  g_assert_nonnull (folder);
  g_assert_null (g_dir_read_name (folder));
}

/* The memory of a service that runs is found without a call. */
static void
test_early_reads (void)
{
  Desk desk = { .world.is_session = TRUE };
  g_autoptr (GSettings) settings = NULL;
  g_autoptr (GSettingsBackend) backend = NULL;
  Witness witness;
  gint64 start;

  desk_set_up (&desk, DEFAULTS);
  g_assert_cmpint (g_settings_get_int (desk.settings, "int32"), ==, -5);
  world_wait_until (g_settings_is_writable (desk.settings, "int32"));
  assert_shared (-5);
  g_assert_null (runconf_snapshot_new_shared ("other"));
  g_assert_null (runconf_snapshot_new_shared ("../gsettings"));

  world_signal_service (&desk.world, SIGSTOP);
  start = g_get_monotonic_time ();
  backend = desk_make_backend ();
  settings = desk_open (backend, "org.runconf.backend", NULL);
  witness_open (&witness, settings);
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, -5);
  g_assert_null (g_settings_get_user_value (settings, "int32"));
  g_assert_cmpint (ms (start), <, 500);
  /* the first write waits for the locks, but not for long */
  g_assert_true (set_parsed (settings, "int16", "7"));
  assert_setting (settings, "int16", "7");
  g_assert_cmpint (ms (start), <, 3000);

  world_signal_service (&desk.world, SIGCONT);
  G_SETTINGS_BACKEND_GET_CLASS (backend)->sync (backend);
  world_put (&desk.world, FOLDER "int32", g_variant_new_int64 (8));
  witness_wait (&witness, "int16 int32");
  g_assert_cmpint (g_settings_get_int (settings, "int32"), ==, 8);
  assert_shared (8);

  /* a link that leads nowhere, and the one of the next service */
  world_kill_service (&desk.world);
  assert_shared (0);
  world_start_service (&desk.world);
  world_wait_until (is_shared ());
  assert_shared (8);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/other", TRUE);
  assert_shared (0);
  world_stop_service (&desk.world);
  assert_no_links (&desk);
  witness_close (&witness);
  desk_tear_down (&desk, NULL);
}

static void
test_service_stalls (Desk *desk, gconstpointer unused)
{
  gint64 start;

  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  world_signal_service (&desk->world, SIGSTOP);
  start = g_get_monotonic_time ();
  for (int i = 0; i < 100; i++)
    {
      g_assert_true (g_settings_set_int (desk->settings, "int32", i));
      g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, i);
      g_assert_true (g_settings_is_writable (desk->settings, "int32"));
    }
  g_assert_cmpint (ms (start), <, 200);
  world_signal_service (&desk->world, SIGCONT);
  sync_backend (desk);
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, 99);
  /* the first write, and the others as one */
  g_assert_cmpuint (desk_get_version (desk), <=, 2);
}

static void
test_service_is_killed (Desk *desk, gconstpointer unused)
{
  guint n_before = messages_count ("settings weren't changed");
  Witness witness;

  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  witness_open (&witness, desk->settings);
  world_signal_service (&desk->world, SIGSTOP);
  g_assert_true (g_settings_set_int (desk->settings, "int32", 5));
  world_turn (50);
  world_kill_service (&desk->world);
  witness_wait (&witness, "int32 int32");
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  g_assert_cmpuint (messages_count ("settings weren't changed"), ==, n_before + 1);

  desk_write_runtime (desk, "org: {runconf: {backend: {int32: 66}}}\n");
  world_start_service (&desk->world);
  world_wait_until (g_settings_get_int (desk->settings, "int32") == 66);
  witness_wait (&witness, "int32 int32 int32");
  g_assert_true (g_settings_set_int (desk->settings, "int32", 6));
  sync_backend (desk);
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, 6);
  witness_close (&witness);
}

#define N_THREADS 8
#define N_WRITES 200

static gpointer
work (gpointer data)
{
  GSettingsBackend *backend = data;
  static gint n_started;
  g_autofree char *path = g_strdup_printf ("/threads/thread%d/", g_atomic_int_add (&n_started, 1));
  g_autoptr (GSettings) settings = desk_open (backend, "org.runconf.backend.place", path);

  for (int i = 0; i < N_WRITES; i++)
    {
      g_autoptr (GSettings) passing
          = desk_open (backend, "org.runconf.backend.place", "/threads/all/");

      g_assert_true (g_settings_set_int (settings, "number", i));
      g_assert_cmpint (g_settings_get_int (settings, "number"), ==, i);
      g_settings_set_int (passing, "number", i);
      g_settings_get_int (passing, "number");
    }

  return NULL;
}

static void
test_threads (Desk *desk, gconstpointer unused)
{
  GThread *threads[N_THREADS];
  g_autoptr (GSettings) settings = NULL;

  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new (NULL, work, desk->backend);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  sync_backend (desk);
  settings = desk_open (desk->backend, "org.runconf.backend.place", "/threads/thread7/");
  g_assert_cmpint (g_settings_get_int (settings, "number"), ==, N_WRITES - 1);
}

/* More folders than the bus allows match rules. */
static void
test_many_objects (Desk *desk, gconstpointer unused)
{
  enum
  {
    N = 600
  };
  GSettings *all[N];
  Witness witness[N];

  for (guint i = 0; i < N; i++)
    {
      g_autofree char *path = g_strdup_printf ("/many/place%u/", i);

      all[i] = desk_open (desk->backend, "org.runconf.backend.place", path);
      witness_open (&witness[i], all[i]);
      g_assert_cmpint (g_settings_get_int (all[i], "number"), ==, 1);
    }
  for (guint i = 0; i < N; i += 7)
    {
      g_autofree char *path = g_strdup_printf ("/many/place%u/number", i);

      world_put (&desk->world, path, g_variant_new_int64 (i + 5));
    }
  for (guint i = 0; i < N; i += 7)
    {
      witness_wait (&witness[i], "number");
      g_assert_cmpint (g_settings_get_int (all[i], "number"), ==, (int) i + 5);
    }
  for (guint i = 0; i < N; i++)
    {
      if (i % 7 != 0)
        g_assert_cmpstr (witness[i].told->str, ==, "");
      witness_close (&witness[i]);
      g_object_unref (all[i]);
    }
}

static gboolean
run_child (Desk *desk)
{
  gboolean is_right = g_settings_get_int (desk->settings, "int32") == 7
                      && !g_settings_is_writable (desk->settings, "int32")
                      && !g_settings_set_int (desk->settings, "int32", 8);

  /* these must not wait for a thread that isn't there */
  sync_backend (desk);
  g_settings_reset (desk->settings, "int32");

  return is_right && g_settings_get_int (desk->settings, "int32") == 7;
}

/* The child of a program that has queued a write. */
static void
test_fork (Desk *desk, gconstpointer unused)
{
  int status;
  pid_t child;

  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, -5);
  world_signal_service (&desk->world, SIGSTOP);
  g_assert_true (g_settings_set_int (desk->settings, "int32", 7));
  child = fork ();
  if (child == 0)
    {
      alarm (20);
      _exit (run_child (desk) ? 0 : 1);
    }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_cmpint (status, ==, 0);
  world_signal_service (&desk->world, SIGCONT);
  sync_backend (desk);
  g_assert_cmpint (g_settings_get_int (desk->settings, "int32"), ==, 7);
}

/* After the last object nothing is left, also if calls wait for replies. */
static void
test_lets_go (Desk *desk, gconstpointer unused)
{
  gpointer backend = desk_make_backend ();
  GSettings *settings = desk_open (backend, "org.runconf.backend", NULL);

  g_settings_set_int (settings, "int32", 7);
  g_object_unref (settings);
  g_object_add_weak_pointer (backend, &backend);
  g_object_unref (backend);
  g_assert_null (backend);
  world_wait_until (g_settings_get_int (desk->settings, "int32") == 7);
}

#define ADD(name, defaults, function)                                                              \
  g_test_add ("/backend/" name, Desk, defaults, desk_set_up, function, desk_tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  messages_catch ();
  g_test_add_func ("/backend/default", test_default);

  ADD ("reads", DEFAULTS, test_reads);
  ADD ("wrong-values",
       "org: {runconf: {backend: {int32: a text that is hidden, byte: 256, tuple: [1], side: up, "
       "boolean: {gvariant: 'true'}, string: [1]}}}\n",
       test_wrong_values);
  ADD ("writes", DEFAULTS, test_writes);
  ADD ("reset", DEFAULTS, test_reset);
  ADD ("apply-is-one-change", DEFAULTS, test_apply_is_one_change);
  ADD ("large-apply", DEFAULTS, test_large_apply);
  ADD ("strange-keys", NULL, test_strange_keys);
  ADD ("wide-apply", NULL, test_wide_apply);
  ADD ("locks", DEFAULTS, test_locks);
  ADD ("locks-at-start", DEFAULTS, test_locks_at_start);
  ADD ("changes-are-told", DEFAULTS, test_changes_are_told);
  ADD ("whole-folder-changes", DEFAULTS, test_whole_folder_changes);
  ADD ("own-writes-are-told-once", DEFAULTS, test_own_writes_are_told_once);
  ADD ("no-keys", DEFAULTS, test_no_keys);
  ADD ("hand-edit", DEFAULTS, test_hand_edit);
  ADD ("two-programs", DEFAULTS, test_two_programs);
  ADD ("refused-write", DEFAULTS, test_refused_write);
  g_test_add_func ("/backend/service-is-away", test_service_is_away);
  g_test_add_func ("/backend/service-hangs-at-start", test_service_hangs_at_start);
  g_test_add_func ("/backend/early-reads", test_early_reads);
  ADD ("service-stalls", DEFAULTS, test_service_stalls);
  ADD ("service-is-killed", DEFAULTS, test_service_is_killed);
  ADD ("threads", DEFAULTS, test_threads);
  ADD ("many-objects", DEFAULTS, test_many_objects);
  ADD ("fork", DEFAULTS, test_fork);
  ADD ("lets-go", DEFAULTS, test_lets_go);

  return g_test_run ();
}
