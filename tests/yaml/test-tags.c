/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/metadata.h"
#include "tests/core/testutil.h"
#include "yaml/emitter.h"
#include "yaml/rewrite.h"

/* Texts with the tags of layers, against random trees. */

static RunconfDocument *
emit (const RunconfNode *root)
{
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GBytes) text = NULL;
  g_autoptr (GError) error = NULL;
  RunconfDocument *document;

  runconf_emit_yaml (out, root);
  text = g_string_free_to_bytes (g_steal_pointer (&out));
  document = runconf_document_new (text, "text", &error);
  g_assert_no_error (error);

  return document;
}

static void
test_a_text_is_read_as_it_was_written (void)
{
  for (guint trial = 0; trial < N_TRIALS / 4; trial++)
    {
      g_autoptr (RunconfNode) base = random_mapping (4);
      g_autoptr (RunconfNode) tree = random_layer (base);
      g_autoptr (RunconfDocument) document = emit (tree);

      assert_same (runconf_document_get_root (document), tree);
    }
}

/* The result is right, and almost always made in place. */
static void
test_a_text_is_changed_in_place (void)
{
  guint n_in_place = 0;

  for (guint trial = 0; trial < N_TRIALS / 4; trial++)
    {
      g_autoptr (RunconfNode) base = random_mapping (3);
      g_autoptr (RunconfNode) from = random_layer (base);
      g_autoptr (RunconfNode) to = random_layer (from);
      g_autoptr (RunconfDocument) document = emit (from);
      g_autoptr (RunconfDocument) changed = NULL;
      g_autoptr (GError) error = NULL;
      RunconfRewriteScope scope;

      changed = runconf_rewrite (document, to, "text", &scope, &error);
      g_assert_no_error (error);
      assert_same (runconf_document_get_root (changed), to);
      n_in_place += scope == RUNCONF_REWRITE_IN_PLACE;
    }

  g_assert_cmpuint (n_in_place, >, N_TRIALS / 4 * 99 / 100);
}

static void
assert_read (const char *text, const char *tree)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, strlen (text));
  g_autoptr (GError) error = NULL;
  g_autoptr (RunconfDocument) document = runconf_document_new (bytes, "text", &error);

  g_assert_no_error (error);
  assert_tree (runconf_document_get_root (document), tree);
}

/* libyaml requires a blank after a tag; YAML 1.2 doesn't, before a bracket. */
static void
test_a_tag_ends_at_a_bracket (void)
{
  assert_read ("a: {b: !unset}", "{'a': {'b': unset}}");
  assert_read ("a: {b: !unset, c: {d: &x !unset}}  # !unset}",
               "{'a': {'b': unset, 'c': {'d': unset}}}");
  assert_read ("a: [{b: '!unset}'}, \"!unset]\", x!unset]",
               "{'a': [{'b': '!unset}'}, '!unset]', 'x!unset']}");
  assert_read ("a: x !unset} y\nb: |\n  !unset]", "{'a': 'x !unset} y', 'b': '!unset]'}");
  assert_read ("a: {\"\\ud83d\\ude00!unset}\": !unset}\nb: !unset",
               "{'a': {'\xf0\x9f\x98\x80!unset}': unset}, 'b': unset}");
  assert_read ("{\xc3\xa9: {b: !unset}}", "{'\xc3\xa9': {'b': unset}}");
}

static void
test_aliases_and_merge_keys (void)
{
  assert_read ("a: &x !unset\nb: *x", "{'a': unset, 'b': unset}");
  assert_read ("a: &x !replace {c: 1}\nb: *x", "{'a': !{'c': 1}, 'b': !{'c': 1}}");
  assert_read ("a: &x !replace {c: !unset}\nb: {<<: *x, d: 1}\ne: {<<: [*x]}",
               "{'a': !{'c': unset}, 'b': {'d': 1, 'c': unset}, 'e': {'c': unset}}");
  assert_read ("a: !replace {<<: {b: 1}, c: !unset ~}", "{'a': !{'c': unset, 'b': 1}}");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/yaml-tags/read-as-written", test_a_text_is_read_as_it_was_written);
  g_test_add_func ("/yaml-tags/changed-in-place", test_a_text_is_changed_in_place);
  g_test_add_func ("/yaml-tags/a-tag-ends-at-a-bracket", test_a_tag_ends_at_a_bracket);
  g_test_add_func ("/yaml-tags/aliases-and-merge-keys", test_aliases_and_merge_keys);

  return g_test_run ();
}
