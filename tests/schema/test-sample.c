/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/edit.h"
#include "core/mapping.h"
#include "tests/schema/support.h"
#include "yaml/document.h"

/* The sample schema and the sample configuration, at the root of the sources. */

static RunconfNode *
read_file (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "..", "..", name, NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (RunconfDocument) document = NULL;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  bytes = g_bytes_new (text, length);
  document = runconf_document_new (bytes, name, &error);
  g_assert_no_error (error);

  return runconf_node_ref (runconf_document_get_root (document));
}

static RunconfSchema *
read_sample (void)
{
  g_autoptr (RunconfNode) node = read_file ("config.schema.yaml");
  g_autoptr (GError) error = NULL;
  RunconfSchema *schema = runconf_schema_new (node, NULL, &error);

  g_assert_no_error (error);

  return schema;
}

static void
test_valid (void)
{
  g_autoptr (RunconfSchema) schema = read_sample ();
  g_autoptr (RunconfNode) config = read_file ("config.yaml");
  g_autoptr (GPtrArray) violations = runconf_schema_check (schema, config);
  g_autofree char *found = print_violations (violations);

  g_assert_cmpstr (found, ==, "");
}

/* Everything is described: each path has a title. */
static void
assert_described (RunconfSchema *schema, const RunconfNode *node, GString *pointer)
{
  g_autoptr (RunconfPath) path = read_path (pointer->str);
  gboolean is_named = g_str_has_prefix (pointer->str, "/logging/modules/");
  gsize length = pointer->len;
  GVariantBuilder builder;
  g_autoptr (GVariant) facts = NULL;
  g_autoptr (GVariant) title = NULL;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  runconf_schema_describe (schema, path, &builder);
  facts = g_variant_ref_sink (g_variant_builder_end (&builder));
  title = g_variant_lookup_value (facts, "title", G_VARIANT_TYPE_STRING);
  g_test_message ("%s", pointer->str);
  g_assert_true (title != NULL || is_named);

  for (guint i = 0; runconf_node_is_mapping (node) && i < runconf_node_get_length (node); i++)
    {
      runconf_path_append (pointer, runconf_mapping_get_key (node, i, NULL));
      assert_described (schema, runconf_node_get_child (node, i), pointer);
      g_string_truncate (pointer, length);
    }
}

static void
test_titles (void)
{
  g_autoptr (RunconfSchema) schema = read_sample ();
  g_autoptr (RunconfNode) config = read_file ("config.yaml");
  g_autoptr (GString) pointer = g_string_new (NULL);

  assert_described (schema, config, pointer);
}

static void
test_refused (void)
{
  static const struct
  {
    const char *path;
    const char *value;
    const char *violations;
  } cases[] = {
    { "/chat/websocket/port", "99999",
      "maximum /chat/websocket/port: 99999 is more than the maximum, 65535" },
    { "/chat/websocket/prot", "80",
      "additionalProperties /chat/websocket/prot: the key “prot” isn't known; the known keys are "
      "host, port, path, max_message_size, ping_interval, ping_timeout, allowed_origins" },
    { "/logging/level", "verbose",
      "enum /logging/level: “verbose” isn't one of “debug”, “info”, “warning”, “error”" },
    { "/chat/storage", "{type: sqlite}",
      "required /chat/storage: the mapping lacks the key “path”, which is required" },
    { "/chat/storage", "{type: memory}", "" },
    { "/llm/providers/mine", "{base_url: 'http://localhost:8080', model: x, api_key: hunter2}",
      "minLength /llm/providers/mine/api_key: the secret has too few characters: at least 8" },
    { "/llm/providers/my~1own", "{base_url: 'http://localhost:8080', model: x}",
      "propertyNames /llm/providers/my~1own: the key “my/own” can't be used here: “my/own” doesn't "
      "match the pattern ^[A-Za-z0-9][A-Za-z0-9_.-]*$" },
  };
  g_autoptr (RunconfSchema) schema = read_sample ();
  g_autoptr (RunconfNode) config = read_file ("config.yaml");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfPath) path = read_path (cases[i].path);
      g_autoptr (RunconfNode) value = read_yaml (cases[i].value);
      g_autoptr (RunconfNode) changed = runconf_edit_set (config, path, 0, value);
      g_autoptr (GPtrArray) violations = runconf_schema_check (schema, changed);
      g_autofree char *found = print_violations (violations);

      g_assert_cmpstr (found, ==, cases[i].violations);
    }
}

static void
test_secret (void)
{
  g_autoptr (RunconfSchema) schema = read_sample ();
  g_autoptr (RunconfPath) key = read_path ("/llm/providers/openai/api_key");
  g_autoptr (RunconfPath) variable = read_path ("/llm/providers/openai/api_key_env");

  g_assert_true (runconf_schema_is_secret (schema, key));
  g_assert_false (runconf_schema_is_secret (schema, variable));
  g_assert_false (runconf_schema_has_locks (schema));
}

/* The cost of a check is printed, and never makes the test fail. */
static void
test_cost (void)
{
  const guint n_checks = 1000;
  g_autoptr (RunconfSchema) schema = read_sample ();
  g_autoptr (RunconfNode) config = read_file ("config.yaml");
  gint64 start = g_get_monotonic_time ();
  gint64 middle;

  for (guint i = 0; i < n_checks; i++)
    {
      g_autoptr (GPtrArray) violations = runconf_schema_check (schema, config);

      g_assert_cmpuint (violations->len, ==, 0);
    }
  middle = g_get_monotonic_time ();
  for (guint i = 0; i < n_checks; i++)
    {
      g_autoptr (RunconfNode) stripped = runconf_schema_strip_secrets (schema, config);

      g_assert_true (stripped == config);
    }
  g_test_message ("a check takes %.1f µs, stripping secrets %.1f µs",
                  (double) (middle - start) / n_checks,
                  (double) (g_get_monotonic_time () - middle) / n_checks);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/schema/sample/valid", test_valid);
  g_test_add_func ("/schema/sample/titles", test_titles);
  g_test_add_func ("/schema/sample/refused", test_refused);
  g_test_add_func ("/schema/sample/secret", test_secret);
  g_test_add_func ("/schema/sample/cost", test_cost);

  return g_test_run ();
}
