/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "tests/schema/support.h"

/* The messages about a value, in the words that users read. */
static const struct
{
  const char *schema;
  const char *tree;
  const char *violations;
} messages[] = {
  { "{maximum: 65535}", "99999", "maximum /a: 99999 is more than the maximum, 65535" },
  { "{minimum: 0.5}", "0", "minimum /a: 0 is less than the minimum, 0.5" },
  { "{exclusiveMinimum: 0}", "0.0", "exclusiveMinimum /a: 0.0 must be more than 0" },
  { "{exclusiveMaximum: 2}", "2", "exclusiveMaximum /a: 2 must be less than 2" },
  { "{minimum: 0}", ".nan", "minimum /a: .nan can't be compared with the limit, 0" },
  { "{minimum: 0}", ".inf", "" },
  { "{maximum: 0}", ".inf", "maximum /a: .inf is more than the maximum, 0" },
  { "{multipleOf: 0.01}", "19.99", "" },
  { "{multipleOf: 0.01}", "19.995", "multipleOf /a: 19.995 isn't a multiple of 0.01" },
  { "{type: integer}", "1.0", "" },
  { "{type: integer}", "18446744073709551615", "" },
  { "{minimum: 0}", "18446744073709551615", "" },
  { "{maximum: 9007199254740992}", "9007199254740993",
    "maximum /a: 9007199254740993 is more than the maximum, 9007199254740992" },
  { "{maximum: 9007199254740992.0}", "9007199254740993",
    "maximum /a: 9007199254740993 is more than the maximum, 9007199254740992.0" },
  { "{type: integer}", "99999999999999999999",
    "type /a: “99999999999999999999” is a string, but it must be an integer" },
  { "{type: integer}", "'5'",
    "type /a: “5” is a string, but it must be an integer: leave out the quotes" },
  { "{type: [string, null]}", "5", "type /a: 5 is an integer, but it must be null or a string" },
  { "{type: string}", "{b: 1}", "type /a: the mapping of 1 key is given, but it must be a string" },
  { "{type: string}", "null", "type /a: null is no value, but it must be a string" },
  { "{type: string, pattern: '^AAEC$'}", "!!binary AAEC", "" },
  { "{const: AAEC}", "!!binary AAEC", "" },
  { "{enum: [debug, info, warning, error]}", "verbose",
    "enum /a: “verbose” isn't one of “debug”, “info”, “warning”, “error”" },
  { "{enum: [1, null]}", "1.0", "" },
  { "{const: 5}", "6", "const /a: 6 isn't valid: it must be 5" },
  { "{minLength: 2}", "ä", "minLength /a: “ä” has too few characters: at least 2" },
  { "{maxLength: 2}", "äää", "maxLength /a: “äää” has too many characters: at most 2" },
  { "{maxLength: 1e300}", "ä", "" },
  { "{pattern: '^[a-z]+$'}", "\"a\\n\"", "pattern /a: “a\\n” doesn't match the pattern ^[a-z]+$" },
  { "{pattern: '^\\d+$'}", "٣", "pattern /a: “٣” doesn't match the pattern ^\\d+$" },
  { "{format: date-time}", "yesterday",
    "format /a: “yesterday” isn't a valid date-time: write it like 2024-06-30T23:59:00Z" },
  { "{format: date-time}", "2024-02-29T12:00:00.5+02:00", "" },
  { "{format: date}", "2023-02-29",
    "format /a: “2023-02-29” isn't a valid date: write it like 2024-06-30" },
  { "{format: ipv4}", "1.2.3.256",
    "format /a: “1.2.3.256” isn't a valid ipv4: write it like 192.0.2.1" },
  { "{format: hostname}", "-a.b",
    "format /a: “-a.b” isn't a valid hostname: write it like www.example.org" },
  { "{format: uri}", "localhost",
    "format /a: “localhost” isn't a valid uri: write it like https://example.org/path" },
  { "{format: colour}", "x", "" },
  { "{minItems: 2}", "[1]",
    "minItems /a: the sequence of 1 element has too few elements: at least 2" },
  { "{maxProperties: 0}", "{b: 1}",
    "maxProperties /a: the mapping of 1 key has too many keys: at most 0" },
  { "{uniqueItems: true}", "[1, {b: [1]}, {b: [1.0]}]",
    "uniqueItems /a: the sequence of 3 elements has equal elements, 1 and 2: all elements must "
    "differ" },
  { "{items: {type: string}}", "[x, 5]", "type /a/1: 5 is an integer, but it must be a string" },
  { "{items: [true], additionalItems: false}", "[x, 5]",
    "additionalItems /a/1: 5 is one element too many: the sequence may have at most 1" },
  { "{contains: {const: 5}}", "[x]",
    "contains /a: the sequence of 1 element has no element that matches “contains”: at least one "
    "must match" },
  { "{required: [b, c]}", "{d: 1}",
    "required /a: the mapping lacks the key “b”, which is required\n"
    "required /a: the mapping lacks the key “c”, which is required" },
  { "{properties: {b: true, c: true}, additionalProperties: false}", "{d/e: 1}",
    "additionalProperties /a/d~1e: the key “d/e” isn't known; the known keys are b, c" },
  { "{propertyNames: {maxLength: 1}}", "{bc: 1}",
    "propertyNames /a/bc: the key “bc” can't be used here: “bc” has too many characters: at most "
    "1" },
  { "{dependencies: {b: [c]}}", "{b: 1}",
    "dependencies /a: the mapping lacks the key “c”, which the key “b” requires" },
  { "{anyOf: [{type: string}, {type: 'null'}]}", "5",
    "anyOf /a: 5 isn't valid: it must be null or a string" },
  { "{oneOf: [{title: a file, properties: {type: {const: file}, path: {type: string}}}, "
    "{properties: "
    "{type: {const: memory}}}]}",
    "{type: file, path: 5}",
    "oneOf /a: the mapping of 2 keys doesn't fit the form that its key “type” names (a file): "
    "/a/path: 5 is an integer, but it must be a string" },
  { "{oneOf: [{properties: {k: {const: a}}, required: [x]}, {properties: {k: {enum: [b, c]}}}]}",
    "{k: d}",
    "oneOf /a: the mapping of 1 key fits none of the 2 allowed forms: its key “k” must be one of "
    "“a”, “b”, “c”" },
  { "{anyOf: [{properties: {k: {const: a}}, required: [k, x], additionalProperties: false}, "
    "{properties: {k: {const: b}}, required: [k]}]}",
    "{k: a, y: 1}",
    "anyOf /a: the mapping of 2 keys doesn't fit the form that its key “k” names: the mapping "
    "lacks "
    "the key “x”, which is required; /a/y: the key “y” isn't known; the known keys are k" },
  { "{oneOf: [{properties: {k: {const: a}}, required: [k]}, {properties: {k: {const: b}}, "
    "required: [k]}]}",
    "{y: 1}",
    "oneOf /a: the mapping of 1 key fits none of the 2 allowed forms: it lacks the key “k”, which "
    "must be one of “a”, “b”" },
  { "{oneOf: [{title: small, maximum: 3}, {title: large, minimum: 10}]}", "5",
    "oneOf /a: 5 fits none of the 2 allowed forms (small, large); for the nearest one (small): 5 "
    "is more than the maximum, 3" },
  { "{oneOf: [{const: a, title: x}, {enum: [b, a, c]}]}", "d",
    "oneOf /a: “d” isn't valid: it must be one of “a”, “b”, “c”" },
  { "{anyOf: [{allOf: [{const: a}], type: integer}, {const: b}, {type: 'null'}]}", "{}",
    "anyOf /a: the mapping of 0 keys fits none of the 3 allowed forms; for the nearest one (form "
    "2): the mapping of 0 keys isn't valid: it must be “b”" },
  /* for a nullable mapping, the message is about the other form */
  { "{oneOf: [{type: 'null'}, {properties: {k: {const: a}}, required: [x]}]}", "{k: b}",
    "oneOf /a: the mapping of 1 key fits none of the 2 allowed forms; for the nearest one (form "
    "2): the mapping lacks the key “x”, which is required; /a/k: “b” isn't valid: it must be “a”" },
  { "{oneOf: [{type: 'null'}, {properties: {k: {const: a}}}, {properties: {k: {const: b}}}]}",
    "{k: c}",
    "oneOf /a: the mapping of 1 key fits none of the 3 allowed forms: its key “k” must be one of "
    "“a”, “b”" },
  /* the choice is in an allOf, or is a number */
  { "{oneOf: [{allOf: [{properties: {k: {const: 1}}, required: [k]}, {required: [x]}]}, "
    "{allOf: [{properties: {k: {allOf: [{const: 2}]}}}], required: [k]}]}",
    "{k: 1.0}",
    "oneOf /a: the mapping of 1 key doesn't fit the form that its key “k” names: the mapping lacks "
    "the key “x”, which is required" },
  { "{oneOf: [{allOf: [{properties: {k: {const: 1}}, required: [k]}, {required: [x]}]}, "
    "{allOf: [{properties: {k: {allOf: [{const: 2}]}}}], required: [k]}]}",
    "{x: 1}",
    "oneOf /a: the mapping of 1 key fits none of the 2 allowed forms: it lacks the key “k”, which "
    "must be one of 1, 2" },
  /* several keys in turn determine a form */
  { "{oneOf: [{properties: {kind: {const: a}, at: {const: 1}}, required: [x]}, "
    "{properties: {kind: {const: a}, at: {const: 2}}, required: [y]}, "
    "{properties: {kind: {const: b}}}]}",
    "{kind: a, at: 2}",
    "oneOf /a: the mapping of 2 keys doesn't fit the form that its key “at” names: the mapping "
    "lacks "
    "the key “y”, which is required" },
  { "{oneOf: [{title: A1, properties: {kind: {const: a}, at: {const: 1}}}, "
    "{title: A2, properties: {kind: {const: a}, at: {const: 2}}}, "
    "{title: B, properties: {kind: {const: b}}}]}",
    "{kind: a, at: 3}",
    "oneOf /a: the mapping of 2 keys fits none of the 2 forms that its key “kind” names (A1, A2): "
    "its "
    "key “at” must be one of 1, 2" },
  { "{oneOf: [{properties: {v: {const: 1}, kind: {const: a}}}, "
    "{properties: {v: {const: 1}, kind: {const: b}, x: {type: integer}}}]}",
    "{v: 2, kind: b, x: y}",
    "oneOf /a: the mapping of 3 keys doesn't fit the form that its key “kind” names: /a/v: 2 isn't "
    "valid: it must be 1; /a/x: “y” is a string, but it must be an integer" },
  /* both are for this kind: the key is right, and determines no single form */
  { "{oneOf: [{title: A, properties: {kind: {const: a}}, required: [x, y]}, "
    "{title: B, properties: {kind: {const: a}}, required: [z]}, {properties: {kind: {const: b}}}]}",
    "{kind: a}",
    "oneOf /a: the mapping of 1 key fits none of the 2 forms that its key “kind” names (A, B); for "
    "the nearest one (B): the mapping lacks the key “z”, which is required" },
  /* if a form accepts any kind, the key distinguishes none */
  { "{oneOf: [{title: A, properties: {kind: {const: a}}, required: [x]}, "
    "{title: any, properties: {kind: {type: string}}, required: [x, y]}]}",
    "{kind: a}",
    "oneOf /a: the mapping of 1 key fits none of the 2 allowed forms (A, any); for the nearest one "
    "(A): the mapping lacks the key “x”, which is required" },
  /* a form within a form, and one that depends on a condition */
  { "{oneOf: [{properties: {kind: {const: a}}, oneOf: [{properties: {on: {const: 1}}, required: "
    "[x]}, {properties: {on: {const: 2}}}]}, {properties: {kind: {const: b}}}]}",
    "{kind: a, on: 1}",
    "oneOf /a: the mapping of 2 keys doesn't fit the form that its key “kind” names: the mapping "
    "of "
    "2 keys doesn't fit the form that its key “on” names: the mapping lacks the key “x”, which is "
    "required" },
  { "{oneOf: [{properties: {kind: {const: a}}, if: {required: [x]}, then: {required: [y]}}, "
    "{properties: {kind: {const: b}}}]}",
    "{kind: a, x: 1}",
    "oneOf /a: the mapping of 2 keys doesn't fit the form that its key “kind” names: the mapping "
    "lacks the key “y”, which is required" },
  { "{oneOf: [{properties: {k: {enum: [0, 1, 2, 3, 4, 5, 6, 7]}}}, "
    "{properties: {k: {enum: [6, 7, 8, 9, 10, 11, 12, 13]}}}]}",
    "{k: x}",
    "oneOf /a: the mapping of 1 key fits none of the 2 allowed forms: its key “k” must be one of "
    "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 2 more" },
  { "{oneOf: [false, false]}", "5", "oneOf /a: 5 isn't allowed: the schema allows no value here" },
  { "{oneOf: [{type: integer}, {minimum: 3}]}", "5",
    "oneOf /a: 5 fits 2 of the 2 allowed forms, and must fit exactly one" },
  { "{not: {title: root, const: root}}", "root", "not /a: “root” isn't allowed here (root)" },
  { "false", "5", "not /a: 5 isn't allowed: the schema allows no value here" },
  { "{if: {required: [b]}, then: {required: [c]}, else: {maxProperties: 0}}", "{b: 1}",
    "required /a: the mapping lacks the key “c”, which is required" },
  { "{allOf: [{maximum: 3}, {maximum: 3}, {minimum: 9}]}", "5",
    "maximum /a: 5 is more than the maximum, 3\nminimum /a: 5 is less than the minimum, 9" },
  { "{const: x}", "\"\\e[31mred\\u202e\"",
    "const /a: “\\x1b[31mred\\u202e” isn't valid: it must be “x”" },
};

static void
test_messages (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autofree char *text = g_strdup_printf ("{properties: {a: %s}}", messages[i].schema);
      g_autofree char *tree = g_strdup_printf ("{a: %s}", messages[i].tree);
      g_autoptr (RunconfSchema) schema = read_schema (text);

      g_test_message ("%s %s", messages[i].schema, messages[i].tree);
      assert_violations (schema, tree, messages[i].violations);
    }
}

/* The message about a secret is the same for all its possible values. */
static void
test_secret_forms (void)
{
  static const char *const values[]
      = { "{k: a}", "{k: b, x: 1}", "{k: c}", "{}", "{k: a, y: hush}", "{k: b, y: 5}" };
  g_autoptr (RunconfSchema) secret = read_schema (
      "{properties: {s: {writeOnly: true, oneOf: [{title: A, properties: {k: {const: "
      "a}}, required: [x]}, {title: B, properties: {k: {const: b}}, required: [k, "
      "z]}]}}}");
  g_autoptr (RunconfSchema) secret_key
      = read_schema ("{oneOf: [{title: A, properties: {k: {const: a, writeOnly: true}}, required: "
                     "[x, y]}, {title: B, properties: {k: {const: b}}, required: [z]}]}");
  g_autoptr (RunconfSchema) choices = read_schema (
      "{properties: {s: {writeOnly: true, enum: [a, b]}, t: {writeOnly: true, const: a}}}");
  g_autoptr (RunconfSchema) nullable = read_schema (
      "{properties: {s: {writeOnly: true, anyOf: [{type: string}, {type: 'null'}]}}}");

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autofree char *tree = g_strdup_printf ("{s: %s}", values[i]);

      assert_violations (secret, tree, "oneOf /s: the secret fits none of the 2 allowed forms");
    }
  assert_violations (choices, "{s: x, t: x}",
                     "enum /s: the secret isn't valid: the schema lists the allowed values\n"
                     "const /t: the secret isn't valid: the schema lists the allowed values");
  assert_violations (nullable, "{s: 5}",
                     "anyOf /s: the secret isn't valid: it must be null or a string");

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (RunconfNode) tree = read_yaml (i == 0 ? "{k: a}" : "{k: b}");
      g_autoptr (GPtrArray) found = runconf_schema_check (secret_key, tree);
      g_autofree char *text = print_violations (found);

      /* without the secret the second is nearer, whichever one the key names */
      g_test_message ("%s", text);
      g_assert_nonnull (strstr (text, "for the nearest one (B)"));
      g_assert_null (strstr (text, "“a”"));
      g_assert_null (strstr (text, "“b”"));
    }
}

/* A definition has a name, which the message uses if there is no title. */
static void
test_named_forms (void)
{
  g_autoptr (RunconfSchema) schema = read_schema (
      "{definitions: {pod: {properties: {kind: {$ref: '#/definitions/k'}}, required: "
      "[x]}, k: {const: pod}, job: {title: a job, properties: {kind: {const: job}}}}, "
      "properties: {a: {oneOf: [{$ref: '#/definitions/pod'}, {$ref: "
      "'#/definitions/job'}]}}}");

  assert_violations (
      schema, "{a: {kind: pod}}",
      "oneOf /a: the mapping of 1 key doesn't fit the form that its key “kind” names "
      "(pod): the mapping lacks the key “x”, which is required");
  assert_violations (schema, "{a: {kind: cron}}",
                     "oneOf /a: the mapping of 1 key fits none of the 2 allowed forms (pod, a "
                     "job): its key “kind” must be one of “pod”, “job”");
}

/* Forms within forms, each of which repeats the violations within it. */
static void
test_long_forms (void)
{
  g_autofree char *long_key = g_strnfill (900, 'k');
  g_autoptr (GString) text = g_string_new ("{$ref: '#/definitions/0', definitions: {");
  g_autoptr (RunconfSchema) schema = NULL;
  g_autoptr (RunconfNode) tree = read_yaml ("{a: 1}");
  g_autoptr (GPtrArray) found = NULL;
  const char *message;

  for (guint i = 0; i < 8; i++)
    g_string_append_printf (text,
                            "%u: {anyOf: [{minProperties: 9, required: [%u%s], allOf: [{$ref: "
                            "'#/definitions/%u'}]}, {title: %s, const: {}}]}, ",
                            i, i, long_key, i + 1, long_key);
  g_string_append_printf (text, "8: {required: [%s]}}}", long_key);
  schema = read_schema (text->str);
  found = runconf_schema_check (schema, tree);

  g_assert_cmpuint (found->len, ==, 1);
  message = ((RunconfViolation *) found->pdata[0])->message;
  g_test_message ("%zu bytes", strlen (message));
  g_assert_true (g_utf8_validate (message, -1, NULL));
  g_assert_cmpuint (strlen (message), <, 2700);
}

static void
test_long_value (void)
{
  g_autoptr (RunconfSchema) schema = read_schema ("{properties: {a: {maxLength: 3}}}");
  g_autofree char *long_text = g_strnfill (100000, 'x');
  g_autofree char *tree = g_strdup_printf ("{a: %s}", long_text);
  g_autoptr (RunconfNode) node = read_yaml (tree);
  g_autoptr (GPtrArray) violations = runconf_schema_check (schema, node);

  g_assert_cmpuint (violations->len, ==, 1);
  g_assert_cmpuint (strlen (((RunconfViolation *) violations->pdata[0])->message), <, 200);
}

static void
test_many (void)
{
  g_autoptr (RunconfSchema) schema = read_schema ("{items: {type: string}}");
  g_autoptr (GString) tree = g_string_new ("[0");
  g_autoptr (RunconfNode) node = NULL;
  g_autoptr (GPtrArray) violations = NULL;

  for (guint i = 1; i < 1000; i++)
    g_string_append_printf (tree, ",%u", i);
  g_string_append (tree, "]");
  node = read_yaml (tree->str);
  violations = runconf_schema_check (schema, node);
  g_assert_cmpuint (violations->len, ==, RUNCONF_MAX_VIOLATIONS);
}

static RunconfNode *
make_numbers (guint length, const char *last)
{
  g_autoptr (GString) text = g_string_new ("[");

  for (guint i = 0; i < length; i++)
    g_string_append_printf (text, "%u, ", i);
  g_string_append_printf (text, "%s]", last);

  return read_yaml (text->str);
}

/* The new violation is found after more old ones than the list can have. */
static void
test_change (void)
{
  g_autoptr (RunconfSchema) schema = read_schema ("{items: {type: string}}");
  g_autoptr (RunconfNode) old_tree = make_numbers (1000, "x");
  g_autoptr (RunconfNode) new_tree = make_numbers (1000, "5.5");
  g_autoptr (RunconfNode) right_tree = read_yaml ("[a]");
  g_autoptr (GPtrArray) found = runconf_schema_check_change (schema, old_tree, new_tree);
  g_autoptr (GPtrArray) nothing = runconf_schema_check_change (schema, new_tree, old_tree);
  g_autoptr (GPtrArray) right = runconf_schema_check_change (schema, old_tree, right_tree);
  g_autoptr (GPtrArray) all = runconf_schema_check_change (schema, right_tree, new_tree);
  g_autofree char *text = print_violations (found);

  g_assert_cmpstr (text, ==, "type /1000: 5.5 is a float, but it must be a string");
  g_assert_cmpuint (nothing->len, ==, 0);
  g_assert_cmpuint (right->len, ==, 0);
  g_assert_cmpuint (all->len, ==, RUNCONF_MAX_VIOLATIONS);
}

static void
assert_stopped (const char *schema_text, const RunconfNode *tree)
{
  gint64 start = g_get_monotonic_time ();
  g_autoptr (RunconfSchema) schema = read_schema (schema_text);
  g_autoptr (GPtrArray) violations = runconf_schema_check (schema, tree);

  g_assert_cmpuint (violations->len, >, 0);
  g_test_message ("%u violations in %.3f s; the last: %s", violations->len,
                  (g_get_monotonic_time () - start) / 1e6,
                  ((RunconfViolation *) violations->pdata[violations->len - 1])->message);
  /* without limits each of these takes longer than is acceptable */
  g_assert_cmpint (g_get_monotonic_time () - start, <, 60 * G_USEC_PER_SEC);
}

/* Patterns that match a string again and again, and alternatives that double with each level. */
static void
test_hostile (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GString) schema = g_string_new ("{$ref: '#/definitions/0', definitions: {");
  g_autofree char *spaces = g_strnfill (1000000, ' ');
  g_autoptr (RunconfNode) strings = NULL;
  g_autoptr (RunconfNode) number = read_yaml ("1");
  g_autoptr (RunconfNode) long_string = runconf_node_new_string (spaces, -1);

  for (guint i = 0; i < 2000; i++)
    g_string_append_printf (text, "%saaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%u!",
                            i > 0 ? ", " : "", i);
  g_string_append (text, "]");
  strings = read_yaml (text->str);
  assert_stopped ("{items: {pattern: '^(a+)+$'}}", strings);
  assert_stopped ("{items: {anyOf: [{pattern: '^(a+)+$'}]}}", strings);
  assert_stopped ("{pattern: '^( |  )*$!'}", long_string);
  assert_stopped ("{pattern: '^(((( )*)*)*)*x'}", long_string);

  for (guint i = 0; i < 30; i++)
    g_string_append_printf (
        schema, "%u: {allOf: [{$ref: '#/definitions/%u'}, {$ref: '#/definitions/%u'}]}, ", i, i + 1,
        i + 1);
  g_string_append (schema, "30: {}}}");
  assert_stopped (schema->str, number);
}

/* Each of many keys might distinguish each of many forms. */
static void
test_hostile_forms (void)
{
  g_autoptr (GString) schema = g_string_new ("{definitions: {f: {required: [x], properties: {");
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (RunconfNode) tree = NULL;

  for (guint i = 0; i < 9000; i++)
    g_string_append_printf (schema, "%sk%u: {enum: [1, 2]}", i > 0 ? ", " : "", i);
  g_string_append (schema, "}}}, items: {anyOf: [");
  for (guint i = 0; i < 9000; i++)
    g_string_append_printf (schema, "%s{$ref: '#/definitions/f'}", i > 0 ? ", " : "");
  g_string_append (schema, "]}}");
  for (guint i = 0; i < 90; i++)
    g_string_append_printf (text, "%s{k%u: 1}", i > 0 ? ", " : "", i);
  g_string_append (text, "]");
  tree = read_yaml (text->str);
  assert_stopped (schema->str, tree);
}

static gpointer
check_often (gpointer data)
{
  RunconfSchema *schema = runconf_schema_ref (data);
  g_autoptr (RunconfNode) tree = read_yaml ("{a: 5, b: [x, {c: 1}]}");

  for (guint i = 0; i < 500; i++)
    {
      g_autoptr (GPtrArray) violations = runconf_schema_check (schema, tree);

      g_assert_cmpuint (violations->len, ==, 2);
    }
  runconf_schema_unref (schema);

  return NULL;
}

static void
test_threads (void)
{
  g_autoptr (RunconfSchema) schema = read_schema (
      "{properties: {a: {type: string, writeOnly: true}, b: {items: {pattern: '^y'}}}}");
  GThread *threads[4];

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("check", check_often, schema);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/schema/check/messages", test_messages);
  g_test_add_func ("/schema/check/secret-forms", test_secret_forms);
  g_test_add_func ("/schema/check/named-forms", test_named_forms);
  g_test_add_func ("/schema/check/long-forms", test_long_forms);
  g_test_add_func ("/schema/check/long-value", test_long_value);
  g_test_add_func ("/schema/check/many", test_many);
  g_test_add_func ("/schema/check/change", test_change);
  g_test_add_func ("/schema/check/hostile", test_hostile);
  g_test_add_func ("/schema/check/hostile-forms", test_hostile_forms);
  g_test_add_func ("/schema/check/threads", test_threads);

  return g_test_run ();
}
