/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/diff.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/operation.h"
#include "tests/core/testutil.h"

/* Large mappings: operations with one pass per key would run for minutes here, into the timeout. */

#define N_KEYS 100000

static RunconfNode *
build (const char *prefix, gint64 value)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();
  g_autoptr (RunconfNode) node = runconf_node_new_integer (value);

  for (guint i = 0; i < N_KEYS; i++)
    {
      g_autofree char *key = g_strdup_printf ("%s%u", prefix, i);

      runconf_mapping_builder_add (builder, key, strlen (key), node);
    }

  return runconf_mapping_builder_end (builder);
}

static void
assert_updated (const RunconfNode *base, const RunconfNode *old_over, const RunconfNode *over)
{
  g_autoptr (RunconfNode) old_merged = runconf_merge (base, old_over);
  g_autoptr (RunconfNode) wanted = runconf_merge (base, over);
  g_autoptr (RunconfNode) merged = runconf_merge_update (base, old_over, old_merged, over);
  g_autoptr (GPtrArray) deltas = runconf_diff (old_merged, merged);
  g_autoptr (RunconfNode) applied = runconf_diff_apply (old_merged, deltas);

  g_assert_true (runconf_node_equal (merged, wanted));
  g_assert_true (runconf_node_equal (applied, wanted));
}

static void
test_merge (void)
{
  g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) base = build ("a", 1);
  g_autoptr (RunconfNode) values = build ("a", 2);
  g_autoptr (RunconfNode) keys = build ("b", 1);

  assert_updated (base, empty, values);
  assert_updated (base, values, empty);
  assert_updated (base, empty, keys);
  assert_updated (base, keys, empty);
  assert_updated (base, values, keys);
}

static RunconfNode *
run (RunconfVerb verb, const RunconfNode *value, const RunconfNode *defaults,
     const RunconfNode *overrides)
{
  g_autoptr (RunconfOperation) operation = runconf_operation_new (verb, "", value, NULL);
  RunconfNode *changed = runconf_operation_apply (operation, defaults, overrides, NULL);

  g_assert_nonnull (changed);

  return changed;
}

static void
test_operations (void)
{
  g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) defaults = build ("a", 1);
  g_autoptr (RunconfNode) patch = build ("b", 1);
  g_autoptr (RunconfNode) config = runconf_merge (defaults, patch);
  g_autoptr (RunconfNode) merged = run (RUNCONF_VERB_MERGE, patch, defaults, empty);
  g_autoptr (RunconfNode) saved = run (RUNCONF_VERB_SAVE, config, defaults, merged);
  g_autoptr (RunconfNode) set = run (RUNCONF_VERB_SET, defaults, defaults, merged);

  g_assert_true (runconf_node_equal (merged, patch));
  g_assert_true (saved == merged);
  g_assert_true (runconf_node_equal (set, defaults));
}

/* A change with too many paths is listed by the path of its mapping. */
static void
test_paths (void)
{
  g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) keys = build ("a", 1);
  g_autoptr (RunconfNode) root = runconf_mapping_with (empty, "x", keys);
  g_autoptr (GPtrArray) deltas = runconf_diff (empty, root);
  g_autoptr (GPtrArray) paths = runconf_diff_get_paths (deltas, 1024);

  g_assert_cmpuint (deltas->len, ==, N_KEYS);
  g_assert_cmpuint (paths->len, ==, 1);
  g_assert_cmpstr (paths->pdata[0], ==, "/x");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/large/merge", test_merge);
  g_test_add_func ("/large/operations", test_operations);
  g_test_add_func ("/large/paths", test_paths);

  return g_test_run ();
}
