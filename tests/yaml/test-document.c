/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "tests/core/testutil.h"
#include "yaml/document.h"

static RunconfDocument *
read_text (const char *text)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  g_autoptr (GError) error = NULL;
  RunconfDocument *document = runconf_document_new (bytes, "text", &error);

  g_assert_no_error (error);

  return document;
}

#define assert_reads(text, tree)                                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autoptr (RunconfDocument) reads_document = read_text (text);                                 \
    assert_tree (runconf_document_get_root (reads_document), tree);                                \
  }                                                                                                \
  G_STMT_END

static void
test_empty (void)
{
  static const char *const texts[]
      = { "", "\n", "# a\n\n  # b", "---", "--- # c\n...\n", "\xef\xbb\xbf", "%YAML 1.2\n---\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (RunconfDocument) document = read_text (texts[i]);
      guint n_spans;

      g_assert_true (runconf_document_is_empty (document));
      assert_tree (runconf_document_get_root (document), "{}");
      runconf_document_get_spans (document, &n_spans);
      g_assert_cmpuint (n_spans, ==, 0);
    }
}

static void
test_not_empty (void)
{
  g_autoptr (RunconfDocument) document = read_text ("{}");
  g_autoptr (RunconfNode) value = runconf_read_value ("# nothing\n", -1, "text", NULL);

  g_assert_false (runconf_document_is_empty (document));
  assert_tree (value, "null");
}

static void
test_keys (void)
{
  assert_reads ("8080: a\nno: b\n~: c\n1.0: d\n2024-01-02: e\n? f\n",
                "{'8080': 'a', 'no': 'b', '~': 'c', '1.0': 'd', '2024-01-02': 'e', 'f': null}");
  assert_reads ("1: a\n0x1: b\n'01': c\n", "{'1': 'a', '0x1': 'b', '01': 'c'}");
  assert_reads ("? |\n  a\n  b\n: 1\n'': 2\n", "{'a\nb\n': 1, '': 2}");
  assert_reads ("!!int 0x10: 1\n! 5: 2\n", "{'0x10': 1, '5': 2}");
  assert_reads ("{a, b: , \"c\":1, d:e}", "{'a': null, 'b': null, 'c': 1, 'd:e': null}");
  assert_reads ("a: [b: 1, c]", "{'a': [{'b': 1}, 'c']}");
}

static void
test_aliases (void)
{
  g_autoptr (RunconfDocument) shared = read_text ("a: &x {b: [1]}\nc: *x\n");

  g_assert_true (tree_find (runconf_document_get_root (shared), "/a")
                 == tree_find (runconf_document_get_root (shared), "/c"));

  assert_reads ("a: &x 1\nb: &x 2\nc: *x\n", "{'a': 1, 'b': 2, 'c': 2}");
  assert_reads ("a: &x [&x 1, *x]\nb: *x\n", "{'a': [1, 1], 'b': 1}");
  assert_reads ("&x 0x10: &y z\n*y : *x\n", "{'0x10': 'z', 'z': 16}");
  assert_reads ("a: &x 0x10\n*x : 1\n", "{'a': 16, '0x10': 1}");
}

static void
test_merge_keys (void)
{
  /* own keys override earlier sources, these override later ones, and own keys are first */
  assert_reads ("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3, z: 4}",
                "{'a': {'x': 1, 'y': 2}, 'b': {'y': 3, 'z': 4, 'x': 1}}");
  assert_reads ("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc: {<<: [*a, *b], z: 3}",
                "{'a': {'x': 1}, 'b': {'x': 2, 'y': 2}, 'c': {'z': 3, 'x': 1, 'y': 2}}");
  assert_reads ("<<: {a: 1}\nb: 2", "{'b': 2, 'a': 1}");
  assert_reads ("!!merge <<: {a: 1}", "{'a': 1}");
  assert_reads ("!!merge '<<': {a: 1}", "{'a': 1}");
  assert_reads ("<<: []", "{}");
  assert_reads ("<<: {<<: {a: 1}, b: 2}", "{'b': 2, 'a': 1}");
  assert_reads ("'<<': 1\n\"a\": <<", "{'<<': 1, 'a': '<<'}");
  assert_reads ("!!str <<: 1", "{'<<': 1}");
}

typedef struct
{
  const char *path;
  const char *place;
} Place;

static void
assert_places (const char *text, const Place *places, gsize n_places)
{
  g_autoptr (RunconfDocument) document = read_text (text);

  for (gsize i = 0; i < n_places; i++)
    {
      g_autoptr (RunconfPath) path = runconf_path_new (places[i].path, NULL);
      g_autofree char *place = NULL;
      guint line, column;

      if (runconf_document_locate (document, path, &line, &column))
        place = g_strdup_printf ("%u:%u", line, column);
      g_assert_cmpstr (place, ==, places[i].place);
    }
}

static void
test_places (void)
{
  static const char text[] = "\xef\xbb\xbf# é\r\n"
                             "ключ: é\r"
                             "b: &b [ 1,\n"
                             "  {c: x}]\n"
                             "d: *b\n"
                             "e: {<<: {c: 1}, f: 2}\n"
                             "g:\n"
                             "\"\\ud83d\\ude00\": é\n"
                             "h:\n"
                             "- 1\n"
                             "- <<: [{i: 1}]\n";
  static const Place places[] = {
    { "", "2:1" },       { "/ключ", "2:7" }, { "/b", "3:4" },      { "/b/0", "3:9" },
    { "/b/1/c", "4:7" }, { "/d", "5:4" },    { "/d/1/c", "5:4" },  { "/e/c", "6:9" },
    { "/e/f", "6:20" },  { "/g", "7:3" },    { "/😀", "8:17" },     { "/h", "10:1" },
    { "/h/0", "10:3" },  { "/h/1", "11:3" }, { "/h/1/i", "11:7" }, { "/b/2", NULL },
    { "/x", NULL },      { "/b/-", NULL },   { "/ключ/x", NULL },
  };

  assert_places (text, places, G_N_ELEMENTS (places));
}

/* Writes each span as its text, without anchor and tag, and those below a collection in it. */
static void
append_span (GString *out, const char *text, const RunconfSpan *spans, guint index)
{
  const RunconfSpan *span = &spans[index];
  guint start = span->start + span->properties;

  g_string_append_printf (out, "%s%s<%.*s>", span->is_merge ? "merge" : "",
                          span->kind == RUNCONF_SPAN_ALIAS ? "alias" : "",
                          (int) (span->end - start), text + start);
  if (span->kind != RUNCONF_SPAN_SEQUENCE && span->kind != RUNCONF_SPAN_MAPPING)
    return;

  g_string_append_c (out, '(');
  for (guint child = index + 1; child < span->next; child = spans[child].next)
    append_span (out, text, spans, child);
  g_string_append_c (out, ')');
}

static void
assert_spans (const char *text, const char *expected)
{
  g_autoptr (RunconfDocument) document = read_text (text);
  g_autoptr (GString) out = g_string_new (NULL);
  guint n_spans;
  const RunconfSpan *spans = runconf_document_get_spans (document, &n_spans);

  g_assert_cmpuint (spans[0].next, ==, n_spans);
  append_span (out, text, spans, 0);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_spans (void)
{
  assert_spans ("a: b # c\n\n", "<a: b>(<a><b>)");
  assert_spans ("é: 'ü' \nb: \"\\\"\"\n", "<é: 'ü' \nb: \"\\\"\">(<é><'ü'><b><\"\\\"\">)");
  assert_spans ("a: b\n  c\n # d\n", "<a: b\n  c>(<a><b\n  c>)");
  assert_spans ("\"\\ud83d\\ude00\": \\ud83d\\ude00",
                "<\"\\ud83d\\ude00\": \\ud83d\\ude00>(<\"\\ud83d\\ude00\"><\\ud83d\\ude00>)");
}

static void
test_collection_spans (void)
{
  assert_spans ("a:\n  b:\n    c:\n\n# d\n", "<a:\n  b:\n    c:>(<a><b:\n    c:>(<b><c:>(<c><>)))");
  assert_spans ("a:\n- 1\n-\n# x\nb: 2\n", "<a:\n- 1\n-\n# x\nb: 2>(<a><- 1\n->(<1><>)<b><2>)");
  assert_spans ("a: [ 1, {b: 2 } ] #\n", "<a: [ 1, {b: 2 } ]>(<a><[ 1, {b: 2 } ]>(<1><{b: 2 }>(<b>"
                                         "<2>)))");
  assert_spans ("{a: [b: 1 , c]}", "<{a: [b: 1 , c]}>(<a><[b: 1 , c]>(<b: 1>(<b><1>)<c>))");
  assert_spans ("{a , b: }", "<{a , b: }>(<a><><b><>)");
  assert_spans ("? a\n\n# x\n? b\n", "<? a\n\n# x\n? b>(<a><><b><>)");
}

static void
test_block_scalar_spans (void)
{
  assert_spans ("a: |\n  b\n\n  c  \n\n\nd: 1\n",
                "<a: |\n  b\n\n  c  \n\n\nd: 1>(<a><|\n  b\n\n  c  ><d><1>)");
  assert_spans ("a: |+\n  b\n\n\nc: 1\n", "<a: |+\n  b\n\n\nc: 1>(<a><|+\n  b\n\n><c><1>)");
  assert_spans ("a: >-\r\n  b\r\n\r\n", "<a: >-\r\n  b>(<a><>-\r\n  b>)");
  assert_spans ("a: | # x\n\n", "<a: | # x>(<a><| # x>)");
  assert_spans ("a: |\n  b", "<a: |\n  b>(<a><|\n  b>)");
}

static void
test_property_spans (void)
{
  assert_spans ("a: &x !!str b\nc: *x\n<<: {}\n",
                "<a: &x !!str b\nc: *x\n<<: {}>(<a><b><c>alias<*x>merge<<<><{}>())");
  assert_spans ("&r\na: &x # y\n  b: 1\n", "<a: &x # y\n  b: 1>(<a><b: 1>(<b><1>))");
  assert_spans ("a: &x\nb: !!str\n", "<a: &x\nb: !!str>(<a><><b><>)");
  assert_spans ("&k a: !!map {}", "<&k a: !!map {}>(<a><{}>())");
}

/* The reported position grows up to the end, for valid and invalid texts. */
static void
test_position (void)
{
  static const struct
  {
    const char *text;
    gint position;
  } cases[] = { { "a: 1\nb: [ü, 2]\n", 15 }, { "a: 1\nb: [2\nc: 3\n", 12 }, { "", 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i].text, strlen (cases[i].text));
      g_autoptr (RunconfDocument) document = NULL;
      gint position = -1;

      document = runconf_document_new_locating (bytes, "text", &position, NULL);
      g_assert_cmpint (position, ==, cases[i].position);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/yaml/document/empty", test_empty);
  g_test_add_func ("/yaml/document/not-empty", test_not_empty);
  g_test_add_func ("/yaml/document/keys", test_keys);
  g_test_add_func ("/yaml/document/aliases", test_aliases);
  g_test_add_func ("/yaml/document/merge-keys", test_merge_keys);
  g_test_add_func ("/yaml/document/places", test_places);
  g_test_add_func ("/yaml/document/position", test_position);
  g_test_add_func ("/yaml/document/spans/scalars", test_spans);
  g_test_add_func ("/yaml/document/spans/collections", test_collection_spans);
  g_test_add_func ("/yaml/document/spans/block-scalars", test_block_scalar_spans);
  g_test_add_func ("/yaml/document/spans/properties", test_property_spans);

  return g_test_run ();
}
