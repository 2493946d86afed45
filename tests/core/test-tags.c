/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/diff.h"
#include "core/edit.h"
#include "core/limits.h"
#include "core/mapping.h"
#include "core/merge.h"
#include "core/metadata.h"
#include "core/operation.h"
#include "core/variant.h"
#include "tests/core/testutil.h"

/* Tests the tags of layers, unset and replacing mappings, against a model and laws. */

/* The model: the definition of a merge, key by key, without any sharing. */
static RunconfNode *
model_merge (const RunconfNode *base, const RunconfNode *over)
{
  g_autoptr (RunconfMappingBuilder) builder = runconf_mapping_builder_new ();

  if (over == NULL)
    return base != NULL ? runconf_node_ref (base) : NULL;
  if (runconf_node_is_unset (over))
    return NULL;
  if (!runconf_node_is_mapping (over))
    return runconf_node_ref (over);
  if (base != NULL && (!runconf_node_is_mapping (base) || runconf_node_is_replacing (over)))
    base = NULL;

  for (guint i = 0; base != NULL && i < runconf_node_get_length (base); i++)
    {
      const char *key = runconf_mapping_get_key (base, i, NULL);
      g_autoptr (RunconfNode) value
          = model_merge (runconf_node_get_child (base, i), runconf_mapping_get (over, key));

      if (value != NULL)
        runconf_mapping_builder_add (builder, key, strlen (key), value);
    }
  for (guint i = 0; i < runconf_node_get_length (over); i++)
    {
      const char *key = runconf_mapping_get_key (over, i, NULL);
      g_autoptr (RunconfNode) value = model_merge (NULL, runconf_node_get_child (over, i));

      if (value != NULL && (base == NULL || runconf_mapping_get (base, key) == NULL))
        runconf_mapping_builder_add (builder, key, strlen (key), value);
    }

  return runconf_mapping_builder_end (builder);
}

static gboolean
model_has_tags (const RunconfNode *node)
{
  if (runconf_node_is_unset (node) || runconf_node_is_replacing (node))
    return TRUE;
  for (guint i = 0; runconf_node_is_mapping (node) && i < runconf_node_get_length (node); i++)
    {
      if (model_has_tags (runconf_node_get_child (node, i)))
        return TRUE;
    }

  return FALSE;
}

/* Checks the bit of each node, and its depth on the bus. */
static void
assert_counted (const RunconfNode *node)
{
  guint cost = 0;

  g_assert_cmpint (runconf_node_has_tags (node), ==, model_has_tags (node));
  if (!runconf_node_is_mapping (node))
    return;

  for (guint i = 0; i < runconf_node_get_length (node); i++)
    {
      assert_counted (runconf_node_get_child (node, i));
      cost = MAX (cost, runconf_node_get_cost (runconf_node_get_child (node, i)));
    }
  cost += RUNCONF_COST_MAPPING * (runconf_node_is_replacing (node) ? 2 : 1);
  g_assert_cmpuint (runconf_node_get_cost (node), ==, cost);
}

static void
test_examples (void)
{
  static const char *const cases[][3] = {
    { "{'a': 1}", "{'a': unset}", "{}" },
    { "{'a': {'b': 1, 'c': 2}}", "{'a': {'b': unset}}", "{'a': {'c': 2}}" },
    { "{'a': {'b': 1}}", "{'a': {'b': unset}}", "{'a': {}}" },
    { "{}", "{'a': unset}", "{}" },
    { "{'a': 1}", "{'a': {'b': unset}}", "{'a': {}}" },
    { "{'a': {'b': 1}}", "{'a': !{'c': 2}}", "{'a': {'c': 2}}" },
    { "{'a': {'b': 1}}", "{'a': !{}}", "{'a': {}}" },
    { "{'a': {'b': {'c': 1}}}", "{'a': !{'b': {'d': unset}}}", "{'a': {'b': {}}}" },
    { "{'a': [1]}", "{'a': !{'b': !{'c': 1}}}", "{'a': {'b': {'c': 1}}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (RunconfNode) base = tree_new (cases[i][0]);
      g_autoptr (RunconfNode) over = tree_new (cases[i][1]);
      g_autoptr (RunconfNode) merged = runconf_merge (base, over);

      assert_tree (merged, cases[i][2]);
    }
}

static void
test_merge_is_the_model (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) base = random_mapping (4);
      g_autoptr (RunconfNode) over = random_layer (base);
      g_autoptr (RunconfNode) merged = runconf_merge (base, over);
      g_autoptr (RunconfNode) wanted = model_merge (base, over);
      g_autoptr (RunconfNode) alone = runconf_merge (NULL, over);
      g_autoptr (RunconfNode) wanted_alone = model_merge (NULL, over);

      assert_counted (over);
      assert_same (merged, wanted);
      assert_same (alone, wanted_alone);
      g_assert_false (runconf_node_has_tags (merged));
      g_assert_false (runconf_node_has_tags (alone));
    }
}

static void
test_an_update_is_a_merge (void)
{
  for (guint trial = 0; trial < N_TRIALS / 8; trial++)
    {
      g_autoptr (RunconfNode) base = random_mapping (4);
      g_autoptr (RunconfNode) over = random_layer (base);
      g_autoptr (RunconfNode) merged = runconf_merge (base, over);

      for (guint i = 0; i < 10; i++)
        {
          g_autoptr (RunconfNode) old_over = g_steal_pointer (&over);
          g_autoptr (RunconfNode) old_merged = g_steal_pointer (&merged);
          g_autoptr (RunconfNode) wanted = NULL;

          over = random_layer (old_over);
          wanted = model_merge (base, over);
          merged = runconf_merge_update (base, old_over, old_merged, over);
          assert_same (merged, wanted);
        }
    }
}

static void
test_a_diff_applies_and_reverts (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) base = random_mapping (4);
      g_autoptr (RunconfNode) a = random_layer (base);
      g_autoptr (RunconfNode) b = random_layer (a);
      g_autoptr (GPtrArray) forth = runconf_diff (a, b);
      g_autoptr (GPtrArray) back = runconf_diff (b, a);
      g_autoptr (RunconfNode) applied = runconf_diff_apply (a, forth);
      g_autoptr (RunconfNode) reverted = runconf_diff_apply (applied, back);

      assert_same (applied, b);
      assert_same (reverted, a);
      g_assert_cmpint (forth->len == 0, ==, runconf_node_equal (a, b));
    }
}

static void
test_a_copy_is_equal_and_another_tag_is_not (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_autoptr (RunconfNode) a = random_mapping (3);
      g_autoptr (RunconfNode) b = random_layer (a);
      g_autoptr (RunconfNode) copy = tree_copy (b);
      g_autofree char *text_of_a = tree_print (a);
      g_autofree char *text_of_b = tree_print (b);

      assert_same (b, copy);
      g_assert_cmpint (runconf_node_equal (a, b), ==, g_strcmp0 (text_of_a, text_of_b) == 0);
    }
}

static void
test_a_tag_is_a_mapping_on_the_bus (void)
{
  g_autoptr (RunconfNode) node = tree_new ("{'a': unset, 'b': !{'c': 1, 'd': unset}}");
  g_autoptr (GVariant) variant = g_variant_ref_sink (runconf_node_to_variant (node));
  g_autoptr (RunconfNode) back = runconf_node_from_variant (variant, "", NULL);

  assert_tree (back, "{'a': {'!unset': null},"
                     " 'b': {'!replace': {'c': 1, 'd': {'!unset': null}}}}");
  g_assert_cmpuint (runconf_node_get_cost (node), ==, runconf_node_get_cost (back));
}

/* Returns: the overrides after an operation that must succeed */
static RunconfNode *
apply (RunconfVerb verb, const char *pointer, const RunconfNode *value, const RunconfNode *defaults,
       const RunconfNode *overrides, GError **error)
{
  g_autoptr (RunconfOperation) operation = runconf_operation_new (verb, pointer, value, error);
  RunconfNode *changed = NULL;

  if (operation != NULL)
    changed = runconf_operation_apply (operation, defaults, overrides, error);
  if (changed != NULL)
    assert_counted (changed);

  return changed;
}

static void
test_operation_examples (void)
{
  static const struct
  {
    RunconfVerb verb;
    const char *defaults, *overrides, *pointer, *value, *wanted;
  } cases[] = {
    { RUNCONF_VERB_UNSET, "{'a': {'b': 1}}", "{}", "/a/b", NULL, "{'a': {'b': unset}}" },
    { RUNCONF_VERB_UNSET, "{'a': {'b': 1}}", "{'a': {'b': 2}}", "/a", NULL, "{'a': unset}" },
    { RUNCONF_VERB_UNSET, "{'a': 1}", "{'a': unset}", "/a", NULL, "{'a': unset}" },
    { RUNCONF_VERB_UNSET, "{'a': {'b': 1}}", "{'a': unset}", "/a/b", NULL, "{'a': unset}" },
    { RUNCONF_VERB_UNSET, "{}", "{'a': unset}", "/a", NULL, "{'a': unset}" },
    { RUNCONF_VERB_UNSET, "{}", "{'a': {'b': 1, 'c': 2}}", "/a/b", NULL, "{'a': {'c': 2}}" },
    { RUNCONF_VERB_UNSET, "{'a': 1}", "{'a': {'b': 1}}", "/a/b", NULL, "{'a': {}}" },
    { RUNCONF_VERB_UNSET, "{'a': {'c': 1}}", "{'a': {'b': 1}}", "/a/b", NULL, "{}" },
    { RUNCONF_VERB_UNSET, "{'a': {'b': 1}}", "{'a': !{'b': 2}}", "/a/b", NULL, "{'a': !{}}" },
    { RUNCONF_VERB_UNSET, "{'a': {'b': 1}}", "{'a': 2}", "/a/b", NULL, "{'a': 2}" },
    { RUNCONF_VERB_UNSET, "{'a': {'0': 1}}", "{'a': 2}", "/a/0", NULL, "{'a': 2}" },
    { RUNCONF_VERB_RESET, "{'a': {'b': 1}}", "{'a': {'b': unset}}", "/a/b", NULL, "{}" },
    { RUNCONF_VERB_RESET, "{'a': {'b': 1}}", "{'a': !{'b': unset}}", "/a", NULL, "{}" },
    { RUNCONF_VERB_RESET, "{'a': {'b': 1}}", "{'a': !{'b': 1}}", "/a/b", NULL, "{'a': !{}}" },
    { RUNCONF_VERB_RESET, "{}", "{'a': unset}", "/a", NULL, "{}" },
    { RUNCONF_VERB_REPLACE, "{'a': {'b': 1}}", "{}", "/a", "{'c': 1}", "{'a': !{'c': 1}}" },
    { RUNCONF_VERB_REPLACE, "{'a': {'b': 1}}", "{}", "/a", "2", "{'a': 2}" },
    { RUNCONF_VERB_REPLACE, "{'a': [{}]}", "{}", "/a/0", "{'c': 1}", "{'a': [{'c': 1}]}" },
    { RUNCONF_VERB_REPLACE, "{}", "{}", "/a/-", "{'c': 1}", "{'a': [{'c': 1}]}" },
    { RUNCONF_VERB_REPLACE, "{}", "{}", "/a/b", "{'c': 1}", "{'a': {'b': !{'c': 1}}}" },
    { RUNCONF_VERB_SET, "{'a': {'b': 1}}", "{'a': unset}", "/a", "2", "{'a': 2}" },
    { RUNCONF_VERB_SET, "{'a': {'b': 1}}", "{'a': unset}", "/a", "{'c': 1}", "{'a': {'c': 1}}" },
    { RUNCONF_VERB_SET, "{'a': {'b': 1}}", "{'a': unset}", "/a/c", "2", "{'a': !{'c': 2}}" },
    { RUNCONF_VERB_SET, "{'a': {'b': 1}}", "{'a': unset}", "/a/-", "2", "{'a': [2]}" },
    { RUNCONF_VERB_SET, "{'a': {'b': {'c': 1}}}", "{'a': !{}}", "/a/b/d", "2",
      "{'a': !{'b': {'d': 2}}}" },
    { RUNCONF_VERB_MERGE, "{'a': {'b': 1}}", "{'a': unset}", "/a", "{'c': 1}", "{'a': !{'c': 1}}" },
    { RUNCONF_VERB_MERGE, "{'a': {'b': 1}}", "{'a': unset}", "/a", "{'b': null}", "{'a': unset}" },
    { RUNCONF_VERB_MERGE, "{'a': {'b': 1}}", "{'a': unset}", "", "{'a': null}", "{}" },
    { RUNCONF_VERB_MERGE, "{'a': {'b': 1}}", "{'a': !{'c': 1}}", "", "{'a': {'c': null}}",
      "{'a': !{}}" },
    { RUNCONF_VERB_MERGE, "{'a': {'b': 1}}", "{}", "", "{'a': {'b': unset}}",
      "{'a': {'b': unset}}" },
    { RUNCONF_VERB_SAVE, "{'a': 1, 'b': 2}", "{'a': unset}", "", "{'b': 3}",
      "{'a': unset, 'b': 3}" },
    { RUNCONF_VERB_SAVE, "{'a': 1, 'b': 2}", "{'a': unset}", "", "{'a': 1, 'b': 2}", "{}" },
    { RUNCONF_VERB_SAVE, "{'a': {'b': 1}}", "{'a': !{'c': 1}}", "", "{'a': {'c': 2}}",
      "{'a': !{'c': 2}}" },
    { RUNCONF_VERB_SAVE, "{'a': {'b': 1}}", "{'a': unset}", "/a", "{'c': 2}", "{'a': !{'c': 2}}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) defaults = tree_new (cases[i].defaults);
      g_autoptr (RunconfNode) overrides = tree_new (cases[i].overrides);
      g_autoptr (RunconfNode) value = cases[i].value != NULL ? tree_new (cases[i].value) : NULL;
      g_autoptr (RunconfNode) changed
          = apply (cases[i].verb, cases[i].pointer, value, defaults, overrides, &error);

      g_test_message ("case %u", i);
      g_assert_no_error (error);
      assert_tree (changed, cases[i].wanted);
    }
}

static void
test_refusals (void)
{
  static const struct
  {
    RunconfVerb verb;
    const char *pointer;
    int code;
    const char *message;
  } cases[] = {
    { RUNCONF_VERB_UNSET, "", RUNCONF_ERROR_INVALID_PATH,
      "the whole configuration can't be unset: unset its keys" },
    { RUNCONF_VERB_REPLACE, "", RUNCONF_ERROR_INVALID_PATH,
      "the whole configuration can't be replaced: replace its keys, and unset those that have to "
      "go" },
    { RUNCONF_VERB_UNSET, "/list/0", RUNCONF_ERROR_INVALID_PATH,
      "/list/0: an element of a sequence can't be unset alone: unset /list, or set that sequence "
      "without the element" },
    { RUNCONF_VERB_UNSET, "/no", RUNCONF_ERROR_NOT_FOUND,
      "/no: there is no value: the configuration has no key “no”" },
    { RUNCONF_VERB_UNSET, "/gone/b", RUNCONF_ERROR_NOT_FOUND,
      "/gone/b: there is no value: the configuration has no key “gone”" },
    { RUNCONF_VERB_RESET, "/gone/x", RUNCONF_ERROR_NOT_FOUND,
      "/gone/x: there is no value: the configuration has no key “gone”" },
  };
  g_autoptr (RunconfNode) defaults = tree_new ("{'list': [1], 'gone': {'x': 1}}");
  g_autoptr (RunconfNode) overrides = tree_new ("{'gone': unset}");
  g_autoptr (RunconfNode) value = tree_new ("{}");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (apply (cases[i].verb, cases[i].pointer, value, defaults, overrides, &error));
      assert_error (error, cases[i].code, cases[i].message);
    }
}

/* Returns: @effective without the key at @pointer; unlike tree_remove() it keeps empty mappings */
static RunconfNode *
take_key (const RunconfNode *effective, const char *pointer)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);
  guint last = runconf_path_get_length (path) - 1;
  g_autofree char *above = runconf_path_get_prefix (path, last);
  const RunconfNode *parent = tree_find (effective, above);
  g_autoptr (RunconfNode) without = NULL;

  if (parent == NULL || !runconf_node_is_mapping (parent))
    return runconf_node_ref (effective);

  without = runconf_mapping_without (parent, runconf_path_get_segment (path, last));

  return tree_set (effective, above, without);
}

static gboolean
is_inside_sequence (const RunconfNode *effective, const char *pointer)
{
  g_autoptr (RunconfPath) path = runconf_path_new (pointer, NULL);

  for (guint i = 0; i < runconf_path_get_length (path); i++)
    {
      g_autofree char *above = runconf_path_get_prefix (path, i);
      const RunconfNode *node = tree_find (effective, above);

      if (node != NULL && runconf_node_get_kind (node) == RUNCONF_KIND_SEQUENCE)
        return TRUE;
    }

  return FALSE;
}

typedef struct
{
  RunconfNode *defaults, *overrides, *effective;
  char *pointer;
} World;

static void
world_init (World *self)
{
  g_autoptr (RunconfNode) defaults = random_mapping (4);
  g_autoptr (RunconfNode) overrides = random_layer (defaults);
  g_autoptr (RunconfPath) path = NULL;

  self->defaults = runconf_metadata_strip (defaults);
  self->overrides = runconf_metadata_strip (overrides);
  self->effective = runconf_merge (self->defaults, self->overrides);
  self->pointer = random_pointer (g_test_rand_int_range (0, 2) ? self->defaults : self->effective);
  path = runconf_path_new (self->pointer, NULL);
  if (g_strcmp0 (runconf_path_get_segment (path, 0), RUNCONF_METADATA_KEY) == 0)
    {
      g_free (self->pointer);
      self->pointer = g_strdup ("/a");
    }
}

static void
world_clear (World *self)
{
  runconf_node_unref (self->defaults);
  runconf_node_unref (self->overrides);
  runconf_node_unref (self->effective);
  g_free (self->pointer);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (World, world_clear)

/* Unset changes the effective tree at its path only, also the second time; reset brings back the
 * weaker value, if no tag above hides it.
 */
static void
test_unset_takes_away_one_value (void)
{
  guint n_done = 0;

  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_auto (World) world = { 0 };
      g_autoptr (GError) error = NULL;
      g_autoptr (RunconfNode) changed = NULL;
      g_autoptr (RunconfNode) again = NULL;
      g_autoptr (RunconfNode) after = NULL;
      g_autoptr (RunconfNode) wanted = NULL;

      world_init (&world);
      changed = apply (RUNCONF_VERB_UNSET, world.pointer, NULL, world.defaults, world.overrides,
                       &error);
      if (changed == NULL)
        {
          gboolean is_there = tree_find (world.effective, world.pointer) != NULL;

          g_assert_true (g_error_matches (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND)
                             ? !is_there
                             : is_inside_sequence (world.effective, world.pointer));
          continue;
        }

      after = runconf_merge (world.defaults, changed);
      wanted = take_key (world.effective, world.pointer);
      assert_same (after, wanted);
      again = apply (RUNCONF_VERB_UNSET, world.pointer, NULL, world.defaults, changed, &error);
      if (again != NULL)
        g_assert_true (again == changed);
      else
        g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
      n_done++;
    }

  g_assert_cmpuint (n_done, >, N_TRIALS / 10);
}

/* A leaf is set, or a mapping is replaced: the effective tree has the value at the path, and is the
 * same elsewhere, whatever tags are above.
 */
static void
test_a_value_changes_at_its_path_only (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_auto (World) world = { 0 };
      g_autoptr (RunconfNode) value = random_node (2);
      g_autoptr (RunconfNode) changed = NULL;
      g_autoptr (RunconfNode) after = NULL;
      g_autoptr (RunconfNode) wanted = NULL;
      RunconfVerb verb = runconf_node_is_mapping (value) ? RUNCONF_VERB_REPLACE : RUNCONF_VERB_SET;

      world_init (&world);
      changed = apply (verb, world.pointer, value, world.defaults, world.overrides, NULL);
      if (changed == NULL || strstr (world.pointer, "/-") != NULL
          || is_inside_sequence (world.effective, world.pointer))
        continue;

      after = runconf_merge (world.defaults, changed);
      wanted = tree_set (world.effective, world.pointer, value);
      assert_same (after, wanted);
    }
}

/* Returns: whether a scalar or sequence of @over is where @base has a mapping: there, a merged mapping
 * takes the place of the scalar, and shows the keys of @base again, tags or not
 */
static gboolean
has_scalar_over_mapping (const RunconfNode *base, const RunconfNode *over)
{
  if (!runconf_node_is_mapping (base) || runconf_node_is_unset (over))
    return FALSE;
  if (!runconf_node_is_mapping (over))
    return TRUE;

  for (guint i = 0; i < runconf_node_get_length (over); i++)
    {
      const RunconfNode *below
          = runconf_mapping_get (base, runconf_mapping_get_key (over, i, NULL));

      if (below != NULL && has_scalar_over_mapping (below, runconf_node_get_child (over, i)))
        return TRUE;
    }

  return FALSE;
}

/* RFC 7396 on the effective tree, for a patch without nulls. */
static void
test_a_merge_changes_its_leaves_only (void)
{
  guint n_done = 0;

  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_auto (World) world = { 0 };
      g_autoptr (RunconfNode) patch = NULL;
      g_autoptr (RunconfNode) changed = NULL;
      g_autoptr (RunconfNode) after = NULL;
      g_autoptr (RunconfNode) wanted = NULL;
      g_autofree char *text = NULL;

      world_init (&world);
      patch = random_relative (world.effective);
      text = tree_print (patch);
      if (strstr (text, "null") != NULL || has_scalar_over_mapping (world.defaults, world.overrides)
          || runconf_mapping_get (patch, RUNCONF_METADATA_KEY) != NULL)
        continue;

      changed = apply (RUNCONF_VERB_MERGE, "", patch, world.defaults, world.overrides, NULL);
      after = runconf_merge (world.defaults, changed);
      wanted = runconf_merge (world.effective, patch);
      assert_same (after, wanted);
      n_done++;
    }

  g_assert_cmpuint (n_done, >, N_TRIALS / 20);
}

/* To save the effective tree changes nothing, neither the values nor the tags that have an effect.
 */
static void
test_to_save_the_values_in_force_keeps_them (void)
{
  for (guint trial = 0; trial < N_TRIALS; trial++)
    {
      g_auto (World) world = { 0 };
      g_autoptr (RunconfNode) saved = NULL;
      g_autoptr (RunconfNode) after = NULL;

      world_init (&world);
      saved = apply (RUNCONF_VERB_SAVE, "", world.effective, world.defaults, world.overrides, NULL);
      after = runconf_merge (world.defaults, saved);
      assert_same (after, world.effective);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/tags/examples", test_examples);
  g_test_add_func ("/tags/merge-is-the-model", test_merge_is_the_model);
  g_test_add_func ("/tags/an-update-is-a-merge", test_an_update_is_a_merge);
  g_test_add_func ("/tags/a-diff-applies-and-reverts", test_a_diff_applies_and_reverts);
  g_test_add_func ("/tags/a-copy-is-equal", test_a_copy_is_equal_and_another_tag_is_not);
  g_test_add_func ("/tags/a-tag-is-a-mapping-on-the-bus", test_a_tag_is_a_mapping_on_the_bus);
  g_test_add_func ("/tags/operation-examples", test_operation_examples);
  g_test_add_func ("/tags/refusals", test_refusals);
  g_test_add_func ("/tags/unset-takes-away-one-value", test_unset_takes_away_one_value);
  g_test_add_func ("/tags/a-value-changes-at-its-path-only", test_a_value_changes_at_its_path_only);
  g_test_add_func ("/tags/a-merge-changes-its-leaves-only", test_a_merge_changes_its_leaves_only);
  g_test_add_func ("/tags/saving-the-values-in-force", test_to_save_the_values_in_force_keeps_them);

  return g_test_run ();
}
