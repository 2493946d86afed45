/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/core/testutil.h"
#include "tests/schema/support.h"

static const char marked[]
    = "definitions:\n"
      "  key: {type: string, writeOnly: true, minLength: 8}\n"
      "  provider: {properties: {key: {$ref: '#/definitions/key'}, model: {readOnly: true}}}\n"
      "properties:\n"
      "  one: {$ref: '#/definitions/provider'}\n"
      "  many: {additionalProperties: {$ref: '#/definitions/provider'}}\n"
      "  some: {patternProperties: {'^x-': {writeOnly: true}}}\n"
      "  all: {allOf: [{properties: {token: {writeOnly: true}}}, {properties: {token: {}}}]}\n"
      "  any: {anyOf: [{properties: {token: {writeOnly: true}}}, {type: string}]}\n"
      "  if: {if: {writeOnly: true}, not: {readOnly: true}}\n"
      "  list: {items: {properties: {key: {$ref: '#/definitions/key'}}}}\n"
      "  pair: {items: [{}, {readOnly: true}]}\n"
      "  beside: {$ref: '#/definitions/plain', writeOnly: true}\n"
      "  whole: {writeOnly: true, type: object}\n"
      "  plain: {type: integer}\n"
      "  tree: {properties: {sub: {$ref: '#/properties/tree'}, pin: {writeOnly: true}}}\n";
static const char plain_definition[] = "  plain: {}\n";

static RunconfSchema *
make_schema (void)
{
  g_autoptr (GString) text = g_string_new (marked);

  g_string_insert (text, strlen ("definitions:\n"), plain_definition);

  return read_schema (text->str);
}

static void
test_paths (void)
{
  static const struct
  {
    const char *path;
    gboolean is_locked;
    gboolean is_secret;
  } cases[] = {
    { "", FALSE, FALSE },
    { "/one", FALSE, FALSE },
    { "/one/key", FALSE, TRUE },
    { "/one/key/below/it", FALSE, TRUE },
    { "/one/model", TRUE, FALSE },
    { "/one/model/x/0", TRUE, FALSE },
    { "/one/other", FALSE, FALSE },
    { "/many/any/key", FALSE, TRUE },
    { "/many/key", FALSE, FALSE },
    { "/some/x-a", FALSE, TRUE },
    { "/some/a", FALSE, FALSE },
    { "/all/token", FALSE, TRUE },
    { "/any/token", FALSE, TRUE },
    { "/if", FALSE, FALSE },
    { "/list", FALSE, TRUE },
    { "/list/0/model", FALSE, TRUE },
    { "/pair", TRUE, FALSE },
    { "/pair/0", TRUE, FALSE },
    { "/beside", FALSE, TRUE },
    { "/whole/a", FALSE, TRUE },
    { "/plain", FALSE, FALSE },
    { "/unknown", FALSE, FALSE },
    { "/tree/sub/sub/pin", FALSE, TRUE },
    { "/tree/sub/sub", FALSE, FALSE },
  };
  g_autoptr (RunconfSchema) schema = make_schema ();

  g_assert_true (runconf_schema_has_locks (schema));
  g_assert_true (runconf_schema_has_secrets (schema));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfPath) path = read_path (cases[i].path);

      g_test_message ("%s", cases[i].path);
      g_assert_cmpint (runconf_schema_is_locked (schema, path), ==, cases[i].is_locked);
      g_assert_cmpint (runconf_schema_is_secret (schema, path), ==, cases[i].is_secret);
    }
}

static void
test_strip (void)
{
  g_autoptr (RunconfSchema) schema = make_schema ();
  g_autoptr (RunconfNode) tree = read_yaml (
      "{one: {key: a, model: b}, many: {p: {key: c}, q: {model: d}}, list: [{key: e}], "
      "whole: {f: g}, plain: 5, tree: {sub: {pin: 1, leaf: 2}}}");
  g_autoptr (RunconfNode) wanted = read_yaml (
      "{one: {model: b}, many: {p: {}, q: {model: d}}, plain: 5, tree: {sub: {leaf: 2}}}");
  g_autoptr (RunconfNode) stripped = runconf_schema_strip_secrets (schema, tree);
  g_autoptr (GPtrArray) paths = runconf_schema_find_secrets (schema, tree);
  g_autofree char *found = NULL;

  assert_same (stripped, wanted);
  g_ptr_array_add (paths, NULL);
  found = g_strjoinv (" ", (char **) paths->pdata);
  g_assert_cmpstr (found, ==, "/one/key /many/p/key /list /whole /tree/sub/pin");
}

/* A value without secrets is the same tree, not an equal one. */
static void
test_share (void)
{
  g_autoptr (RunconfSchema) schema = make_schema ();
  g_autoptr (RunconfSchema) open = read_schema ("{properties: {a: {type: integer}}}");
  g_autoptr (RunconfSchema) closed = read_schema ("{writeOnly: true}");
  g_autoptr (RunconfNode) tree = read_yaml ("{one: {model: b}, plain: {x: 1}}");
  g_autoptr (RunconfNode) empty = read_yaml ("{}");
  g_autoptr (RunconfNode) first = runconf_schema_strip_secrets (schema, tree);
  g_autoptr (RunconfNode) second = runconf_schema_strip_secrets (open, tree);
  g_autoptr (RunconfNode) third = runconf_schema_strip_secrets (closed, tree);

  g_assert_true (first == tree);
  g_assert_true (second == tree);
  assert_same (third, empty);
  g_assert_false (runconf_schema_has_secrets (open));
  g_assert_false (runconf_schema_has_locks (open));
}

/* For any violation in a secret, the message has neither its value nor a key in it. */
static void
test_silence (void)
{
  static const char *const rules[] = {
    "{type: integer}",
    "{minLength: 1000}",
    "{pattern: '^x$'}",
    "{const: y}",
    "{enum: [y, z]}",
    "{format: ipv4}",
    "{not: {}}",
    "{anyOf: [{type: integer}, {maxLength: 1}]}",
    "{oneOf: [{type: integer}, {maxLength: 1, maxProperties: 0}]}",
    "{additionalProperties: false, maxLength: 1}",
    "{propertyNames: {maxLength: 1}, maxLength: 1}",
    "{additionalProperties: {type: integer}, maxLength: 1}",
    "{maxProperties: 0, maxLength: 1}",
  };
  static const char *const values[] = { "hunter2", "{hunter2: hunter2}" };

  for (guint i = 0; i < G_N_ELEMENTS (rules) * G_N_ELEMENTS (values); i++)
    {
      g_autofree char *text
          = g_strdup_printf ("{properties: {a: {allOf: [%s, {writeOnly: true}]}}}", rules[i / 2]);
      g_autofree char *tree = g_strdup_printf ("{a: %s}", values[i % 2]);
      g_autoptr (RunconfSchema) schema = read_schema (text);
      g_autoptr (RunconfNode) node = read_yaml (tree);
      g_autoptr (GPtrArray) violations = runconf_schema_check (schema, node);
      g_autofree char *found = print_violations (violations);

      g_test_message ("%s", found);
      g_assert_null (strstr (found, "hunter2"));
      for (guint j = 0; j < violations->len; j++)
        g_assert_cmpstr (((RunconfViolation *) violations->pdata[j])->path, ==, "/a");
    }
}

static char *
describe (RunconfSchema *schema, const char *pointer)
{
  g_autoptr (RunconfPath) path = read_path (pointer);
  GVariantBuilder facts;
  g_autoptr (GVariant) described = NULL;

  g_variant_builder_init (&facts, G_VARIANT_TYPE_VARDICT);
  runconf_schema_describe (schema, path, &facts);
  described = g_variant_ref_sink (g_variant_builder_end (&facts));

  return g_variant_print (described, TRUE);
}

static void
test_facts (void)
{
  static const struct
  {
    const char *path;
    const char *facts;
  } cases[] = {
    { "/port",
      "{'title': <'The port'>, 'types': <'integer'>, 'minimum': <int64 1>, 'maximum': <int64 "
      "65535>}" },
    { "/level", "{'description': <'How much'>, 'deprecated': <true>, 'types': <[<'string'>, "
                "<'null'>]>, 'pattern': <'^x'>, 'enum': <[<'debug'>, <'info'>]>}" },
    { "/list", "{'maxItems': <int64 3>, 'uniqueItems': <true>}" },
    { "/list/5", "{'multipleOf': <0.5>}" },
    { "/secret", "{'title': <'A key'>, 'minLength': <int64 8>}" },
    { "/none", "@a{sv} {}" },
  };
  g_autoptr (RunconfSchema) schema = read_schema (
      "definitions: {port: {type: integer, minimum: 1, title: Any port, default: 0}}\n"
      "properties:\n"
      "  port: {title: The port, default: 8000, allOf: [{$ref: '#/definitions/port'}, {maximum: "
      "65535}]}\n"
      "  level: {description: How much, deprecated: true, type: [string, null], enum: [debug, "
      "info], "
      "pattern: ^x}\n"
      "  list: {maxItems: 3, uniqueItems: true, items: {multipleOf: 0.5}}\n"
      "  secret: {title: A key, minLength: 8, default: hidden, examples: [x], writeOnly: true}\n");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *facts = describe (schema, cases[i].path);

      g_assert_cmpstr (facts, ==, cases[i].facts);
    }
}

/* Returns: the keys that the schema names, as “path (title)” */
static char *
list_keys (RunconfSchema *schema, const char *pointer, const char *value)
{
  g_autoptr (RunconfPath) path = read_path (pointer);
  g_autoptr (RunconfNode) node = read_yaml (value);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GVariant) keys = NULL;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("aa{sv}"));
  runconf_schema_describe_keys (schema, path, node, &builder);
  keys = g_variant_ref_sink (g_variant_builder_end (&builder));
  for (gsize i = 0; i < g_variant_n_children (keys); i++)
    {
      g_autoptr (GVariant) key = g_variant_get_child_value (keys, i);
      const char *title = NULL, *where;

      g_assert_true (g_variant_lookup (key, "path", "&s", &where));
      g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", where);
      if (g_variant_lookup (key, "title", "&s", &title))
        g_string_append_printf (text, " (%s)", title);
    }

  return g_strdup (text->str);
}

static void
assert_keys (RunconfSchema *schema, const char *pointer, const char *value, const char *expected)
{
  g_autofree char *keys = list_keys (schema, pointer, value);

  g_assert_cmpstr (keys, ==, expected);
}

static void
test_keys (void)
{
  g_autoptr (RunconfSchema) schema = read_schema (
      "definitions: {tls: {title: Any TLS, properties: {cert: {title: File}, key: {writeOnly: "
      "true, properties: {inner: {}}}}}}\n"
      "properties:\n"
      "  server: {title: Server, properties: {port: {title: Port}, tls: {title: TLS, $ref: "
      "'#/definitions/tls'}}}\n"
      "  none: false\n"
      "allOf: [{properties: {log: {title: Log}, server: {title: Not this}}}]\n"
      "oneOf: [{properties: {a/b: {title: A}}}, {properties: {c: {}}}]\n"
      "if: {properties: {asked: {}}}\n"
      "then: {properties: {d: {}}}\n"
      "patternProperties: {^x: {properties: {y: {}}}}\n");

  /* a key with a value is another path; one without is listed with all keys below it */
  assert_keys (schema, "", "{server: {}}", "/server (Server), /log (Log), /a~1b (A), /c, /d");
  assert_keys (schema, "", "{}",
               "/server (Server), /log (Log), /a~1b (A), /c, /d, /server/port (Port), "
               "/server/tls (TLS), /server/tls/cert (File), /server/tls/key");
  assert_keys (schema, "/server", "{tls: {key: hidden}}", "/server/port (Port), /server/tls (TLS)");
  assert_keys (schema, "/x1", "{}", "/x1/y");
  assert_keys (schema, "/server/port", "80", "");
  assert_keys (schema, "/server/tls/key", "hidden", "");
}

/* A schema that contains itself has no end. */
static void
test_many_keys (void)
{
  g_autoptr (RunconfSchema) endless = read_schema ("properties: {left: {$ref: '#'}}");
  g_autoptr (RunconfSchema) wide = read_schema (
      "properties: {a: {$ref: '#'}, b: {$ref: '#'}, c: {$ref: '#'}, d: {$ref: '#'}}");
  g_autofree char *keys = list_keys (wide, "", "{}");
  g_auto (GStrv) paths = g_strsplit (keys, ", ", -1);

  assert_keys (endless, "/left/left", "{}",
               "/left/left/left, /left/left/left/left, /left/left/left/left/left, "
               "/left/left/left/left/left/left, /left/left/left/left/left/left/left, "
               "/left/left/left/left/left/left/left/left, "
               "/left/left/left/left/left/left/left/left/left, "
               "/left/left/left/left/left/left/left/left/left/left");
  g_assert_cmpuint (g_strv_length (paths), ==, 1000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/schema/marks/paths", test_paths);
  g_test_add_func ("/schema/marks/strip", test_strip);
  g_test_add_func ("/schema/marks/share", test_share);
  g_test_add_func ("/schema/marks/silence", test_silence);
  g_test_add_func ("/schema/facts", test_facts);
  g_test_add_func ("/schema/keys", test_keys);
  g_test_add_func ("/schema/many-keys", test_many_keys);

  return g_test_run ();
}
