/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "core/mapping.h"
#include "core/merge.h"
#include "core/metadata.h"
#include "core/operation.h"
#include "tests/core/testutil.h"

/* Tests the operations against a model that knows only leaves, and against laws. The elements of
 * sequences have no paths in the model: test-operation.c has examples of them.
 */
typedef struct
{
  RunconfNode *defaults;
  RunconfNode *overrides;
  RunconfNode *effective;
  GHashTable *default_leaves;
  GHashTable *override_leaves;
  GHashTable *effective_leaves;
} World;

static void
world_init (World *self)
{
  g_autoptr (RunconfNode) defaults = random_mapping (4);
  g_autoptr (RunconfNode) overrides = random_relative (defaults);

  self->defaults = runconf_metadata_strip (defaults);
  self->overrides = runconf_metadata_strip (overrides);
  self->effective = runconf_merge (self->defaults, self->overrides);
  self->default_leaves = leaves_new (self->defaults);
  self->override_leaves = leaves_new (self->overrides);
  self->effective_leaves = leaves_merge (self->default_leaves, self->override_leaves);
}

static void
world_clear (World *self)
{
  runconf_node_unref (self->defaults);
  runconf_node_unref (self->overrides);
  runconf_node_unref (self->effective);
  g_hash_table_unref (self->default_leaves);
  g_hash_table_unref (self->override_leaves);
  g_hash_table_unref (self->effective_leaves);
}

/* Returns: the changed overrides, after checking that nothing else changed */
static RunconfNode *
apply (const World *world, RunconfVerb verb, const char *pointer, const RunconfNode *value,
       GError **error)
{
  g_autoptr (RunconfOperation) operation = runconf_operation_new (verb, pointer, value, error);
  g_autofree char *defaults_before = tree_print (world->defaults);
  g_autofree char *overrides_before = tree_print (world->overrides);
  g_autofree char *value_before = tree_print (value);
  g_autofree char *defaults_after = NULL;
  g_autofree char *overrides_after = NULL;
  g_autofree char *value_after = NULL;
  RunconfNode *changed = NULL;

  if (operation != NULL)
    changed = runconf_operation_apply (operation, world->defaults, world->overrides, error);

  defaults_after = tree_print (world->defaults);
  overrides_after = tree_print (world->overrides);
  value_after = tree_print (value);
  g_assert_cmpstr (defaults_before, ==, defaults_after);
  g_assert_cmpstr (overrides_before, ==, overrides_after);
  g_assert_cmpstr (value_before, ==, value_after);
  if (changed != NULL)
    g_assert_cmpint (changed == world->overrides, ==,
                     runconf_node_equal (changed, world->overrides));

  return changed;
}

static RunconfNode *
apply_again (const World *world, RunconfVerb verb, const char *pointer, const RunconfNode *value,
             RunconfNode *overrides)
{
  World later = *world;

  later.overrides = overrides;

  return apply (&later, verb, pointer, value, NULL);
}

/* Returns: the effective leaf above the path that isn't a mapping, or %NULL */
static char *
find_blocker (const World *world, const char *pointer)
{
  g_autofree char *above = g_strdup (pointer);
  char *slash;

  while ((slash = strrchr (above, '/')) != NULL)
    {
      *slash = '\0';
      if (leaves_have_scalar (world->effective_leaves, above))
        return g_steal_pointer (&above);
    }

  return NULL;
}

static void
add_leaves (GHashTable *leaves, const char *pointer, const RunconfNode *value)
{
  g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) alone = tree_set (empty, pointer, value);
  g_autoptr (GHashTable) added = leaves_new (alone);
  GHashTableIter iter;
  gpointer path, leaf;

  g_hash_table_iter_init (&iter, added);
  while (g_hash_table_iter_next (&iter, &path, &leaf))
    g_hash_table_replace (leaves, g_strdup (path), g_strdup (leaf));
}

/* All nodes above a new leaf have to be mappings, and are no leaves any more. */
static void
make_way (GHashTable *leaves, const char *pointer)
{
  g_autofree char *above = g_strdup (pointer);
  char *slash;

  while ((slash = strrchr (above, '/')) != NULL)
    {
      *slash = '\0';
      g_hash_table_remove (leaves, above);
    }
}

static void
assert_changed (const World *world, const RunconfNode *changed, GHashTable *wanted)
{
  g_autoptr (GHashTable) leaves = leaves_new (changed);
  g_autoptr (RunconfNode) effective = runconf_merge (world->defaults, changed);
  g_autoptr (RunconfNode) updated
      = runconf_merge_update (world->defaults, world->overrides, world->effective, changed);

  assert_leaves (leaves, wanted);
  assert_same (updated, effective);
}

static gboolean
is_metadata (const char *pointer)
{
  return runconf_path_is_below (pointer, "/" RUNCONF_METADATA_KEY);
}

static void
check_set (const World *world)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pointer = random_pointer (world->effective);
  g_autofree char *blocker = find_blocker (world, pointer);
  g_autoptr (RunconfNode) value = random_node (3);
  g_autoptr (RunconfNode) changed = apply (world, RUNCONF_VERB_SET, pointer, value, &error);
  g_autoptr (GHashTable) wanted = leaves_copy (world->override_leaves);
  g_autoptr (RunconfNode) again = NULL;

  if (blocker != NULL
      && runconf_node_get_kind (tree_find (world->effective, blocker)) == RUNCONF_KIND_SEQUENCE)
    return;

  if (blocker != NULL || is_metadata (pointer))
    {
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
      g_assert_null (changed);
      return;
    }

  g_assert_no_error (error);

  /* appending to nothing creates a sequence; see the examples */
  if (strstr (pointer, "/-") != NULL)
    return;

  leaves_remove_below (wanted, pointer);
  make_way (wanted, pointer);
  add_leaves (wanted, pointer, value);
  assert_changed (world, changed, wanted);

  again = apply_again (world, RUNCONF_VERB_SET, pointer, value, changed);
  g_assert_true (again == changed);
}

static void
check_reset (const World *world)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pointer = random_pointer (world->effective);
  g_autofree char *blocker = find_blocker (world, pointer);
  g_autoptr (RunconfNode) changed = apply (world, RUNCONF_VERB_RESET, pointer, NULL, &error);
  g_autoptr (GHashTable) wanted = leaves_copy (world->override_leaves);
  g_autoptr (RunconfNode) whole = apply (world, RUNCONF_VERB_RESET, "", NULL, NULL);

  assert_tree (whole, "{}");
  if (is_metadata (pointer))
    {
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
      return;
    }

  if (!leaves_have_mapping (world->effective_leaves, pointer)
      && !leaves_have_scalar (world->effective_leaves, pointer))
    {
      if (blocker == NULL || tree_find (world->effective, pointer) == NULL)
        g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_NOT_FOUND);
      else
        g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
      g_assert_null (changed);
      return;
    }

  g_assert_no_error (error);
  leaves_remove_below (wanted, pointer);
  assert_changed (world, changed, wanted);
}

/* Completes one mapping of a patch after its members: see RFC 7396. */
static void
model_close_mapping (const World *world, GHashTable *leaves, const char *pointer,
                     const RunconfNode *patch)
{
  gboolean replaces = leaves_have_scalar (world->override_leaves, pointer);
  gboolean shows_through = leaves_have_mapping (world->default_leaves, pointer);
  gboolean stood = g_strcmp0 (g_hash_table_lookup (world->override_leaves, pointer), "{}") == 0;
  gboolean over_default = leaves_have_scalar (world->default_leaves, pointer);

  if (*pointer == '\0' || leaves_have_mapping (leaves, pointer))
    return;

  if (stood
      || (!shows_through && (replaces || over_default || runconf_node_get_length (patch) == 0)))
    {
      make_way (leaves, pointer);
      g_hash_table_replace (leaves, g_strdup (pointer), g_strdup ("{}"));
    }
}

static void
model_patch (const World *world, GHashTable *leaves, const char *pointer, const RunconfNode *patch)
{
  if (!runconf_node_is_mapping (patch))
    {
      leaves_remove_below (leaves, pointer);
      if (runconf_node_get_kind (patch) == RUNCONF_KIND_NULL)
        return;

      make_way (leaves, pointer);
      add_leaves (leaves, pointer, patch);
      return;
    }

  if (leaves_have_scalar (leaves, pointer))
    g_hash_table_remove (leaves, pointer);

  for (guint i = 0; i < runconf_node_get_length (patch); i++)
    {
      g_autoptr (GString) below = g_string_new (pointer);

      runconf_path_append (below, runconf_mapping_get_key (patch, i, NULL));
      model_patch (world, leaves, below->str, runconf_node_get_child (patch, i));
    }

  model_close_mapping (world, leaves, pointer, patch);
}

/* Every leaf of the patch is read as patched; a null is read as the default, if there is one. */
static void
assert_patched (const RunconfNode *effective, const RunconfNode *defaults, const RunconfNode *patch)
{
  for (guint i = 0; i < runconf_node_get_length (patch); i++)
    {
      const char *key = runconf_mapping_get_key (patch, i, NULL);
      const RunconfNode *value = runconf_node_get_child (patch, i);
      const RunconfNode *there = runconf_mapping_get (effective, key);
      const RunconfNode *below = defaults != NULL && runconf_node_is_mapping (defaults)
                                     ? runconf_mapping_get (defaults, key)
                                     : NULL;

      if (runconf_node_get_kind (value) == RUNCONF_KIND_NULL)
        {
          if (there != NULL || below != NULL)
            assert_same (there, below);
        }
      else if (!runconf_node_is_mapping (value))
        {
          assert_same (there, value);
        }
      else if (there != NULL)
        {
          g_assert_true (runconf_node_is_mapping (there));
          assert_patched (there, below, value);
        }
    }
}

static void
check_merge (const World *world)
{
  g_autoptr (RunconfNode) relative = random_relative (world->effective);
  g_autoptr (RunconfNode) patch = runconf_metadata_strip (relative);
  g_autoptr (RunconfNode) changed = apply (world, RUNCONF_VERB_MERGE, "", patch, NULL);
  g_autoptr (RunconfNode) effective = runconf_merge (world->defaults, changed);
  g_autoptr (RunconfNode) again = apply_again (world, RUNCONF_VERB_MERGE, "", patch, changed);
  g_autoptr (GHashTable) wanted = leaves_copy (world->override_leaves);

  model_patch (world, wanted, "", patch);
  assert_changed (world, changed, wanted);
  assert_patched (effective, world->defaults, patch);
  g_assert_true (again == changed);
}

/* Merging at a path is the same as merging a patch with the value at that path. */
static void
check_merge_below (const World *world)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pointer = random_pointer (world->effective);
  g_autofree char *blocker = find_blocker (world, pointer);
  g_autoptr (RunconfNode) value = random_mapping (2);
  g_autoptr (RunconfNode) empty = runconf_mapping_new_empty ();
  g_autoptr (RunconfNode) patch = tree_set (empty, pointer, value);
  g_autoptr (RunconfNode) changed = apply (world, RUNCONF_VERB_MERGE, pointer, value, &error);
  g_autoptr (RunconfNode) whole = apply (world, RUNCONF_VERB_MERGE, "", patch, NULL);

  if (is_metadata (pointer) || blocker != NULL)
    {
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
      return;
    }

  g_assert_no_error (error);
  assert_same (changed, whole);
}

/* Returns: the leaves of the wanted configuration that differ from the defaults */
static GHashTable *
model_save (const World *world, const RunconfNode *config)
{
  GHashTable *wanted = leaves_new (config);
  GHashTableIter iter;
  gpointer path, leaf;

  g_hash_table_iter_init (&iter, wanted);
  while (g_hash_table_iter_next (&iter, &path, &leaf))
    {
      gboolean is_default
          = g_str_equal (leaf, "{}")
                ? leaves_have_mapping (world->default_leaves, path)
                : g_strcmp0 (leaf, g_hash_table_lookup (world->default_leaves, path)) == 0;

      if (is_default)
        g_hash_table_iter_remove (&iter);
    }

  return wanted;
}

/* Each override is needed: without it, another value is read at its path. */
static void
assert_minimal (const World *world, const RunconfNode *overrides)
{
  g_autoptr (GHashTable) leaves = leaves_new (overrides);
  g_autoptr (RunconfNode) effective = runconf_merge (world->defaults, overrides);
  GHashTableIter iter;
  gpointer path;

  if (g_hash_table_size (leaves) > 20)
    return;

  g_hash_table_iter_init (&iter, leaves);
  while (g_hash_table_iter_next (&iter, &path, NULL))
    {
      g_autoptr (RunconfNode) fewer = tree_remove (overrides, path);
      g_autoptr (RunconfNode) other = runconf_merge (world->defaults, fewer);

      g_assert_false (runconf_node_equal (effective, other));
    }
}

static void
check_save (const World *world)
{
  g_autoptr (RunconfNode) config = random_relative (world->effective);
  g_autoptr (RunconfNode) wished = runconf_metadata_strip (config);
  g_autoptr (RunconfNode) complete = runconf_merge (world->defaults, wished);
  g_autoptr (RunconfNode) changed = apply (world, RUNCONF_VERB_SAVE, "", wished, NULL);
  g_autoptr (RunconfNode) saved = apply (world, RUNCONF_VERB_SAVE, "", complete, NULL);
  g_autoptr (RunconfNode) effective = runconf_merge (world->defaults, saved);
  g_autoptr (GHashTable) wanted = model_save (world, wished);

  assert_changed (world, changed, wanted);

  /* a configuration with all keys of the defaults is read back as it was saved */
  assert_same (effective, complete);
  assert_same (changed, saved);
  assert_minimal (world, saved);
}

/* Saving the effective configuration changes no value that is read. */
static void
check_save_effective (const World *world)
{
  g_autoptr (RunconfNode) changed = apply (world, RUNCONF_VERB_SAVE, "", world->effective, NULL);
  g_autoptr (RunconfNode) effective = runconf_merge (world->defaults, changed);
  g_autoptr (RunconfNode) again = apply_again (world, RUNCONF_VERB_SAVE, "", effective, changed);
  g_autoptr (RunconfNode) defaults = apply (world, RUNCONF_VERB_SAVE, "", world->defaults, NULL);

  assert_same (effective, world->effective);
  g_assert_true (again == changed);
  assert_minimal (world, changed);
  assert_tree (defaults, "{}");
}

/* Saving at a path changes nothing elsewhere. */
static void
check_save_below (const World *world)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *pointer = random_pointer (world->effective);
  g_autofree char *blocker = find_blocker (world, pointer);
  g_autoptr (RunconfNode) value = random_mapping (2);
  g_autoptr (RunconfNode) changed = apply (world, RUNCONF_VERB_SAVE, pointer, value, &error);
  g_autoptr (GHashTable) wanted = leaves_copy (world->override_leaves);
  g_autoptr (RunconfNode) empty = NULL;
  g_autoptr (RunconfNode) alone = NULL;
  g_autoptr (GHashTable) below = NULL;
  GHashTableIter iter;
  gpointer path, leaf;

  if (is_metadata (pointer) || blocker != NULL)
    {
      g_assert_error (error, RUNCONF_ERROR, RUNCONF_ERROR_INVALID_PATH);
      return;
    }

  g_assert_no_error (error);
  empty = runconf_mapping_new_empty ();
  alone = tree_set (empty, pointer, value);
  below = model_save (world, alone);
  leaves_remove_below (wanted, pointer);
  g_hash_table_iter_init (&iter, below);
  while (g_hash_table_iter_next (&iter, &path, &leaf))
    {
      make_way (wanted, path);
      g_hash_table_replace (wanted, g_strdup (path), g_strdup (leaf));
    }
  assert_changed (world, changed, wanted);
}

/* A path that is set and reset has the state that it has without any override. */
static void
check_set_and_reset (const World *world)
{
  g_autofree char *pointer = random_pointer (world->effective);
  g_autoptr (RunconfNode) value = random_node (2);
  g_autoptr (RunconfNode) set = apply (world, RUNCONF_VERB_SET, pointer, value, NULL);
  g_autoptr (RunconfNode) reset = NULL;
  g_autoptr (RunconfNode) without = tree_remove (world->overrides, pointer);
  g_autofree char *blocker = find_blocker (world, pointer);

  if (set == NULL || blocker != NULL || strstr (pointer, "/-") != NULL)
    return;

  reset = apply_again (world, RUNCONF_VERB_RESET, pointer, NULL, set);

  /* the value replaced an empty mapping above it, and is removed together with it */
  for (char *slash; (slash = strrchr (pointer, '/')) != NULL;)
    {
      const char *leaf;

      *slash = '\0';
      leaf = g_hash_table_lookup (world->override_leaves, pointer);
      if (leaf != NULL)
        return;
    }

  assert_same (reset, without);
}

static void
run (gconstpointer data)
{
  void (*check) (const World *) = *(void (*const *) (const World *)) data;

  for (guint trial = 0; trial < N_TRIALS / 2; trial++)
    {
      World world;

      world_init (&world);
      check (&world);
      world_clear (&world);
    }
}

int
main (int argc, char *argv[])
{
  static const struct
  {
    void (*check) (const World *);
    const char *name;
  } laws[] = {
    { check_set, "/operation-laws/set" },
    { check_reset, "/operation-laws/reset" },
    { check_set_and_reset, "/operation-laws/set-and-reset" },
    { check_merge, "/operation-laws/merge" },
    { check_merge_below, "/operation-laws/merge-below" },
    { check_save, "/operation-laws/save" },
    { check_save_effective, "/operation-laws/save-effective" },
    { check_save_below, "/operation-laws/save-below" },
  };

  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (laws); i++)
    g_test_add_data_func (laws[i].name, &laws[i], run);

  return g_test_run ();
}
