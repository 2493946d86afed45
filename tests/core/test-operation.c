/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "core/operation.h"

#include "core/limits.h"
#include "core/mapping.h"
#include "tests/core/testutil.h"

/* The results of each operation for given defaults and overrides, by example. */
typedef struct
{
  const char *defaults;
  const char *overrides;
  const char *pointer;
  const char *value;
  const char *changed;
} Case;

static RunconfNode *
apply (RunconfVerb verb, const Case *example, GError **error)
{
  g_autoptr (RunconfNode) defaults = tree_new (example->defaults);
  g_autoptr (RunconfNode) overrides = tree_new (example->overrides);
  g_autoptr (RunconfNode) value = example->value != NULL ? tree_new (example->value) : NULL;
  g_autoptr (RunconfOperation) operation
      = runconf_operation_new (verb, example->pointer, value, error);
  RunconfNode *changed = NULL;

  if (operation != NULL)
    changed = runconf_operation_apply (operation, defaults, overrides, error);
  assert_tree (defaults, example->defaults);
  assert_tree (overrides, example->overrides);

  /* if nothing changes, the result is the same tree, which a commit checks */
  if (changed != NULL)
    g_assert_cmpint (changed == overrides, ==, runconf_node_equal (changed, overrides));

  return changed;
}

static void
run (RunconfVerb verb, const Case *cases, guint n_cases)
{
  for (guint i = 0; i < n_cases; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) changed = apply (verb, &cases[i], &error);

      g_assert_no_error (error);
      assert_tree (changed, cases[i].changed);
    }
}

static void
test_set (void)
{
  static const Case cases[] = {
    { "{'a': 1}", "{}", "/a", "2", "{'a': 2}" },
    { "{'a': 1}", "{}", "/b", "2", "{'b': 2}" },
    /* a value equal to the default is pinned */
    { "{'a': 1}", "{}", "/a", "1", "{'a': 1}" },
    { "{}", "{}", "/a/b/c", "1", "{'a': {'b': {'c': 1}}}" },
    { "{'a': {'b': 1}}", "{}", "/a/c", "2", "{'a': {'c': 2}}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2, 'd': 3}}", "/a/c", "4",
      "{'a': {'b': 2, 'd': 3, 'c': 4}}" },
    /* null is a value */
    { "{'a': 1}", "{}", "/a", "null", "{'a': null}" },
    /* a mapping replaces the overrides at and below */
    { "{'a': {'b': 1}}", "{'a': {'b': 2, 'd': 3}}", "/a", "{'c': 4}", "{'a': {'c': 4}}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2}}", "/a", "{}", "{'a': {}}" },
    { "{'a': {'b': 1}}", "{}", "/a", "5", "{'a': 5}" },
    { "{'a': 1}", "{'b': 2}", "", "{'c': 3}", "{'c': 3}" },
    { "{'a': 1}", "{'b': 2}", "", "{}", "{}" },
    /* a mapping replaces an override of any type */
    { "{'a': 1}", "{'a': {}}", "/a/b", "2", "{'a': {'b': 2}}" },
    { "{'a': {'b': 1}}", "{'a': 5}", "/a", "{'c': 1}", "{'a': {'c': 1}}" },
    { "{}", "{}", "/", "1", "{'': 1}" },
    { "{}", "{}", "/a~1b/~0", "1", "{'a/b': {'~': 1}}" },
    { "{}", "{}", "/a/_runtime_config", "1", "{'a': {'_runtime_config': 1}}" },
    /* nothing changes */
    { "{'a': 1}", "{'a': 2}", "/a", "2", "{'a': 2}" },
    { "{'a': 1}", "{'a': {'b': 1, 'c': 2}}", "/a", "{'c': 2, 'b': 1}", "{'a': {'b': 1, 'c': 2}}" },
  };

  run (RUNCONF_VERB_SET, cases, G_N_ELEMENTS (cases));
}

static void
test_set_in_sequence (void)
{
  static const Case cases[] = {
    { "{'a': [1, 2]}", "{}", "/a/0", "3", "{'a': [3, 2]}" },
    { "{'a': [1, 2]}", "{'a': [4]}", "/a/0", "3", "{'a': [3]}" },
    { "{'a': [1, 2]}", "{}", "/a/-", "3", "{'a': [1, 2, 3]}" },
    { "{'a': []}", "{}", "/a/-", "3", "{'a': [3]}" },
    { "{'a': [1, {'b': 2}]}", "{}", "/a/1/b", "3", "{'a': [1, {'b': 3}]}" },
    { "{'a': [1, {'b': 2}]}", "{}", "/a/1/c/d", "3", "{'a': [1, {'b': 2, 'c': {'d': 3}}]}" },
    { "{'a': [1, {'b': 2}]}", "{}", "/a/1", "{'c': 3}", "{'a': [1, {'c': 3}]}" },
    { "{'a': [[1], [2]]}", "{}", "/a/1/-", "3", "{'a': [[1], [2, 3]]}" },
    { "{'a': [1]}", "{}", "/a/-/b", "2", "{'a': [1, {'b': 2}]}" },
    { "{'a': [1]}", "{}", "/a/-/-", "2", "{'a': [1, [2]]}" },
    { "{'a': [1]}", "{}", "/a", "[]", "{'a': []}" },
    { "{'x': {'a': [1], 'b': 2}}", "{'x': {'b': 3}}", "/x/a/0", "2", "{'x': {'b': 3, 'a': [2]}}" },
    /* the first element creates the sequence, but in a mapping it is a key like any other */
    { "{}", "{}", "/a/-", "1", "{'a': [1]}" },
    { "{}", "{}", "/a/0", "1", "{'a': {'0': 1}}" },
    { "{'a': {}}", "{}", "/a/-", "1", "{'a': {'-': 1}}" },
    { "{}", "{}", "/-", "1", "{'-': 1}" },
  };

  run (RUNCONF_VERB_SET, cases, G_N_ELEMENTS (cases));
}

static void
test_reset (void)
{
  static const Case cases[] = {
    { "{'a': 1}", "{'a': 2}", "/a", NULL, "{}" },
    { "{'a': 1}", "{'a': 2, 'b': 3}", "/a", NULL, "{'b': 3}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2, 'c': {'d': 3}}}", "/a", NULL, "{}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2}}", "/a/b", NULL, "{}" },
    { "{'a': {'b': 1}}", "{'a': {'b': {'c': 1}}, 'd': {}}", "/a/b/c", NULL, "{'d': {}}" },
    { "{'a': {'b': 1}}", "{'a': 5}", "/a", NULL, "{}" },
    { "{'a': [1]}", "{'a': [2]}", "/a", NULL, "{}" },
    { "{'a': 1}", "{'a': 2, 'b': 3}", "", NULL, "{}" },
    { "{}", "{'': {'': 1}}", "//", NULL, "{}" },
    /* the path has its default already */
    { "{'a': 1}", "{}", "/a", NULL, "{}" },
    { "{'a': {'b': 1}}", "{'a': {'c': 2}}", "/a/b", NULL, "{'a': {'c': 2}}" },
    { "{'a': 1}", "{}", "", NULL, "{}" },
  };

  run (RUNCONF_VERB_RESET, cases, G_N_ELEMENTS (cases));
}

/* The examples of RFC 7396's appendix that are mappings, with empty defaults. Where the RFC leaves
 * an empty mapping because its last member was removed, no mapping is left here, since the
 * overrides are removed. A patch that only removes creates nothing either.
 */
static void
test_merge_rfc_7396 (void)
{
  static const Case cases[] = {
    { "{}", "{'a':'b'}", "", "{'a':'c'}", "{'a':'c'}" },
    { "{}", "{'a':'b'}", "", "{'b':'c'}", "{'a':'b','b':'c'}" },
    { "{}", "{'a':'b'}", "", "{'a':null}", "{}" },
    { "{}", "{'a':'b','b':'c'}", "", "{'a':null}", "{'b':'c'}" },
    { "{}", "{'a':['b']}", "", "{'a':'c'}", "{'a':'c'}" },
    { "{}", "{'a':'c'}", "", "{'a':['b']}", "{'a':['b']}" },
    { "{}", "{'a':{'b':'c'}}", "", "{'a':{'b':'d','c':null}}", "{'a':{'b':'d'}}" },
    { "{}", "{'a':[{'b':'c'}]}", "", "{'a':[1]}", "{'a':[1]}" },
    { "{}", "{'e':null}", "", "{'a':1}", "{'e':null,'a':1}" },
    { "{}", "{'x':[1,2]}", "", "{'x':{'a':'b','c':null}}", "{'x':{'a':'b'}}" },
    { "{}", "{}", "", "{'a':{'bb':{'ccc':null}}}", "{}" },
    /* and the example of its third section */
    { "{}",
      "{'title': 'Goodbye!', 'author': {'givenName': 'John', 'familyName': 'Doe'}, "
      "'tags': ['example', 'sample'], 'content': 'This will be unchanged'}",
      "",
      "{'title': 'Hello!', 'phoneNumber': '+01-123-456-7890', "
      "'author': {'familyName': null}, 'tags': ['example']}",
      "{'title': 'Hello!', 'author': {'givenName': 'John'}, 'tags': ['example'], "
      "'content': 'This will be unchanged', 'phoneNumber': '+01-123-456-7890'}" },
  };

  run (RUNCONF_VERB_MERGE, cases, G_N_ELEMENTS (cases));
}

static void
test_merge (void)
{
  static const Case cases[] = {
    { "{'a': 1}", "{'a': {'b': {'c': 2}}}", "/a/b", "{'c': null}", "{'a': {}}" },
    { "{'a': 1}", "{'a': {'b': {'c': 2}}}", "", "{'a': {'b': {'c': null}}}", "{'a': {}}" },
    { "{}", "{}", "/a", "{'c': null}", "{}" },
    { "{'a': 1}", "{'b': 2}", "", "{}", "{'b': 2}" },
    { "{'a': 1}", "{}", "", "{'a': 1}", "{'a': 1}" },
    { "{'a': {'b': 1}}", "{'a': {'c': 2}}", "", "{'a': {'d': 3}}", "{'a': {'c': 2, 'd': 3}}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2}}", "", "{'a': {'b': null}}", "{}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2}}", "", "{'a': null}", "{}" },
    { "{'a': {'b': 1}}", "{}", "", "{'a': null}", "{}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2, 'c': {'d': 3}}}", "", "{'a': {'c': {'d': null}}}",
      "{'a': {'b': 2}}" },
    /* inside of a sequence null is a value */
    { "{}", "{}", "", "{'a': [null, {'b': null}]}", "{'a': [null, {'b': null}]}" },
    /* a mapping over a scalar replaces it */
    { "{'a': 1}", "{}", "", "{'a': {'b': 2}}", "{'a': {'b': 2}}" },
    { "{'a': 1}", "{}", "", "{'a': {}}", "{'a': {}}" },
    { "{'a': 1}", "{}", "", "{'a': {'b': null}}", "{'a': {}}" },
    { "{'a': 1}", "{'a': {'b': 2}}", "", "{'a': {'b': null}}", "{'a': {}}" },
    { "{}", "{'a': 1}", "", "{'a': {'b': null}}", "{'a': {}}" },
    /* if the defaults have a mapping, no empty override is needed */
    { "{'a': {'b': 1}}", "{'a': 5}", "", "{'a': {}}", "{}" },
    { "{'a': {'b': 1}}", "{'a': 5}", "", "{'a': {'c': null}}", "{}" },
    { "{'a': {'b': 1}}", "{'a': 5}", "", "{'a': {'c': 2}}", "{'a': {'c': 2}}" },
    { "{'a': {'b': 1}}", "{}", "", "{'a': {}}", "{}" },
    { "{}", "{}", "", "{'a': {}}", "{'a': {}}" },
    { "{}", "{'a': {'b': 1}}", "", "{'a': {}}", "{'a': {'b': 1}}" },
    /* a mapping that was set empty stays */
    { "{}", "{'a': {}}", "", "{'a': {'b': null}}", "{'a': {}}" },
    { "{}", "{'a': {}}", "", "{'a': null}", "{}" },
    /* below a path */
    { "{'a': {'b': 1}}", "{}", "/a", "{'b': 2}", "{'a': {'b': 2}}" },
    { "{'a': {'b': 1}}", "{'a': {'b': 2}}", "/a", "{'b': null}", "{}" },
    { "{}", "{}", "/a/b", "{'c': 1}", "{'a': {'b': {'c': 1}}}" },
    { "{}", "{}", "/a/b", "{}", "{'a': {'b': {}}}" },
    { "{}", "{}", "/a/b", "{'c': null}", "{}" },
    { "{'a': 1}", "{}", "/a", "{'b': 2}", "{'a': {'b': 2}}" },
    /* many keys at once */
    { "{}", "{'a': 1, 'b': 2, 'c': 3}", "",
      "{'e': 4, 'a': null, 'f': 5, 'c': 6, 'g': null, 'h': {'i': 7}}",
      "{'b': 2, 'c': 6, 'e': 4, 'f': 5, 'h': {'i': 7}}" },
  };

  run (RUNCONF_VERB_MERGE, cases, G_N_ELEMENTS (cases));
}

static void
test_save (void)
{
  static const Case cases[] = {
    { "{'a': 1, 'b': 2}", "{}", "", "{'a': 1, 'b': 3}", "{'b': 3}" },
    { "{'a': 1, 'b': 2}", "{'a': 4}", "", "{'a': 1, 'b': 2}", "{}" },
    /* keys that are left out return to their default */
    { "{'a': 1, 'b': 2}", "{'a': 4, 'b': 5, 'c': 6}", "", "{'b': 5}", "{'b': 5}" },
    { "{'a': 1}", "{'a': 4}", "", "{}", "{}" },
    { "{'a': {'b': 1, 'c': 2}}", "{}", "", "{'a': {'b': 1, 'c': 3}}", "{'a': {'c': 3}}" },
    { "{'a': {'b': 1, 'c': 2}}", "{'a': {'b': 5}}", "", "{'a': {'c': 2}}", "{}" },
    { "{'a': {'b': 1}}", "{}", "", "{'a': 5}", "{'a': 5}" },
    { "{'a': 5}", "{}", "", "{'a': {'b': 1}}", "{'a': {'b': 1}}" },
    { "{'a': 5}", "{}", "", "{'a': {}}", "{'a': {}}" },
    { "{'a': {'b': 1}}", "{}", "", "{'a': {}}", "{}" },
    { "{}", "{}", "", "{'a': {}, 'b': {'c': {}}}", "{'a': {}, 'b': {'c': {}}}" },
    { "{'a': [1, 2]}", "{}", "", "{'a': [1, 3]}", "{'a': [1, 3]}" },
    { "{'a': [1, 2]}", "{'a': [3]}", "", "{'a': [1, 2]}", "{}" },
    /* the kind counts, the order of keys doesn't */
    { "{'a': 1}", "{}", "", "{'a': 1.0}", "{'a': 1.0}" },
    { "{'a': [{'x': 1, 'y': 2}]}", "{}", "", "{'a': [{'y': 2, 'x': 1}]}", "{}" },
    { "{'a': p'123456789012345678901'}", "{}", "", "{'a': '123456789012345678901'}", "{}" },
    { "{'a': null}", "{'a': 1}", "", "{'a': null}", "{}" },
    { "{'a': 1}", "{}", "", "{'a': null}", "{'a': null}" },
    /* below a path */
    { "{'a': {'b': 1, 'c': 2}}", "{'d': 3, 'a': {'b': 4}}", "/a", "{'c': 5}",
      "{'d': 3, 'a': {'c': 5}}" },
    { "{'a': {'b': 1, 'c': 2}}", "{'d': 3, 'a': {'b': 4}}", "/a", "{'b': 1}", "{'d': 3}" },
    { "{}", "{}", "/a/b", "{'c': 1}", "{'a': {'b': {'c': 1}}}" },
    { "{}", "{}", "/a/b", "{}", "{'a': {'b': {}}}" },
    { "{'a': 1}", "{}", "/a", "{}", "{'a': {}}" },
  };

  run (RUNCONF_VERB_SAVE, cases, G_N_ELEMENTS (cases));
}

static void
test_refused (void)
{
  static const struct
  {
    RunconfVerb verb;
    const char *pointer;
    const char *value;
    int code;
    const char *message;
  } cases[] = {
    { RUNCONF_VERB_SET, "a", "1", RUNCONF_ERROR_INVALID_PATH,
      "a: not a JSON Pointer: a path begins with a slash, like “/a”, and the empty string is "
      "everything" },
    { RUNCONF_VERB_SET, "/one/x/y", "1", RUNCONF_ERROR_INVALID_PATH,
      "/one/x/y: can't be written below /one, which is of type integer: set /one to a mapping "
      "first" },
    { RUNCONF_VERB_SET, "/over/x", "1", RUNCONF_ERROR_INVALID_PATH,
      "/over/x: can't be written below /over, which is of type null: set /over to a mapping "
      "first" },
    { RUNCONF_VERB_SET, "/list/0/x", "1", RUNCONF_ERROR_INVALID_PATH,
      "/list/0/x: can't be written below /list/0, which is of type integer: set /list/0 to a "
      "mapping first" },
    { RUNCONF_VERB_MERGE, "/one/x", "{}", RUNCONF_ERROR_INVALID_PATH,
      "/one/x: can't be written below /one, which is of type integer: set /one to a mapping "
      "first" },
    { RUNCONF_VERB_SAVE, "/list/1", "{}", RUNCONF_ERROR_INVALID_PATH,
      "/list/1: can't be written below /list, which is of type sequence: set /list to a mapping "
      "first" },
    { RUNCONF_VERB_SET, "/list/x", "1", RUNCONF_ERROR_INVALID_PATH,
      "/list/x: “x” isn't an index of a sequence: use 0, 1, … or “-” to append" },
    { RUNCONF_VERB_SET, "/list/01", "1", RUNCONF_ERROR_INVALID_PATH,
      "/list/01: “01” isn't an index of a sequence: use 0, 1, … or “-” to append" },
    { RUNCONF_VERB_SET, "/list/2", "1", RUNCONF_ERROR_NOT_FOUND,
      "/list/2: past the end: the sequence has 2 elements; use “-” to append" },
    { RUNCONF_VERB_SET, "/list/99999999999999999999/x", "1", RUNCONF_ERROR_NOT_FOUND,
      "/list/99999999999999999999/x: past the end: the sequence has 2 elements; use “-” to "
      "append" },
    { RUNCONF_VERB_SET, "", "1", RUNCONF_ERROR_INVALID_VALUE,
      "the whole configuration: the type integer isn't allowed here: it has to be a mapping" },
    { RUNCONF_VERB_MERGE, "", "null", RUNCONF_ERROR_INVALID_VALUE,
      "the whole configuration: the type null isn't allowed here: a merged or saved value has to "
      "be a mapping" },
    { RUNCONF_VERB_SAVE, "/map", "[]", RUNCONF_ERROR_INVALID_VALUE,
      "/map: the type sequence isn't allowed here: a merged or saved value has to be a mapping" },
    { RUNCONF_VERB_SET, "/_runtime_config/version", "1", RUNCONF_ERROR_INVALID_PATH,
      "/_runtime_config/version: “_runtime_config” is managed by Runconf itself and isn't part of "
      "the configuration" },
    { RUNCONF_VERB_RESET, "/_runtime_config", NULL, RUNCONF_ERROR_INVALID_PATH,
      "/_runtime_config: “_runtime_config” is managed by Runconf itself and isn't part of the "
      "configuration" },
    { RUNCONF_VERB_SAVE, "", "{'_runtime_config': {}}", RUNCONF_ERROR_INVALID_PATH,
      "/_runtime_config: it is managed by Runconf itself and isn't part of the configuration: "
      "leave it out" },
    { RUNCONF_VERB_MERGE, "", "{'_runtime_config': null}", RUNCONF_ERROR_INVALID_PATH,
      "/_runtime_config: it is managed by Runconf itself and isn't part of the configuration: "
      "leave it out" },
    { RUNCONF_VERB_RESET, "/list/0", NULL, RUNCONF_ERROR_INVALID_PATH,
      "/list/0: an element of a sequence can't be reset alone: reset /list, or set that sequence "
      "without the element" },
    { RUNCONF_VERB_RESET, "/list/2", NULL, RUNCONF_ERROR_NOT_FOUND,
      "/list/2: there is no value: /list is a sequence of length 2, and “2” isn't an index of it" },
    { RUNCONF_VERB_RESET, "/map/x/y", NULL, RUNCONF_ERROR_NOT_FOUND,
      "/map/x/y: there is no value: /map has no key “x”" },
    { RUNCONF_VERB_RESET, "/over/hidden", NULL, RUNCONF_ERROR_NOT_FOUND,
      "/over/hidden: there is no value: /over is of type null and has no values below it" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      Case example = { "{'one': 1, 'list': [1, 2], 'map': {'a': 1}, 'over': {'hidden': 1}}",
                       "{'over': null}", cases[i].pointer, cases[i].value, NULL };

      g_assert_null (apply (cases[i].verb, &example, &error));
      assert_error (error, cases[i].code, cases[i].message);
    }
}

static void
test_keys (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) value = tree_new ("1");
  g_autofree char *longest = g_strnfill (RUNCONF_MAX_KEY_BYTES, 'k');
  g_autofree char *fits = g_strconcat ("/a/", longest, NULL);
  g_autofree char *too_long = g_strconcat ("/a/", longest, "k/b", NULL);
  g_autofree char *shown = g_strnfill (197, 'k');
  g_autofree char *message = g_strdup_printf ("/a/%s…: a key holds at most 1000 bytes", shown);
  g_autoptr (RunconfOperation) operation
      = runconf_operation_new (RUNCONF_VERB_SET, fits, value, &error);

  g_assert_no_error (error);
  g_assert_nonnull (operation);
  g_assert_null (runconf_operation_new (RUNCONF_VERB_SET, too_long, value, &error));
  assert_error (error, RUNCONF_ERROR_TOO_LARGE, message);
}

/* Returns: a path of this length */
static char *
get_deep_pointer (guint depth)
{
  g_autoptr (GString) pointer = g_string_new (NULL);

  for (guint i = 0; i < depth; i++)
    g_string_append (pointer, "/a");

  return g_string_free (g_steal_pointer (&pointer), FALSE);
}

static gboolean
fits_limits (const char *pointer, const RunconfNode *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) changed = NULL;
  g_autoptr (RunconfOperation) operation
      = runconf_operation_new (RUNCONF_VERB_SET, pointer, value, &error);

  if (operation != NULL)
    changed = runconf_operation_apply (operation, empty, empty, &error);
  if (changed != NULL)
    return TRUE;

  g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_TOO_LARGE);

  return FALSE;
}

/* The root is the first of twenty mappings. */
static void
test_depth (void)
{
  g_autoptr (RunconfNode) scalar = tree_new ("1");
  g_autoptr (RunconfNode) mapping = tree_new ("{'a': {}}");
  g_autofree char *endless = get_deep_pointer (1000000);

  for (guint depth = 1; depth <= 40; depth++)
    {
      g_autofree char *pointer = get_deep_pointer (depth);
      g_autofree char *append = g_strconcat (pointer, "/-", NULL);

      g_assert_cmpint (fits_limits (pointer, scalar), ==, depth <= 20);
      g_assert_cmpint (fits_limits (pointer, mapping), ==, depth <= 18);
      g_assert_cmpint (fits_limits (append, scalar), ==, depth <= 19);
    }

  g_assert_false (fits_limits (endless, scalar));
}

static void
test_size (void)
{
  g_autofree char *text = g_strnfill (RUNCONF_MAX_SCALAR_BYTES, 'a');
  g_autoptr (RunconfNode) most = runconf_node_new_string (text, RUNCONF_MAX_SCALAR_BYTES - 1);
  g_autoptr (RunconfNode) more = runconf_node_new_string (text, RUNCONF_MAX_SCALAR_BYTES);

  /* with the one byte of its key */
  g_assert_true (fits_limits ("/a", most));
  g_assert_false (fits_limits ("/a", more));
}

static void
test_verbs (void)
{
  static const char *const names[] = {
    [RUNCONF_VERB_SET] = "set",     [RUNCONF_VERB_MERGE] = "merge",
    [RUNCONF_VERB_RESET] = "reset", [RUNCONF_VERB_SAVE] = "save",
    [RUNCONF_VERB_UNSET] = "unset", [RUNCONF_VERB_REPLACE] = "replace",
  };
  static const char *const others[][2] = {
    { "Set",
      "“Set” isn't an operation: use “set”, “replace”, “merge”, “reset”, “unset” or “save”" },
    { "", "“” isn't an operation: use “set”, “replace”, “merge”, “reset”, “unset” or “save”" },
    { "get\n",
      "“get\\n” isn't an operation: use “set”, “replace”, “merge”, “reset”, “unset” or “save”" },
  };
  g_autoptr (GError) error = NULL;
  RunconfVerb verb;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_assert_true (runconf_verb_from_string (names[i], &verb, &error));
      g_assert_no_error (error);
      g_assert_cmpint (verb, ==, i);
    }

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_assert_false (runconf_verb_from_string (others[i][0], &verb, &error));
      assert_error (error, RUNCONF_ERROR_INVALID_VALUE, others[i][1]);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/operation/set", test_set);
  g_test_add_func ("/operation/set-in-sequence", test_set_in_sequence);
  g_test_add_func ("/operation/reset", test_reset);
  g_test_add_func ("/operation/merge-rfc-7396", test_merge_rfc_7396);
  g_test_add_func ("/operation/merge", test_merge);
  g_test_add_func ("/operation/save", test_save);
  g_test_add_func ("/operation/refused", test_refused);
  g_test_add_func ("/operation/keys", test_keys);
  g_test_add_func ("/operation/depth", test_depth);
  g_test_add_func ("/operation/size", test_size);
  g_test_add_func ("/operation/verbs", test_verbs);

  return g_test_run ();
}
