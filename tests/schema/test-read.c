/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/error.h"
#include "tests/schema/support.h"

/* Invalid schemas: the position and the message. */
static const struct
{
  const char *schema;
  const char *where;
  const char *message;
} mistakes[] = {
  { "5", "",
    "the schema: a schema must be a mapping, true or false, but this one is of kind integer" },
  { "{properties: {a: {type: strng}}}", "/properties/a/type",
    "/properties/a/type: “strng” isn't a type: use null, boolean, integer, number, string, array "
    "or object" },
  { "{type: [string, strng]}", "/type/1",
    "/type/1: “strng” isn't a type: use null, boolean, integer, number, string, array or object" },
  { "{type: []}", "/type", "/type: it is empty, so that no value could be valid" },
  { "{minimum: '5'}", "/minimum",
    "/minimum: it is of kind string, but must be a number, without quotes" },
  { "{maximum: .nan}", "/maximum",
    "/maximum: it is of kind float, but must be a number, without quotes" },
  { "{multipleOf: 0}", "/multipleOf", "/multipleOf: it must be more than 0" },
  { "{maxLength: 1.5}", "/maxLength",
    "/maxLength: it is of kind float, but must be an integer, without quotes" },
  { "{minItems: -1}", "/minItems", "/minItems: it must be 0 or more" },
  { "{title: 5}", "/title",
    "/title: it is of kind integer, but must be a string: put it in quotes" },
  { "{readOnly: yes}", "/readOnly", "/readOnly: it is of kind string, but must be true or false" },
  { "{required: a}", "/required", "/required: it is of kind string, but must be a sequence" },
  { "{required: [a, 1]}", "/required/1",
    "/required/1: it is of kind integer, but must be a string: put it in quotes" },
  { "{enum: []}", "/enum", "/enum: it is empty, so that no value could be valid" },
  { "{properties: []}", "/properties",
    "/properties: it is of kind sequence, but must be a mapping" },
  { "{allOf: [{}, 3]}", "/allOf/1",
    "/allOf/1: a schema must be a mapping, true or false, but this one is of kind integer" },
  { "{items: [{type: 7}]}", "/items/0/type",
    "/items/0/type: it is of kind integer, but must be a string: put it in quotes" },
  { "{pattern: '('}", "/pattern", NULL },
  { "{pattern: '(*LIMIT_MATCH=1)a'}", "/pattern",
    "/pattern: the pattern contains settings of PCRE or “\\C”: leave them out" },
  { "{patternProperties: {'a/[': {}}}", "/patternProperties/a~1[", NULL },
  { "{definitions: {a: {enum: 5}}}", "/definitions/a/enum",
    "/definitions/a/enum: it is of kind integer, but must be a sequence" },
  { "{dependencies: {a: [b, 5]}}", "/dependencies/a/1",
    "/dependencies/a/1: it is of kind integer, but must be a string: put it in quotes" },
  { "{properties: {a: {$ref: '#/definitions/b'}}}", "/properties/a/$ref",
    "/properties/a/$ref: “#/definitions/b”: there is no such place in the schema; write it like "
    "“#/definitions/NAME”" },
  { "{$ref: 'other.yaml#/a'}", "/$ref",
    "/$ref: “other.yaml#/a” is in another document, and Runconf fetches no documents: copy the "
    "schema to “definitions”, and refer to it as “#/definitions/NAME”" },
  { "{$ref: 'file:///etc/passwd'}", "/$ref",
    "/$ref: “file:///etc/passwd” is in another document, and Runconf fetches no documents: copy "
    "the schema to “definitions”, and refer to it as “#/definitions/NAME”" },
  { "{$ref: '#'}", "",
    "the schema: it refers to itself by “$ref” without going deeper into the value, so that a "
    "check would never end" },
  { "{allOf: [{anyOf: [{$ref: '#'}]}]}", "",
    "the schema: it refers to itself by “$ref” without going deeper into the value, so that a "
    "check would never end" },
  { "{not: {$ref: '#/definitions/a'}, definitions: {a: {if: {$ref: '#/definitions/b'}}, b: {$ref: "
    "'#/definitions/a'}}}",
    "/definitions/a",
    "/definitions/a: it refers to itself by “$ref” without going deeper into the value, so that a "
    "check would never end" },
  { "{prefixItems: []}", "/prefixItems",
    "/prefixItems: draft-07 of JSON Schema, which Runconf uses, has “items” with a list instead" },
  { "{$schema: 'https://json-schema.org/draft/2020-12/schema'}", "/$schema",
    "/$schema: “https://json-schema.org/draft/2020-12/schema” isn't supported: write "
    "“http://json-schema.org/draft-07/schema#”, or leave it out" },
};

static void
test_mistakes (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++)
    {
      g_autoptr (RunconfNode) node = read_yaml (mistakes[i].schema);
      g_autofree char *where = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfSchema) schema = runconf_schema_new (node, &where, &error);

      g_test_message ("%s", mistakes[i].schema);
      g_assert_null (schema);
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_VALUE);
      g_assert_cmpstr (where, ==, mistakes[i].where);
      if (mistakes[i].message != NULL)
        g_assert_cmpstr (error->message, ==, mistakes[i].message);
      else
        g_assert_nonnull (strstr (error->message, ": it isn't a regular expression: "));
    }
}

/* Schemas that look strange, but are valid. */
static void
test_taken (void)
{
  static const char *const schemas[] = {
    "true",
    "{}",
    "{maximum: 1e30, maxLength: 1e300, minItems: 2.0}",
    "{type: null}",
    "{type: [string, null]}",
    "{$schema: 'http://json-schema.org/draft-07/schema#'}",
    "{x-remark: 5, maximun: 5}",
    "{properties: {$ref: {type: string}, prefixItems: {}}}",
    "{properties: {children: {items: {$ref: '#'}}}}",
    "{$id: chat.schema.yaml, properties: {a: {$ref: '#/definitions/b'}}, definitions: {b: {}}}",
    "{properties: {a: {$ref: '#port'}}, definitions: {b: {$id: '#port', type: integer}}}",
    "{definitions: {'': {}}, $ref: '#/definitions/'}",
    "{pattern: '^[\\w.\\d-]+\\u00e4\\p{L}$'}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (schemas); i++)
    {
      g_autoptr (RunconfSchema) schema = read_schema (schemas[i]);

      g_assert_nonnull (schema);
    }
}

static char *
make_chain (guint length)
{
  g_autoptr (GString) text = g_string_new ("{$ref: '#/definitions/0', definitions: {");

  for (guint i = 0; i < length; i++)
    g_string_append_printf (text, "%u: {allOf: [{$ref: '#/definitions/%u'}]}, ", i, i + 1);
  g_string_append_printf (text, "%u: {}}}", length);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* A schema of any depth is refused, and not followed until the stack overflows. */
static void
test_depth (void)
{
  static const guint lengths[] = { 10, 64, 9000 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *text = make_chain (lengths[i]);
      g_autoptr (RunconfNode) node = read_yaml (text);
      g_autofree char *where = NULL;
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfSchema) schema = runconf_schema_new (node, &where, &error);

      g_assert_cmpint (schema != NULL, ==, i == 0);
      if (schema == NULL)
        g_assert_nonnull (
            strstr (error->message, ": more than 64 schemas refer to each other for one value"));
    }
}

static void
test_size (void)
{
  g_autofree char *text = make_chain (30000);
  g_autoptr (RunconfNode) node = read_yaml (text);
  g_autofree char *where = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (runconf_schema_new (node, &where, &error));
  g_assert_true (g_str_has_suffix (error->message, ": the schema has more than 20000 parts"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/schema/read/mistakes", test_mistakes);
  g_test_add_func ("/schema/read/taken", test_taken);
  g_test_add_func ("/schema/read/depth", test_depth);
  g_test_add_func ("/schema/read/size", test_size);

  return g_test_run ();
}
